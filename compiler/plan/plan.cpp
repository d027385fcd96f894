#include "compiler/plan/plan.h"

#include <algorithm>

#include "compiler/plan/expr.h"

namespace streamc::plan {

std::string_view Word(const Op& op) {
  static constexpr std::string_view kWords[] = {
#define PLAN_OP(name, word) word,
#include "compiler/plan/plan_op.def"
#undef PLAN_OP
      "nothing"};
  return kWords[op.node.index()];
}

bool IsRowStep(const Op& op) {
  return As<Filter>(op) || As<Project>(op) || As<Expand>(op) || As<Check>(op) || As<Lookup>(op);
}

const std::vector<Column>& ColumnsOf(const Plan& plan, Input input) {
  const Op& op = plan.ops[input.op];
  return input.port == 0 ? op.columns : op.side;
}

bool TimeIsField(const typed::Source& source) {
  if (source.time != typed::TimeKind::Column) return false;
  const Expr* at = source.time_expr.get();
  while (at->kind == ExprKind::Field) {
    at = at->args[0].get();
    if (at->type->optional) return false;
  }
  if (at->kind != ExprKind::Column || at->column == source.key_column) return false;
  return std::any_of(source.columns.begin(), source.columns.end(),
                     [&](const Column& column) { return column.id == at->column && !column.hidden; });
}

std::vector<std::vector<OpId>> Consumers(const Plan& plan) {
  std::vector<std::vector<OpId>> consumers(plan.ops.size());
  for (size_t id = 0; id < plan.ops.size(); ++id) {
    for (const Input& input : plan.ops[id].inputs) consumers[input.op].push_back(static_cast<OpId>(id));
  }
  return consumers;
}

std::vector<ColumnSet> UncheckedColumns(const Plan& plan) {
  std::vector<ColumnSet> unchecked(plan.ops.size());
  for (size_t id = 0; id < plan.ops.size(); ++id) {
    const Op& op = plan.ops[id];
    // Late rows are those the step was given, so what is unread before it is unread on its side port.
    auto before = [&](const Input& input) -> const ColumnSet& {
      static const ColumnSet none;
      if (input.port == 0) return unchecked[input.op];
      return plan.ops[input.op].inputs.empty() ? none : unchecked[plan.ops[input.op].inputs[0].op];
    };
    if (As<Scan>(op)) {
      for (const Column& column : op.columns) {
        if (!column.hidden) unchecked[id].insert(column.id);
      }
    } else if (const auto* merge = As<Merge>(op)) {
      for (size_t i = 0; i < op.inputs.size(); ++i) {
        for (size_t k = 0; k < op.columns.size(); ++k) {
          if (before(op.inputs[i]).contains(merge->from[i][k])) unchecked[id].insert(op.columns[k].id);
        }
      }
    } else if (IsRowStep(op)) {
      for (const Column& column : op.columns) {
        if (before(op.inputs[0]).contains(column.id)) unchecked[id].insert(column.id);
      }
    }
  }
  return unchecked;
}

}  // namespace streamc::plan
