// Aggregates that merge are computed where the rows are read, batch by batch; what crosses to the owner of a group is one
// partial state per group instead of its rows.
//
//   #3 aggregate n = count() by word      #3 aggregate n = count() by word
//                                              partial
//
// Left alone: aggregates with a call that has no merge.
#include <algorithm>

#include "compiler/optimize/rule.h"

namespace streamc::optimize {

bool PartialAggregation(plan::Plan* plan) {
  bool changed = false;
  for (plan::Op& op : plan->ops) {
    auto* aggregate = plan::As<plan::Aggregate>(op);
    if (!aggregate || aggregate->partial) continue;
    aggregate->partial = std::all_of(aggregate->calls.begin(), aggregate->calls.end(),
                                     [](const typed::AggCall& call) { return !call.function->merge.empty(); });
    changed = changed || aggregate->partial;
  }
  return changed;
}

}  // namespace streamc::optimize
