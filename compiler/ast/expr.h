// AST of expressions. Literals are decoded; everything else is as written. See ast.h.
#pragma once

#include "compiler/ast/type.h"

namespace streamc::ast {

struct NullLit {};
struct BoolLit {
  bool value;
};
// A minus directly before a number or duration is part of the literal.
struct IntLit {
  int64_t value;
};
// `text` is the number as written, without `_`: beside a decimal the literal is a decimal, exactly.
struct FloatLit {
  double value;
  std::string text;
};
struct DurationLit {
  int64_t micros;
};
struct SizeLit {
  int64_t bytes;
};
// Microseconds since 1970-01-01T00:00:00Z.
struct TimestampLit {
  int64_t micros;
};
// A string without interpolation; `raw` for r"..." and r#"..."#.
struct StringLit {
  std::string text;
  bool raw = false;
};

// A piece of "eu.{user.name}": literal text, or a path.
struct StringPart {
  Span span;
  std::variant<std::string, Path> node;
};
struct InterpolatedString {
  std::vector<StringPart> parts;
};

struct NameExpr {
  Name name;
};
// `base.field`, or `base?.field` when `optional`.
struct FieldExpr {
  ExprPtr base;
  bool optional = false;
  Name field;
};
struct IndexExpr {
  ExprPtr base;
  ExprPtr index;
};

enum class UnaryOp : uint8_t { Not, Negate };
struct UnaryExpr {
  UnaryOp op;
  Span op_span;
  ExprPtr operand;
};

enum class BinaryOp : uint8_t {
#define BINARY_OP(name, text) name,
#include "compiler/ast/binary_op.def"
#undef BINARY_OP
};
struct BinaryExpr {
  BinaryOp op;
  Span op_span;
  ExprPtr lhs;
  ExprPtr rhs;
};

// `x is null`, or `x is not null` when `negated`.
struct IsNullExpr {
  bool negated = false;
  ExprPtr operand;
};

// `value` or `name: value`.
struct Arg {
  Span span;
  std::optional<Name> name;
  ExprPtr value;
};
// `f(a, b: c)`, `f!(x)`, `count(x where e)`. Also what stands for a connector, format or window; there it may be a
// bare name (`format json`), then `has_parens` is false.
struct Call {
  Span span;
  Name name;
  bool bang = false;
  bool has_parens = true;
  std::vector<Arg> args;
  ExprPtr where;  // null: none
};

// `x -> e`, `(a, b) -> e`; the checker allows it only as the argument of a list function.
struct Lambda {
  std::vector<Name> params;
  ExprPtr body;
};

struct ListExpr {
  std::vector<Expr> items;
};
struct RecordEntry {
  Name key;
  ExprPtr value;
};
struct RecordExpr {
  std::vector<RecordEntry> entries;
};

struct Let {
  Span span;
  Name name;
  ExprPtr value;
};
// `{ let a = e; result }`; `result` is never null.
struct Block {
  Span span;
  std::vector<Let> lets;
  ExprPtr result;
};

// `if let x = o {...} else {...}` when `let_name` is set. `else if` is an else_block whose result is an IfExpr.
struct IfExpr {
  std::optional<Name> let_name;
  ExprPtr condition;
  Block then_block;
  Block else_block;
};

// `a, b -> e`; no patterns: the `else` arm.
struct MatchArm {
  Span span;
  std::vector<Expr> patterns;
  Block body;
};
struct MatchExpr {
  ExprPtr subject;
  std::vector<MatchArm> arms;
};

struct Expr {
  Span span;
  bool parenthesized = false;  // stood in its own parentheses; span excludes them
  std::variant<NullLit, BoolLit, IntLit, FloatLit, DurationLit, SizeLit, TimestampLit, StringLit, InterpolatedString, NameExpr,
               FieldExpr, IndexExpr, UnaryExpr, BinaryExpr, IsNullExpr, Call, Lambda, ListExpr, RecordExpr, IfExpr, MatchExpr>
      node;
};

}  // namespace streamc::ast
