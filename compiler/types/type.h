// Types of the language and constant values of those types: data shared by every compiler phase.
//
// A `Type` is immutable and shared; two types are compared structurally with `SameType`. Optionality is a
// flag of the type (`T?` never nests). `Error` is the poisoned type: it equals everything and silences
// follow-up messages. This folder depends on support/ only; it knows nothing of names, columns or layouts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace streamc::types {

using Int128 = __int128;

enum class TypeKind : uint8_t {
  Error,
  Null,  // the type of the literal `null` before a context gives it one; optional by nature
  Bool,
  Int,
  Float,
  Decimal,
  String,
  Bytes,
  Timestamp,
  Date,
  Duration,
  Uuid,
  Enum,
  List,
  Map,
  Record,
  Secret,
};

// How a timestamp is read and, in a sink's schema, written.
enum class TimeFormat : uint8_t { Rfc3339, Millis, Seconds, Pattern };

struct Type;
using TypeRef = std::shared_ptr<const Type>;

// A constant of any type. Which alternative is used follows from the type it is paired with:
// null: monostate; bool; int, timestamp (us), date (days), duration (us), enum (index): int64;
// float: double; decimal: Int128 scaled by the type's scale; string, bytes, uuid: string;
// list, record: vector in element/field order.
struct Datum {
  std::variant<std::monostate, bool, int64_t, double, Int128, std::string, std::vector<Datum>> value;

  bool is_null() const { return std::holds_alternative<std::monostate>(value); }
  bool operator==(const Datum& other) const = default;
};

struct Field {
  std::string name;
  TypeRef type;
  std::string outside_name;       // the name in the encoded record; equals `name` without `as`
  std::shared_ptr<Datum> deflt;   // value when the field is missing or null; null pointer: none
};

struct Type {
  TypeKind kind = TypeKind::Error;
  bool optional = false;
  int precision = 0;                          // Decimal
  int scale = 0;                              // Decimal
  TimeFormat time_format = TimeFormat::Rfc3339;  // Timestamp
  std::string pattern;                        // Timestamp with TimeFormat::Pattern
  bool is_rest = false;                       // String: the undeclared fields of its record, as the text of a JSON object
  std::vector<std::string> enum_values;       // Enum, in order of declaration
  TypeRef key;                                // Map
  TypeRef element;                            // List element, Map value
  std::vector<Field> fields;                  // Record
  std::string name;                           // Record, Enum: declared schema name, empty when inline
};

// Shared instances of the plain kinds, required (not optional).
TypeRef Make(TypeKind kind);
TypeRef MakeDecimal(int precision, int scale);
TypeRef MakeTimestamp(TimeFormat format, std::string pattern = {});
TypeRef MakeList(TypeRef element);
TypeRef MakeMap(TypeRef key, TypeRef value);
TypeRef MakeRecord(std::vector<Field> fields, std::string name = {});
TypeRef MakeRest();  // the type of `...rest`
TypeRef MakeEnum(std::vector<std::string> values, std::string name = {});

// The same type with the flag set or cleared; returns the argument itself when nothing changes.
TypeRef Optional(const TypeRef& type);
TypeRef Required(const TypeRef& type);

// Structural equality; time formats, `is_rest`, defaults and outside names do not matter. Error equals everything.
bool SameType(const Type& a, const Type& b);
bool IsNumeric(const Type& type);      // int, float, decimal
bool IsOrdered(const Type& type);      // has < (numbers, string, bytes, timestamp, date, duration, uuid, bool no)
bool IsKeyable(const Type& type);      // may be a group or sink key: not float, list, map, record, optional

// As the user writes it: `decimal(10, 2)?`, `list<string>`, `{ a: int, b: string? }` or the schema's name.
std::string ToString(const Type& type);
// A constant in source syntax: `"text"`, `10s`, `@2026-01-01T00:00:00Z`, `{ a: 1 }`, `null`.
std::string ToString(const Datum& datum, const Type& type);

// The value a missing field has when a test leaves it out: null, the zero of the type, or a record of such.
Datum ZeroValue(const Type& type);

// Index of the field called `name`, -1 when there is none.
int FindField(const Type& record, std::string_view name);

}  // namespace streamc::types
