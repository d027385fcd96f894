// AST of pipelines: their input, their steps, and the statements of a fold. See ast.h.
// A clause that may be left out is an optional or a null ExprPtr, whether or not a program without it can be correct:
// the checker decides that and says why.
#pragma once

#include "compiler/ast/expr.h"

namespace streamc::ast {

// `drop`, `stop`, `-> name`, `dead_letter("topic")`.
struct Action {
  enum class Kind : uint8_t { Drop, Stop, Stream, Call };
  Span span;
  Kind kind = Kind::Drop;
  Name stream;  // Kind::Stream
  Call call;    // Kind::Call
};

// A clause of one value with its leading word, e.g. `late 10s`.
struct ValueClause {
  Span word_span;
  ExprPtr value;
};
struct ActionClause {
  Span word_span;  // `on bad`
  Action action;
};

// `path = value`.
struct Assign {
  Span span;
  Path path;
  ExprPtr value;
};
// `value`, `path = value`, or `value.*` when `all`.
struct Item {
  Span span;
  std::optional<Path> path;
  ExprPtr value;
  bool all = false;
};
// A grouping key: `value` or `name = value`.
struct Key {
  Span span;
  std::optional<Name> name;
  ExprPtr value;
};
// `value [asc | desc]`; greatest first unless `ascending`.
struct Order {
  Span span;
  ExprPtr value;
  bool ascending = false;
};

// `keep 7d`, `keep forever` (then `duration` is null).
struct Keep {
  Span span;
  bool forever = false;
  ExprPtr duration;
};
// `emit final`, `emit changes [every D]`.
struct Emit {
  Span span;
  bool changes = false;
  ExprPtr every;
};
// What limits a step's state: `window W [late D] [on late action] [emit ...]`, or `keep ... [emit ...]`.
// Exactly one of `window` and `keep` is set.
struct Bound {
  Span span;
  std::optional<Call> window;
  std::optional<Keep> keep;
  std::optional<ValueClause> late;
  std::optional<ActionClause> on_late;
  std::optional<Emit> emit;
};

// ---- row by row
struct WhereStep {
  ExprPtr condition;
};
struct SetStep {
  std::vector<Assign> assigns;
};
struct SelectStep {
  std::vector<Item> items;
};
struct DropStep {
  std::vector<Path> paths;
};
struct Rename {
  Span span;
  Path from;
  Name to;
};
struct RenameStep {
  std::vector<Rename> renames;
};
struct ExpandStep {
  bool outer = false;
  Name name;
  ExprPtr list;
};
struct CheckStep {
  ExprPtr condition;
  Text code;
};

// ---- with state
struct AggregateStep {
  std::optional<Name> label;
  std::vector<Text> was;
  std::vector<Assign> items;
  std::vector<Key> keys;
  std::optional<Bound> bound;
};
struct RollingStep {
  std::optional<Name> label;
  std::vector<Assign> items;
  std::vector<Key> keys;
  ExprPtr over;
  bool over_rows = false;  // `over 11 rows`
  std::optional<Keep> keep;
  bool ordered = false;
};
// `per window` is a NameExpr `window` in `per`.
struct TopStep {
  std::optional<Name> label;
  std::vector<Text> was;
  ExprPtr count;
  std::vector<Order> orders;
  std::vector<Expr> per;
  std::optional<Bound> bound;
  bool with_ties = false;
};
struct DedupStep {
  std::optional<Name> label;
  std::vector<Key> keys;
  ExprPtr within;
  std::optional<Bound> bound;
};
struct LatestStep {
  std::optional<Name> label;
  std::vector<Key> keys;
  ExprPtr order;
  ExprPtr delete_when;
  std::optional<Keep> keep;
};

enum class JoinKind : uint8_t { Inner, Left, Full, Semi, Anti };
struct JoinStep {
  JoinKind kind = JoinKind::Inner;
  std::optional<Name> label;
  Name stream;
  std::optional<Name> alias;
  ExprPtr on;
  ExprPtr between_from;  // null together with between_to
  ExprPtr between_to;
  std::optional<ActionClause> on_late;  // of `between`; a window's stands in `bound`
  std::optional<Bound> bound;
};
struct LookupStep {
  enum class Else : uint8_t { Unwritten, Drop, Null, Code };
  Name table;
  std::optional<Name> alias;
  std::vector<Expr> on;
  bool as_of_time = false;
  Else otherwise = Else::Unwritten;
  std::optional<Text> code;  // Else::Code
};

// ---- fold
struct Stmt;
struct Body {
  Span span;
  std::vector<Stmt> stmts;
};
struct Handler {
  enum class Kind : uint8_t { Row, Timer, Expire };
  Span span;
  Kind kind = Kind::Row;
  std::optional<Name> timer;
  Body body;
};
struct FoldStep {
  std::optional<Name> label;
  Name state_name;
  RecordType state;
  std::vector<Key> keys;
  std::optional<Keep> keep;
  bool ordered = false;
  std::vector<Handler> handlers;
};

struct EmitStmt {
  std::vector<Item> items;
};
struct TimerStmt {
  Name name;
  ExprPtr at;
};
struct CancelStmt {
  Name name;
};
struct ClearStmt {};
// `else if` is an else_body of one IfStmt.
struct IfStmt {
  ExprPtr condition;
  Body then_body;
  std::optional<Body> else_body;
};
struct ForStmt {
  Name name;
  ExprPtr list;
  Body body;
};
// `path = e`, `path[index] = e`, `path += e`, `path -= e`.
struct AssignStmt {
  enum class Op : uint8_t { Set, Add, Subtract };
  Path path;
  ExprPtr index;
  Op op = Op::Set;
  ExprPtr value;
};
struct Stmt {
  Span span;
  std::variant<Let, EmitStmt, TimerStmt, CancelStmt, ClearStmt, IfStmt, ForStmt, AssignStmt> node;
};

// ---- pattern, route, and the rest
struct Stage {
  enum class Kind : uint8_t { One, Some, Maybe, No };
  Span span;
  Kind kind = Kind::One;
  Name name;
  ExprPtr condition;
};
struct PatternStep {
  std::optional<Name> label;
  std::vector<Key> keys;
  ExprPtr within;
  std::vector<Stage> stages;
};
struct RouteCase {
  Span span;
  ExprPtr condition;
  Name target;
};
struct RouteStep {
  std::vector<RouteCase> cases;
  bool else_drop = false;
  std::optional<Name> else_target;
};
struct AsRowsStep {};
// `tap sample 1 in 100`; both null without `sample`.
struct TapStep {
  ExprPtr sample;
  ExprPtr in;
};

struct Step {
  Span span;       // without the `|>`
  Span verb_span;  // the word that leads it; for a join with its kind
  std::variant<WhereStep, SetStep, SelectStep, DropStep, RenameStep, ExpandStep, CheckStep, AggregateStep, RollingStep, TopStep,
               DedupStep, LatestStep, JoinStep, LookupStep, FoldStep, PatternStep, RouteStep, AsRowsStep, TapStep>
      node;
};

// `merge a, b` (then `merge` has two or more names and `input` is null) or one expression: a stream's or table's name,
// or, in a REPL cell, any expression.
struct Pipeline {
  Span span;
  std::vector<Name> merge;
  ExprPtr input;
  std::vector<Step> steps;
};

}  // namespace streamc::ast
