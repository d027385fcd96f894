// Row-by-row operators -> steps of pipelines; materialised ones and the inputs of a merge -> Rows nodes.
#include <algorithm>

#include "compiler/physical/convert.h"
#include "compiler/physical/lowering.h"

namespace streamc::physical {

Pipeline Lowering::StartPipeline(plan::Input input, abi::NodeSpec* node) {
  std::vector<plan::OpId> steps;
  plan::Input base = input;
  while (base.port == 0 && plan::IsRowStep(op(base.op)) && !op(base.op).materialise) {
    steps.push_back(base.op);
    base = op(base.op).inputs[0];
  }
  const Feed& feed = FeedOf(base);
  node->inputs = feed.refs;
  node->input = ToLayout(feed.columns);
  node->unchecked_input = feed.unchecked;
  node->rec_column = PositionOf(plan_.rec, feed.columns);
  Pipeline pipeline;
  pipeline.source_batch = feed.unchecked;
  pipeline.input = ToSlots(feed.columns);
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) AddSteps(*step, &pipeline);
  return pipeline;
}

const Feed& Lowering::FeedOf(plan::Input base) {
  const auto key = std::make_pair(base.op, base.port);
  if (auto found = feeds_.find(key); found != feeds_.end()) return found->second;
  return feeds_[key] = MergeFeed(base.op);
}

// Inputs that already have the merged layout are read as they are; the others get a node that brings them into it.
Feed Lowering::MergeFeed(plan::OpId id) {
  const plan::Op& merge_op = op(id);
  const auto& merge = *plan::As<plan::Merge>(merge_op);
  Feed merged;
  merged.columns = merge_op.columns;
  merged.unchecked = !unchecked_[id].empty();
  for (size_t i = 0; i < merge_op.inputs.size(); ++i) {
    std::vector<Column> columns;
    for (size_t k = 0; k < merge_op.columns.size(); ++k) {
      Column column = merge_op.columns[k];
      column.id = merge.from[i][k];
      columns.push_back(column);
    }
    const auto found = feeds_.find({merge_op.inputs[i].op, merge_op.inputs[i].port});
    const bool same = found != feeds_.end() && found->second.unchecked == merged.unchecked &&
                      std::equal(columns.begin(), columns.end(), found->second.columns.begin(), found->second.columns.end(),
                                 [](const Column& a, const Column& b) { return a.id == b.id && a.name == b.name; });
    if (same) {
      merged.refs.insert(merged.refs.end(), found->second.refs.begin(), found->second.refs.end());
      continue;
    }
    abi::NodeSpec node = MakeNode(abi::NodeKind::Rows, merge_op, merge_op.stream + "/merge" + std::to_string(i + 1));
    Pipeline pipeline = StartPipeline(merge_op.inputs[i], &node);
    node.unchecked_output = merged.unchecked;
    pipeline.unchecked_output = merged.unchecked;
    const int32_t number = AddNode(std::move(node));
    EmitRows(std::move(pipeline), number, columns);
    merged.refs.push_back({number, 0});
  }
  return merged;
}

void Lowering::AddSteps(plan::OpId id, Pipeline* pipeline) {
  const plan::Op& step = op(id);
  auto add = [&](auto node, const std::string& code = {}) { pipeline->steps.push_back({SiteOf(step, code), std::move(node)}); };
  if (const auto* filter = plan::As<plan::Filter>(step)) add(Filter{filter->condition});
  if (const auto* expand = plan::As<plan::Expand>(step)) add(Expand{expand->column.id, expand->list, expand->outer});
  if (const auto* check = plan::As<plan::Check>(step)) add(Check{check->condition}, check->code);
  if (const auto* project = plan::As<plan::Project>(step)) {
    for (const typed::Computed& each : project->computed) add(Compute{each.column.id, each.expr});
  }
  if (const auto* lookup = plan::As<plan::Lookup>(step)) {
    const types::TypeRef row = types::Required(lookup->column.type);
    add(LookupRow{lookup->table, lookup->keys, lookup->column.id, lookup->otherwise, row}, lookup->code);
  }
}

void Lowering::LowerRows(plan::OpId id) {
  const plan::Op& rows_op = op(id);
  abi::NodeSpec node = MakeNode(abi::NodeKind::Rows, rows_op, rows_op.stream);
  Pipeline pipeline = StartPipeline(rows_op.inputs[0], &node);
  AddSteps(id, &pipeline);
  const bool unchecked = pipeline.source_batch && !unchecked_[id].empty();
  node.unchecked_output = unchecked;
  pipeline.unchecked_output = unchecked;
  if (rows_op.rows.changing) node.change_key = Positions(rows_op.rows.key, rows_op.columns);
  const int32_t number = AddNode(std::move(node));
  EmitRows(std::move(pipeline), number, rows_op.columns);
  feeds_[{id, 0}] = {{{number, 0}}, rows_op.columns, unchecked};
}

Column Lowering::Bind(const ExprPtr& expr, const std::string& name, plan::Input input, int32_t site, Pipeline* pipeline) {
  if (expr->kind == plan::ExprKind::Column && !IsUnchecked(expr->column, input)) return {expr->column, name, expr->type, false};
  const Column column{next_column_++, name, expr->type, false};
  pipeline->steps.push_back({site, Compute{column.id, expr}});
  return column;
}

Column Lowering::BindColumn(const Column& column, plan::Input input, int32_t site, Pipeline* pipeline) {
  if (!IsUnchecked(column.id, input)) return column;
  auto read = std::make_shared<plan::Expr>();
  read->kind = plan::ExprKind::Column;
  read->type = column.type;
  read->column = column.id;
  read->text = column.name;
  Column bound = Bind(read, column.name, input, site, pipeline);
  bound.hidden = column.hidden;
  return bound;
}

int32_t Lowering::EmitRows(Pipeline pipeline, int32_t node, const std::vector<Column>& columns) {
  pipeline.node = node;
  pipeline.function = NewFunction();
  pipeline.terminal = EmitRow{ToSlots(columns)};
  out_.spec.nodes[node].fn = pipeline.function;
  out_.pipelines.push_back(std::move(pipeline));
  return out_.spec.nodes[node].fn;
}

}  // namespace streamc::physical
