// Columns, records, conditions and missing values; everything else is one of the groups of lower_expr.h.
#include "compiler/codegen/lower_expr.h"

#include <algorithm>

#include "runtime/abi/abi.h"

namespace streamc::codegen {

using typed::Expr;
using typed::ExprKind;

namespace {

// `a.b.c` on a column, with `need!` anywhere on the way: only what it names is read. Unwrapping needs no code.
struct Path {
  struct Need {
    size_t depth;
    int32_t code;
  };  // the value after `depth` fields must be there

  const Expr* column = nullptr;  // null: no path
  std::vector<int32_t> fields;
  std::vector<Need> needs;
};

bool FindPath(const Expr& expr, Path* path) {
  switch (expr.kind) {
    case ExprKind::Column: path->column = &expr; return true;
    case ExprKind::Unwrap: return FindPath(*expr.args[0], path);
    case ExprKind::Need:
      if (!FindPath(*expr.args[0], path)) return false;
      path->needs.push_back({path->fields.size(), ErrorNumber(expr.text, SC_ERR_NEED)});
      return true;
    case ExprKind::Field:
      if (!FindPath(*expr.args[0], path)) return false;
      path->fields.push_back(expr.index);
      return true;
    default: return false;
  }
}

void RejectMissing(FunctionContext& f, const Path& path) {
  for (const Path::Need& need : path.needs) {
    std::vector<int32_t> prefix(path.fields.begin(), path.fields.begin() + static_cast<ptrdiff_t>(need.depth));
    if (llvm::Value* null = f.ColumnIsNull(path.column->column, prefix)) f.RejectIf(null, need.code);
  }
}

Value LowerField(FunctionContext& f, const Expr& expr) {
  Path path;
  if (!FindPath(expr, &path)) return FieldOf(f, LowerExpr(f, *expr.args[0]), expr.index);
  RejectMissing(f, path);
  return f.Column(path.column->column, path.fields);
}

Value LowerIsNull(FunctionContext& f, const Expr& expr) {
  Path path;
  llvm::Value* null = nullptr;
  if (FindPath(*expr.args[0], &path)) {
    RejectMissing(f, path);
    null = f.ColumnIsNull(path.column->column, path.fields);
  } else {
    null = LowerExpr(f, *expr.args[0]).null;
  }
  Value result;
  result.data = null == nullptr ? f.m.Bool(false) : null;
  return result;
}

Value LowerParam(FunctionContext& f, const Expr& expr) {
  auto at = f.b.saveIP();
  llvm::IRBuilder<> hoist = f.Hoist();
  f.b.SetInsertPoint(hoist.GetInsertBlock(), hoist.GetInsertPoint());
  llvm::Value* params = f.b.CreateLoad(f.m.ptr, f.b.CreateStructGEP(f.m.ctx, f.ctx, 1), "params");
  Value value = LoadRow(f, params, f.m.ParamOffset(expr.index), expr.type);
  f.b.restoreIP(at);
  return value;
}

// Two ways to a value, one taken.
template <typename Then, typename Else>
Value Branch(FunctionContext& f, llvm::Value* condition, const types::TypeRef& type, const char* name, Then then,
             Else otherwise) {
  llvm::BasicBlock* yes = f.NewBlock(llvm::Twine(name) + ".then");
  llvm::BasicBlock* no = f.NewBlock(llvm::Twine(name) + ".else");
  Join join(f, type, llvm::Twine(name) + ".end");
  f.b.CreateCondBr(condition, yes, no);
  f.b.SetInsertPoint(yes);
  {
    FunctionContext::Scope scope(f);
    join.Add(then());
  }
  f.b.SetInsertPoint(no);
  {
    FunctionContext::Scope scope(f);
    join.Add(otherwise());
  }
  return join.Finish();
}

Value BoolValue(const types::TypeRef& type, llvm::Value* data) {
  Value value;
  value.type = type;
  value.data = data;
  return value;
}

Value LowerLogic(FunctionContext& f, const Expr& expr) {
  const bool conjunction = expr.kind == ExprKind::And;
  llvm::Value* first = LowerBool(f, *expr.args[0]);
  auto second = [&] { return LowerExpr(f, *expr.args[1]); };
  auto known = [&] { return BoolValue(expr.type, f.m.Bool(!conjunction)); };
  return conjunction ? Branch(f, first, expr.type, "and", second, known) : Branch(f, first, expr.type, "or", known, second);
}

Value LowerCoalesce(FunctionContext& f, const Expr& expr) {
  Value first = LowerExpr(f, *expr.args[0]);
  if (first.null == nullptr) return first;
  auto second = [&] { return LowerExpr(f, *expr.args[1]); };
  auto present = [&] { return WithType(first, types::Required(first.type)); };
  return Branch(f, first.null, expr.type, "coalesce", second, present);
}

Value LowerIf(FunctionContext& f, const Expr& expr) {
  llvm::Value* condition = LowerBool(f, *expr.args[0]);
  return Branch(
      f, condition, expr.type, "if", [&] { return LowerExpr(f, *expr.args[1]); }, [&] { return LowerExpr(f, *expr.args[2]); });
}

Value LowerRecord(FunctionContext& f, const Expr& expr) {
  Value record;
  for (size_t i = 0; i < expr.args.size(); ++i)
    record.fields.push_back(WithType(LowerExpr(f, *expr.args[i]), expr.type->fields[i].type));
  return record;
}

Value LowerNeed(FunctionContext& f, const Expr& expr) {
  Value value = LowerExpr(f, *expr.args[0]);
  if (value.null != nullptr) f.RejectIf(value.null, ErrorNumber(expr.text, SC_ERR_NEED));
  return value;
}

Value Lower(FunctionContext& f, const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::Literal: return ConstantValue(f, expr.type, expr.value);
    case ExprKind::Param: return LowerParam(f, expr);
    case ExprKind::Column: return f.Column(expr.column);
    case ExprKind::Local: return f.locals.at(expr.local);
    case ExprKind::Agg: return f.aggregates.at(static_cast<size_t>(expr.index));
    case ExprKind::Field: return LowerField(f, expr);
    case ExprKind::Record: return LowerRecord(f, expr);
    case ExprKind::List: return LowerListLiteral(f, expr);
    case ExprKind::Index: return LowerIndex(f, expr);
    case ExprKind::Call: return LowerCall(f, expr);
    case ExprKind::Neg:
    case ExprKind::Add:
    case ExprKind::Sub:
    case ExprKind::Mul:
    case ExprKind::Div:
    case ExprKind::Mod: return LowerArithmetic(f, expr);
    case ExprKind::Eq:
    case ExprKind::Ne:
    case ExprKind::Lt:
    case ExprKind::Le:
    case ExprKind::Gt:
    case ExprKind::Ge: return LowerComparison(f, expr);
    case ExprKind::And:
    case ExprKind::Or: return LowerLogic(f, expr);
    case ExprKind::Not: return BoolValue(expr.type, f.b.CreateNot(LowerBool(f, *expr.args[0])));
    case ExprKind::In: return LowerIn(f, expr);
    case ExprKind::IsNull: return LowerIsNull(f, expr);
    case ExprKind::Coalesce: return LowerCoalesce(f, expr);
    case ExprKind::If: return LowerIf(f, expr);
    case ExprKind::Let: f.locals[expr.local] = LowerExpr(f, *expr.args[0]); return LowerExpr(f, *expr.args[1]);
    case ExprKind::Map:
    case ExprKind::Filter:
    case ExprKind::Exists:
    case ExprKind::ForAll:
    case ExprKind::Reduce: return LowerListLoop(f, expr);
    case ExprKind::ToFloat:
    case ExprKind::ToDecimal: return LowerConversion(f, expr);
    case ExprKind::Wrap: return LowerExpr(f, *expr.args[0]);
    case ExprKind::Unwrap: return LowerExpr(f, *expr.args[0]);
    case ExprKind::Need: return LowerNeed(f, expr);
  }
  return ZeroValue(f, expr.type);
}

}  // namespace

Value LowerExpr(FunctionContext& f, const Expr& expr) {
  return WithType(Lower(f, expr), expr.type);
}

void RequireTrue(FunctionContext& f, const Expr& condition, llvm::BasicBlock* otherwise) {
  if (condition.kind == ExprKind::And) {
    for (const typed::ExprPtr& part : condition.args) RequireTrue(f, *part, otherwise);
    return;
  }
  llvm::Value* holds = LowerBool(f, condition);
  llvm::BasicBlock* passed = f.NewBlock("passed");
  f.b.CreateCondBr(holds, passed, otherwise);
  f.b.SetInsertPoint(passed);
}

}  // namespace streamc::codegen
