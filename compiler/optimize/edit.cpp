#include "compiler/optimize/rule.h"

namespace streamc::optimize {

void InsertBefore(plan::Plan* plan, plan::OpId id, plan::Op op) {
  op.inputs = {plan->ops[id].inputs[0]};
  for (plan::Op& each : plan->ops) {
    for (plan::Input& input : each.inputs) {
      if (input.op >= id) ++input.op;
    }
  }
  plan->ops.insert(plan->ops.begin() + id, std::move(op));
  plan->ops[id + 1].inputs[0] = {id, 0};
}

void RemoveOp(plan::Plan* plan, plan::OpId id) {
  const plan::Input before = plan->ops[id].inputs[0];
  const bool materialise = plan->ops[id].materialise;
  plan->ops.erase(plan->ops.begin() + id);
  for (plan::Op& each : plan->ops) {
    for (plan::Input& input : each.inputs) {
      if (input.op == id) {
        input = before;
      } else if (input.op > id) {
        --input.op;
      }
    }
  }
  plan::Op& from = plan->ops[before.op];
  if (materialise && before.port == 0 && plan::IsRowStep(from)) from.materialise = true;
}

void SwapWithInput(plan::Plan* plan, plan::OpId id) {
  const plan::OpId before = plan->ops[id].inputs[0].op;
  std::swap(plan->ops[id], plan->ops[before]);
  plan::Op& first = plan->ops[before];
  plan::Op& second = plan->ops[id];
  std::swap(first.inputs[0], second.inputs[0]);
  std::swap(first.materialise, second.materialise);
}

bool OpCanReject(const plan::Op& op, const plan::ColumnSet& unchecked) {
  if (plan::As<plan::Check>(op) || plan::As<plan::Sink>(op) || plan::As<plan::Capture>(op)) return true;
  if (plan::As<plan::Top>(op) || plan::As<plan::AsRows>(op)) {
    // These read every column they keep.
    for (const plan::Column& column : op.columns) {
      if (unchecked.contains(column.id)) return true;
    }
  }
  if (const auto* lookup = plan::As<plan::Lookup>(op); lookup && lookup->otherwise == typed::LookupElse::Reject) return true;
  for (const plan::ExprPtr& expr : plan::ExprsOf(op)) {
    if (plan::CanReject(*expr, unchecked)) return true;
  }
  return false;
}

plan::ColumnSet UncheckedBefore(const plan::Plan& plan, const std::vector<plan::ColumnSet>& unchecked, const plan::Op& op) {
  if (op.inputs.empty()) return {};
  const plan::Input& input = op.inputs[0];
  if (input.port == 0) return unchecked[input.op];
  const plan::Op& from = plan.ops[input.op];
  return from.inputs.empty() ? plan::ColumnSet{} : UncheckedBefore(plan, unchecked, from);
}

plan::ExprPtr MakeLiteral(types::Datum value, types::TypeRef type, source::Span span) {
  auto expr = std::make_shared<plan::Expr>();
  expr->kind = plan::ExprKind::Literal;
  expr->type = std::move(type);
  expr->value = std::move(value);
  expr->span = span;
  return expr;
}

bool IsLiteral(const plan::Expr& expr) {
  return expr.kind == plan::ExprKind::Literal;
}

bool IsBoolLiteral(const plan::Expr& expr, bool value) {
  const bool* held = IsLiteral(expr) ? std::get_if<bool>(&expr.value.value) : nullptr;
  return held && *held == value;
}

const plan::Expr& WithoutWrap(const plan::Expr& expr) {
  const plan::Expr* at = &expr;
  while (at->kind == plan::ExprKind::Wrap || at->kind == plan::ExprKind::Unwrap) at = at->args[0].get();
  return *at;
}

}  // namespace streamc::optimize
