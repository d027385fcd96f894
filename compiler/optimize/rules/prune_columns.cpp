// Only columns that something reads are carried, and only fields that something reads are decoded.
//
//   #0 scan tweets                              #0 scan tweets
//      columns id, lang, text, user                decode lang, user.name
//      hidden meta.key, ..., $rec, $wm             columns lang, user
//   #1 project a = length(lang)                    hidden $rec
//   #2 project b = user.name                    #2 project b = user.name
//
// One walk from the ends to the sources. `$rec` stays up to the last step that can reject a row, `$wm` up to the step that
// tells late rows, the change key and `$sign` as long as rows change. Left alone: computed columns, results and aggregate calls
// that nobody reads but that can reject a record or stop the job; what `top` ranks, since its columns break ties.
#include <algorithm>

#include "compiler/optimize/rule.h"

namespace streamc::optimize {
namespace {

using plan::ColumnId;
using plan::ColumnSet;

class Pruner {
 public:
  explicit Pruner(plan::Plan* plan)
      : plan_(*plan), unchecked_(plan::UncheckedColumns(*plan)), needed_(plan->ops.size()), needed_side_(plan->ops.size()) {}

  bool Run() {
    MarkSidePorts();
    for (size_t id = plan_.ops.size(); id-- > 0;) {
      plan::Op& op = plan_.ops[id];
      if (op.rows.changing) {
        needed_[id].insert(op.rows.key.begin(), op.rows.key.end());
        needed_[id].insert(plan_.sign);
      }
      std::visit([&](auto& node) { Prune(node, op, needed_[id]); }, op.node);
      Keep(&op.side, needed_side_[id]);
    }
    for (plan::Op& op : plan_.ops) {
      if (auto* scan = plan::As<plan::Scan>(op)) NarrowScan(scan);
    }
    return changed_;
  }

 private:
  // Late rows that go to a dead letter are used whole; others as far as their readers ask for them.
  void MarkSidePorts() {
    for (plan::Op& op : plan_.ops) {
      const auto* aggregate = plan::As<plan::Aggregate>(op);
      const auto* top = plan::As<plan::Top>(op);
      const typed::Bound* bound = aggregate ? &aggregate->bound : top && top->bound ? &*top->bound : nullptr;
      const bool is_letter = bound && bound->on_late && bound->on_late->kind == typed::ActionKind::DeadLetter;
      if (!is_letter) continue;
      for (const plan::Column& column : op.side) needed_side_[&op - plan_.ops.data()].insert(column.id);
    }
  }

  bool Has(const std::vector<plan::Column>& columns, ColumnId id) const {
    return std::any_of(columns.begin(), columns.end(), [&](const plan::Column& column) { return column.id == id; });
  }

  void Keep(std::vector<plan::Column>* columns, const ColumnSet& needed) {
    changed_ = std::erase_if(*columns, [&](const plan::Column& column) { return !needed.contains(column.id); }) > 0 || changed_;
  }

  ColumnSet* NeededOf(const plan::Input& input) { return input.port == 0 ? &needed_[input.op] : &needed_side_[input.op]; }

  // Asks input 0 for `columns`, as far as it gives them.
  void Ask(const plan::Op& op, const ColumnSet& columns) {
    const std::vector<plan::Column>& given = plan::ColumnsOf(plan_, op.inputs[0]);
    for (ColumnId id : columns) {
      if (Has(given, id)) NeededOf(op.inputs[0])->insert(id);
    }
  }

  void AskForExprs(const plan::Op& op) {
    ColumnSet read;
    for (const plan::ExprPtr& expr : plan::ExprsOf(op)) plan::AddColumns(*expr, &read);
    if (OpCanReject(op, UncheckedBefore(plan_, unchecked_, op))) read.insert(plan_.rec);
    if (op.inputs[0].port == 0 && plan_.ops[op.inputs[0].op].rows.changing) read.insert(plan_.sign);
    Ask(op, read);
  }

  bool Rejects(const plan::Op& op, const plan::ExprPtr& expr) const {
    return plan::CanReject(*expr, UncheckedBefore(plan_, unchecked_, op));
  }

  void Prune(std::monostate&, plan::Op&, const ColumnSet&) {}
  void Prune(plan::TableScan&, plan::Op&, const ColumnSet&) {}
  void Prune(plan::BadRows&, plan::Op&, const ColumnSet&) {}

