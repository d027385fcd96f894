// Expressions: ast::Expr in, typed::ExprPtr out, in a scope of columns, locals and facts.
// What is wrong is reported once and becomes a poisoned expression (type Error), which fits everywhere.
#pragma once

#include <string>
#include <vector>

#include "compiler/sema/context.h"

namespace streamc::sema {

// A name bound by `let`, a lambda, `if let` or a function's parameter: to a Local node, or to a trivial expression.
struct Local {
  std::string name;
  ExprPtr value;
};

struct Scope;

// Inside the items of an aggregate step: where aggregate calls go, and what their arguments see.
struct AggregateScope {
  const Scope* input = nullptr;       // the rows before the step
  bool changing = false;              // they are changes
  bool has_time = false;
  std::string verb;                   // "aggregate", for messages
  std::vector<typed::AggCall> calls;  // equal calls once
  std::vector<std::string> texts;     // PrintExpr-like identity of each call
};

struct Scope {
  const Flow* flow = nullptr;         // null: no row here, only constants and parameters
  std::vector<Local> locals;
  Facts present;
  AggregateScope* aggregates = nullptr;
  bool inside_aggregate = false;      // an aggregate call's argument
};

Scope RowScope(const Flow& flow);

class ExprChecker {
 public:
  ExprChecker(Context& context, Scope scope) : context_(context), scope_(std::move(scope)) {}

  // `hint`: the type the surroundings wish for; it shapes literals only, so the result may still differ.
  ExprPtr Check(const ast::Expr& expr, const TypeRef& hint = nullptr);
  // Converted to `target`, or reported and poisoned.
  ExprPtr CheckAs(const ast::Expr& expr, const TypeRef& target, const std::string& label = {});
  // A bool. `what` names the place ("`where`").
  ExprPtr CheckCondition(const ast::Expr& expr, const std::string& what);
  // A path as in `set a.b = ...` or "{a.b}".
  ExprPtr CheckPath(const ast::Path& path);
  // `{ let a = e; result }`.
  ExprPtr CheckBody(const ast::Block& block, const TypeRef& hint) { return CheckBlock(block, hint); }

  Scope& scope() { return scope_; }

 private:
  friend class BlockScope;

  // expr_names.cpp
  ExprPtr CheckName(const ast::Name& name);
  ExprPtr CheckField(const ast::Expr& whole, const ast::FieldExpr& field);
  ExprPtr FieldOf(const ExprPtr& base, const ast::Name& field, bool optional_access, Span span);
  ExprPtr CheckHidden(const std::string& name, Span span);
  ExprPtr MissingName(const ast::Name& name);
  bool ReportNotGrouped(const ast::Name& name);
  // expr.cpp
  ExprPtr CheckLiteralList(const ast::Expr& whole, const ast::ListExpr& list, const TypeRef& hint);
  ExprPtr CheckRecord(const ast::Expr& whole, const ast::RecordExpr& record, const TypeRef& hint);
  ExprPtr CheckIndex(const ast::Expr& whole, const ast::IndexExpr& index);
  ExprPtr CheckInterpolated(const ast::Expr& whole, const ast::InterpolatedString& string);
  ExprPtr TextOf(const ExprPtr& value);
  ExprPtr EnumText(const ExprPtr& value, Span span);
  // expr_operators.cpp
  ExprPtr CheckUnary(const ast::Expr& whole, const ast::UnaryExpr& unary, const TypeRef& hint);
  ExprPtr CheckBinary(const ast::Expr& whole, const ast::BinaryExpr& binary, const TypeRef& hint);
  ExprPtr CheckArithmetic(const ast::Expr& whole, const ast::BinaryExpr& binary, const TypeRef& hint);
  ExprPtr CheckNumbers(const ast::Expr& whole, const ast::BinaryExpr& binary, ExprPtr lhs, ExprPtr rhs);
  ExprPtr CheckDecimals(Span span, const ast::BinaryExpr& binary, const ExprPtr& lhs, const ExprPtr& rhs);
  ExprPtr CheckTimes(Span span, const ast::BinaryExpr& binary, const ExprPtr& lhs, const ExprPtr& rhs);
  ExprPtr CheckComparison(const ast::Expr& whole, const ast::BinaryExpr& binary);
  ExprPtr CheckIn(const ast::Expr& whole, const ast::BinaryExpr& binary);
  ExprPtr CheckCoalesce(const ast::Expr& whole, const ast::BinaryExpr& binary, const TypeRef& hint);
  ExprPtr CheckLogic(const ast::Expr& whole, const ast::BinaryExpr& binary);
  ExprPtr CheckIsNull(const ast::Expr& whole, const ast::IsNullExpr& is_null);
  bool ReportIfOptional(const ExprPtr& operand, std::string_view op);
  // expr_control.cpp
  ExprPtr CheckIf(const ast::Expr& whole, const ast::IfExpr& branch, const TypeRef& hint);
  ExprPtr CheckIfLet(const ast::Expr& whole, const ast::IfExpr& branch, const TypeRef& hint);
  ExprPtr CheckMatch(const ast::Expr& whole, const ast::MatchExpr& match, const TypeRef& hint);
  ExprPtr CheckBlock(const ast::Block& block, const TypeRef& hint);
  ExprPtr MakeIf(Span span, ExprPtr condition, ExprPtr then_value, ExprPtr else_value);
  bool DeclareLocal(const ast::Name& name, ExprPtr value);
  // expr_calls.cpp
  ExprPtr CheckCall(const ast::Expr& whole, const ast::Call& call);
  ExprPtr CheckScalar(const ast::Expr& whole, const ast::Call& call);
  ExprPtr CheckUserFn(const ast::Expr& whole, const ast::Call& call, Symbol& symbol);
  ExprPtr CheckNeed(const ast::Expr& whole, const ast::Call& call);
  ExprPtr CheckHeader(const ast::Expr& whole, const ast::Call& call);
  ExprPtr CheckAggregateCall(const ast::Expr& whole, const ast::Call& call);
  bool CheckConstantArguments(const stdlib::ScalarFn& function, const ast::Call& call, const std::vector<ExprPtr>& args);
  void ReportUnknownFunction(const ast::Call& call);
  std::optional<std::vector<const ast::Expr*>> OrderArguments(const ast::Call& call, const std::vector<std::string>& names);
  ExprPtr ApplyBang(const ast::Call& call, ExprPtr result, Span span);
  // expr_lambda.cpp
  ExprPtr CheckListFunction(const ast::Expr& whole, const ast::Call& call);
  ExprPtr CheckReduce(const ast::Expr& whole, const ast::Call& call, const ExprPtr& list);

  Context& context_;
  Scope scope_;
};

bool IsListFunction(std::string_view name);

// Restores locals and facts at the end of a block.
class BlockScope {
 public:
  explicit BlockScope(ExprChecker& checker)
      : checker_(checker), locals_(checker.scope_.locals.size()), present_(checker.scope_.present) {}
  ~BlockScope() {
    checker_.scope_.locals.resize(locals_);
    checker_.scope_.present = std::move(present_);
  }
  BlockScope(const BlockScope&) = delete;
  BlockScope& operator=(const BlockScope&) = delete;

 private:
  ExprChecker& checker_;
  size_t locals_;
  Facts present_;
};

}  // namespace streamc::sema
