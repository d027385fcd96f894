// Operators over literals become literals.
//
//   filter length(word) > 1 + 2          filter length(word) > 3
//   project a = if true { x } else { y } (left to simplify_expressions)
//
// Left alone: whatever would reject at run time (overflow, division by zero, a float that is not a number), so that the record
// error stays; functions, whose kernels the optimizer does not run; decimals, whose scale the code generator knows.
#include <cmath>
#include <optional>

#include "compiler/optimize/rule.h"

namespace streamc::optimize {
namespace {

using plan::Expr;
using plan::ExprKind;
using plan::ExprPtr;
using types::Datum;
using types::TypeKind;

std::optional<Datum> FoldInt(ExprKind kind, int64_t a, int64_t b) {
  int64_t result = 0;
  bool fits = false;
  switch (kind) {
    case ExprKind::Add: fits = !__builtin_add_overflow(a, b, &result); break;
    case ExprKind::Sub: fits = !__builtin_sub_overflow(a, b, &result); break;
    case ExprKind::Mul: fits = !__builtin_mul_overflow(a, b, &result); break;
    case ExprKind::Mod:
      // -1 is left to run time too: the least int divided by it overflows the machine's division.
      fits = b != 0 && b != -1;
      if (fits) result = a % b;
      break;
    default: break;
  }
  if (!fits) return std::nullopt;
  return Datum{result};
}

std::optional<Datum> FoldFloat(ExprKind kind, double a, double b) {
  double result = 0;
  switch (kind) {
    case ExprKind::Add: result = a + b; break;
    case ExprKind::Sub: result = a - b; break;
    case ExprKind::Mul: result = a * b; break;
    case ExprKind::Div:
      if (b == 0) return std::nullopt;
      result = a / b;
      break;
    default: return std::nullopt;
  }
  if (!std::isfinite(result)) return std::nullopt;
  return Datum{result};
}

std::optional<Datum> FoldArithmetic(const Expr& expr) {
  const Expr& a = *expr.args[0];
  const Expr& b = *expr.args[1];
  const auto* x = std::get_if<int64_t>(&a.value.value);
  const auto* y = std::get_if<int64_t>(&b.value.value);
  const TypeKind kind = expr.type->kind;
  // Dates count days and instants have a calendar's range, so only plain numbers and durations are folded.
  const bool whole = (kind == TypeKind::Int || kind == TypeKind::Duration) && x && y;
  if (whole && a.type->kind == kind && (b.type->kind == kind || expr.kind == ExprKind::Mul)) return FoldInt(expr.kind, *x, *y);
  const auto* u = std::get_if<double>(&a.value.value);
  const auto* v = std::get_if<double>(&b.value.value);
  return u && v && kind == TypeKind::Float ? FoldFloat(expr.kind, *u, *v) : std::nullopt;
}

// -1, 0, 1; nothing for types whose order is not that of their constants.
std::optional<int> Compare(const Expr& a, const Expr& b) {
  if (a.type->kind != b.type->kind || a.type->kind == TypeKind::Decimal) return std::nullopt;
  if (a.value.value.index() != b.value.value.index()) return std::nullopt;
  auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : x == y ? 0 : 1; };
  if (const auto* x = std::get_if<int64_t>(&a.value.value)) return sign(*x, std::get<int64_t>(b.value.value));
  if (const auto* x = std::get_if<double>(&a.value.value)) return sign(*x, std::get<double>(b.value.value));
  if (const auto* x = std::get_if<bool>(&a.value.value)) return sign(*x, std::get<bool>(b.value.value));
  if (const auto* x = std::get_if<std::string>(&a.value.value)) return sign(*x, std::get<std::string>(b.value.value));
  return std::nullopt;
}

std::optional<Datum> FoldComparison(const Expr& expr) {
  const Expr& a = *expr.args[0];
  const Expr& b = *expr.args[1];
  const bool equality = expr.kind == ExprKind::Eq || expr.kind == ExprKind::Ne;
  if (equality && (a.value.is_null() || b.value.is_null())) {
    const bool equal = a.value.is_null() && b.value.is_null();
    return Datum{equal == (expr.kind == ExprKind::Eq)};
  }
  const std::optional<int> order = Compare(a, b);
  if (!order) return std::nullopt;
  switch (expr.kind) {
    case ExprKind::Eq: return Datum{*order == 0};
    case ExprKind::Ne: return Datum{*order != 0};
    case ExprKind::Lt: return Datum{*order < 0};
    case ExprKind::Le: return Datum{*order <= 0};
    case ExprKind::Gt: return Datum{*order > 0};
    case ExprKind::Ge: return Datum{*order >= 0};
    default: return std::nullopt;
  }
}

std::optional<Datum> FoldNegation(const Expr& arg) {
  if (const auto* x = std::get_if<double>(&arg.value.value)) return Datum{-*x};
  const auto* x = std::get_if<int64_t>(&arg.value.value);
  if (!x || (arg.type->kind != TypeKind::Int && arg.type->kind != TypeKind::Duration)) return std::nullopt;
  return FoldInt(ExprKind::Sub, 0, *x);
}

std::optional<Datum> Fold(const Expr& expr) {
  if (expr.args.empty()) return std::nullopt;
  for (const ExprPtr& arg : expr.args) {
    if (!IsLiteral(*arg)) return std::nullopt;
  }
  const Expr& first = *expr.args[0];
  switch (expr.kind) {
    case ExprKind::Add:
    case ExprKind::Sub:
    case ExprKind::Mul:
    case ExprKind::Div:
    case ExprKind::Mod: return FoldArithmetic(expr);
    case ExprKind::Eq:
    case ExprKind::Ne:
    case ExprKind::Lt:
    case ExprKind::Le:
    case ExprKind::Gt:
    case ExprKind::Ge: return FoldComparison(expr);
    case ExprKind::Neg: return FoldNegation(first);
    case ExprKind::Not:
      if (const bool* x = std::get_if<bool>(&first.value.value)) return Datum{!*x};
      return std::nullopt;
    case ExprKind::IsNull: return Datum{first.value.is_null()};
    case ExprKind::Wrap: return first.value;
    case ExprKind::ToFloat:
      if (const auto* x = std::get_if<int64_t>(&first.value.value)) return Datum{static_cast<double>(*x)};
      return std::nullopt;
    default: return std::nullopt;
  }
}

}  // namespace

bool FoldConstants(plan::Plan* plan) {
  bool changed = false;
  for (plan::Op& op : plan->ops) {
    plan::MapExprs(&op, [&](const ExprPtr& expr) {
      return plan::RewriteExpr(expr, [&](const ExprPtr& each) {
        std::optional<Datum> value = Fold(*each);
        if (!value) return each;
        changed = true;
        return MakeLiteral(std::move(*value), each->type, each->span);
      });
    });
  }
  return changed;
}

}  // namespace streamc::optimize
