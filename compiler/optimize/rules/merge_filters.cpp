// Neighbouring filters of one step become one again: what split_conjunctions took apart and nothing moved away.
//
//   #1 filter a        #1 filter a and b
//   #2 filter b
//
// Left alone: filters of different steps, whose record errors name different places.
#include "compiler/optimize/rule.h"

namespace streamc::optimize {

bool MergeFilters(plan::Plan* plan) {
  bool changed = false;
  for (size_t id = plan->ops.size(); id-- > 0;) {
    const auto* second = plan::As<plan::Filter>(plan->ops[id]);
    if (!second || plan->ops[id].inputs[0].port != 0) continue;
    const plan::OpId before = plan->ops[id].inputs[0].op;
    const plan::Op& first_op = plan->ops[before];
    const auto* first = plan::As<plan::Filter>(first_op);
    if (!first || first_op.materialise || plan::Consumers(*plan)[before].size() != 1) continue;
    if (first_op.span != plan->ops[id].span || first_op.verb != plan->ops[id].verb || first_op.stream != plan->ops[id].stream)
      continue;
    auto both = std::make_shared<plan::Expr>();
    both->kind = plan::ExprKind::And;
    both->type = first->condition->type;
    both->span = source::Join(first->condition->span, second->condition->span);
    both->args = {first->condition, second->condition};
    plan->ops[id].node = plan::Filter{std::move(both)};
    RemoveOp(plan, before);
    changed = true;
  }
  return changed;
}

}  // namespace streamc::optimize
