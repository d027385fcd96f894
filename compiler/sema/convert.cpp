#include "compiler/sema/convert.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace streamc::sema {
namespace {

using types::Int128;
using types::MakeDecimal;
using types::Optional;
using types::Required;
using types::Type;

constexpr int kMaxPrecision = 38;
constexpr int64_t kDayMicros = 86'400'000'000;

int DigitCount(Int128 value) {
  int digits = 1;
  for (value = value < 0 ? -value : value; value >= 10; value /= 10) ++digits;
  return digits;
}

// value * 10^shift when it has at most 38 digits.
std::optional<Int128> ScaleUp(Int128 value, int shift) {
  if (value != 0 && DigitCount(value) + shift > kMaxPrecision) return std::nullopt;
  for (; shift > 0; --shift) value *= 10;
  return value;
}

// value / 10^shift when nothing is lost.
std::optional<Int128> ScaleDown(Int128 value, int shift) {
  for (; shift > 0; --shift) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  return value;
}

ExprPtr LiteralAsDecimal(const ExprPtr& literal, const TypeRef& target) {
  Int128 value = 0;
  int scale = 0;
  if (const auto* whole = std::get_if<int64_t>(&literal->value.value)) {
    value = *whole;
  } else if (literal->type->kind == TypeKind::Decimal) {
    value = std::get<Int128>(literal->value.value);
    scale = literal->type->scale;
  } else {
    const ExprPtr decimal = DecimalLiteral(literal->text, literal->span);
    if (!decimal) return nullptr;
    return LiteralAsDecimal(decimal, target);
  }
  const auto scaled = scale <= target->scale ? ScaleUp(value, target->scale - scale) : ScaleDown(value, scale - target->scale);
  if (!scaled || DigitCount(*scaled) > target->precision) return nullptr;
  return MakeLiteral({*scaled}, target, literal->span);
}

// A text in the canonical form of a uuid; its letters become small.
ExprPtr UuidLiteral(const ExprPtr& literal, const TypeRef& target) {
  std::string text = std::get<std::string>(literal->value.value);
  if (text.size() != 36) return nullptr;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return nullptr;
    text[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
  }
  return MakeLiteral({std::move(text)}, target, literal->span);
}

ExprPtr ConvertLiteral(const ExprPtr& literal, const TypeRef& target) {
  const Type& from = *literal->type;
  const Datum& value = literal->value;
  if (target->kind == TypeKind::Float && from.kind == TypeKind::Int) {
    return MakeLiteral({static_cast<double>(std::get<int64_t>(value.value))}, target, literal->span);
  }
  const bool number =
      from.kind == TypeKind::Int || from.kind == TypeKind::Decimal || (from.kind == TypeKind::Float && !literal->text.empty());
  if (target->kind == TypeKind::Decimal && number) return LiteralAsDecimal(literal, target);
  if (target->kind == TypeKind::Enum && from.kind == TypeKind::String) {
    const auto& values = target->enum_values;
    const auto found = std::find(values.begin(), values.end(), std::get<std::string>(value.value));
    if (found == values.end()) return nullptr;
    return MakeLiteral({static_cast<int64_t>(found - values.begin())}, target, literal->span);
  }
  if (target->kind == TypeKind::Uuid && from.kind == TypeKind::String) return UuidLiteral(literal, target);
  if (target->kind == TypeKind::Date && from.kind == TypeKind::Timestamp) {
    const int64_t micros = std::get<int64_t>(value.value);
    if (micros % kDayMicros != 0) return nullptr;
    return MakeLiteral({micros / kDayMicros}, target, literal->span);
  }
  return nullptr;
}

ExprPtr ConvertList(Context& context, const ExprPtr& expr, const TypeRef& target) {
  if (expr->kind != ExprKind::List) return nullptr;
  std::vector<ExprPtr> items;
  for (const ExprPtr& item : expr->args) {
    ExprPtr converted = Convert(context, item, target->element);
    if (!converted) return nullptr;
    items.push_back(std::move(converted));
  }
  return MakeExpr(ExprKind::List, target, expr->span, std::move(items));
}

// Every field of the target by name from the record; extra fields would be lost, so they do not convert.
ExprPtr ConvertRecord(Context& context, const ExprPtr& expr, const TypeRef& target) {
  if (expr->type->fields.size() != target->fields.size()) return nullptr;
  const bool again = !IsTrivial(expr) && expr->kind != ExprKind::Record;
  const typed::LocalId local = again ? context.NewLocal() : -1;
  const ExprPtr record = again ? MakeLocal(local, "record", expr->type, expr->span) : expr;
  std::vector<ExprPtr> fields;
  for (const types::Field& field : target->fields) {
    const int index = types::FindField(*expr->type, field.name);
    if (index < 0) return nullptr;
    const auto at = static_cast<size_t>(index);
    const ExprPtr value = expr->kind == ExprKind::Record
                              ? expr->args[at]
                              : MakeField(record, index, field.name, expr->type->fields[at].type, expr->span);
    ExprPtr converted = Convert(context, value, field.type);
    if (!converted) return nullptr;
    fields.push_back(std::move(converted));
  }
  ExprPtr result = MakeExpr(ExprKind::Record, target, expr->span, std::move(fields));
  return again ? MakeLet(local, expr, std::move(result)) : result;
}

// T? -> U? by way of T -> U.
ExprPtr ConvertPresent(Context& context, const ExprPtr& expr, const TypeRef& target) {
  const bool again = !IsTrivial(expr);
  const typed::LocalId local = again ? context.NewLocal() : -1;
  const ExprPtr value = again ? MakeLocal(local, "value", expr->type, expr->span) : expr;
  const ExprPtr present = MakeExpr(ExprKind::Unwrap, Required(expr->type), expr->span, {value});
  ExprPtr converted = Convert(context, present, Required(target));
  if (!converted) return nullptr;
  ExprPtr result = MakeExpr(ExprKind::If, target, expr->span,
                            {MakeExpr(ExprKind::IsNull, types::Make(TypeKind::Bool), expr->span, {value}),
                             MakeLiteral({}, target, expr->span), MakeExpr(ExprKind::Wrap, target, expr->span, {converted})});
  return again ? MakeLet(local, expr, std::move(result)) : result;
}

// Both branches of an `if`, so that `if a { "view" } else { "click" }` can be an enum.
ExprPtr ConvertBranches(Context& context, const ExprPtr& expr, const TypeRef& target) {
  const ExprPtr then_value = Convert(context, expr->args[1], target);
  const ExprPtr else_value = then_value ? Convert(context, expr->args[2], target) : nullptr;
  if (!else_value) return nullptr;
  return MakeExpr(ExprKind::If, target, expr->span, {expr->args[0], then_value, else_value});
}

TypeRef JoinDecimalSizes(const Type& a, const Type& b) {
  const int scale = std::max(a.scale, b.scale);
  const int whole = std::max(a.precision - a.scale, b.precision - b.scale);
  return MakeDecimal(std::min(kMaxPrecision, whole + scale), scale);
}

TypeRef JoinRequired(const TypeRef& a, const TypeRef& b) {
  if (types::SameType(*a, *b)) return a->kind == TypeKind::Error ? b : a;
  if (a->kind == TypeKind::Int && b->kind == TypeKind::Float) return b;
  if (a->kind == TypeKind::Float && b->kind == TypeKind::Int) return a;
  if (a->kind == TypeKind::Int && b->kind == TypeKind::Decimal) return JoinDecimalSizes(*MakeDecimal(19, 0), *b);
  if (a->kind == TypeKind::Decimal && b->kind == TypeKind::Int) return JoinDecimalSizes(*a, *MakeDecimal(19, 0));
  if (a->kind == TypeKind::Decimal && b->kind == TypeKind::Decimal) return JoinDecimalSizes(*a, *b);
  return nullptr;
}

}  // namespace

