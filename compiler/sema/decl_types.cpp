// Types as written, resolved: builtin names, schemas, inline records and enums.
#include <algorithm>
#include <array>

#include "compiler/sema/constants.h"
#include "compiler/sema/context.h"
#include "compiler/sema/foreign_names.h"
#include "stdlib/text/time_text.h"

namespace streamc::sema {
namespace {

using types::Make;

constexpr int kMaxSchemaDepth = 64;

TypeRef ErrorType() {
  return Make(TypeKind::Error);
}

struct PlainType {
  std::string_view name;
  TypeKind kind;
};
constexpr std::array kPlainTypes = {
    PlainType{"bool", TypeKind::Bool},   PlainType{"int", TypeKind::Int},
    PlainType{"float", TypeKind::Float}, PlainType{"string", TypeKind::String},
    PlainType{"bytes", TypeKind::Bytes}, PlainType{"timestamp", TypeKind::Timestamp},
    PlainType{"date", TypeKind::Date},   PlainType{"duration", TypeKind::Duration},
    PlainType{"uuid", TypeKind::Uuid},   PlainType{"secret", TypeKind::Secret},
};

std::vector<std::string> TypeNames(const Context& context) {
  std::vector<std::string> names = {"decimal", "list", "map"};
  for (const PlainType& plain : kPlainTypes) names.emplace_back(plain.name);
  for (const auto& entry : context.schemas) names.push_back(entry.first);
  return names;
}

TypeRef ResolveDecimal(Context& context, const ast::NamedType& named, Span span) {
  const int64_t* precision = named.value_args.size() == 2 ? std::get_if<int64_t>(&named.value_args[0].value) : nullptr;
  const int64_t* scale = named.value_args.size() == 2 ? std::get_if<int64_t>(&named.value_args[1].value) : nullptr;
  if (precision == nullptr || scale == nullptr || *precision < 1 || *precision > 38 || *scale < 0 || *scale > *precision) {
    context.Report(DiagId::DecimalSize, span).Help("`decimal(10, 2)`: ten digits, two of them after the point");
    return ErrorType();
  }
  return types::MakeDecimal(static_cast<int>(*precision), static_cast<int>(*scale));
}

// Why a pattern cannot be read as a time, empty when it can: a directive nobody knows, or no whole date.
std::string PatternFault(const std::string& pattern) {
  std::string fault = stdlib::TimePatternError(pattern);
  const auto has = [&](const char* directive) { return pattern.find(directive) != std::string::npos; };
  const bool whole = has("%Y") && (has("%j") || ((has("%m") || has("%b")) && has("%d")));
  if (fault.empty() && !whole) fault = "a pattern has a year, a month and a day";
  return fault;
}

TypeRef ResolveTimestamp(Context& context, const ast::NamedType& named, Span span) {
  if (named.value_args.empty()) return Make(TypeKind::Timestamp);
  if (named.value_args.size() == 1) {
    const auto& value = named.value_args[0].value;
    if (const auto* unit = std::get_if<ast::Name>(&value)) {
      if (unit->text == "ms") return types::MakeTimestamp(types::TimeFormat::Millis);
      if (unit->text == "s") return types::MakeTimestamp(types::TimeFormat::Seconds);
    }
    if (const auto* pattern = std::get_if<std::string>(&value)) {
      const std::string fault = PatternFault(*pattern);
      if (fault.empty()) return types::MakeTimestamp(types::TimeFormat::Pattern, *pattern);
      context.Report(DiagId::TimestampForm, span).Note(fault).Help("as in `format_time`: `timestamp(\"%Y-%m-%d %H:%M:%S\")`");
      return ErrorType();
    }
  }
  context.Report(DiagId::TimestampForm, span)
      .Help("`timestamp(ms)`, `timestamp(s)` or a pattern: `timestamp(\"%Y-%m-%d %H:%M:%S\")`");
  return ErrorType();
}

TypeRef ResolveNamed(Context& context, const ast::NamedType& named, Span span) {
  const std::string& name = named.name.text;
  const auto wants_no_arguments = [&] {
    if (named.type_args.empty() && named.value_args.empty()) return true;
    context.Report(DiagId::TypeArguments, span, name, 0, named.type_args.size() + named.value_args.size());
    return false;
  };
  if (name == "list" || name == "map") {
    const size_t wanted = name == "list" ? 1 : 2;
    if (named.type_args.size() != wanted) {
      context.Report(DiagId::TypeArguments, span, name, wanted, named.type_args.size())
          .Help(name == "list" ? "`list<string>`" : "`map<string, int>`");
      return ErrorType();
    }
    if (name == "map") {
      context.NotSupported(span, "`map<K, V>`", "declare the fields that are used as a record: `{ a: int?, b: int? }`");
      return ErrorType();
    }
    return types::MakeList(ResolveType(context, named.type_args[0]));
  }
  if (name == "decimal") return ResolveDecimal(context, named, span);
  if (name == "timestamp") return ResolveTimestamp(context, named, span);
  for (const PlainType& plain : kPlainTypes) {
    if (plain.name == name) return wants_no_arguments() ? Make(plain.kind) : ErrorType();
  }
  if (Symbol* schema = context.FindSchema(name)) return wants_no_arguments() ? SchemaType(context, *schema) : ErrorType();
  auto report = context.Report(DiagId::UnknownType, named.name.span, name);
  if (const std::string_view meant = FindForeignName(ForeignPlace::Type, name); !meant.empty()) {
    report.Help("write `" + std::string(meant) + "`");
  } else {
    report.DidYouMean(name, TypeNames(context));
  }
  return ErrorType();
}

TypeRef ResolveEnum(Context& context, const ast::EnumType& type) {
  std::vector<std::string> values;
  if (!type.items.empty() &&
      !context.CheckCount(type.items.size(), "values", source::Join(type.items.front().span, type.items.back().span))) {
    return ErrorType();
  }
  for (const ast::Text& item : type.items) {
    if (std::find(values.begin(), values.end(), item.text) != values.end()) {
      context.Report(DiagId::DuplicateEnumValue, item.span, item.text);
      continue;
    }
    values.push_back(item.text);
  }
  return types::MakeEnum(std::move(values));
}

bool HoldsSecret(const types::Type& type) {
  if (type.kind == TypeKind::Secret) return true;
  return type.element && HoldsSecret(*type.element);
}

}  // namespace

TypeRef ResolveType(Context& context, const ast::Type& type) {
  TypeRef resolved;
  if (const auto* named = std::get_if<ast::NamedType>(&type.node)) {
    resolved = ResolveNamed(context, *named, type.span);
  } else if (const auto* record = std::get_if<ast::RecordType>(&type.node)) {
    resolved = ResolveRecord(context, *record, {});
  } else {
    resolved = ResolveEnum(context, std::get<ast::EnumType>(type.node));
  }
  return type.optional ? types::Optional(resolved) : resolved;
}

TypeRef ResolveRecord(Context& context, const ast::RecordType& type, const std::string& name) {
  std::vector<types::Field> fields;
  for (const ast::Field& field : type.fields) {
    const auto same = [&](const types::Field& other) { return other.name == field.name.text; };
    if (std::any_of(fields.begin(), fields.end(), same)) {
      context.Report(DiagId::DuplicateField, field.name.span, field.name.text)
          .Help("give each field a name of its own; the name outside follows `as`");
      continue;
    }
    TypeRef field_type = ResolveType(context, field.type);
    if (HoldsSecret(*field_type)) {
      context.Report(DiagId::SecretField, field.type.span).Help("`secret` is a type of parameters: `param token: secret`");
      field_type = ErrorType();
    }
    std::string outside = field.outside_name ? field.outside_name->text : field.name.text;
    const auto same_outside = [&](const types::Field& other) { return other.outside_name == outside; };
    if (std::any_of(fields.begin(), fields.end(), same_outside)) {
      context.Report(DiagId::DuplicateOutsideName, field.outside_name ? field.outside_name->span : field.name.span, outside);
    }
    std::shared_ptr<Datum> deflt;
    if (field.default_value) {
      if (auto value = CheckConstant(context, *field.default_value, field_type, "default of `" + field.name.text + "`")) {
        deflt = std::make_shared<Datum>(std::move(*value));
      }
    }
    fields.push_back({field.name.text, std::move(field_type), std::move(outside), std::move(deflt)});
  }
  if (type.has_rest) {
    const std::string rest = type.rest ? type.rest->text : "rest";
    if (std::any_of(fields.begin(), fields.end(), [&](const types::Field& other) { return other.name == rest; })) {
      context.Report(DiagId::DuplicateField, type.rest ? type.rest->span : type.span, rest)
          .Help("give the undeclared fields another name: `...others`");
    } else {
      fields.push_back({rest, types::MakeRest(), rest, nullptr});
    }
  }
  TypeRef record = types::MakeRecord(std::move(fields), name);
  return context.CheckSize(record, type.span) ? record : ErrorType();
}

TypeRef SchemaType(Context& context, Symbol& symbol) {
  if (symbol.state == CheckState::Done) return symbol.type;
  if (symbol.state == CheckState::Active) {
    context.Report(DiagId::RecursiveSchema, symbol.span, symbol.name).Help("a record holds other records, never its own kind");
    symbol.faulty = true;
    return ErrorType();
  }
  symbol.state = CheckState::Active;
  // Schemas declared after their use are resolved within one another.
  if (++context.schema_depth > kMaxSchemaDepth) {
    context.Report(DiagId::RecordTooLarge, symbol.span, 4096, kMaxSchemaDepth)
        .Help("declare the fields that are used, and leave the rest out");
    symbol.type = ErrorType();
    symbol.state = CheckState::Done;
    --context.schema_depth;
    return symbol.type;
  }
  symbol.type = ResolveRecord(context, std::get<ast::SchemaDecl>(symbol.decl->node).type, symbol.name);
  --context.schema_depth;
  if (symbol.faulty) symbol.type = ErrorType();
  symbol.state = CheckState::Done;
  return symbol.type;
}

}  // namespace streamc::sema
