// A filter of several conditions becomes several filters, so that each can go its own way.
//
//   #1 filter a and b        #1 filter a
//                            #2 filter b
//
// The order stays, so what `b` would reject is rejected for the same rows: those for which `a` holds.
#include "compiler/optimize/rule.h"

namespace streamc::optimize {

bool SplitConjunctions(plan::Plan* plan) {
  bool changed = false;
  for (size_t id = 0; id < plan->ops.size();) {
    const auto* filter = plan::As<plan::Filter>(plan->ops[id]);
    if (!filter || filter->condition->kind != plan::ExprKind::And) {
      ++id;
      continue;
    }
    const plan::ExprPtr condition = filter->condition;
    // The first half goes into an operator of its own before this one, which is then looked at again.
    plan::Op first = plan->ops[id];
    first.node = plan::Filter{condition->args[0]};
    first.materialise = false;
    first.columns = plan::ColumnsOf(*plan, plan->ops[id].inputs[0]);
    plan->ops[id].node = plan::Filter{condition->args[1]};
    InsertBefore(plan, static_cast<plan::OpId>(id), std::move(first));
    changed = true;
  }
  return changed;
}

}  // namespace streamc::optimize
