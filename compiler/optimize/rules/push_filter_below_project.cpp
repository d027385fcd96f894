// A filter that stands after a projection, an expansion or a lookup runs before it where it can.
//
//   #1 project n = length(text)            #1 filter lang == "en"
//   #2 filter lang == "en"                 #2 project n = length(text)
//
//   #1 expand word in words(text)          #1 filter lang == "en"
//   #2 filter lang == "en"                 #2 expand word in words(text)
//
// Left alone: where the step before may reject a row, since a row the filter drops would then no longer be bad; where the
// filter reads what the step before makes; where that step's rows go elsewhere too.
#include "compiler/optimize/rule.h"

namespace streamc::optimize {
namespace {

// The columns a row step makes itself.
plan::ColumnSet MadeBy(const plan::Op& op) {
  plan::ColumnSet made;
  if (const auto* project = plan::As<plan::Project>(op)) {
    for (const typed::Computed& each : project->computed) made.insert(each.column.id);
  }
  if (const auto* expand = plan::As<plan::Expand>(op)) made.insert(expand->column.id);
  if (const auto* lookup = plan::As<plan::Lookup>(op)) made.insert(lookup->column.id);
  return made;
}

bool CanPass(const plan::Plan& plan, const std::vector<plan::ColumnSet>& unchecked, const plan::Op& filter_op) {
  const plan::Op& before = plan.ops[filter_op.inputs[0].op];
  const bool passable = plan::As<plan::Project>(before) || plan::As<plan::Expand>(before) || plan::As<plan::Lookup>(before);
  if (!passable || before.materialise || plan::Consumers(plan)[filter_op.inputs[0].op].size() != 1) return false;
  if (OpCanReject(before, UncheckedBefore(plan, unchecked, before))) return false;
  const plan::ColumnSet made = MadeBy(before);
  plan::ColumnSet read;
  plan::AddColumns(*plan::As<plan::Filter>(filter_op)->condition, &read);
  for (plan::ColumnId id : read) {
    if (made.contains(id)) return false;
  }
  return true;
}

}  // namespace

bool PushFilterBelowProject(plan::Plan* plan) {
  bool changed = false;
  bool moved = true;
  while (moved) {
    moved = false;
    const std::vector<plan::ColumnSet> unchecked = plan::UncheckedColumns(*plan);
    for (size_t id = 0; id < plan->ops.size() && !moved; ++id) {
      plan::Op& op = plan->ops[id];
      if (!plan::As<plan::Filter>(op) || op.inputs[0].port != 0 || !CanPass(*plan, unchecked, op)) continue;
      // Filters give what they get: the swapped step keeps the columns it made.
      const plan::OpId before = op.inputs[0].op;
      std::vector<plan::Column> given = plan::ColumnsOf(*plan, plan->ops[before].inputs[0]);
      const typed::RowKind rows = plan->ops[plan->ops[before].inputs[0].op].rows;
      SwapWithInput(plan, static_cast<plan::OpId>(id));
      plan->ops[before].columns = std::move(given);
      if (plan->ops[before].rows.changing) plan->ops[before].rows = rows;
      moved = changed = true;
    }
  }
  return changed;
}

}  // namespace streamc::optimize
