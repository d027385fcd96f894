// The job as data: everything the runtime needs to know of a compiled program beside its generated functions.
//
// Written by compiler/physical, carried as one serialised block in ScJob::spec (job_spec_io.h), read back by the runtime at
// start. Plain values only. A job is a graph of nodes; every edge carries column batches of the producing port's layout.
// Node order is topological. Function numbers index ScJob::functions; -1 means none.
//
// Column names that start with `$` are internal and hidden; which of them a layout carries is decided by the compiler:
//   $rec    int: number of the source record the row comes from in this turn, for dead letters (until rows are combined)
//   $wm     timestamp: the partition's watermark just before the record
//   $order  int: record order, for first/last ((partition << 44) + offset: stable, unique per source)
//   $sign   int: +1 the row holds, -1 it no longer does; only in layouts of changing streams. A change is -1 old, +1 new, in this
//           order and next to each other
//   meta.time  timestamp: event time; meta.key, meta.value, ... as in the language
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace streamc::abi {

enum class LeafKind : uint8_t { Bool, I64, F64, Dec, Str, List };

enum class Logical : uint8_t { Bool, Int, Float, Decimal, String, Bytes, Timestamp, Date, Duration, Uuid, Enum, List, Record };
enum class TimeFormat : uint8_t { Rfc3339, Millis, Seconds, Pattern };

struct DatumSpec {  // as types::Datum; decimals as two halves
  struct Decimal { uint64_t low = 0; int64_t high = 0; bool operator==(const Decimal&) const = default; };
  std::variant<std::monostate, bool, int64_t, double, Decimal, std::string, std::vector<DatumSpec>> value;
  bool is_null() const { return value.index() == 0; }
  bool operator==(const DatumSpec&) const = default;
};

struct FieldSpec;
struct TypeSpec {
  Logical logical = Logical::Int;
  bool optional = false;
  uint8_t precision = 0, scale = 0;        // Decimal
  TimeFormat time_format = TimeFormat::Rfc3339;
  std::string pattern;
  bool is_rest = false;                    // String: the undeclared fields of its record, as the text of a JSON object
  std::vector<std::string> enum_values;    // the leaf holds the index
  std::vector<TypeSpec> element;           // List: exactly one
  std::vector<FieldSpec> fields;           // Record
};
struct FieldSpec {
  std::string name;                        // in the language
  std::string outside_name;                // in the encoded record
  TypeSpec type;
  bool has_default = false;
  DatumSpec deflt;
};

struct ColumnSpec { std::string name; TypeSpec type; bool hidden = false; };
// The columns of a batch. Leaves follow from the types (layout.h: FlattenLayout).
struct LayoutSpec { std::vector<ColumnSpec> columns; };

// A value known at start: constant, parameter, or text with parameters.
struct ValueSpec {
  struct Part { std::string text; int32_t param = -1; };
  DatumSpec constant;
  int32_t param = -1;
  std::vector<Part> parts;
  bool is_set() const { return !constant.is_null() || param >= 0 || !parts.empty(); }
};
struct OptionSpec { std::string name; ValueSpec value; };
struct ConnectorSpecRef { std::string connector; std::vector<ValueSpec> args; std::vector<OptionSpec> options; };
struct FormatSpecRef { std::string format; std::vector<OptionSpec> options; };

enum class ActionKind : uint8_t { Drop, Stop, DeadLetter, ToStream };
// `stream`: of ToStream, which stream's rows they become; late rows are read from the step's port 1.
struct ActionSpec { ActionKind kind = ActionKind::Drop; ValueSpec topic; int32_t stream = -1; };

struct ParamSpec { std::string name; TypeSpec type; bool has_default = false; DatumSpec deflt; bool secret = false; };

enum class ScanOrigin : uint8_t {
  Field,       // index: field of the record type
  RecordKey,   // the record's key decoded as the column's type (`key name: T`)
  MetaKey, MetaValue, MetaHeaders, MetaTopic, MetaPartition, MetaOffset, MetaTimestamp, MetaTime, Watermark, Order, Rec,
};
struct ScanColumn { ScanOrigin origin = ScanOrigin::Field; int32_t index = -1; };
// A condition the decoder applies to a leaf after reading a record: the row is left out (not bad) when the leaf was decoded and
// the condition is false. A source's predicates are tried in order, and the first leaf that could not be decoded keeps the row: the
// pipeline repeats the conditions and reports it. A null leaf: NotEqual holds, every other test is false. A row that is left out still
// counts for the watermark, and a bad event time still makes its record bad.
enum class ScanTest : uint8_t { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, In };
struct ScanPredicate { int32_t leaf = -1; ScanTest test = ScanTest::Equal; std::vector<DatumSpec> values; };

enum class TimeKind : uint8_t { None, Leaf, MetaTimestamp, Arrival, Function };
enum class StartKind : uint8_t { Earliest, Latest, At };
struct SourceSpec {
  std::string name;
  ConnectorSpecRef connector;
  FormatSpecRef format;
  TypeSpec record;                        // whole declared record
  std::vector<bool> needed;               // per leaf of `record`: decoded; others have no data
  std::vector<ScanColumn> scan;           // per column of the node's output layout
  std::vector<ScanPredicate> predicates;  // all must hold; leaf indexes are those of `record`
  TimeKind time = TimeKind::None;
  int32_t time_leaf = -1;                 // leaf of `record`
  int32_t time_fn = -1;                   // ScTimeFn over the node's output layout
  bool has_watermark = false;
  ValueSpec lag, ahead, idle;             // durations; unset: 0, 1d, 30s
  ActionSpec on_bad, on_null;
  bool on_null_is_bad = true;
  StartKind start = StartKind::Earliest;
  ValueSpec start_at;
};

struct TableSpec {                        // a file, read whole at start and again every `refresh`
  std::string name;
  ConnectorSpecRef connector;
  FormatSpecRef format;
  TypeSpec record;
  std::vector<int32_t> key;               // field indexes, in order of the lookup key
  ValueSpec refresh;
  ActionSpec on_bad;
};

enum class WindowKind : uint8_t { None, Tumbling, Hopping };
enum class EmitKind : uint8_t { Final, Changes };
struct BoundSpec {
  WindowKind window = WindowKind::None;
  ValueSpec size, every, offset;          // durations; every = size for tumbling
  bool keep_forever = false;
  ValueSpec keep;
  ValueSpec late;                         // unset: 0
  ActionSpec on_late;                     // Drop counts
  EmitKind emit = EmitKind::Final;
  ValueSpec emit_every;                   // unset: each commit
};

struct AggregateSpec {
  LayoutSpec key;                         // row layout of the group columns (no state: keys are required)
  int64_t state_size = 0;                 // bytes after ScSlot and the key row, which is padded to 16
  BoundSpec bound;
  bool changing_input = false;            // rows carry $sign; a slot whose rows reach 0 is removed
  bool has_time = false;                  // input has event time ($wm and meta.time reach the update function)
  bool changing_output = false;           // result layout has $sign
  int32_t update_fn = -1;                 // ScUpdateFn
  int32_t merge_fn = -1;                  // ScMergeFn
  int32_t destroy_fn = -1;                // ScDestroyFn
  int32_t save_fn = -1, load_fn = -1;     // ScSaveFn, ScLoadFn
  int32_t result_fn = -1;                 // ScResultFn
};

struct SortSpec { int32_t column = -1; bool descending = true; };
struct TopSpec {                          // over the node's `work` layout
  ValueSpec limit;
  std::vector<SortSpec> order;
  std::vector<int32_t> per;               // columns
  bool per_window = false;
  int32_t window_start = -1, window_end = -1;  // columns of `work`, with per_window
  bool with_ties = false;
  bool has_bound = false;
  BoundSpec bound;                        // own window or keep
  int32_t time = -1, watermark = -1;      // columns of `work`, with an own bound
  bool changing_input = false, changing_output = false;
  // output layout: the first `kept` columns of `work`, then rank, then with an own window window.start, window.end,
  // window.pane, then meta.time, then $sign when changing (each only if the output layout names it)
  int32_t kept = 0;
};

struct SinkSpec {
  std::string name;                       // stream or stream@label
  ConnectorSpecRef connector;
  FormatSpecRef format;
  TypeSpec record;                        // fields are the first columns of `work`, in order
  std::vector<int32_t> key;               // columns of `work`; empty: null key
  std::vector<std::string> key_names;
  bool key_as_json = false;               // several columns: a JSON record; one: its text
  int32_t value = -1, headers = -1, partition = -1, timestamp = -1, delete_when = -1, topic = -1, sign = -1;  // columns of `work`
  bool upsert = false;                    // $sign -1 without a following +1 of the same key writes a null value
};

// What the state of a keyed step looks like, for comparing programs (manifest.h). Texts are canonical: equal texts, equal states.
struct StateField {
  std::string name, text;                 // `n`, `count()`; `word`, `string`
  bool optional = false;
  bool has_default = false;
  DatumSpec deflt;
  bool operator==(const StateField&) const = default;
};
struct StateSpec {
  std::vector<std::string> was;           // earlier names (`was "old name"`)
  std::string kind;                       // "aggregate", "top"
  std::string shape;                      // keys and order: "by word: string"; limit and bound stand in the specs (MakeManifest adds them)
  std::vector<StateField> fields;         // what a key's state holds
  bool operator==(const StateSpec&) const = default;
};

enum class NodeKind : uint8_t {
  Source,     // port 0: rows
  Rows,       // fn: in -> output layout
  Aggregate,  // update_fn, ...; ports: 0 results, 1 late rows
  Top,        // fn: in -> work; ports: 0, 1 late rows
  AsRows,     // fn: in -> work; work = visible and hidden columns, $sign last; output: the same without $sign, then change.kind
  Sink,       // fn: in -> work
  Capture,    // fn: in -> work; keeps rows for tests and the REPL
  BadRows,    // no inputs; port 0: records and rows that were rejected with an action ToStream whose `stream` is `index`
};
struct InputRef { int32_t node = -1; int32_t port = 0; };
struct NodeSpec {
  NodeKind kind = NodeKind::Rows;
  std::string name;                       // stream/label or the declaration's name; identity of state and metrics
  StateSpec state;                        // Aggregate, Top
  std::vector<InputRef> inputs;           // all of the same layout
  LayoutSpec input;                       // the layout of every input (empty for Source)
  int32_t fn = -1;
  LayoutSpec work;                        // output of `fn` where the kind has one
  LayoutSpec output;                      // port 0
  LayoutSpec late;                        // port 1: late rows
  // Unchecked batches: every leaf has a state, which may be a decode error (fields are checked where a step first needs them).
  // Source: port 0; Rows: as the planner says; an Aggregate's or Top's late port passes unchecked columns on.
  bool unchecked_input = false, unchecked_output = false, unchecked_late = false;
  int32_t index = -1;                     // into sources, aggregates, tops, sinks, captures
  // Key of changes on port 0, columns of `output`; for AsRows, Sink (upsert) and Capture the key columns of `work`.
  std::vector<int32_t> change_key;
  int32_t rec_column = -1;                // $rec in `input`, -1: rejected rows take the job's route as JSON
};

enum class CaptureKind : uint8_t { Rows, Late, Bad };
struct CaptureSpec { std::string stream; CaptureKind kind = CaptureKind::Rows; bool changing = false; };

// Where a run-time fault points: rejected rows carry `place` ("job.sdl:14:6 where") and, for check steps, `code`.
struct SiteSpec { std::string stream, step, place, code; };

// --- tests, only in jobs built for `streamc test` ----------------------------------------------------------------
struct ExpectCell { std::string column; TypeSpec type; DatumSpec value; double tolerance = 1e-9; };
enum class ExpectKind : uint8_t { Rows, RowsInOrder, Now, Deleted, Late, Bad };
struct TestStep {
  enum class Kind : uint8_t { Param, StartAt, Feed, FeedTable, Wait, Expect, Crash, Restart };
  Kind kind = Kind::Wait;
  std::string place;                      // file:line:column
  std::string text;                       // first line of the statement, for reports
  int32_t target = -1;                    // Param, Feed (source), FeedTable
  std::string stream;                     // Expect: stream or (Bad) source name
  DatumSpec value;                        // Param
  int64_t micros = 0;                     // StartAt, Feed with has_at: absolute time; Wait: duration; Restart: instances
  bool has_at = false;
  int32_t partition = 0;
  bool has_key = false;
  std::string key;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::pair<bool, std::string>> payloads;  // (has value, bytes)
  ExpectKind expect = ExpectKind::Rows;
  std::vector<std::vector<ExpectCell>> rows;           // empty: none
};
struct TestSpec { std::string name, place; std::vector<TestStep> steps; };

struct JobSpec {
  int32_t spec_version = 2;
  std::string name;                       // consumer group and prefix
  std::string program;                    // display name of the source file
  std::string compiler_version;
  bool exactly_once = false;              // `delivery exactly_once`
  int32_t key_groups = 64;
  ValueSpec commit_every;
  bool has_on_bad = false;
  ActionSpec on_bad;                      // the job's route
  std::vector<ParamSpec> params;
  std::vector<SourceSpec> sources;
  std::vector<TableSpec> tables;
  std::vector<NodeSpec> nodes;
  std::vector<AggregateSpec> aggregates;
  std::vector<TopSpec> tops;
  std::vector<SinkSpec> sinks;
  std::vector<CaptureSpec> captures;
  std::vector<SiteSpec> sites;
  std::vector<TestSpec> tests;
  std::string explain;                    // text of `--explain`
};

}  // namespace streamc::abi
