// AST of types as written: nothing is resolved here, `int` is a name like any other. See ast.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/source/source.h"

namespace streamc::ast {

using source::SourceId;
using source::Span;

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

// A name where it stands. `quoted`: written in back-ticks, so it never means a hidden value such as `window`.
struct Name {
  std::string text;
  Span span;
  bool quoted = false;
};

// `a`, `a.b.c`; never empty.
struct Path {
  Span span;
  std::vector<Name> names;
};

// A string without columns in it (paths, codes, names of tests), decoded.
struct Text {
  std::string text;
  Span span;
};

struct Type;
struct Field;

// `10`, `ms`, `"%Y-%m-%d"` in `decimal(10, 2)`, `timestamp(ms)`.
struct TypeArg {
  Span span;
  std::variant<int64_t, std::string, Name> value;
};

// `int`, `Tweet`, `list<T>` (type_args), `decimal(10, 2)` (value_args); at most one of the two lists is filled.
struct NamedType {
  Name name;
  std::vector<Type> type_args;
  std::vector<TypeArg> value_args;
};

// `{ a: int, ...rest }`; `rest` keeps undeclared fields, under that name if one is written.
struct RecordType {
  Span span;
  std::vector<Field> fields;
  bool has_rest = false;
  std::optional<Name> rest;
};

struct EnumType {
  std::vector<Text> items;
};

struct Type {
  Span span;
  bool optional = false;
  std::variant<NamedType, RecordType, EnumType> node;
};

struct Field {
  Span span;
  Name name;
  Type type;
  ExprPtr default_value;             // null: none
  std::optional<Text> outside_name;  // `as "outside-name"`
  std::string doc;                   // text of the `///` lines before it, without the slashes
};

}  // namespace streamc::ast
