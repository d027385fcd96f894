#include "compiler/sema/expr.h"

#include "compiler/catalog/functions.h"
#include "compiler/sema/convert.h"

namespace streamc::sema {
namespace {

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

ExprPtr FloatLiteral(const ast::FloatLit& literal, Span span, const TypeRef& hint) {
  if (hint && hint->kind == TypeKind::Decimal) {
    if (ExprPtr decimal = DecimalLiteral(literal.text, span)) return decimal;
  }
  auto expr = std::make_shared<Expr>(*MakeLiteral({literal.value}, types::Make(TypeKind::Float), span));
  // The digits as written: beside a decimal the literal becomes one, exactly.
  expr->text = literal.text;
  return expr;
}

}  // namespace

Scope RowScope(const Flow& flow) {
  Scope scope;
  scope.flow = &flow;
  scope.present = flow.present;
  return scope;
}

ExprPtr ExprChecker::Check(const ast::Expr& expr, const TypeRef& hint) {
  const Span span = expr.span;
  const auto whole = [span](TypeKind kind, Datum value) { return MakeLiteral(std::move(value), types::Make(kind), span); };
  return std::visit(
      Overloaded{
          [&](const ast::NullLit&) { return whole(TypeKind::Null, {}); },
          [&](const ast::BoolLit& node) { return whole(TypeKind::Bool, {node.value}); },
          [&](const ast::IntLit& node) { return whole(TypeKind::Int, {node.value}); },
          [&](const ast::FloatLit& node) { return FloatLiteral(node, span, hint); },
          [&](const ast::DurationLit& node) { return whole(TypeKind::Duration, {node.micros}); },
          [&](const ast::SizeLit& node) { return whole(TypeKind::Int, {node.bytes}); },
          [&](const ast::TimestampLit& node) { return whole(TypeKind::Timestamp, {node.micros}); },
          [&](const ast::StringLit& node) { return whole(TypeKind::String, {node.text}); },
          [&](const ast::InterpolatedString& node) { return CheckInterpolated(expr, node); },
          [&](const ast::NameExpr& node) { return CheckName(node.name); },
          [&](const ast::FieldExpr& node) { return CheckField(expr, node); },
          [&](const ast::IndexExpr& node) { return CheckIndex(expr, node); },
          [&](const ast::UnaryExpr& node) { return CheckUnary(expr, node, hint); },
          [&](const ast::BinaryExpr& node) { return CheckBinary(expr, node, hint); },
          [&](const ast::IsNullExpr& node) { return CheckIsNull(expr, node); },
          [&](const ast::Call& node) { return CheckCall(expr, node); },
          [&](const ast::Lambda&) {
            context_.Report(DiagId::LambdaOutside, span)
                .Help("a lambda is an argument of a list function: `map(tags, tag -> lower(tag))`");
            return MakeError(span);
          },
          [&](const ast::ListExpr& node) { return CheckLiteralList(expr, node, hint); },
          [&](const ast::RecordExpr& node) { return CheckRecord(expr, node, hint); },
          [&](const ast::IfExpr& node) { return node.let_name ? CheckIfLet(expr, node, hint) : CheckIf(expr, node, hint); },
          [&](const ast::MatchExpr& node) { return CheckMatch(expr, node, hint); },
      },
      expr.node);
}

ExprPtr ExprChecker::CheckAs(const ast::Expr& expr, const TypeRef& target, const std::string& label) {
  return Coerce(context_, Check(expr, target), target, label);
}

ExprPtr ExprChecker::CheckCondition(const ast::Expr& expr, const std::string& what) {
  ExprPtr condition = Check(expr);
  if (IsError(condition)) return condition;
  if (condition->type->kind != TypeKind::Bool) {
    context_.Report(DiagId::ConditionNotBool, expr.span, types::ToString(*condition->type), what)
        .Help("compare it: `" + std::string(context_.sources.Text(expr.span)) + " == ...`");
    return MakeError(expr.span);
  }
  if (condition->type->optional) {
    const std::string text(context_.sources.Text(expr.span));
    context_.Report(DiagId::OptionalValue, expr.span, "bool?", "bool")
        .Help("say what a missing value means: `" + text + " ?? false`");
    return MakeError(expr.span);
  }
  return condition;
}

ExprPtr ExprChecker::CheckLiteralList(const ast::Expr& whole, const ast::ListExpr& list, const TypeRef& hint) {
  const TypeRef wish = hint && hint->kind == TypeKind::List ? hint->element : nullptr;
  if (list.items.empty() && !wish) {
    context_.Report(DiagId::EmptyListType, whole.span).Help("use it where a list of a known type stands: `tags ?? []`");
    return MakeError(whole.span);
  }
  std::vector<ExprPtr> items;
  TypeRef element = list.items.empty() ? wish : nullptr;
  bool poisoned = false;
  for (const ast::Expr& item : list.items) {
    ExprPtr value = Check(item, wish);
    poisoned = poisoned || IsError(value);
    const TypeRef joined = element ? JoinTypes(element, value->type) : value->type;
    if (!joined) {
      context_.Report(DiagId::ListElements, item.span, types::ToString(*value->type), types::ToString(*element))
          .Help("a list holds values of one type");
      return MakeError(whole.span);
    }
    element = joined;
    items.push_back(std::move(value));
  }
  if (poisoned) return MakeError(whole.span);
  if (element->kind == TypeKind::Null) element = wish ? wish : element;
  for (ExprPtr& item : items) item = Coerce(context_, item, element);
  return MakeExpr(ExprKind::List, types::MakeList(element), whole.span, std::move(items));
}

// With a record type wished for, entries are checked against it and left-out fields get null or their default.
ExprPtr ExprChecker::CheckRecord(const ast::Expr& whole, const ast::RecordExpr& record, const TypeRef& hint) {
  const bool shaped = hint && hint->kind == TypeKind::Record;
  std::vector<types::Field> fields;
  std::vector<ExprPtr> values;
  std::vector<ExprPtr> by_field(shaped ? hint->fields.size() : 0);
  bool poisoned = false;
  for (const ast::RecordEntry& entry : record.entries) {
    const int index = shaped ? types::FindField(*hint, entry.key.text) : -1;
    for (const types::Field& field : fields) {
      if (field.name == entry.key.text) {
        context_.Report(DiagId::DuplicateField, entry.key.span, entry.key.text);
        poisoned = true;
      }
    }
    const TypeRef wish = index >= 0 ? hint->fields[static_cast<size_t>(index)].type : nullptr;
    ExprPtr value = wish ? CheckAs(*entry.value, wish, "field `" + entry.key.text + "`") : Check(*entry.value);
    if (!wish && value->type->kind == TypeKind::Null) {
      context_.Report(DiagId::NullAlone, entry.value->span);
      poisoned = true;
    }
    poisoned = poisoned || IsError(value);
    if (shaped && index < 0) {
      std::vector<std::string> names;
      for (const types::Field& field : hint->fields) names.push_back(field.name);
      context_.Report(DiagId::UnknownField, entry.key.span, types::ToString(*hint), entry.key.text)
          .DidYouMean(entry.key.text, names);
      poisoned = true;
    }
    if (index >= 0) by_field[static_cast<size_t>(index)] = value;
    fields.push_back({entry.key.text, value->type, entry.key.text, nullptr});
    values.push_back(std::move(value));
  }
  if (poisoned) return MakeError(whole.span);
  if (!shaped) {
    const TypeRef type = types::MakeRecord(std::move(fields));
    if (!context_.CheckSize(type, whole.span)) return MakeError(whole.span);
    return MakeExpr(ExprKind::Record, type, whole.span, std::move(values));
  }
  for (size_t i = 0; i < by_field.size(); ++i) {
    if (by_field[i]) continue;
    const types::Field& field = hint->fields[i];
    if (!field.deflt && !field.type->optional) {
      context_.Report(DiagId::MissingField, whole.span, field.name, types::ToString(*hint));
      return MakeError(whole.span);
    }
    by_field[i] = MakeLiteral(field.deflt ? *field.deflt : Datum{}, field.type, whole.span);
  }
  return MakeExpr(ExprKind::Record, types::Required(hint), whole.span, std::move(by_field));
}

ExprPtr ExprChecker::CheckIndex(const ast::Expr& whole, const ast::IndexExpr& index) {
  const ExprPtr base = Check(*index.base);
  if (IsError(base)) return MakeError(whole.span);
  if (base->type->optional) {
    const std::string text(context_.sources.Text(index.base->span));
    context_
        .Report(DiagId::OptionalValue, index.base->span, types::ToString(*base->type),
                types::ToString(*types::Required(base->type)))
        .Help("check it first: `" + text + " is not null`");
    return MakeError(whole.span);
  }
  if (base->type->kind != TypeKind::List && base->type->kind != TypeKind::Map) {
    auto report = context_.Report(DiagId::NotIndexable, index.base->span, types::ToString(*base->type));
    if (base->type->kind == TypeKind::String) report.Help("take a part of a text with `substring`");
    if (base->type->kind == TypeKind::Record) report.Help("name the field: `.name`");
    return MakeError(whole.span);
  }
  const TypeRef wanted = base->type->kind == TypeKind::List ? types::Make(TypeKind::Int) : base->type->key;
  ExprPtr position = CheckAs(*index.index, wanted, "the position in a list is an int");
  if (IsError(position)) return MakeError(whole.span);
  return MakeExpr(ExprKind::Index, types::Optional(base->type->element), whole.span, {base, std::move(position)});
}

// An enum is a number when the job runs: its text is chosen among the words it can be.
ExprPtr ExprChecker::EnumText(const ExprPtr& value, Span span) {
  const bool again = !IsTrivial(value);
  const typed::LocalId local = again ? context_.NewLocal() : -1;
  const ExprPtr tested = again ? MakeLocal(local, "word", value->type, value->span) : value;
  const TypeRef string = types::Make(TypeKind::String);
  const auto& words = value->type->enum_values;
  ExprPtr text = MakeLiteral({words.empty() ? std::string() : words.back()}, string, span);
  for (size_t i = words.empty() ? 0 : words.size() - 1; i-- > 0;) {
    ExprPtr test = MakeExpr(ExprKind::Eq, types::Make(TypeKind::Bool), span,
                            {tested, MakeLiteral({static_cast<int64_t>(i)}, value->type, span)});
    text = MakeExpr(ExprKind::If, string, span, {std::move(test), MakeLiteral({words[i]}, string, span), std::move(text)});
  }
  return again ? MakeLet(local, value, std::move(text)) : text;
}

// A value as text inside "...{path}...".
ExprPtr ExprChecker::TextOf(const ExprPtr& value) {
  if (IsError(value)) return value;
  if (value->type->optional) {
    const std::string text(context_.sources.Text(value->span));
    context_.Report(DiagId::OptionalInText, value->span, types::ToString(*value->type))
        .Help("give the missing case a column first: `|> set " + text + " = " + text + " ?? \"none\"`");
    return MakeError(value->span);
  }
  if (value->type->kind == TypeKind::String) return value;
  if (value->type->kind == TypeKind::Enum) return EnumText(value, value->span);
  const auto choice = catalog::FindScalar("to_string", {value->type});
  if (!choice || choice->result->optional) {
    context_.Report(DiagId::NotText, value->span, types::ToString(*value->type));
    return MakeError(value->span);
  }
  auto call = std::make_shared<Expr>(
      *MakeExpr(ExprKind::Call, choice->result, value->span, {Coerce(context_, value, choice->params[0])}));
  call->function = choice->function;
  return call;
}

ExprPtr ExprChecker::CheckInterpolated(const ast::Expr& whole, const ast::InterpolatedString& string) {
  ExprPtr text;
  if (!context_.CheckCount(string.parts.size(), "parts of a text", whole.span)) return MakeError(whole.span);
  for (const ast::StringPart& part : string.parts) {
    ExprPtr piece;
    if (const auto* literal = std::get_if<std::string>(&part.node)) {
      piece = MakeLiteral({*literal}, types::Make(TypeKind::String), part.span);
    } else {
      piece = TextOf(CheckPath(std::get<ast::Path>(part.node)));
    }
    if (IsError(piece)) return MakeError(whole.span);
    if (!text) {
      text = piece;
      continue;
    }
    const auto choice = catalog::FindScalar("concat", {text->type, piece->type});
    if (!choice) return MakeError(whole.span);
    auto call = std::make_shared<Expr>(*MakeExpr(ExprKind::Call, choice->result, whole.span, {text, piece}));
    call->function = choice->function;
    text = std::move(call);
  }
  return text ? text : MakeLiteral({std::string()}, types::Make(TypeKind::String), whole.span);
}

}  // namespace streamc::sema
