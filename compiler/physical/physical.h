// The physical program: the job's graph (abi::JobSpec) and, for every node with generated code, what that code computes.
//
// In: an optimised plan. Out: Program; codegen turns each Pipeline / AggregateCode into one or more functions and fills the
// function numbers that BuildPhysical has assigned (functions[i] says what function number i is).
// Expressions are typed::Expr over ColumnIds; Pipeline::input maps ids to the columns of the node's input layout. Steps run
// in order, once per input row; a column is read where an expression first needs it, so a field that could not be decoded rejects
// the row at that step and not before (a source batch's columns all have states, abi.h).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "compiler/sema/typed.h"
#include "compiler/source/source.h"
#include "runtime/abi/job_spec.h"

namespace streamc::plan {
struct Plan;
}

namespace streamc::physical {

using typed::ColumnId;
using typed::ExprPtr;

// A column of a batch as expressions know it; position = column index in the LayoutSpec of the same name.
struct Slot { ColumnId id = -1; std::string name; types::TypeRef type; };

// --- row steps ---------------------------------------------------------------------------------------------------
struct Filter { ExprPtr condition; };                                   // false: the row ends here
struct Compute { ColumnId column = -1; ExprPtr expr; };                 // binds a new column
struct Expand { ColumnId column = -1; ExprPtr list; bool outer = false; };  // the steps after it run once per element
struct Check { ExprPtr condition; };                                    // false: rejected with SC_ERR_CHECK
struct LookupRow {                                                      // binds `column` to the row of table `table`
  int32_t table = -1;
  std::vector<ExprPtr> keys;                                            // types of the table's key fields
  ColumnId column = -1;
  typed::LookupElse otherwise = typed::LookupElse::Drop;
  types::TypeRef row_type;                                              // record, required
};
struct RowStep {
  int32_t site = -1;                                                    // JobSpec::sites; rejections of this step name it
  std::variant<Filter, Compute, Expand, Check, LookupRow> node;
};

// What a pipeline does with a row that passed every step. EmitRow into an unchecked layout writes a state for every leaf, and copies
// an input column that no Compute has bound with its states as they are, decode errors included, without checking it. Into a checked
// layout it never meets an unchecked column: what is needed there is bound by a Compute step (which checks) before.
struct EmitRow { std::vector<Slot> columns; };                          // append to the node's `work` (or Rows: `output`) layout
struct UpdateSlot { int32_t aggregate = -1; };                          // Program::aggregates

struct Pipeline {
  int32_t node = -1;                  // JobSpec::nodes
  int32_t function = -1;
  bool source_batch = false;          // unchecked input: columns all carry states (decode errors are possible)
  bool unchecked_output = false;      // EmitRow: the layout is unchecked (NodeSpec::unchecked_output)
  std::vector<Slot> input;
  std::vector<RowStep> steps;
  std::variant<EmitRow, UpdateSlot> terminal;
};

// --- aggregation -------------------------------------------------------------------------------------------------
struct AggCall {
  const stdlib::AggregateFn* function = nullptr;
  std::vector<ExprPtr> args;          // over the pipeline's columns
  ExprPtr where;                      // null: all rows
  types::TypeRef type;                // type of the Agg node: optional when there may be no value
  int64_t state_offset = 0;           // from the first byte after the padded key row; 16-byte aligned
};
// The function set of one aggregate node. The update function is the pipeline that ends in UpdateSlot: after its steps it evaluates
// keys and finds the slice by (time, watermark); a late row goes to `late` (late_columns) and ends. Then it evaluates every `where` and
// argument, and only then finds the slot by key, so that a rejected row leaves no trace; then for each call (whose `where` holds) add
// or, when sign < 0, remove; slot.rows += sign (1 when not changing), slot.last_time = max(last_time, time).
struct AggregateCode {
  int32_t node = -1;
  std::vector<typed::Computed> keys;  // expr over the pipeline's columns
  std::vector<AggCall> calls;
  std::vector<typed::Computed> items; // result columns; expr over Agg nodes, key columns (ids in keys) and params
  ColumnId time = -1, watermark = -1, order = -1, sign = -1;  // of the pipeline; -1: the input has none (time 0, watermark min)
  int32_t update_site = -1;           // rejections while evaluating keys and arguments
  int32_t result_site = -1;           // rejections while evaluating items
  std::vector<Slot> late_columns;     // node's `late` layout
  bool unchecked_late = false;        // late_columns are copied as EmitRow copies into an unchecked layout
  std::vector<Slot> output;           // node's `output` layout, with hidden window.start, window.end, window.pane (int: 0 early,
                                      // 1 final, 2 late), meta.time, $sign where present. Each is a key, an item or one of these:
  ColumnId window_start = -1, window_end = -1, window_pane = -1, meta_time = -1, out_sign = -1;
                                      // meta.time: window end - 1, or the slot's last_time without a window
  int64_t key_size = 0, state_size = 0;
  int32_t merge_function = -1, destroy_function = -1, result_function = -1;  // destroy -1: nothing to free
  int32_t save_function = -1, load_function = -1;
};

// Event time of a source whose `time` is more than a leaf: ScTimeFn over the source node's output layout.
struct TimeCode { int32_t node = -1; int32_t function = -1; std::vector<Slot> input; ExprPtr expr; int32_t site = -1; };

struct Program {
  abi::JobSpec spec;                  // complete
  std::vector<Pipeline> pipelines;
  std::vector<AggregateCode> aggregates;  // same order as spec.aggregates
  std::vector<TimeCode> times;
  int32_t function_count = 0;
};

struct PhysicalOptions {
  const source::SourceManager* sources = nullptr;  // for the places of run-time faults; null: none are given
  std::string program_name;                        // display name of the program's file
  std::string compiler_version;
  bool with_tests = false;                         // carry the program's tests; the plan must have been built with_tests as well
};

// Precondition: the plan passes VerifyPlan and was built from `program`.
Program BuildPhysical(const plan::Plan& plan, const typed::Program& program, const PhysicalOptions& options);

// Stable readable text: nodes with their layouts, pipelines, state and what crosses between workers.
std::string PrintPhysical(const Program& physical, const typed::Program& program);

}  // namespace streamc::physical
