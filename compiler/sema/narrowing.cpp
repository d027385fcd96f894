#include "compiler/sema/narrowing.h"

namespace streamc::sema {
namespace {

void Insert(Facts& into, Facts from) {
  into.merge(from);
}

Facts Intersect(const Facts& a, const Facts& b) {
  Facts both;
  for (const std::string& key : a) {
    if (b.count(key) != 0) both.insert(key);
  }
  return both;
}

// `a?.b is not null` proves `a` as well.
Facts PresenceOf(const Expr& path) {
  Facts facts;
  for (const Expr* at = &path;;) {
    if (at->kind != ExprKind::Unwrap && at->type->optional) {
      if (auto key = PathKey(*at)) facts.insert(*key);
    }
    if (at->kind != ExprKind::Field && at->kind != ExprKind::Unwrap) return facts;
    at = at->args[0].get();
  }
}

}  // namespace

std::optional<std::string> PathKey(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::Column: return "c" + std::to_string(expr.column);
    case ExprKind::Local: return "l" + std::to_string(expr.local);
    case ExprKind::Unwrap: return PathKey(*expr.args[0]);
    case ExprKind::Field:
      if (auto base = PathKey(*expr.args[0])) return *base + "." + std::to_string(expr.index);
      return std::nullopt;
    default: return std::nullopt;
  }
}

Facts FactsWhenTrue(const Expr& condition) {
  switch (condition.kind) {
    case ExprKind::And: {
      Facts facts = FactsWhenTrue(*condition.args[0]);
      Insert(facts, FactsWhenTrue(*condition.args[1]));
      return facts;
    }
    case ExprKind::Or: return Intersect(FactsWhenTrue(*condition.args[0]), FactsWhenTrue(*condition.args[1]));
    case ExprKind::Not: return FactsWhenFalse(*condition.args[0]);
    default: return {};
  }
}

Facts FactsWhenFalse(const Expr& condition) {
  switch (condition.kind) {
    case ExprKind::IsNull: return PresenceOf(*condition.args[0]);
    case ExprKind::Or: {
      Facts facts = FactsWhenFalse(*condition.args[0]);
      Insert(facts, FactsWhenFalse(*condition.args[1]));
      return facts;
    }
    case ExprKind::And: return Intersect(FactsWhenFalse(*condition.args[0]), FactsWhenFalse(*condition.args[1]));
    case ExprKind::Not: return FactsWhenTrue(*condition.args[0]);
    default: return {};
  }
}

ExprPtr Narrow(const ExprPtr& expr, const Facts& present) {
  if (!expr->type->optional || expr->type->kind == TypeKind::Null) return expr;
  const auto key = PathKey(*expr);
  if (!key || present.count(*key) == 0) return expr;
  return MakeExpr(ExprKind::Unwrap, types::Required(expr->type), expr->span, {expr});
}

}  // namespace streamc::sema