  void Prune(plan::Scan& scan, plan::Op& op, ColumnSet needed) {
    const typed::Source& source = plan_.program->sources[scan.source];
    if (source.time_expr && !plan::TimeIsField(source)) plan::AddColumns(*source.time_expr, &needed);
    Keep(&op.columns, needed);
  }

  void Prune(plan::Merge& merge, plan::Op& op, const ColumnSet& needed) {
    for (size_t k = op.columns.size(); k-- > 0;) {
      if (needed.contains(op.columns[k].id)) continue;
      op.columns.erase(op.columns.begin() + k);
      for (auto& from : merge.from) from.erase(from.begin() + k);
      changed_ = true;
    }
    for (size_t i = 0; i < op.inputs.size(); ++i) NeededOf(op.inputs[i])->insert(merge.from[i].begin(), merge.from[i].end());
  }

  void PassThrough(plan::Op& op, const ColumnSet& needed) {
    Keep(&op.columns, needed);
    AskForExprs(op);
    ColumnSet passed;
    for (const plan::Column& column : op.columns) passed.insert(column.id);
    Ask(op, passed);
  }
  void Prune(plan::Filter&, plan::Op& op, const ColumnSet& needed) { PassThrough(op, needed); }
  void Prune(plan::Expand&, plan::Op& op, const ColumnSet& needed) { PassThrough(op, needed); }
  void Prune(plan::Check&, plan::Op& op, const ColumnSet& needed) { PassThrough(op, needed); }
  void Prune(plan::Lookup&, plan::Op& op, const ColumnSet& needed) { PassThrough(op, needed); }
  void Prune(plan::Project& project, plan::Op& op, const ColumnSet& needed) {
    changed_ = std::erase_if(project.computed,
                             [&](const typed::Computed& each) {
                               return !needed.contains(each.column.id) && !Rejects(op, each.expr);
                             }) > 0 ||
               changed_;
    PassThrough(op, needed);
  }

  void Prune(plan::Aggregate& aggregate, plan::Op& op, const ColumnSet& needed) {
    PruneResults(&aggregate, op, needed);
    Keep(&op.columns, needed);
    AskForExprs(op);
    ColumnSet read = needed_side_[&op - plan_.ops.data()];
    const bool windowed = aggregate.bound.window != typed::WindowKind::None;
    const bool ordered = std::any_of(aggregate.calls.begin(), aggregate.calls.end(),
                                     [](const typed::AggCall& call) { return call.function->ordered; });
    read.insert(aggregate.time);
    if (windowed) read.insert(plan_.watermark);
    if (ordered) read.insert(plan_.order);
    Ask(op, read);
  }

  // Results nobody reads go, then the calls no result uses; the remaining calls are numbered anew.
  void PruneResults(plan::Aggregate* aggregate, const plan::Op& op, const ColumnSet& needed) {
    const auto dropped = std::erase_if(aggregate->items, [&](const typed::Computed& item) {
      return !needed.contains(item.column.id) && !Stops(*aggregate, *item.expr);
    });
    if (dropped == 0) return;
    changed_ = true;
    std::set<int32_t> used;
    for (const typed::Computed& item : aggregate->items) {
      plan::VisitExpr(*item.expr, [&](const plan::Expr& each) {
        if (each.kind == plan::ExprKind::Agg) used.insert(each.index);
      });
    }
    std::vector<int32_t> number(aggregate->calls.size(), -1);
    std::vector<typed::AggCall> calls;
    for (size_t i = 0; i < aggregate->calls.size(); ++i) {
      const typed::AggCall& call = aggregate->calls[i];
      bool rejects = call.where && Rejects(op, call.where);
      for (const plan::ExprPtr& arg : call.args) rejects = rejects || Rejects(op, arg);
      if (!used.contains(static_cast<int32_t>(i)) && !rejects) continue;
      number[i] = static_cast<int32_t>(calls.size());
      calls.push_back(call);
    }
    aggregate->calls = std::move(calls);
    for (typed::Computed& item : aggregate->items) {
      item.expr = plan::RewriteExpr(item.expr, [&](const plan::ExprPtr& each) {
        if (each->kind != plan::ExprKind::Agg || number[each->index] == each->index) return each;
        auto copy = std::make_shared<plan::Expr>(*each);
        copy->index = number[each->index];
        return plan::ExprPtr(copy);
      });
    }
  }

