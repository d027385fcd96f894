// A named stream with one consumer runs inside that consumer's pipeline instead of being kept as batches of its own.
//
//   stream clean                         stream clean
//     #1 filter lang == "en"               #1 filter lang == "en"
//        materialise                     stream words
//   stream words                           #2 expand word in words(text)
//     #2 expand word in words(text)
//
// Left alone: streams with several consumers, which are computed once.
#include "compiler/optimize/rule.h"

namespace streamc::optimize {

bool FuseRowSteps(plan::Plan* plan) {
  bool changed = false;
  const auto consumers = plan::Consumers(*plan);
  for (size_t id = 0; id < plan->ops.size(); ++id) {
    if (!plan->ops[id].materialise || consumers[id].size() > 1) continue;
    plan->ops[id].materialise = false;
    changed = true;
  }
  return changed;
}

}  // namespace streamc::optimize