TypeRef JoinTypes(const TypeRef& a, const TypeRef& b) {
  if (a->kind == TypeKind::Error || b->kind == TypeKind::Error) return types::Make(TypeKind::Error);
  if (a->kind == TypeKind::Null) return b->kind == TypeKind::Null ? b : Optional(b);
  if (b->kind == TypeKind::Null) return Optional(a);
  const TypeRef joined = JoinRequired(Required(a), Required(b));
  if (!joined) return nullptr;
  return a->optional || b->optional ? Optional(joined) : joined;
}

ExprPtr DecimalLiteral(const std::string& text, Span span) {
  Int128 value = 0;
  int digits = 0;
  int scale = 0;
  bool point = false;
  int exponent = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      point = true;
    } else if (c >= '0' && c <= '9') {
      if (value != 0 || c != '0') ++digits;
      if (digits > kMaxPrecision) return nullptr;
      value = value * 10 + (c - '0');
      if (point) ++scale;
    } else if (c == 'e' || c == 'E') {
      const char* begin = text.data() + i + 1;
      if (*begin == '+') ++begin;
      if (std::from_chars(begin, text.data() + text.size(), exponent).ec != std::errc()) return nullptr;
      break;
    }
  }
  scale -= exponent;
  for (; scale < 0; ++scale) {
    if (value != 0 && ++digits > kMaxPrecision) return nullptr;
    value *= 10;
  }
  if (scale > kMaxPrecision) return nullptr;
  if (!text.empty() && text[0] == '-') value = -value;
  return MakeLiteral({value}, MakeDecimal(std::max({digits, scale, 1}), scale), span);
}

