#include <algorithm>
#include <map>

#include "compiler/plan/expr.h"
#include "compiler/plan/plan.h"

namespace streamc::plan {
namespace {

using types::TypeKind;

class Verifier {
 public:
  explicit Verifier(const Plan& plan) : plan_(plan) {}

  std::vector<std::string> Run() {
    for (size_t id = 0; id < plan_.ops.size(); ++id) {
      at_ = static_cast<OpId>(id);
      const Op& op = plan_.ops[id];
      if (CheckInputs(op)) CheckOp(op);
    }
    return std::move(faults_);
  }

 private:
  void Fault(const std::string& text) {
    faults_.push_back("#" + std::to_string(at_) + " " + std::string(Word(plan_.ops[at_])) + ": " + text);
  }

  bool CheckInputs(const Op& op) {
    const bool is_leaf = As<Scan>(op) || As<TableScan>(op) || As<BadRows>(op);
    const size_t wanted = is_leaf ? 0 : As<Lookup>(op) ? 2 : 1;
    if (As<Merge>(op) ? op.inputs.empty() : op.inputs.size() != wanted) {
      Fault("has " + std::to_string(op.inputs.size()) + " inputs");
      return false;
    }
    for (size_t i = 0; i < op.inputs.size(); ++i) {
      const Input& input = op.inputs[i];
      if (input.op < 0 || input.op >= at_) {
        Fault("input is not an earlier operator");
        return false;
      }
      const Op& from = plan_.ops[input.op];
      const bool is_table = As<Lookup>(op) && i == 1;
      if ((As<TableScan>(from) != nullptr) != is_table) Fault("a table can only be looked up");
      if (As<Sink>(from) || As<Capture>(from)) Fault("input gives no rows");
      if (input.port == 1 && from.side.empty()) Fault("input has no second port");
    }
    return true;
  }

  // What `input` gives, by id; an id given twice is a fault.
  std::map<ColumnId, const Column*> Given(const std::vector<Column>& columns) {
    std::map<ColumnId, const Column*> given;
    for (const Column& column : columns) {
      if (!given.emplace(column.id, &column).second) Fault("column " + column.name + " is given twice");
    }
    return given;
  }

  void CheckReads(const Expr& expr, const std::map<ColumnId, const Column*>& given) {
    VisitExpr(expr, [&](const Expr& each) {
      if (!each.type) return Fault("an expression has no type");
      if (each.kind != ExprKind::Column) return;
      const auto found = given.find(each.column);
      if (found == given.end()) return Fault("reads `" + each.text + "`, which its input does not give");
      if (!types::SameType(*found->second->type, *each.type)) {
        Fault("reads `" + each.text + "` as " + types::ToString(*each.type) + ", it is " +
              types::ToString(*found->second->type));
      }
    });
  }

  void CheckBool(const ExprPtr& condition) {
    if (!condition || condition->type->kind != TypeKind::Bool || condition->type->optional) Fault("condition is no bool");
  }

  void CheckOp(const Op& op) {
    const auto own = Given(op.columns);
    if (op.inputs.empty()) return;
    const auto given = Given(ColumnsOf(plan_, op.inputs[0]));
    for (const ExprPtr& expr : ExprsOf(op)) CheckReads(*expr, given);
    CheckKinds(op, given);
    if (const auto* filter = As<Filter>(op)) CheckBool(filter->condition);
    if (const auto* check = As<Check>(op)) CheckBool(check->condition);
    if (const auto* merge = As<Merge>(op)) return CheckMerge(op, *merge);
    if (IsRowStep(op)) CheckRowStep(op, given);
    if (const auto* aggregate = As<Aggregate>(op)) CheckAggregate(op, *aggregate);
    if (const auto* top = As<Top>(op)) CheckTop(op, *top, given);
    for (const Column& column : op.side) {
      if (!given.contains(column.id)) Fault("late column `" + column.name + "` is not given");
    }
  }

