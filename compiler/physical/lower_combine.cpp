// Aggregate, Top and AsRows nodes.
#include <algorithm>

#include "compiler/physical/convert.h"
#include "compiler/physical/lowering.h"
#include "compiler/physical/state_spec.h"
#include "runtime/abi/layout.h"

namespace streamc::physical {
namespace {

bool Has(const std::vector<Column>& columns, ColumnId id) {
  return std::any_of(columns.begin(), columns.end(), [&](const Column& column) { return column.id == id; });
}
ColumnId IfGiven(ColumnId id, const std::vector<Column>& columns) {
  return Has(columns, id) ? id : -1;
}

}  // namespace

void Lowering::LowerAggregate(plan::OpId id) {
  const plan::Op& agg_op = op(id);
  const auto& aggregate = *plan::As<plan::Aggregate>(agg_op);
  const plan::Input input = agg_op.inputs[0];
  abi::NodeSpec node = MakeNode(abi::NodeKind::Aggregate, agg_op, agg_op.stream + "/" + aggregate.label);
  Pipeline pipeline = StartPipeline(input, &node);
  const bool unchecked = pipeline.source_batch;
  node.unchecked_late = unchecked && !agg_op.side.empty();
  node.late = ToLayout(agg_op.side);
  node.index = static_cast<int32_t>(out_.spec.aggregates.size());
  if (agg_op.rows.changing) node.change_key = Positions(agg_op.rows.key, agg_op.columns);
  AggregateCode code;
  code.items = aggregate.items;
  std::vector<typed::AggCall> calls = aggregate.calls;
  node.state = StateOf(FindStep<typed::Aggregate>(program_, agg_op.stream, aggregate.label), &calls, &code.items, program_);
  const int32_t number = AddNode(std::move(node));

  const std::vector<Column>& given = ColumnsOf(input);
  code.node = number;
  code.keys = aggregate.keys;
  code.time = IfGiven(aggregate.time, given);
  code.watermark = code.time >= 0 ? IfGiven(plan_.watermark, given) : -1;
  code.order = IfGiven(plan_.order, given);
  code.sign = RowsOf(input).changing ? plan_.sign : -1;
  code.update_site = code.result_site = SiteOf(agg_op);
  code.late_columns = ToSlots(agg_op.side);
  code.unchecked_late = unchecked && !agg_op.side.empty();
  code.output = ToSlots(agg_op.columns);
  code.window_start = IfGiven(aggregate.window_start, agg_op.columns);
  code.window_end = IfGiven(aggregate.window_end, agg_op.columns);
  code.window_pane = IfGiven(aggregate.window_pane, agg_op.columns);
  code.meta_time = IfGiven(aggregate.out_time, agg_op.columns);
  code.out_sign = agg_op.rows.changing ? plan_.sign : -1;

  std::vector<types::TypeRef> key_types;
  std::vector<Column> key_columns;
  for (const typed::Computed& key : aggregate.keys) {
    key_types.push_back(key.column.type);
    key_columns.push_back(key.column);
  }
  code.key_size = RowSize(key_types);
  bool owns_memory = false;
  for (const typed::AggCall& call : calls) {
    code.calls.push_back({call.function, call.args, call.where, call.type, code.state_size});
    code.state_size += abi::RoundUp16(call.function->state_size);
    owns_memory = owns_memory || !call.function->destroy.empty();
  }

  pipeline.node = number;
  pipeline.function = NewFunction();
  pipeline.terminal = UpdateSlot{static_cast<int32_t>(out_.aggregates.size())};
  code.merge_function = NewFunction();
  code.destroy_function = owns_memory ? NewFunction() : -1;
  code.result_function = NewFunction();
  code.save_function = NewFunction();
  code.load_function = NewFunction();

  abi::AggregateSpec spec;
  spec.key = ToLayout(key_columns);
  spec.state_size = code.state_size;
  spec.bound = ToBoundSpec(aggregate.bound);
  spec.changing_input = code.sign >= 0;
  spec.has_time = code.time >= 0;
  spec.changing_output = agg_op.rows.changing;
  spec.update_fn = pipeline.function;
  spec.merge_fn = code.merge_function;
  spec.destroy_fn = code.destroy_function;
  spec.result_fn = code.result_function;
  spec.save_fn = code.save_function;
  spec.load_fn = code.load_function;

  feeds_[{id, 0}] = {{{number, 0}}, agg_op.columns, false};
  if (!agg_op.side.empty()) feeds_[{id, 1}] = {{{number, 1}}, agg_op.side, code.unchecked_late};
  out_.spec.aggregates.push_back(std::move(spec));
  out_.aggregates.push_back(std::move(code));
  out_.pipelines.push_back(std::move(pipeline));
}

void Lowering::LowerTop(plan::OpId id) {
  const plan::Op& top_op = op(id);
  const auto& top = *plan::As<plan::Top>(top_op);
  const plan::Input input = top_op.inputs[0];
  const std::vector<Column>& given = ColumnsOf(input);
  const int32_t site = SiteOf(top_op);
  abi::NodeSpec node = MakeNode(abi::NodeKind::Top, top_op, top_op.stream + "/" + top.label);
  Pipeline pipeline = StartPipeline(input, &node);

  // Output: what is kept of the row, then rank, window, time and sign, each if somebody asks for it (job_spec.h: TopSpec).
  std::vector<Column> kept, output;
  for (const Column& column : top_op.columns) {
    if (Has(given, column.id) && column.id != plan_.sign) kept.push_back(column);
  }
  output = kept;
  for (ColumnId made : {top.rank.id, top.window_start, top.window_end, top.window_pane, top.out_time, plan_.sign}) {
    for (const Column& column : top_op.columns) {
      if (column.id == made && !Has(output, made)) output.push_back(column);
    }
  }

  std::vector<Column> work;
  for (const Column& column : kept) work.push_back(BindColumn(column, input, site, &pipeline));
  auto add = [&](Column column) {
    work.push_back(std::move(column));
    return static_cast<int32_t>(work.size()) - 1;
  };
  auto add_given = [&](ColumnId column) {
    const int32_t position = PositionOf(column, given);
    if (position < 0) return -1;
    const int32_t present = PositionOf(column, work);
    return present >= 0 ? present : add(given[position]);
  };
  abi::TopSpec spec;
  spec.kept = static_cast<int32_t>(kept.size());
  spec.limit = ToValueSpec(top.limit);
  for (size_t i = 0; i < top.order.size(); ++i) {
    Column key = Bind(top.order[i].expr, "order" + std::to_string(i + 1), input, site, &pipeline);
    spec.order.push_back({add(std::move(key)), top.order[i].descending});
  }
  for (size_t i = 0; i < top.per.size(); ++i) {
    spec.per.push_back(add(Bind(top.per[i], "per" + std::to_string(i + 1), input, site, &pipeline)));
  }
  spec.per_window = top.per_window;
  spec.with_ties = top.with_ties;
  if (top.per_window) {
    spec.window_start = add_given(top.window_start);
    spec.window_end = add_given(top.window_end);
  }
  spec.has_bound = top.bound.has_value();
  if (top.bound) {
    spec.bound = ToBoundSpec(*top.bound);
    spec.time = add_given(top.time);
    spec.watermark = spec.time >= 0 ? add_given(plan_.watermark) : -1;
  }
  spec.changing_input = RowsOf(input).changing;
  spec.changing_output = top_op.rows.changing;
  const size_t read_later = work.size();
  // Late rows are cut out of `work` by column name.
  for (const Column& column : top_op.side) {
    if (PositionOf(column.id, work) < 0) add(BindColumn(column, input, site, &pipeline));
  }
  if (spec.changing_input) add_given(plan_.sign);

  node.state = StateOf(FindStep<typed::Top>(program_, top_op.stream, top.label), program_);
  for (size_t i = 0; i < work.size(); ++i) {
    const bool counts = i < read_later && !plan::IsInternal(plan_, work[i].id);
    node.state.fields.push_back(RowField(i < kept.size() ? kept[i] : work[i], counts, program_));
  }
  node.work = ToLayout(work);
  node.output = ToLayout(output);
  node.late = ToLayout(top_op.side);
  node.index = static_cast<int32_t>(out_.spec.tops.size());
  if (top_op.rows.changing) node.change_key = Positions(top_op.rows.key, output);
  const int32_t number = AddNode(std::move(node));
  EmitRows(std::move(pipeline), number, work);
  feeds_[{id, 0}] = {{{number, 0}}, output, false};
  if (!top_op.side.empty()) feeds_[{id, 1}] = {{{number, 1}}, top_op.side, false};
  out_.spec.tops.push_back(std::move(spec));
}

void Lowering::LowerAsRows(plan::OpId id) {
  const plan::Op& rows_op = op(id);
  const auto& as_rows = *plan::As<plan::AsRows>(rows_op);
  const plan::Input input = rows_op.inputs[0];
  const int32_t site = SiteOf(rows_op);
  abi::NodeSpec node = MakeNode(abi::NodeKind::AsRows, rows_op, rows_op.stream + "/as_rows");
  Pipeline pipeline = StartPipeline(input, &node);

  // The change key is needed to pair old and new row even where nothing after the step reads it.
  const typed::RowKind rows = RowsOf(input);
  std::vector<Column> kept;
  for (const Column& column : ColumnsOf(input)) {
    const bool is_key = std::count(rows.key.begin(), rows.key.end(), column.id) > 0;
    if (column.id != plan_.sign && (is_key || Has(rows_op.columns, column.id))) kept.push_back(column);
  }
  std::vector<Column> work, output = kept;
  for (const Column& column : kept) work.push_back(BindColumn(column, input, site, &pipeline));
  for (const Column& column : ColumnsOf(input)) {
    if (column.id == plan_.sign) work.push_back(column);
  }
  output.push_back(as_rows.change_kind);
  node.work = ToLayout(work);
  node.output = ToLayout(output);
  node.change_key = Positions(rows.key, kept);
  const int32_t number = AddNode(std::move(node));
  EmitRows(std::move(pipeline), number, work);
  feeds_[{id, 0}] = {{{number, 0}}, output, false};
}

}  // namespace streamc::physical
