#include "compiler/types/type.h"

#include <array>

namespace streamc::types {
namespace {

TypeRef MakePlain(TypeKind kind, bool optional) {
  auto type = std::make_shared<Type>();
  type->kind = kind;
  type->optional = optional;
  return type;
}

constexpr size_t kKindCount = static_cast<size_t>(TypeKind::Secret) + 1;

bool SameFields(const std::vector<Field>& a, const std::vector<Field>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name || !SameType(*a[i].type, *b[i].type)) return false;
  }
  return true;
}

}  // namespace

TypeRef Make(TypeKind kind) {
  static const std::array<TypeRef, kKindCount> shared = [] {
    std::array<TypeRef, kKindCount> all;
    for (size_t i = 0; i < kKindCount; ++i) {
      const auto each = static_cast<TypeKind>(i);
      all[i] = MakePlain(each, each == TypeKind::Null);
    }
    return all;
  }();
  return shared[static_cast<size_t>(kind)];
}

TypeRef MakeDecimal(int precision, int scale) {
  auto type = std::make_shared<Type>();
  type->kind = TypeKind::Decimal;
  type->precision = precision;
  type->scale = scale;
  return type;
}

TypeRef MakeTimestamp(TimeFormat format, std::string pattern) {
  if (format == TimeFormat::Rfc3339) return Make(TypeKind::Timestamp);
  auto type = std::make_shared<Type>();
  type->kind = TypeKind::Timestamp;
  type->time_format = format;
  type->pattern = std::move(pattern);
  return type;
}

TypeRef MakeList(TypeRef element) {
  auto type = std::make_shared<Type>();
  type->kind = TypeKind::List;
  type->element = std::move(element);
  return type;
}

TypeRef MakeMap(TypeRef key, TypeRef value) {
  auto type = std::make_shared<Type>();
  type->kind = TypeKind::Map;
  type->key = std::move(key);
  type->element = std::move(value);
  return type;
}

TypeRef MakeRecord(std::vector<Field> fields, std::string name) {
  auto type = std::make_shared<Type>();
  type->kind = TypeKind::Record;
  type->fields = std::move(fields);
  type->name = std::move(name);
  return type;
}

TypeRef MakeRest() {
  auto type = std::make_shared<Type>();
  type->kind = TypeKind::String;
  type->is_rest = true;
  return type;
}

TypeRef MakeEnum(std::vector<std::string> values, std::string name) {
  auto type = std::make_shared<Type>();
  type->kind = TypeKind::Enum;
  type->enum_values = std::move(values);
  type->name = std::move(name);
  return type;
}

TypeRef Optional(const TypeRef& type) {
  if (type->optional || type->kind == TypeKind::Error) return type;
  auto copy = std::make_shared<Type>(*type);
  copy->optional = true;
  return copy;
}

TypeRef Required(const TypeRef& type) {
  if (!type->optional || type->kind == TypeKind::Null) return type;
  auto copy = std::make_shared<Type>(*type);
  copy->optional = false;
  return copy;
}

bool SameType(const Type& a, const Type& b) {
  if (a.kind == TypeKind::Error || b.kind == TypeKind::Error) return true;
  if (a.kind != b.kind || a.optional != b.optional) return false;
  switch (a.kind) {
    case TypeKind::Decimal: return a.precision == b.precision && a.scale == b.scale;
    case TypeKind::Enum: return a.enum_values == b.enum_values;
    case TypeKind::List: return SameType(*a.element, *b.element);
    case TypeKind::Map: return SameType(*a.key, *b.key) && SameType(*a.element, *b.element);
    case TypeKind::Record: return SameFields(a.fields, b.fields);
    default: return true;
  }
}

bool IsNumeric(const Type& type) {
  return type.kind == TypeKind::Int || type.kind == TypeKind::Float || type.kind == TypeKind::Decimal;
}

bool IsOrdered(const Type& type) {
  switch (type.kind) {
    case TypeKind::Error:
    case TypeKind::Int:
    case TypeKind::Float:
    case TypeKind::Decimal:
    case TypeKind::String:
    case TypeKind::Bytes:
    case TypeKind::Timestamp:
    case TypeKind::Date:
    case TypeKind::Duration:
    case TypeKind::Uuid: return true;
    default: return false;
  }
}

bool IsKeyable(const Type& type) {
  if (type.kind == TypeKind::Error) return true;
  if (type.optional) return false;
  switch (type.kind) {
    case TypeKind::Float:
    case TypeKind::List:
    case TypeKind::Map:
    case TypeKind::Record:
    case TypeKind::Null:
    case TypeKind::Secret: return false;
    default: return true;
  }
}

Datum ZeroValue(const Type& type) {
  if (type.optional) return {};
  switch (type.kind) {
    case TypeKind::Error:
    case TypeKind::Null:
    case TypeKind::Secret: return {};
    case TypeKind::Bool: return {false};
    case TypeKind::Int:
    case TypeKind::Timestamp:
    case TypeKind::Date:
    case TypeKind::Duration:
    case TypeKind::Enum: return {int64_t{0}};
    case TypeKind::Float: return {0.0};
    case TypeKind::Decimal: return {Int128{0}};
    case TypeKind::String:
    case TypeKind::Bytes: return {std::string()};
    case TypeKind::Uuid: return {std::string("00000000-0000-0000-0000-000000000000")};
    case TypeKind::List:
    case TypeKind::Map: return {std::vector<Datum>()};
    case TypeKind::Record: {
      std::vector<Datum> values;
      for (const Field& field : type.fields) {
        values.push_back(field.deflt ? *field.deflt : ZeroValue(*field.type));
      }
      return {std::move(values)};
    }
  }
  return {};
}

int FindField(const Type& record, std::string_view name) {
  for (size_t i = 0; i < record.fields.size(); ++i) {
    if (record.fields[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace streamc::types