  void CheckKinds(const Op& op, const std::map<ColumnId, const Column*>& given) {
    const bool in_changing = op.inputs[0].port == 0 && plan_.ops[op.inputs[0].op].rows.changing;
    if (in_changing != given.contains(plan_.sign)) Fault("changing rows and `$sign` do not go together");
    if ((IsRowStep(op) || As<Sink>(op) || As<Capture>(op)) && in_changing != op.rows.changing) {
      Fault("changes the kind of rows");
    }
    if ((As<Expand>(op) || As<Merge>(op)) && in_changing) Fault("cannot take changing rows");
    if (As<AsRows>(op) && !in_changing) Fault("takes changing rows only");
    const bool ends = As<Sink>(op) || As<Capture>(op);
    for (ColumnId key : op.rows.key) {
      if (!op.rows.changing) break;
      const auto& columns = ends ? ColumnsOf(plan_, op.inputs[0]) : op.columns;
      const bool there = std::any_of(columns.begin(), columns.end(), [&](const Column& c) { return c.id == key; });
      if (!there) Fault("a column of the change key is missing");
    }
  }

  void CheckMerge(const Op& op, const Merge& merge) {
    if (merge.from.size() != op.inputs.size()) return Fault("has no columns for an input");
    for (size_t i = 0; i < op.inputs.size(); ++i) {
      if (merge.from[i].size() != op.columns.size()) return Fault("columns do not match");
      const auto given = Given(ColumnsOf(plan_, op.inputs[i]));
      for (size_t k = 0; k < op.columns.size(); ++k) {
        const auto found = given.find(merge.from[i][k]);
        if (found == given.end()) {
          Fault("`" + op.columns[k].name + "` is not given by input " + std::to_string(i));
        } else if (!types::SameType(*found->second->type, *op.columns[k].type)) {
          Fault("`" + op.columns[k].name + "` has another type in input " + std::to_string(i));
        }
      }
    }
  }

  void CheckRowStep(const Op& op, std::map<ColumnId, const Column*> given) {
    if (const auto* project = As<Project>(op)) {
      for (const typed::Computed& each : project->computed) {
        given.emplace(each.column.id, &each.column);
        if (!types::SameType(*each.column.type, *each.expr->type)) Fault("`" + each.column.name + "` has another type");
      }
    }
    if (const auto* expand = As<Expand>(op)) {
      given.emplace(expand->column.id, &expand->column);
      if (expand->list->type->kind != TypeKind::List) Fault("expands what is no list");
    }
    if (const auto* lookup = As<Lookup>(op)) given.emplace(lookup->column.id, &lookup->column);
    for (const Column& column : op.columns) {
      if (!given.contains(column.id)) Fault("column `" + column.name + "` comes from nowhere");
    }
  }

  void CheckAggregate(const Op& op, const Aggregate& aggregate) {
    for (const typed::AggCall& call : aggregate.calls) {
      if (call.where) CheckBool(call.where);
      if (plan_.ops[op.inputs[0].op].rows.changing && op.inputs[0].port == 0 && call.function->remove.empty()) {
        Fault("`" + std::string(call.function->name) + "` cannot take changing rows");
      }
    }
    std::map<ColumnId, const Column*> keys;
    for (const typed::Computed& key : aggregate.keys) keys.emplace(key.column.id, &key.column);
    std::set<ColumnId> made{aggregate.window_start, aggregate.window_end, aggregate.window_pane, aggregate.out_time,
                            plan_.sign};
    for (const auto& [id, column] : keys) made.insert(id);
    for (const typed::Computed& item : aggregate.items) {
      made.insert(item.column.id);
      CheckReads(*item.expr, keys);
    }
    for (const Column& column : op.columns) {
      if (!made.contains(column.id)) Fault("column `" + column.name + "` is neither a key nor a result");
    }
  }

  void CheckTop(const Op& op, const Top& top, std::map<ColumnId, const Column*> given) {
    if (top.per_window && top.window_start < 0 && !top.bound) Fault("the rows have no window");
    std::set<ColumnId> made{top.rank.id, top.window_start, top.window_end, top.window_pane, top.out_time, plan_.sign};
    for (const Column& column : op.columns) {
      if (!given.contains(column.id) && !made.contains(column.id)) Fault("column `" + column.name + "` comes from nowhere");
    }
  }

  const Plan& plan_;
  OpId at_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> VerifyPlan(const Plan& plan) {
  return Verifier(plan).Run();
}

}  // namespace streamc::plan
