// What plans ask of expressions: which columns they read, whether they may reject a row, rewriting, and their source text.
// Pure functions over typed::Expr; optimize, physical and codegen may call them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"

namespace streamc::plan {

using typed::Expr;
using typed::ExprKind;

// Calls `visit` for the expression and everything inside it, outermost first.
void VisitExpr(const Expr& expr, const std::function<void(const Expr&)>& visit);
// Rebuilds bottom-up: `change` gets each node with its arguments already changed and returns it or another. Shared when
// unchanged.
ExprPtr RewriteExpr(const ExprPtr& expr, const std::function<ExprPtr(const ExprPtr&)>& change);
ExprPtr ReplaceColumns(const ExprPtr& expr, const std::vector<std::pair<ColumnId, ExprPtr>>& by);

void AddColumns(const Expr& expr, ColumnSet* columns);
// The fields read: `user.name` is a path, a record used whole is its column's path.
void AddPaths(const Expr& expr, std::set<Path>* paths);
// The path when the expression is one (Field, Unwrap and Need over a Column); otherwise column -1.
Path PathOf(const Expr& expr);

// Whether evaluating may reject the row: checked arithmetic, conversions, `f!(x)`, functions that reject, and reading a column
// of `unchecked`. Errs towards true.
bool CanReject(const Expr& expr, const ColumnSet& unchecked);
// The same for the node alone, its arguments aside.
bool RejectsItself(const Expr& expr, const ColumnSet& unchecked);
// False when the value depends on the clock.
bool IsPure(const Expr& expr);
// Equal structure and types; spans do not matter.
bool SameExpr(const Expr& a, const Expr& b);
int CountNodes(const Expr& expr);

// The expressions an operator evaluates over its input's columns, in order of evaluation.
std::vector<ExprPtr> ExprsOf(const Op& op);
// Replaces each of them, and those over an aggregate's results, by what `change` returns.
void MapExprs(Op* op, const std::function<ExprPtr(const ExprPtr&)>& change);

// Source text, columns and parameters by name. `calls`: text of the enclosing step's aggregate calls.
std::string PrintExpr(const Expr& expr, const typed::Program& program, const std::vector<std::string>& calls = {});
std::string PrintAggCall(const typed::AggCall& call, const typed::Program& program);
std::string PrintStartValue(const typed::StartValue& value, const typed::Program& program);
std::string PrintBound(const typed::Bound& bound, const typed::Program& program);

}  // namespace streamc::plan
