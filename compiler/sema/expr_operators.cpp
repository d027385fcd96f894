// Operators: which types they take, what they give, and what is said when they do not.
#include <algorithm>
#include <array>

#include "compiler/sema/convert.h"
#include "compiler/sema/expr.h"

namespace streamc::sema {
namespace {

using ast::BinaryOp;
using types::Make;
using types::Required;
using types::ToString;

constexpr int kMaxPrecision = 38;
constexpr int64_t kDayMicros = 86'400'000'000;

constexpr std::array kOpTexts = {
#define BINARY_OP(name, text) std::string_view(text),
#include "compiler/ast/binary_op.def"
#undef BINARY_OP
};

std::string_view OpText(BinaryOp op) {
  return kOpTexts[static_cast<size_t>(op)];
}

bool IsArithmetic(BinaryOp op) {
  return op <= BinaryOp::Sub;
}

ExprKind KindOf(BinaryOp op) {
  switch (op) {
    case BinaryOp::Mul: return ExprKind::Mul;
    case BinaryOp::Div: return ExprKind::Div;
    case BinaryOp::Mod: return ExprKind::Mod;
    case BinaryOp::Add: return ExprKind::Add;
    case BinaryOp::Sub: return ExprKind::Sub;
    case BinaryOp::Coalesce: return ExprKind::Coalesce;
    case BinaryOp::Eq: return ExprKind::Eq;
    case BinaryOp::Ne: return ExprKind::Ne;
    case BinaryOp::Lt: return ExprKind::Lt;
    case BinaryOp::Le: return ExprKind::Le;
    case BinaryOp::Gt: return ExprKind::Gt;
    case BinaryOp::Ge: return ExprKind::Ge;
    case BinaryOp::In:
    case BinaryOp::NotIn: return ExprKind::In;
    case BinaryOp::And: return ExprKind::And;
    case BinaryOp::Or: return ExprKind::Or;
  }
  return ExprKind::Eq;
}

// `x + 1` without parentheses of its own.
const ast::BinaryExpr* BareArithmetic(const ast::Expr& expr) {
  const auto* binary = std::get_if<ast::BinaryExpr>(&expr.node);
  return binary != nullptr && !expr.parenthesized && IsArithmetic(binary->op) ? binary : nullptr;
}

bool HasEquality(const types::Type& type) {
  return type.kind != TypeKind::List && type.kind != TypeKind::Map && type.kind != TypeKind::Record &&
         type.kind != TypeKind::Secret;
}

bool IsFloatLiteral(const ExprPtr& expr) {
  return IsLiteral(expr) && expr->type->kind == TypeKind::Float && !expr->text.empty();
}

// `0.5` beside a decimal is a decimal; the other way round a decimal stays one.
void ShapeLiterals(ExprPtr* lhs, ExprPtr* rhs) {
  const auto shape = [](ExprPtr* literal, const ExprPtr& other) {
    if (!IsFloatLiteral(*literal) || other->type->kind != TypeKind::Decimal) return;
    if (ExprPtr decimal = DecimalLiteral((*literal)->text, (*literal)->span)) *literal = decimal;
  };
  shape(lhs, *rhs);
  shape(rhs, *lhs);
}

int DigitsOf(int64_t value) {
  int digits = 1;
  for (; value >= 10 || value <= -10; value /= 10) ++digits;
  return digits;
}

// An int as a decimal without decimals; a literal only as wide as it is written.
ExprPtr IntAsDecimal(const ExprPtr& value) {
  if (IsLiteral(value)) {
    const int64_t whole = std::get<int64_t>(value->value.value);
    return MakeLiteral({types::Int128{whole}}, types::MakeDecimal(DigitsOf(whole), 0), value->span);
  }
  return MakeExpr(ExprKind::ToDecimal, types::MakeDecimal(19, 0), value->span, {value});
}

}  // namespace

bool ExprChecker::ReportIfOptional(const ExprPtr& operand, std::string_view op) {
  if (!operand->type->optional) return false;
  const std::string text(context_.sources.Text(operand->span));
  auto report = context_.Report(DiagId::OptionalOperand, operand->span, op, ToString(*operand->type));
  if (operand->type->kind == TypeKind::Null) {
    report.Help("ask for a missing value with `is null`");
  } else {
    const TypeRef plain = Required(operand->type);
    report.Help("give a value for the missing case: `(" + text + " ?? " + types::ToString(types::ZeroValue(*plain), *plain) +
                ")`; or pass only rows that have it: `|> where " + text + " is not null`");
  }
  return true;
}

ExprPtr ExprChecker::CheckUnary(const ast::Expr& whole, const ast::UnaryExpr& unary, const TypeRef& hint) {
  if (unary.op == ast::UnaryOp::Not) {
    const ExprPtr operand = CheckCondition(*unary.operand, "`not`");
    return IsError(operand) ? MakeError(whole.span) : WithSpan(MakeNot(operand), whole.span);
  }
  const ExprPtr operand = Check(*unary.operand, hint);
  if (IsError(operand)) return MakeError(whole.span);
  if (ReportIfOptional(operand, "-")) return MakeError(whole.span);
  if (!types::IsNumeric(*operand->type) && operand->type->kind != TypeKind::Duration) {
    context_.Report(DiagId::OperandType, unary.op_span, "-", ToString(*operand->type)).Label(operand->span, "this value");
    return MakeError(whole.span);
  }
  return MakeExpr(ExprKind::Neg, operand->type, whole.span, {operand});
}

ExprPtr ExprChecker::CheckBinary(const ast::Expr& whole, const ast::BinaryExpr& binary, const TypeRef& hint) {
  switch (binary.op) {
    case BinaryOp::And:
    case BinaryOp::Or: return CheckLogic(whole, binary);
    case BinaryOp::In:
    case BinaryOp::NotIn: return CheckIn(whole, binary);
    case BinaryOp::Coalesce: return CheckCoalesce(whole, binary, hint);
    default: return IsArithmetic(binary.op) ? CheckArithmetic(whole, binary, hint) : CheckComparison(whole, binary);
  }
}

// The right side is read knowing what the left side has proved.
ExprPtr ExprChecker::CheckLogic(const ast::Expr& whole, const ast::BinaryExpr& binary) {
  const std::string what = "`" + std::string(OpText(binary.op)) + "`";
  ExprPtr lhs = CheckCondition(*binary.lhs, what);
  ExprPtr rhs;
  {
    const BlockScope block(*this);
    Facts facts = binary.op == BinaryOp::And ? FactsWhenTrue(*lhs) : FactsWhenFalse(*lhs);
    scope_.present.merge(facts);
    rhs = CheckCondition(*binary.rhs, what);
  }
  if (IsError(lhs) || IsError(rhs)) return MakeError(whole.span);
  return MakeExpr(KindOf(binary.op), Make(TypeKind::Bool), whole.span, {std::move(lhs), std::move(rhs)});
}

ExprPtr ExprChecker::CheckArithmetic(const ast::Expr& whole, const ast::BinaryExpr& binary, const TypeRef& hint) {
  const TypeRef wish = hint && types::IsNumeric(*hint) ? hint : nullptr;
  ExprPtr lhs = Check(*binary.lhs, wish && wish->kind == TypeKind::Decimal ? nullptr : wish);
  ExprPtr rhs = Check(*binary.rhs, wish && wish->kind == TypeKind::Decimal ? nullptr : wish);
  if (IsError(lhs) || IsError(rhs)) return MakeError(whole.span);
  const std::string_view op = OpText(binary.op);
  const bool left_missing = ReportIfOptional(lhs, op);
  if (ReportIfOptional(rhs, op) || left_missing) return MakeError(whole.span);
  if (types::IsNumeric(*lhs->type) && types::IsNumeric(*rhs->type)) return CheckNumbers(whole, binary, lhs, rhs);
  return CheckTimes(whole.span, binary, lhs, rhs);
}

ExprPtr ExprChecker::CheckNumbers(const ast::Expr& whole, const ast::BinaryExpr& binary, ExprPtr lhs, ExprPtr rhs) {
  ShapeLiterals(&lhs, &rhs);
  const TypeKind left = lhs->type->kind;
  const TypeKind right = rhs->type->kind;
  if ((left == TypeKind::Decimal && right == TypeKind::Float) || (left == TypeKind::Float && right == TypeKind::Decimal)) {
    const ExprPtr& decimal = left == TypeKind::Decimal ? lhs : rhs;
    context_.Report(DiagId::DecimalFloatMix, binary.op_span, ToString(*lhs->type), OpText(binary.op), ToString(*rhs->type))
        .Label(decimal->span, "exact")
        .Help("say which you want: `to_float(" + std::string(context_.sources.Text(decimal->span)) + ")` gives up exactness");
    return MakeError(whole.span);
  }
  if (left == TypeKind::Decimal || right == TypeKind::Decimal) return CheckDecimals(whole.span, binary, lhs, rhs);
  // `/` divides truly, so two ints give a float.
  const bool whole_numbers = left == TypeKind::Int && right == TypeKind::Int && binary.op != BinaryOp::Div;
  const TypeRef type = Make(whole_numbers ? TypeKind::Int : TypeKind::Float);
  if (binary.op == BinaryOp::Mod && !whole_numbers) {
    context_.Report(DiagId::OperandTypes, binary.op_span, "%", ToString(*lhs->type), ToString(*rhs->type))
        .Help("`%` takes two ints");
    return MakeError(whole.span);
  }
  return MakeExpr(KindOf(binary.op), type, whole.span, {Coerce(context_, lhs, type), Coerce(context_, rhs, type)});
}

// + - * are exact as long as 38 digits hold the result; / keeps max(6, scale of the dividend) decimals, half up.
ExprPtr ExprChecker::CheckDecimals(Span span, const ast::BinaryExpr& binary, const ExprPtr& left, const ExprPtr& right) {
  const ExprPtr lhs = left->type->kind == TypeKind::Int ? IntAsDecimal(left) : left;
  const ExprPtr rhs = right->type->kind == TypeKind::Int ? IntAsDecimal(right) : right;
  const int p1 = lhs->type->precision, s1 = lhs->type->scale;
  const int p2 = rhs->type->precision, s2 = rhs->type->scale;
  int precision = 0;
  int scale = 0;
  switch (binary.op) {
    case BinaryOp::Add:
    case BinaryOp::Sub:
      scale = std::max(s1, s2);
      precision = std::max(p1 - s1, p2 - s2) + scale + 1;
      break;
    case BinaryOp::Mul:
      scale = s1 + s2;
      precision = p1 + p2;
      break;
    case BinaryOp::Div:
      scale = std::max(6, s1);
      precision = p1 - s1 + s2 + scale;
      break;
    default:
      context_.Report(DiagId::OperandTypes, binary.op_span, OpText(binary.op), ToString(*left->type), ToString(*right->type))
          .Help("`%` takes two ints");
      return MakeError(span);
  }
  if (scale > kMaxPrecision) {
    context_
        .Report(DiagId::DecimalTooWide, binary.op_span, ToString(*lhs->type), OpText(binary.op), ToString(*rhs->type), scale)
        .Help("round one side first: `round(" + std::string(context_.sources.Text(lhs->span)) + ", 6)`");
    return MakeError(span);
  }
  const TypeRef type = types::MakeDecimal(std::clamp(precision, std::max(1, scale), kMaxPrecision), scale);
  return MakeExpr(KindOf(binary.op), type, span, {lhs, rhs});
}

// timestamp +- duration, timestamp - timestamp, durations with durations and ints, dates with whole days.
ExprPtr ExprChecker::CheckTimes(Span span, const ast::BinaryExpr& binary, const ExprPtr& lhs, const ExprPtr& rhs) {
  const TypeKind left = lhs->type->kind;
  const TypeKind right = rhs->type->kind;
  const BinaryOp op = binary.op;
  const bool add = op == BinaryOp::Add;
  const bool sub = op == BinaryOp::Sub;
  const auto make = [&](TypeKind kind, const ExprPtr& a, const ExprPtr& b) {
    return MakeExpr(KindOf(op), Make(kind), span, {a, b});
  };
  if (left == TypeKind::Timestamp && right == TypeKind::Duration && (add || sub)) return make(TypeKind::Timestamp, lhs, rhs);
  if (left == TypeKind::Duration && right == TypeKind::Timestamp && add) return make(TypeKind::Timestamp, rhs, lhs);
  if (left == TypeKind::Timestamp && right == TypeKind::Timestamp && sub) return make(TypeKind::Duration, lhs, rhs);
  if (left == TypeKind::Date && right == TypeKind::Date && sub) return make(TypeKind::Duration, lhs, rhs);
  if (left == TypeKind::Duration && right == TypeKind::Duration && (add || sub)) return make(TypeKind::Duration, lhs, rhs);
  if (left == TypeKind::Duration && right == TypeKind::Int && (op == BinaryOp::Mul || op == BinaryOp::Div)) {
    return make(TypeKind::Duration, lhs, rhs);
  }
  if (left == TypeKind::Int && right == TypeKind::Duration && op == BinaryOp::Mul) return make(TypeKind::Duration, rhs, lhs);
  if (left == TypeKind::Date && right == TypeKind::Duration && (add || sub)) {
    if (IsLiteral(rhs) && std::get<int64_t>(rhs->value.value) % kDayMicros == 0) return make(TypeKind::Date, lhs, rhs);
    context_.Report(DiagId::DateArithmetic, rhs->span)
        .Help("for a moment within the day take a timestamp; for another day write whole days: `7d`");
    return MakeError(span);
  }
  auto report = context_.Report(DiagId::OperandTypes, binary.op_span, OpText(op), ToString(*lhs->type), ToString(*rhs->type));
  if (add && (left == TypeKind::String || right == TypeKind::String)) {
    report.Help("put texts together with braces, `\"{first} {last}\"`, or with `concat(a, b)`");
  } else if (left == TypeKind::Timestamp && (types::IsNumeric(*rhs->type) || right == TypeKind::Duration)) {
    report.Help("a length of time is a duration: `10s`; the start of an hour is `truncate(at, 1h)`");
  }
  return MakeError(span);
}

ExprPtr ExprChecker::CheckComparison(const ast::Expr& whole, const ast::BinaryExpr& binary) {
  ExprPtr lhs = Check(*binary.lhs);
  ExprPtr rhs = Check(*binary.rhs, lhs->type);
  if (IsError(lhs) || IsError(rhs)) return MakeError(whole.span);
  const std::string_view op = OpText(binary.op);
  const bool ordering = binary.op != BinaryOp::Eq && binary.op != BinaryOp::Ne;
  if (ordering) {
    const bool left_missing = ReportIfOptional(lhs, op);
    if (ReportIfOptional(rhs, op) || left_missing) return MakeError(whole.span);
  }
  ShapeLiterals(&lhs, &rhs);
  // A literal takes the shape of the value beside it: an enum's word, a date.
  if (IsLiteral(lhs) && !IsLiteral(rhs)) {
    if (ExprPtr shaped = Convert(context_, lhs, Required(rhs->type))) lhs = shaped;
  } else if (IsLiteral(rhs)) {
    if (ExprPtr shaped = Convert(context_, rhs, Required(lhs->type))) rhs = shaped;
  }
  TypeRef type = JoinTypes(Required(lhs->type), Required(rhs->type));
  if (lhs->type->kind == TypeKind::Null || rhs->type->kind == TypeKind::Null) {
    const ExprPtr& other = lhs->type->kind == TypeKind::Null ? rhs : lhs;
    context_.Report(DiagId::CompareNull, whole.span, op)
        .Help("`" + std::string(context_.sources.Text(other->span)) +
              (binary.op == BinaryOp::Ne ? " is not null`" : " is null`"));
    return MakeError(whole.span);
  }
  if (!type) {
    for (const auto& [literal, other] : {std::pair(lhs, rhs), std::pair(rhs, lhs)}) {
      if (IsLiteral(literal) && literal->type->kind == TypeKind::String && other->type->kind == TypeKind::Enum) {
        Coerce(context_, literal, Required(other->type));
        return MakeError(whole.span);
      }
    }
    auto report = context_.Report(DiagId::CompareTypes, binary.op_span, ToString(*lhs->type), ToString(*rhs->type));
    report.Label(lhs->span, ToString(*lhs->type)).Label(rhs->span, ToString(*rhs->type));
    if (lhs->type->kind == TypeKind::Timestamp && rhs->type->kind == TypeKind::Date)
      report.Help("compare the day: `date(...)` of the timestamp");
    for (const auto& [text, other] : {std::pair(lhs, rhs), std::pair(rhs, lhs)}) {
      const bool time = other->type->kind == TypeKind::Timestamp || other->type->kind == TypeKind::Date;
      if (text->type->kind == TypeKind::String && time) {
        const std::string written(context_.sources.Text(text->span));
        const std::string read = other->type->kind == TypeKind::Date ? "to_date" : "to_timestamp";
        report.Help(IsLiteral(text) ? "a time is written without quotes: `@2026-01-31`, `@2026-01-31T10:00:00Z`"
                                    : "read the text as a time: `" + read + "!(" + written + ")`");
      }
      if (text->type->kind != TypeKind::String || !types::IsNumeric(*other->type)) continue;
      const std::string written(context_.sources.Text(text->span));
      report.Help(IsLiteral(text) ? "a number stands without quotes; or compare texts: `to_string(" +
                                        std::string(context_.sources.Text(other->span)) + ")`"
                                  : "read the text as a number: `to_int(" + written + ")`");
      break;
    }
    return MakeError(whole.span);
  }
  if (!HasEquality(*type)) {
    context_.Report(DiagId::NotComparable, binary.op_span, ToString(*type)).Help("compare their parts");
    return MakeError(whole.span);
  }
  if (ordering && !types::IsOrdered(*type)) {
    context_.Report(DiagId::NotOrdered, binary.op_span, ToString(*type), op).Help("only `==` and `!=` are defined for it");
    return MakeError(whole.span);
  }
  const auto as_joined = [&](const ExprPtr& side) {
    return Coerce(context_, side, side->type->optional ? types::Optional(type) : type);
  };
  return MakeExpr(KindOf(binary.op), Make(TypeKind::Bool), whole.span, {as_joined(lhs), as_joined(rhs)});
}

ExprPtr ExprChecker::CheckIn(const ast::Expr& whole, const ast::BinaryExpr& binary) {
  const ExprPtr value = Check(*binary.lhs);
  const TypeRef plain = Required(value->type);
  ExprPtr list = Check(*binary.rhs, IsError(value) ? nullptr : types::MakeList(plain));
  if (IsError(value) || IsError(list)) return MakeError(whole.span);
  if (ReportIfOptional(list, "in")) return MakeError(whole.span);
  if (list->type->kind != TypeKind::List) {
    context_.Report(DiagId::NotAList, list->span, OpText(binary.op), ToString(*list->type)).Help("`lang in [\"en\", \"de\"]`");
    return MakeError(whole.span);
  }
  if (!HasEquality(*plain)) {
    context_.Report(DiagId::NotComparable, binary.op_span, ToString(*plain));
    return MakeError(whole.span);
  }
  // Literals in the list take the type of the value, one by one, so that the message points at the wrong one.
  if (list->kind == ExprKind::List) {
    std::vector<ExprPtr> items;
    for (const ExprPtr& item : list->args) {
      items.push_back(Coerce(context_, item, item->type->optional ? types::Optional(plain) : plain));
      if (IsError(items.back())) return MakeError(whole.span);
    }
    list = MakeExpr(ExprKind::List, types::MakeList(plain), list->span, std::move(items));
  }
  const TypeRef joined = JoinTypes(plain, Required(list->type->element));
  if (!joined || !types::SameType(*joined, *Required(list->type->element))) {
    context_.Report(DiagId::CompareTypes, binary.op_span, ToString(*value->type), ToString(*list->type->element))
        .Label(list->span, ToString(*list->type));
    return MakeError(whole.span);
  }
  const ExprPtr left = Coerce(context_, value, value->type->optional ? types::Optional(joined) : joined);
  ExprPtr in = MakeExpr(ExprKind::In, Make(TypeKind::Bool), whole.span, {left, list});
  return binary.op == BinaryOp::NotIn ? MakeNot(in) : in;
}

ExprPtr ExprChecker::CheckCoalesce(const ast::Expr& whole, const ast::BinaryExpr& binary, const TypeRef& hint) {
  for (const ast::Expr* side : {binary.lhs.get(), binary.rhs.get()}) {
    const ast::BinaryExpr* arithmetic = BareArithmetic(*side);
    if (arithmetic == nullptr) continue;
    const std::string left(context_.sources.Text(binary.lhs->span));
    const std::string right(context_.sources.Text(binary.rhs->span));
    const bool is_right = side == binary.rhs.get();
    context_.Report(DiagId::CoalesceMixed, binary.op_span, OpText(arithmetic->op))
        .Label(side->span, "is this one side as a whole?")
        .Help(is_right ? "if so: `" + left + " ?? (" + right + ")`" : "if so: `(" + left + ") ?? " + right + "`");
    return MakeError(whole.span);
  }
  const ExprPtr lhs = Check(*binary.lhs, hint);
  const ExprPtr rhs = Check(*binary.rhs, IsError(lhs) || lhs->type->kind == TypeKind::Null ? hint : Required(lhs->type));
  if (IsError(lhs) || IsError(rhs)) return MakeError(whole.span);
  if (!lhs->type->optional) {
    context_.Report(DiagId::NeverMissing, lhs->span, "??", ToString(*lhs->type));
    return WithSpan(lhs, whole.span);
  }
  if (lhs->type->kind == TypeKind::Null) return rhs;
  // A literal default takes the type of the value: `price ?? 0.5` of a decimal, `kind ?? "view"` of an enum.
  ExprPtr other = rhs;
  if (ExprPtr shaped = Convert(context_, rhs, rhs->type->optional ? lhs->type : Required(lhs->type))) other = shaped;
  const TypeRef joined = JoinTypes(Required(lhs->type), other->type);
  if (!joined) {
    Coerce(context_, rhs, Required(lhs->type), "stands for a missing `" + std::string(context_.sources.Text(lhs->span)) + "`");
    return MakeError(whole.span);
  }
  const TypeRef type = other->type->optional ? types::Optional(joined) : joined;
  return MakeExpr(ExprKind::Coalesce, type, whole.span,
                  {Coerce(context_, lhs, types::Optional(joined)), Coerce(context_, other, type)});
}

ExprPtr ExprChecker::CheckIsNull(const ast::Expr& whole, const ast::IsNullExpr& is_null) {
  const ExprPtr operand = Check(*is_null.operand);
  if (IsError(operand)) return MakeError(whole.span);
  if (!operand->type->optional) {
    context_.Report(DiagId::NeverMissing, operand->span, is_null.negated ? "is not null" : "is null", ToString(*operand->type));
    return MakeBool(is_null.negated, whole.span);
  }
  ExprPtr test = MakeExpr(ExprKind::IsNull, Make(TypeKind::Bool), whole.span, {operand});
  return is_null.negated ? MakeNot(std::move(test)) : test;
}

}  // namespace streamc::sema