ExprPtr Convert(Context& context, const ExprPtr& expr, const TypeRef& target) {
  const Type& from = *expr->type;
  if (from.kind == TypeKind::Error || target->kind == TypeKind::Error) return expr;
  if (types::SameType(from, *target)) return expr;
  if (from.kind == TypeKind::Null) return target->optional ? MakeLiteral({}, target, expr->span) : nullptr;
  if (expr->kind == ExprKind::If) {
    if (ExprPtr converted = ConvertBranches(context, expr, target)) return converted;
  }
  if (target->optional) {
    if (from.optional) return ConvertPresent(context, expr, target);
    ExprPtr present = Convert(context, expr, Required(target));
    return present ? MakeExpr(ExprKind::Wrap, target, expr->span, {present}) : nullptr;
  }
  if (from.optional) return nullptr;
  if (IsLiteral(expr)) {
    if (ExprPtr literal = ConvertLiteral(expr, target)) return literal;
  }
  if (from.kind == TypeKind::Int && target->kind == TypeKind::Float) {
    return MakeExpr(ExprKind::ToFloat, target, expr->span, {expr});
  }
  if (from.kind == TypeKind::Int && target->kind == TypeKind::Decimal) {
    return MakeExpr(ExprKind::ToDecimal, target, expr->span, {expr});
  }
  if (from.kind == TypeKind::Decimal && target->kind == TypeKind::Decimal && target->scale >= from.scale) {
    return MakeExpr(ExprKind::ToDecimal, target, expr->span, {expr});
  }
  if (from.kind == TypeKind::List && target->kind == TypeKind::List) return ConvertList(context, expr, target);
  if (from.kind == TypeKind::Record && target->kind == TypeKind::Record) return ConvertRecord(context, expr, target);
  return nullptr;
}

namespace {

std::string EnumText(const Type& type) {
  std::string text;
  for (const std::string& value : type.enum_values) text += (text.empty() ? "\"" : ", \"") + value + "\"";
  return text;
}

void ReportMismatch(Context& context, const ExprPtr& expr, const TypeRef& target, const std::string& label) {
  const Type& from = *expr->type;
  const std::string seen = types::ToString(from);
  const std::string wanted = types::ToString(*target);
  if (target->kind == TypeKind::Enum && from.kind == TypeKind::String && IsLiteral(expr)) {
    const auto& written = std::get<std::string>(expr->value.value);
    context.Report(DiagId::UnknownEnumValue, expr->span, written, wanted)
        .Note("it has " + EnumText(*target))
        .DidYouMean(written, target->enum_values);
    return;
  }
  const bool only_missing =
      from.optional && !target->optional && (from.kind == TypeKind::Null || JoinTypes(Required(expr->type), target) != nullptr);
  auto report = only_missing ? context.Report(DiagId::OptionalValue, expr->span, seen, wanted)
                             : context.Report(DiagId::TypeMismatch, expr->span, seen, wanted);
  if (!label.empty()) report.Label(expr->span, label);
  if (only_missing && from.kind != TypeKind::Null) {
    const std::string text(context.sources.Text(expr->span));
    report.Help("give a value for the missing case: `" + text + " ?? " + types::ToString(types::ZeroValue(*target), *target) +
                "`; or reject such records: `need!(" + text + ")`");
  } else if (target->kind == TypeKind::Decimal && from.kind == TypeKind::Decimal) {
    report.Help("round it: `round(" + std::string(context.sources.Text(expr->span)) + ", " + std::to_string(target->scale) +
                ")`");
  } else if (target->kind == TypeKind::Duration && (from.kind == TypeKind::Int || from.kind == TypeKind::String)) {
    report.Help("a duration is written with its unit and without quotes: `10s`, `5m`, `1h30m`");
  } else if (IsLiteral(expr) && from.kind == TypeKind::String && types::IsNumeric(*target)) {
    report.Help("a number stands without quotes");
  } else if (target->kind == TypeKind::Int && from.kind == TypeKind::String) {
    report.Help("read it: `to_int!(" + std::string(context.sources.Text(expr->span)) + ")`");
  } else if (target->kind == TypeKind::String && from.kind != TypeKind::Record && from.kind != TypeKind::List) {
    report.Help("write it as text: `to_string(" + std::string(context.sources.Text(expr->span)) + ")`");
  }
}

}  // namespace

ExprPtr Coerce(Context& context, const ExprPtr& expr, const TypeRef& target, const std::string& label) {
  if (ExprPtr converted = Convert(context, expr, target)) return converted;
  ReportMismatch(context, expr, target, label);
  return MakeError(expr->span);
}

}  // namespace streamc::sema
