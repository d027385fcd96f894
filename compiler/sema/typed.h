// The typed program: what the semantic checker hands to the planner. Plain data, immutable once built.
//
// Names are resolved: columns by `ColumnId` (unique in the program; a step that passes a column on keeps its
// id, a step that computes one makes a new id), parameters, sources, tables and streams by index, functions by
// catalogue entry. Types are complete; implicit conversions are explicit nodes; user functions are inlined;
// `match`, `if let` and interpolation are lowered to If, Let and Call. Every node keeps its span.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/source/source.h"
#include "compiler/types/type.h"
#include "stdlib/descriptor.h"

namespace streamc::typed {

using source::Span;
using types::Datum;
using types::TypeRef;

using ColumnId = int32_t;
using LocalId = int32_t;

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

#define STREAMC_EXPR_KINDS(X)                                                                              \
  X(Literal)   /* value */                                                                                 \
  X(Param)     /* index: parameter */                                                                      \
  X(Column)    /* column */                                                                                \
  X(Local)     /* local */                                                                                 \
  X(Agg)       /* index: aggregate call of the enclosing aggregate step; only in its item expressions */  \
  X(Field)     /* args[0]: record, maybe optional (`?.`: result optional); index: field */                 \
  X(Record)    /* args in the order of type->fields */                                                     \
  X(List)      /* args: elements */                                                                        \
  X(Index)     /* args[0]: list or map, args[1]: position or key; result optional */                       \
  X(Call)      /* function, args; result type as the function says (fallible: optional) */                 \
  X(Neg) X(Add) X(Sub) X(Mul) X(Div) X(Mod)                                                                \
  /* both args have the result's kind except: timestamp/date +- duration, timestamp - timestamp,          \
     duration * int, duration / int; decimals: scales may differ, result scale in type */                  \
  X(Eq) X(Ne) X(Lt) X(Le) X(Gt) X(Ge) /* same kind; Eq, Ne accept optional sides (null equals null) */     \
  X(And) X(Or) X(Not)                                                                                      \
  X(In)        /* args[0] in args[1] (a list; elements of the same kind) */                                \
  X(IsNull)    /* args[0]; `is not null` is Not(IsNull) */                                                 \
  X(Coalesce)  /* args[0] ?? args[1] */                                                                    \
  X(If)        /* args: condition, then, else */                                                           \
  X(Let)       /* local = args[0] in args[1] */                                                            \
  X(Map) X(Filter) X(Exists) X(ForAll) /* args: list, body; local: the element */                          \
  X(Reduce)    /* args: list, initial, body; local: accumulator, local2: element */                        \
  X(ToFloat) X(ToDecimal) /* int -> float, int or decimal -> decimal of `type` */                          \
  X(Wrap)      /* T -> T? */                                                                               \
  X(Unwrap)    /* T? -> T where narrowing proved it present; never fails */                                \
  X(Need)      /* T? -> T; missing rejects the record (`f!(x)`, `need!(x)`), code in `text` */

enum class ExprKind : uint8_t {
#define X(name) name,
  STREAMC_EXPR_KINDS(X)
#undef X
};

struct Expr {
  ExprKind kind = ExprKind::Literal;
  TypeRef type;
  Span span;
  std::vector<ExprPtr> args;
  Datum value;                                // Literal
  int32_t index = -1;                         // Param, Field, Agg
  ColumnId column = -1;                       // Column
  LocalId local = -1;                         // Local, Let, Map, ...
  LocalId local2 = -1;                        // Reduce
  const stdlib::ScalarFn* function = nullptr; // Call: the chosen overload
  std::string text;                           // Column, Local: name for printing; Need: error code
};

// A column of a stream at one point of its pipeline.
struct Column {
  ColumnId id = -1;
  std::string name;      // user-visible name; hidden columns: "meta.key", "meta.time", "window.start", "rank", ...
  TypeRef type;
  bool hidden = false;   // reached only as meta.x, window.x, rank, change.kind; not part of `select r.*`, sinks, expects
};

// What kind of rows a stream carries. A changing stream has a key; each change replaces or removes its row.
struct RowKind {
  bool changing = false;
  std::vector<ColumnId> key;   // change key: group columns, plus window.start, plus rank
};

// A scalar known at start: a constant, a parameter, or a string of both. Used for topics, sizes, durations.
struct StartValue {
  struct Part { std::string text; int32_t param = -1; };  // param >= 0: the parameter's text
  TypeRef type;
  Datum constant;              // when param < 0 and parts is empty
  int32_t param = -1;
  std::vector<Part> parts;     // string template
  Span span;
};

struct Option { std::string name; StartValue value; Span span; };

struct ConnectorCall {         // kafka("tweets", start: ...), file("x.jsonl"), ...
  std::string connector;       // catalogue name, checked
  std::vector<StartValue> args;
  std::vector<Option> options; // checked against the connector's list
  // A sink's `kafka("alerts.{team}")`: topic from the row; null when args[0] is enough.
  ExprPtr dynamic_target;
  Span span;
};

struct FormatCall { std::string format = "json"; std::vector<Option> options; Span span; };

enum class ActionKind : uint8_t { Drop, Stop, DeadLetter, ToStream };
struct Action {
  ActionKind kind = ActionKind::Drop;
  StartValue topic;            // DeadLetter
  int32_t stream = -1;         // ToStream: index into Program::streams
  Span span;
};

struct Param { std::string name; TypeRef type; std::optional<Datum> deflt; bool secret = false; Span span; };

enum class TimeKind : uint8_t { None, Column, MetaTimestamp, Arrival };
enum class StartKind : uint8_t { Earliest, Latest, At };

struct Source {
  std::string name;
  TypeRef record;              // the declared record type
  std::vector<Column> columns; // declared fields in order, then the key column if any, then every hidden meta.* column
  ConnectorCall connector;
  FormatCall format;
  TimeKind time = TimeKind::None;
  ExprPtr time_expr;           // TimeKind::Column: type timestamp, maybe optional (missing: bad record)
  StartValue lag, ahead, idle; // durations; lag only with a watermark
  bool has_watermark = false;
  Action on_bad, on_null;
  bool on_null_is_bad = true;  // no `on null`: a null value takes the bad route with code "null"
  ColumnId key_column = -1;    // `key name: T`
  StartKind start = StartKind::Earliest;
  StartValue start_at;
  Span span;
};

struct Table {                 // file tables only: read whole, swapped between turns
  std::string name;
  TypeRef record;
  std::vector<Column> columns; // declared fields in order
  std::vector<int> key;        // indices into columns
  ConnectorCall connector;
  FormatCall format;
  StartValue refresh;          // duration; constant null: never
  Action on_bad;
  Span span;
};

// --- steps -----------------------------------------------------------------------------------------------------
struct Computed { Column column; ExprPtr expr; };   // a new column and how it is made

struct Where { ExprPtr condition; };
// `set`, `select`, `drop`, `rename`: the columns after the step. Kept columns keep their id (expr null), renamed ones
// keep it with a new name, computed ones have a new id and an expr over the columns before.
struct Project { std::vector<Computed> columns; };
struct Expand { Column column; ExprPtr list; bool outer = false; };   // outer: empty list gives one row, column is T?
struct Check { ExprPtr condition; std::string code; };

struct AggCall {
  const stdlib::AggregateFn* function = nullptr;  // the chosen overload
  std::vector<ExprPtr> args;   // over the columns before the step
  ExprPtr where;               // null: all rows
  TypeRef type;                // result type
  Span span;
  int32_t number = -1;         // in Aggregate::calls, whatever a rule takes out later
};

enum class WindowKind : uint8_t { None, Tumbling, Hopping };
enum class EmitKind : uint8_t { Final, Changes };
struct Bound {
  WindowKind window = WindowKind::None;   // None: keep
  StartValue size, every, offset;         // durations
  bool keep_forever = false;
  StartValue keep;                        // duration, when window is None and not for ever
  StartValue late;                        // duration; constant null: 0
  bool has_late = false;
  std::optional<Action> on_late;          // none: drop, counted
  EmitKind emit = EmitKind::Final;
  StartValue emit_every;                  // duration; constant null: each commit
  Span span;
};
struct EarlierName { std::string name; Span span; };   // `was "stream/label"`
struct Aggregate {
  std::string label;                      // state name within the stream: the written label or "aggregate"
  std::vector<EarlierName> was;
  std::vector<Computed> keys;             // group columns, expr over the columns before (a bare column keeps its name, gets a new id)
  std::vector<AggCall> calls;             // deduplicated
  std::vector<Computed> items;            // result columns, expr over Agg nodes, params and keys
  Column window_start, window_end, window_pane;  // hidden; ids always given, meaningful with a window
  Bound bound;
};
struct SortKey { ExprPtr expr; bool descending = true; };
struct Top {
  std::string label;
  std::vector<EarlierName> was;
  StartValue limit;
  std::vector<SortKey> order;
  std::vector<ExprPtr> per;               // without the window
  bool per_window = false;                // ranks within the window the rows came with
  bool with_ties = false;
  Column rank;                            // hidden int column
  std::optional<Bound> bound;             // own window or keep; then window columns below are new
  Column window_start, window_end, window_pane;
};
enum class LookupElse : uint8_t { Drop, Null, Reject };
struct Lookup {
  int32_t table = -1;
  std::vector<ExprPtr> keys;              // one per table key, same types
  Column column;                          // the table row as a record column (optional with LookupElse::Null)
  LookupElse otherwise = LookupElse::Drop;
  std::string code;                       // Reject
};
struct AsRows { Column change_kind; };    // hidden change.kind: enum insert, update, delete
struct Tap { int64_t sample = 1, in = 1; };

struct Step {
  Span span;
  std::string verb;                       // as written, for messages and explain
  std::variant<Where, Project, Expand, Check, Aggregate, Top, Lookup, AsRows, Tap> node;
  std::vector<Column> columns;            // visible and hidden columns after the step
  RowKind rows;                           // after the step
};

enum class InputKind : uint8_t { Source, Stream, Table, Bad, LateOf };
struct Input {
  InputKind kind = InputKind::Source;
  int32_t index = -1;                     // into sources, streams or tables; Bad: none, these are all that actions send to the stream
  int32_t step = -1;                      // LateOf: the step whose late rows these are
};
struct Stream {
  std::string name;
  std::vector<Input> inputs;              // one, or several with `merge` (same visible columns; ids of the first are
                                          // used, merge_map[i][k] is the column of input i for columns[k])
  std::vector<std::vector<ColumnId>> merge_map;
  std::vector<Column> input_columns;      // columns the first step sees
  std::vector<Step> steps;
  std::vector<Column> columns;            // after the last step
  RowKind rows;
  std::string doc;
  Span span;
};

struct SinkField { std::string outside_name; Column column; ExprPtr expr; };
struct Sink {
  std::string name;                       // stream name
  std::string label;                      // empty: the stream has one sink
  int32_t stream = -1;
  ConnectorCall connector;
  FormatCall format;
  TypeRef record;                         // what is written: the stream's visible columns or the declared schema
  std::vector<ExprPtr> fields;            // one per field of `record`, over the stream's columns
  std::vector<ExprPtr> key;               // empty: null key
  std::vector<std::string> key_names;     // for a JSON key of several columns
  ExprPtr value;                          // `value e`: bytes or string written as is; null: the record
  ExprPtr headers;                        // record of strings or bytes
  ExprPtr partition, timestamp, delete_when;
  bool upsert = false;                    // the stream is changing: removal writes a null value
  Span span;
};

enum class Delivery : uint8_t { AtLeastOnce, ExactlyOnce };
struct Job {
  std::string name;                       // no `job`: the file's stem
  bool declared = false;
  Delivery delivery = Delivery::AtLeastOnce;
  StartValue commit_every;                // duration; constant null: default
  int32_t key_groups = 64;
  std::optional<Action> on_bad;
  std::vector<Option> settings;
  Span span;
};

// --- tests -----------------------------------------------------------------------------------------------------
// Expect: named top-level fields only; types[i] is the type of named[i], as the column has it.
struct TestRow { std::vector<std::pair<std::string, Datum>> named; std::vector<TypeRef> types; Span span; };
enum class ExpectKind : uint8_t { Rows, RowsInOrder, Now, Deleted, Late, Bad };
struct TestStatement {
  enum class Kind : uint8_t { Param, StartAt, Feed, Wait, Expect, Crash, Restart };
  Kind kind = Kind::Wait;
  Span span;
  int32_t target = -1;                    // Param: parameter; Feed: source or table; Expect: see target_kind
  enum class Target : uint8_t { Source, Table, Stream } target_kind = Target::Source;
  Datum value;                            // Param
  int64_t micros = 0;                     // StartAt: absolute; Wait: duration; Feed: instant; Restart: instances
  bool has_at = false, at_absolute = false;  // Feed `at 5s` (relative to the start) or `at @...`
  int32_t partition = 0;
  std::optional<std::string> key;         // Feed: record key bytes
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::optional<std::string>> payloads;  // Feed: encoded records in the source's format; nullopt: null value.
                                          // `from "file"` is resolved by the driver: see from_file
  std::string from_file;
  bool time_from_at = false;              // payload's time column must be set to the instant: payload_time_path names it
  ExpectKind expect = ExpectKind::Rows;
  bool none = false;
  std::vector<std::string> columns;       // Expect: names used in rows
  std::vector<TestRow> rows;
  std::vector<double> tolerance;          // reserved for about(x, tolerance): pairs row-major (row, column) -> tolerance, else 1e-9
};
struct Test { std::string name; std::vector<TestStatement> statements; Span span; };

struct Program {
  Job job;
  std::vector<Param> params;
  std::vector<Source> sources;
  std::vector<Table> tables;
  std::vector<Stream> streams;            // topologically ordered: inputs come first
  std::vector<Sink> sinks;
  std::vector<Test> tests;
  int32_t next_column = 0;                // first free ColumnId
  int32_t next_local = 0;
};

}  // namespace streamc::typed
