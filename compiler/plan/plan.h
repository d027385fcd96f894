// The logical plan: what a typed program computes, as a graph of operators over columns.
//
// In: a typed program (BuildPlan). Out: a Plan, which optimize rewrites and physical lowers. Operators stand in topological
// order and refer to their inputs by position; expressions are typed::Expr over ColumnIds, immutable and shared. A column keeps
// its id as long as its value is passed on unchanged. Only what reaches a sink or a capture is built.
//
// Beside the program's columns a plan has four of its own: `$rec`, `$wm`, `$order` and `$sign` (runtime/abi/job_spec.h says
// what they hold). Each has one id for the whole plan: a row has at most one of each. What may reject a row, and where, is part
// of a plan's meaning: a field that could not be decoded ("unchecked") rejects its row at the first step that reads it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/sema/typed.h"

namespace streamc::plan {

using typed::Column;
using typed::ColumnId;
using typed::ExprPtr;
using OpId = int32_t;
using ColumnSet = std::set<ColumnId>;

// A field of a column, reached through records: `user.name` is {id of user, {index of name}}. `presence`: only whether the
// (optional) value is there.
struct Path {
  ColumnId column = -1;
  std::vector<int32_t> fields;
  bool presence = false;
  auto operator<=>(const Path&) const = default;
};

enum class ScanTest : uint8_t { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, In };
// A condition the decoder may already apply; the step it comes from still stands in the plan (job_spec.h: ScanPredicate).
struct ScanPredicate {
  Path path;
  types::TypeRef type;  // of the field
  std::string name;     // the path as written
  ScanTest test = ScanTest::Equal;
  std::vector<types::Datum> values;
};

struct Scan {
  int32_t source = -1;  // typed::Program::sources
  std::vector<ScanPredicate> predicates;
  bool all_needed = true;    // every field is decoded; otherwise:
  std::vector<Path> needed;  // sorted; what is decoded
};
struct TableScan {
  int32_t table = -1;
};
struct BadRows {
  int32_t stream = -1;  // typed::Program::streams; where actions send them
};
struct Merge {
  std::vector<std::vector<ColumnId>> from;
};  // from[i][k]: the column of input i that becomes columns[k]
struct Filter {
  ExprPtr condition;
};
struct Project {
  std::vector<typed::Computed> computed;
};  // evaluated in order, over the columns before the step
struct Expand {
  Column column;
  ExprPtr list;
  bool outer = false;
};
struct Check {
  ExprPtr condition;
  std::string code;
};
struct Lookup {
  int32_t table = -1;
  std::vector<ExprPtr> keys;
  Column column;
  typed::LookupElse otherwise = typed::LookupElse::Drop;
  std::string code;
};
struct Aggregate {
  std::string label;
  std::vector<typed::Computed> keys, items;
  std::vector<typed::AggCall> calls;
  typed::Bound bound;
  ColumnId window_start = -1, window_end = -1, window_pane = -1;
  ColumnId time = -1;      // event time before the step, -1: none
  ColumnId out_time = -1;  // event time of results
  bool partial = false;    // batches are aggregated where they are read; what crosses workers are partial states
};
struct Top {
  std::string label;
  typed::StartValue limit;
  std::vector<typed::SortKey> order;
  std::vector<ExprPtr> per;
  bool per_window = false, with_ties = false;
  Column rank;
  std::optional<typed::Bound> bound;
  // With a bound: new columns; without: those the rows came with, -1 when there are none.
  ColumnId window_start = -1, window_end = -1, window_pane = -1;
  ColumnId time = -1, out_time = -1;
};
struct AsRows {
  Column change_kind;
};
struct Sink {
  typed::Sink spec;
};  // its expressions are over the columns before; a `tap` becomes one that writes to stderr
enum class CaptureKind : uint8_t { Rows, Late };
struct Capture {
  CaptureKind kind = CaptureKind::Rows;
};

struct Input {
  OpId op = -1;
  int32_t port = 0;
};
struct Op {
  std::variant<
#define PLAN_OP(name, word) name,
#include "compiler/plan/plan_op.def"
#undef PLAN_OP
      std::monostate>
      node;
  std::vector<Input> inputs;
  std::vector<Column> columns;  // port 0
  std::vector<Column> side;     // port 1: late rows
  typed::RowKind rows;          // port 0; late rows are always plain
  bool has_time = false;        // `meta.time` of the rows is an event time
  bool materialise = false;     // rows are kept as batches of their own instead of flowing on into the consumer's pipeline
  std::string stream;           // declaration it comes from
  std::string verb;             // as written, for messages
  source::Span span;
};

struct Plan {
  std::string name;
  std::vector<Op> ops;
  ColumnId rec = -1, watermark = -1, order = -1, sign = -1;
  ColumnId next_column = 0;
  const typed::Program* program = nullptr;  // must outlive the plan
};

struct PlanOptions {
  std::vector<std::string> captures;  // streams whose rows are kept, beside what the sinks need
  bool with_tests = false;            // also those that the program's tests expect something of
};

// Precondition: `program` was checked without errors.
Plan BuildPlan(const typed::Program& program, const PlanOptions& options = {});

// All violations of the plan's rules, empty when it is sound: order of operators, columns exist and fit where they are used,
// kinds of rows, conditions are bool.
std::vector<std::string> VerifyPlan(const Plan& plan);

// Stable readable text: one operator a paragraph, expressions as source text.
std::string PrintPlan(const Plan& plan);

std::string_view Word(const Op& op);
inline bool IsInternal(const Plan& plan, ColumnId id) {
  return id == plan.rec || id == plan.watermark || id == plan.order || id == plan.sign;
}
// Row-by-row operators: they run inside the consumer's pipeline.
bool IsRowStep(const Op& op);
const std::vector<Column>& ColumnsOf(const Plan& plan, Input input);
// For every operator the consumers of its ports, in order.
std::vector<std::vector<OpId>> Consumers(const Plan& plan);
// Columns on port 0 of every operator that come unread from a decoder and may hold decode errors.
std::vector<ColumnSet> UncheckedColumns(const Plan& plan);

// Whether a source's event time is a field reached through records that are always there, so that the decoder alone provides
// it; otherwise its expression runs over the source's columns.
bool TimeIsField(const typed::Source& source);

template <typename T>
const T* As(const Op& op) {
  return std::get_if<T>(&op.node);
}
template <typename T>
T* As(Op& op) {
  return std::get_if<T>(&op.node);
}

}  // namespace streamc::plan
