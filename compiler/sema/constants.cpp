#include "compiler/sema/constants.h"

#include "compiler/sema/convert.h"
#include "compiler/sema/expr.h"

namespace streamc::sema {
namespace {

std::optional<Datum> FoldArithmetic(const Expr& expr) {
  if (expr.type->kind != TypeKind::Int && expr.type->kind != TypeKind::Duration && expr.type->kind != TypeKind::Timestamp) {
    return std::nullopt;
  }
  const auto lhs = FoldConstant(*expr.args[0]);
  const auto rhs = FoldConstant(*expr.args[1]);
  if (!lhs || !rhs) return std::nullopt;
  const auto* a = std::get_if<int64_t>(&lhs->value);
  const auto* b = std::get_if<int64_t>(&rhs->value);
  if (a == nullptr || b == nullptr) return std::nullopt;
  int64_t result = 0;
  const bool overflow = expr.kind == ExprKind::Add   ? __builtin_add_overflow(*a, *b, &result)
                        : expr.kind == ExprKind::Sub ? __builtin_sub_overflow(*a, *b, &result)
                                                     : __builtin_mul_overflow(*a, *b, &result);
  if (overflow) return std::nullopt;
  return Datum{result};
}

std::optional<Datum> FoldNegation(const Expr& operand) {
  const auto value = FoldConstant(operand);
  if (!value) return std::nullopt;
  if (const auto* whole = std::get_if<int64_t>(&value->value)) {
    if (*whole == INT64_MIN) return std::nullopt;
    return Datum{-*whole};
  }
  if (const auto* number = std::get_if<double>(&value->value)) return Datum{-*number};
  if (const auto* number = std::get_if<types::Int128>(&value->value)) return Datum{-*number};
  return std::nullopt;
}

std::optional<Datum> FoldAll(const std::vector<ExprPtr>& parts) {
  std::vector<Datum> values;
  for (const ExprPtr& part : parts) {
    auto value = FoldConstant(*part);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return Datum{std::move(values)};
}

std::optional<Datum> FoldWidening(const Expr& expr) {
  const auto value = FoldConstant(*expr.args[0]);
  const auto* whole = value ? std::get_if<int64_t>(&value->value) : nullptr;
  if (whole == nullptr || expr.kind != ExprKind::ToFloat) return std::nullopt;
  return Datum{static_cast<double>(*whole)};
}

// "a.{region}" when every path is a parameter.
std::optional<std::vector<typed::StartValue::Part>> TemplateParts(Context& context, const ast::InterpolatedString& string) {
  std::vector<typed::StartValue::Part> parts;
  for (const ast::StringPart& part : string.parts) {
    if (const auto* text = std::get_if<std::string>(&part.node)) {
      parts.push_back({*text, -1});
      continue;
    }
    const auto& path = std::get<ast::Path>(part.node);
    const Symbol* symbol = path.names.size() == 1 ? context.Find(path.names[0].text) : nullptr;
    if (symbol == nullptr || symbol->kind != SymbolKind::Param) return std::nullopt;
    if (context.program.params[static_cast<size_t>(symbol->index)].secret) return std::nullopt;
    parts.push_back({{}, symbol->index});
  }
  return parts;
}

}  // namespace

std::optional<Datum> FoldConstant(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::Literal: return expr.value;
    case ExprKind::Wrap: return FoldConstant(*expr.args[0]);
    case ExprKind::Neg: return FoldNegation(*expr.args[0]);
    case ExprKind::Add:
    case ExprKind::Sub:
    case ExprKind::Mul: return FoldArithmetic(expr);
    case ExprKind::List:
    case ExprKind::Record: return FoldAll(expr.args);
    case ExprKind::ToFloat: return FoldWidening(expr);
    default: return std::nullopt;
  }
}

std::optional<Datum> CheckConstant(Context& context, const ast::Expr& expr, const TypeRef& type, const std::string& what) {
  ExprChecker checker(context, {});
  const ExprPtr value = checker.CheckAs(expr, type, what);
  if (IsError(value)) return std::nullopt;
  auto constant = FoldConstant(*value);
  if (!constant) context.Report(DiagId::NotConstant, expr.span, what).Help("write the value out");
  return constant;
}

typed::StartValue ConstantValue(Datum value, TypeRef type, Span span) {
  typed::StartValue start;
  start.type = std::move(type);
  start.constant = std::move(value);
  start.span = span;
  return start;
}

typed::StartValue CheckStartValue(Context& context, const ast::Expr& expr, const TypeRef& type, const std::string& what) {
  typed::StartValue start;
  start.span = expr.span;
  start.type = type;
  if (const auto* string = std::get_if<ast::InterpolatedString>(&expr.node);
      string != nullptr && type->kind == TypeKind::String) {
    if (auto parts = TemplateParts(context, *string)) {
      start.parts = std::move(*parts);
      return start;
    }
  }
  ExprChecker checker(context, {});
  const ExprPtr value = checker.CheckAs(expr, type, what);
  if (IsError(value)) {
    start.type = value->type;
  } else if (value->kind == ExprKind::Param) {
    start.param = value->index;
  } else if (auto constant = FoldConstant(*value)) {
    start.constant = std::move(*constant);
  } else {
    context.Report(DiagId::NotConstant, expr.span, what)
        .Help("write the value out, or declare a parameter: `param size: " + types::ToString(*type) + " = ...`");
    start.type = types::Make(TypeKind::Error);
  }
  return start;
}

std::optional<int64_t> ConstantMicros(const typed::StartValue& value) {
  const auto* micros = std::get_if<int64_t>(&value.constant.value);
  return micros == nullptr ? std::nullopt : std::optional(*micros);
}

typed::StartValue CheckDuration(Context& context, const ast::Expr& expr, const std::string& what, int64_t lowest) {
  typed::StartValue start = CheckStartValue(context, expr, types::Make(TypeKind::Duration), what);
  const auto micros = ConstantMicros(start);
  if (micros && *micros < lowest) {
    context.Report(DiagId::DurationTooSmall, expr.span, what, types::ToString(start.constant, *start.type))
        .Help(lowest > 0 ? "it must be longer than nothing: `10s`" : "it cannot be negative: `0s` or more");
  }
  return start;
}

}  // namespace streamc::sema
