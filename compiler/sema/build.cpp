#include "compiler/sema/build.h"

namespace streamc::sema {

ExprPtr MakeExpr(ExprKind kind, TypeRef type, Span span, std::vector<ExprPtr> args) {
  auto expr = std::make_shared<Expr>();
  expr->kind = kind;
  expr->type = std::move(type);
  expr->span = span;
  expr->args = std::move(args);
  return expr;
}

ExprPtr MakeLiteral(Datum value, TypeRef type, Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Literal;
  expr->type = std::move(type);
  expr->span = span;
  expr->value = std::move(value);
  return expr;
}

ExprPtr MakeBool(bool value, Span span) {
  return MakeLiteral({value}, types::Make(TypeKind::Bool), span);
}

ExprPtr MakeColumn(const typed::Column& column, Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Column;
  expr->type = column.type;
  expr->span = span;
  expr->column = column.id;
  expr->text = column.name;
  return expr;
}

ExprPtr MakeLocal(typed::LocalId local, const std::string& name, TypeRef type, Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Local;
  expr->type = std::move(type);
  expr->span = span;
  expr->local = local;
  expr->text = name;
  return expr;
}

ExprPtr MakeLet(typed::LocalId local, ExprPtr value, ExprPtr body) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Let;
  expr->type = body->type;
  expr->span = body->span;
  expr->local = local;
  expr->args = {std::move(value), std::move(body)};
  return expr;
}

ExprPtr MakeNot(ExprPtr operand) {
  const Span span = operand->span;
  return MakeExpr(ExprKind::Not, types::Make(TypeKind::Bool), span, {std::move(operand)});
}

ExprPtr MakeAnd(ExprPtr a, ExprPtr b) {
  const Span span = a->span;
  return MakeExpr(ExprKind::And, types::Make(TypeKind::Bool), span, {std::move(a), std::move(b)});
}

ExprPtr MakeField(ExprPtr record, int index, const std::string& name, TypeRef type, Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Field;
  expr->type = std::move(type);
  expr->span = span;
  expr->index = index;
  expr->text = name;
  expr->args = {std::move(record)};
  return expr;
}

ExprPtr MakeError(Span span) {
  return MakeExpr(ExprKind::Literal, types::Make(TypeKind::Error), span);
}

ExprPtr WithSpan(const ExprPtr& expr, Span span) {
  auto copy = std::make_shared<Expr>(*expr);
  copy->span = span;
  return copy;
}

bool IsLiteral(const ExprPtr& expr) {
  return expr->kind == ExprKind::Literal;
}

bool IsTrivial(const ExprPtr& expr) {
  switch (expr->kind) {
    case ExprKind::Literal:
    case ExprKind::Param:
    case ExprKind::Column:
    case ExprKind::Local: return true;
    case ExprKind::Field:
    case ExprKind::Unwrap: return IsTrivial(expr->args[0]);
    default: return false;
  }
}

}  // namespace streamc::sema
