// aggregate: one row per group (and window).
#include <algorithm>

#include "compiler/sema/pipeline.h"

namespace streamc::sema {
namespace {

using types::Make;

std::string KeyNames(const std::vector<typed::Computed>& keys) {
  std::string names;
  for (const typed::Computed& key : keys) names += (names.empty() ? "" : ", ") + key.column.name;
  return names;
}

}  // namespace

void PipelineChecker::CheckStep(const ast::Step& step, const ast::AggregateStep& node) {
  const Flow before = flow;
  typed::Aggregate aggregate;
  aggregate.label = Label(node.label, "aggregate", step.verb_span);
  aggregate.was = EarlierNames(node.was);
  aggregate.keys = CheckKeys(node.keys);

  // Items see the groups' columns; aggregate calls in them see the rows before.
  Flow groups = flow;
  groups.columns.clear();
  groups.present.clear();
  for (const typed::Computed& key : aggregate.keys) groups.columns.push_back(key.column);
  const Scope input = RowScope(before);
  AggregateScope calls;
  calls.input = &input;
  calls.changing = before.rows.changing;
  calls.has_time = before.has_time || before.poisoned;
  calls.verb = "aggregate";
  for (const ast::Assign& item : node.items) {
    const ast::Name& name = item.path.names.back();
    Scope scope = RowScope(groups);
    scope.aggregates = &calls;
    ExprChecker checker(context_, std::move(scope));
    ExprPtr value = checker.Check(*item.value);
    if (item.path.names.size() > 1) {
      context_.Report(DiagId::ColumnPath, item.path.span, std::string(context_.sources.Text(item.path.span)))
          .Help("`" + name.text + " = ...`");
      value = MakeError(value->span);
    }
    if (value->type->kind == TypeKind::Null) {
      context_.Report(DiagId::NullAlone, value->span);
      value = MakeError(value->span);
    }
    if (!IsColumnName(name) || IsError(value)) flow.poisoned = true;
    const auto same = [&](const typed::Computed& each) { return each.column.name == name.text; };
    if (std::any_of(aggregate.items.begin(), aggregate.items.end(), same) ||
        std::any_of(aggregate.keys.begin(), aggregate.keys.end(), same)) {
      context_.Report(DiagId::DuplicateColumn, name.span, name.text).Help("give it another name: `" + name.text + "_2 = ...`");
      continue;
    }
    typed::Computed computed;
    computed.column = context_.NewColumn(name.text, value->type);
    computed.expr = std::move(value);
    aggregate.items.push_back(std::move(computed));
  }
  aggregate.calls = std::move(calls.calls);
  for (size_t i = 0; i < aggregate.calls.size(); ++i) aggregate.calls[i].number = static_cast<int32_t>(i);

  auto bound = CheckBound(step, node.bound, "aggregate", KeyNames(aggregate.keys));
  const bool windowed = bound && bound->window != typed::WindowKind::None;
  aggregate.window_start = context_.NewColumn("window.start", Make(TypeKind::Timestamp), true);
  aggregate.window_end = context_.NewColumn("window.end", Make(TypeKind::Timestamp), true);
  aggregate.window_pane = context_.NewColumn("window.pane", types::MakeEnum({"early", "final", "late"}), true);

  flow.columns.clear();
  flow.present.clear();
  flow.combined_by = "aggregate";
  for (const typed::Computed& key : aggregate.keys) flow.columns.push_back(key.column);
  for (const typed::Computed& item : aggregate.items) flow.columns.push_back(item.column);
  if (before.has_time || before.poisoned)
    flow.columns.push_back(context_.NewColumn("meta.time", Make(TypeKind::Timestamp), true));
  if (windowed) {
    flow.columns.push_back(aggregate.window_start);
    flow.columns.push_back(aggregate.window_end);
    flow.columns.push_back(aggregate.window_pane);
  }
  flow.rows = {};
  if (!bound) return;
  if (GivesChanges(*bound)) {
    flow.rows.changing = true;
    for (const typed::Computed& key : aggregate.keys) flow.rows.key.push_back(key.column.id);
    if (windowed) flow.rows.key.push_back(aggregate.window_start.id);
  }
  NoteLateRoute(*bound, before);
  aggregate.bound = std::move(*bound);
  Finish(step, std::move(aggregate));
}

}  // namespace streamc::sema