  // Whether computing a result can go wrong: its own arithmetic, or a sum that does not fit and stops the job.
  static bool Stops(const plan::Aggregate& aggregate, const plan::Expr& item) {
    bool stops = plan::CanReject(item, {});
    plan::VisitExpr(item, [&](const plan::Expr& each) {
      if (each.kind == plan::ExprKind::Agg) stops = stops || aggregate.calls[each.index].function->name == "sum";
    });
    return stops;
  }

  void Prune(plan::Top& top, plan::Op& op, ColumnSet needed) {
    // Equal rows are told apart by their other columns, so those decide which rows stay, read afterwards or not.
    for (const plan::Column& column : op.columns) {
      if (!column.hidden) needed.insert(column.id);
    }
    Keep(&op.columns, needed);
    AskForExprs(op);
    ColumnSet read = needed_side_[&op - plan_.ops.data()];
    for (const plan::Column& column : op.columns) read.insert(column.id);
    if (top.per_window) read.insert({top.window_start, top.window_end});
    if (top.bound) read.insert({top.time, plan_.watermark});
    Ask(op, read);
  }

  void Prune(plan::AsRows& as_rows, plan::Op& op, ColumnSet needed) {
    needed.insert(as_rows.change_kind.id);
    Keep(&op.columns, needed);
    AskForExprs(op);
    Ask(op, needed);
  }

  void Prune(plan::Sink&, plan::Op& op, const ColumnSet&) {
    AskForExprs(op);
    Ask(op, ColumnSet(op.rows.key.begin(), op.rows.key.end()));
  }

  void Prune(plan::Capture&, plan::Op& op, const ColumnSet&) {
    ColumnSet read(op.rows.key.begin(), op.rows.key.end());
    for (const plan::Column& column : plan::ColumnsOf(plan_, op.inputs[0])) {
      if (!column.hidden) read.insert(column.id);
    }
    AskForExprs(op);
    Ask(op, read);
  }

  // A column that is copied from batch to batch is read whole; otherwise the fields named by expressions are enough.
  void NarrowScan(plan::Scan* scan) {
    std::set<plan::Path> paths;
    for (const plan::Op& each : plan_.ops) {
      for (const plan::ExprPtr& expr : plan::ExprsOf(each)) plan::AddPaths(*expr, &paths);
      if (const auto* merge = plan::As<plan::Merge>(each)) {
        for (const auto& from : merge->from) {
          for (ColumnId id : from) paths.insert({id, {}, false});
        }
      }
      const bool copies = each.materialise || plan::As<plan::Top>(each) || plan::As<plan::AsRows>(each);
      if (copies) AddWhole(each.columns, &paths);
      AddWhole(each.side, &paths);
      if (plan::As<plan::Capture>(each)) AddWhole(plan::ColumnsOf(plan_, each.inputs[0]), &paths);
    }
    if (const typed::Source& source = plan_.program->sources[scan->source]; source.time_expr)
      plan::AddPaths(*source.time_expr, &paths);
    for (const plan::ScanPredicate& predicate : scan->predicates) paths.insert(predicate.path);
    std::vector<plan::Path> needed;
    for (const plan::Path& path : paths) {
      const typed::Source& source = plan_.program->sources[scan->source];
      const bool own = std::any_of(source.columns.begin(), source.columns.end(), [&](const plan::Column& column) {
        return column.id == path.column && !column.hidden && column.id != source.key_column;
      });
      if (own && (needed.empty() || !Covers(needed.back(), path))) needed.push_back(path);
    }
    changed_ = changed_ || scan->all_needed || scan->needed != needed;
    scan->all_needed = false;
    scan->needed = std::move(needed);
  }

  static void AddWhole(const std::vector<plan::Column>& columns, std::set<plan::Path>* paths) {
    for (const plan::Column& column : columns) {
      if (!column.hidden) paths->insert({column.id, {}, false});
    }
  }

  // Paths are sorted, so what covers a path stands before it.
  static bool Covers(const plan::Path& whole, const plan::Path& part) {
    return whole.column == part.column && !whole.presence && whole.fields.size() <= part.fields.size() &&
           std::equal(whole.fields.begin(), whole.fields.end(), part.fields.begin());
  }

  plan::Plan& plan_;
  std::vector<ColumnSet> unchecked_;
  std::vector<ColumnSet> needed_, needed_side_;
  bool changed_ = false;
};

}  // namespace

bool PruneColumns(plan::Plan* plan) {
  return Pruner(plan).Run();
}

}  // namespace streamc::optimize
