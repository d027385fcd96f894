// Expressions that say less than they look like become what they say; conditions that always hold disappear.
//
//   filter true and a          filter a            not not a             a
//   filter true                (gone)              not (a == b)          a != b
//   if true { a } else { b }   a                   need!(x) of a plain x x
//   false and a                false               null ?? d             d
//
// Left alone: `a and false` where `a` may reject, since its record would no longer be bad.
#include "compiler/optimize/rule.h"

namespace streamc::optimize {
namespace {

using plan::Expr;
using plan::ExprKind;
using plan::ExprPtr;

bool SameType(const ExprPtr& a, const ExprPtr& b) {
  return types::SameType(*a->type, *b->type);
}

ExprPtr SimplifyAndOr(const ExprPtr& expr, const plan::ColumnSet& unchecked) {
  const ExprPtr& a = expr->args[0];
  const ExprPtr& b = expr->args[1];
  const bool neutral = expr->kind == ExprKind::And;
  if (IsBoolLiteral(*a, neutral)) return b;
  if (IsBoolLiteral(*b, neutral)) return a;
  if (IsBoolLiteral(*a, !neutral)) return a;
  if (IsBoolLiteral(*b, !neutral) && !plan::CanReject(*a, unchecked)) return b;
  return expr;
}

ExprPtr SimplifyNot(const ExprPtr& expr) {
  const ExprPtr& inner = expr->args[0];
  if (inner->kind == ExprKind::Not) return inner->args[0];
  if (inner->kind != ExprKind::Eq && inner->kind != ExprKind::Ne) return expr;
  auto turned = std::make_shared<Expr>(*inner);
  turned->kind = inner->kind == ExprKind::Eq ? ExprKind::Ne : ExprKind::Eq;
  turned->span = expr->span;
  return turned;
}

ExprPtr SimplifyCoalesce(const ExprPtr& expr) {
  const ExprPtr& value = expr->args[0];
  const ExprPtr& instead = expr->args[1];
  if (IsLiteral(*value) && value->value.is_null() && SameType(expr, instead)) return instead;
  if (value->kind == ExprKind::Wrap && SameType(expr, value->args[0])) return value->args[0];
  return expr;
}

ExprPtr Simplify(const ExprPtr& expr, const plan::ColumnSet& unchecked) {
  switch (expr->kind) {
    case ExprKind::And:
    case ExprKind::Or: return SimplifyAndOr(expr, unchecked);
    case ExprKind::Not: return SimplifyNot(expr);
    case ExprKind::Coalesce: return SimplifyCoalesce(expr);
    case ExprKind::If:
      if (IsBoolLiteral(*expr->args[0], true)) return expr->args[1];
      if (IsBoolLiteral(*expr->args[0], false)) return expr->args[2];
      return expr;
    case ExprKind::Unwrap:
    case ExprKind::Need:
      if (expr->args[0]->kind == ExprKind::Wrap && SameType(expr, expr->args[0]->args[0])) return expr->args[0]->args[0];
      return expr;
    case ExprKind::IsNull:
      if (expr->args[0]->kind == ExprKind::Wrap && !plan::CanReject(*expr->args[0], unchecked)) {
        return MakeLiteral({false}, expr->type, expr->span);
      }
      return expr;
    default: return expr;
  }
}

}  // namespace

bool SimplifyExpressions(plan::Plan* plan) {
  bool changed = false;
  const std::vector<plan::ColumnSet> unchecked = plan::UncheckedColumns(*plan);
  for (plan::Op& op : plan->ops) {
    const plan::ColumnSet before = UncheckedBefore(*plan, unchecked, op);
    plan::MapExprs(&op, [&](const ExprPtr& expr) {
      const ExprPtr simple = plan::RewriteExpr(expr, [&](const ExprPtr& each) { return Simplify(each, before); });
      changed = changed || simple != expr;
      return simple;
    });
  }
  for (size_t id = plan->ops.size(); id-- > 0;) {
    const auto* filter = plan::As<plan::Filter>(plan->ops[id]);
    if (!filter || !IsBoolLiteral(*filter->condition, true)) continue;
    RemoveOp(plan, static_cast<plan::OpId>(id));
    changed = true;
  }
  return changed;
}

}  // namespace streamc::optimize
