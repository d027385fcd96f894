#include "compiler/physical/convert.h"

#include "runtime/abi/layout.h"

namespace streamc::physical {
namespace {

using types::TypeKind;

abi::Logical ToLogical(TypeKind kind) {
  switch (kind) {
    case TypeKind::Bool: return abi::Logical::Bool;
    case TypeKind::Int: return abi::Logical::Int;
    case TypeKind::Float: return abi::Logical::Float;
    case TypeKind::Decimal: return abi::Logical::Decimal;
    case TypeKind::Bytes: return abi::Logical::Bytes;
    case TypeKind::Timestamp: return abi::Logical::Timestamp;
    case TypeKind::Date: return abi::Logical::Date;
    case TypeKind::Duration: return abi::Logical::Duration;
    case TypeKind::Uuid: return abi::Logical::Uuid;
    case TypeKind::Enum: return abi::Logical::Enum;
    case TypeKind::List: return abi::Logical::List;
    case TypeKind::Record: return abi::Logical::Record;
    case TypeKind::String:
    case TypeKind::Secret: return abi::Logical::String;
    // `null` with no other type only ever is missing; the others do not pass the checker.
    case TypeKind::Null:
    case TypeKind::Map:
    case TypeKind::Error: return abi::Logical::Bool;
  }
  return abi::Logical::Bool;
}

int32_t LeafCount(const types::Type& type) {
  return static_cast<int32_t>(abi::FlattenType(ToTypeSpec(type)).size());
}

}  // namespace

abi::TypeSpec ToTypeSpec(const types::Type& type) {
  abi::TypeSpec spec;
  spec.logical = ToLogical(type.kind);
  spec.optional = type.optional;
  spec.precision = static_cast<uint8_t>(type.precision);
  spec.scale = static_cast<uint8_t>(type.scale);
  spec.time_format = static_cast<abi::TimeFormat>(type.time_format);
  spec.pattern = type.pattern;
  spec.is_rest = type.is_rest;
  spec.enum_values = type.enum_values;
  if (type.kind == TypeKind::List) spec.element.push_back(ToTypeSpec(*type.element));
  if (type.kind != TypeKind::Record) return spec;
  for (const types::Field& field : type.fields) {
    abi::FieldSpec& out = spec.fields.emplace_back();
    out.name = field.name;
    out.outside_name = field.outside_name.empty() ? field.name : field.outside_name;
    out.type = ToTypeSpec(*field.type);
    out.has_default = field.deflt != nullptr;
    if (field.deflt) out.deflt = ToDatumSpec(*field.deflt);
  }
  return spec;
}

abi::DatumSpec ToDatumSpec(const types::Datum& datum) {
  abi::DatumSpec spec;
  if (const auto* flag = std::get_if<bool>(&datum.value)) spec.value = *flag;
  if (const auto* number = std::get_if<int64_t>(&datum.value)) spec.value = *number;
  if (const auto* number = std::get_if<double>(&datum.value)) spec.value = *number;
  if (const auto* text = std::get_if<std::string>(&datum.value)) spec.value = *text;
  if (const auto* number = std::get_if<types::Int128>(&datum.value)) {
    spec.value = abi::DatumSpec::Decimal{static_cast<uint64_t>(*number), static_cast<int64_t>(*number >> 64)};
  }
  if (const auto* items = std::get_if<std::vector<types::Datum>>(&datum.value)) {
    std::vector<abi::DatumSpec> out;
    for (const types::Datum& item : *items) out.push_back(ToDatumSpec(item));
    spec.value = std::move(out);
  }
  return spec;
}

abi::ValueSpec ToValueSpec(const typed::StartValue& value) {
  abi::ValueSpec spec;
  spec.constant = ToDatumSpec(value.constant);
  spec.param = value.param;
  for (const typed::StartValue::Part& part : value.parts) spec.parts.push_back({part.text, part.param});
  return spec;
}

abi::ConnectorSpecRef ToConnectorSpec(const typed::ConnectorCall& call) {
  abi::ConnectorSpecRef spec;
  spec.connector = call.connector;
  for (const typed::StartValue& arg : call.args) spec.args.push_back(ToValueSpec(arg));
  for (const typed::Option& option : call.options) spec.options.push_back({option.name, ToValueSpec(option.value)});
  return spec;
}

abi::FormatSpecRef ToFormatSpec(const typed::FormatCall& call) {
  abi::FormatSpecRef spec;
  spec.format = call.format;
  for (const typed::Option& option : call.options) spec.options.push_back({option.name, ToValueSpec(option.value)});
  return spec;
}

abi::ActionSpec ToActionSpec(const typed::Action& action) {
  return {static_cast<abi::ActionKind>(action.kind), ToValueSpec(action.topic), action.stream};
}

abi::BoundSpec ToBoundSpec(const typed::Bound& bound) {
  abi::BoundSpec spec;
  spec.window = static_cast<abi::WindowKind>(bound.window);
  spec.size = ToValueSpec(bound.size);
  spec.every = ToValueSpec(bound.window == typed::WindowKind::Tumbling ? bound.size : bound.every);
  spec.offset = ToValueSpec(bound.offset);
  spec.keep_forever = bound.keep_forever;
  spec.keep = ToValueSpec(bound.keep);
  if (bound.has_late) spec.late = ToValueSpec(bound.late);
  if (bound.on_late) spec.on_late = ToActionSpec(*bound.on_late);
  spec.emit = static_cast<abi::EmitKind>(bound.emit);
  spec.emit_every = ToValueSpec(bound.emit_every);
  return spec;
}

abi::LayoutSpec ToLayout(const std::vector<typed::Column>& columns) {
  abi::LayoutSpec layout;
  for (const typed::Column& column : columns) layout.columns.push_back({column.name, ToTypeSpec(*column.type), column.hidden});
  return layout;
}

LeafRange LeavesOf(const types::Type& record, const std::vector<int32_t>& path) {
  const types::Type* type = &record;
  int32_t begin = 0;
  for (int32_t field : path) {
    if (type->optional) ++begin;
    for (int32_t before = 0; before < field; ++before) begin += LeafCount(*type->fields[before].type);
    type = type->fields[field].type.get();
  }
  return {begin, begin + LeafCount(*type)};
}

int64_t RowSize(const std::vector<types::TypeRef>& columns) {
  // Leaves point into their types, so those must stay until the size is known.
  std::vector<abi::TypeSpec> specs;
  for (const types::TypeRef& type : columns) specs.push_back(ToTypeSpec(*type));
  std::vector<abi::Leaf> leaves;
  for (const abi::TypeSpec& spec : specs) abi::Flatten(spec, false, &leaves);
  return abi::RowLayout(leaves).size;
}

}  // namespace streamc::physical
