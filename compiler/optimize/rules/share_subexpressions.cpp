// A function call that several steps of one pipeline write out is computed once.
//
//   #1 filter length(lower(text)) > 3         #1 project $e1 = lower(text)
//   #2 expand w in words(lower(text))         #2 filter length($e1) > 3
//                                             #3 expand w in words($e1)
//
// The shared value is computed where it was first computed anyway, for the same rows: its first place must be one that every
// row of the step evaluates, and a value that may reject must be the first thing there that can, so that a record is bad with
// the same code as before. Left alone: plain arithmetic, which the code generator shares; what reads lambda or `let` variables;
// the clock.
#include "compiler/optimize/rule.h"

namespace streamc::optimize {
namespace {

using plan::Expr;
using plan::ExprKind;
using plan::ExprPtr;
using plan::OpId;

bool IsWorthSharing(const Expr& expr) {
  bool calls = false, bound = false;
  plan::VisitExpr(expr, [&](const Expr& each) {
    calls = calls || each.kind == ExprKind::Call || each.kind == ExprKind::Map || each.kind == ExprKind::Filter ||
            each.kind == ExprKind::Reduce;
    bound = bound || each.kind == ExprKind::Local || each.kind == ExprKind::Agg;
  });
  return calls && !bound && plan::IsPure(expr);
}

// The arguments of `expr` that are evaluated whenever it is.
size_t CertainArgs(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::And:
    case ExprKind::Or:
    case ExprKind::If:
    case ExprKind::Coalesce:
    case ExprKind::Map:
    case ExprKind::Filter:
    case ExprKind::Exists:
    case ExprKind::ForAll: return 1;
    case ExprKind::Reduce: return 2;
    default: return expr.args.size();
  }
}

int CountSame(const ExprPtr& in, const Expr& wanted) {
  if (plan::SameExpr(*in, wanted)) return 1;
  int count = 0;
  for (const ExprPtr& arg : in->args) count += CountSame(arg, wanted);
  return count;
}

ExprPtr Replace(const ExprPtr& in, const Expr& wanted, const ExprPtr& by) {
  return plan::RewriteExpr(in, [&](const ExprPtr& each) { return plan::SameExpr(*each, wanted) ? by : each; });
}

class Sharer {
 public:
  explicit Sharer(plan::Plan* plan) : plan_(*plan) {}

  bool Run() {
    bool changed = false;
    for (size_t id = 0; id < plan_.ops.size(); ++id) {
      // Sharing one value may make another worth it; every round takes one call away, so this ends.
      while (ShareOne(static_cast<OpId>(id))) changed = true;
    }
    return changed;
  }

 private:
  // Operators that run in one pipeline from `first` on.
  std::vector<OpId> ChainFrom(OpId first) const {
    const auto consumers = plan::Consumers(plan_);
    std::vector<OpId> chain{first};
    while (plan::IsRowStep(plan_.ops[chain.back()]) && !plan_.ops[chain.back()].materialise &&
           consumers[chain.back()].size() == 1) {
      const OpId next = consumers[chain.back()][0];
      if (plan::As<plan::Merge>(plan_.ops[next])) break;
      chain.push_back(next);
    }
    return chain;
  }

  // Adds the subexpressions of `expr` that every row evaluates and that may be moved to the start of the step.
  void AddCandidates(const ExprPtr& expr, const plan::ColumnSet& unchecked, bool* rejected,
                     std::vector<ExprPtr>* candidates) const {
    const bool rejected_before = *rejected;
    const size_t certain = CertainArgs(*expr);
    if (IsWorthSharing(*expr) && !(rejected_before && plan::CanReject(*expr, unchecked))) candidates->push_back(expr);
    for (size_t i = 0; i < expr->args.size(); ++i) {
      if (i < certain) {
        AddCandidates(expr->args[i], unchecked, rejected, candidates);
      } else {
        *rejected = *rejected || plan::CanReject(*expr->args[i], unchecked);
      }
    }
    *rejected = *rejected || plan::RejectsItself(*expr, unchecked);
  }

  std::vector<ExprPtr> CandidatesOf(const plan::Op& op, const plan::ColumnSet& unchecked) const {
    std::vector<ExprPtr> candidates;
    bool rejected = false;
    if (const auto* aggregate = plan::As<plan::Aggregate>(op)) {
      // Only keys are evaluated for every row: late rows end before the calls.
      for (const typed::Computed& key : aggregate->keys) AddCandidates(key.expr, unchecked, &rejected, &candidates);
      rejected = true;
      for (const typed::AggCall& call : aggregate->calls) {
        if (call.where) AddCandidates(call.where, unchecked, &rejected, &candidates);
        for (const ExprPtr& arg : call.args) {
          if (!call.where) AddCandidates(arg, unchecked, &rejected, &candidates);
        }
      }
      return candidates;
    }
    for (const ExprPtr& expr : plan::ExprsOf(op)) AddCandidates(expr, unchecked, &rejected, &candidates);
    return candidates;
  }

  bool ShareOne(OpId id) {
    const plan::Op& op = plan_.ops[id];
    if (op.inputs.empty() || plan::As<plan::Merge>(op)) return false;
    const std::vector<plan::ColumnSet> unchecked = plan::UncheckedColumns(plan_);
    const std::vector<OpId> chain = ChainFrom(id);
    ExprPtr best;
    for (const ExprPtr& candidate : CandidatesOf(op, UncheckedBefore(plan_, unchecked, op))) {
      if (best && plan::CountNodes(*candidate) <= plan::CountNodes(*best)) continue;
      int count = 0;
      for (OpId each : chain) {
        for (const ExprPtr& expr : plan::ExprsOf(plan_.ops[each])) count += CountSame(expr, *candidate);
      }
      if (count > 1) best = candidate;
    }
    if (!best) return false;
    Share(id, chain, *best);
    return true;
  }

  void Share(OpId id, const std::vector<OpId>& chain, const Expr& shared) {
    const auto value = std::make_shared<Expr>(shared);
    const plan::Column column{plan_.next_column++, "$e" + std::to_string(++shared_), shared.type, true};
    auto read = std::make_shared<Expr>();
    read->kind = ExprKind::Column;
    read->type = column.type;
    read->span = shared.span;
    read->column = column.id;
    read->text = column.name;
    OpId last = id;
    for (OpId each : chain) {
      bool uses = false;
      plan::MapExprs(&plan_.ops[each], [&](const ExprPtr& expr) {
        const ExprPtr replaced = Replace(expr, *value, read);
        uses = uses || replaced != expr;
        return replaced;
      });
      if (uses) last = each;
    }
    for (OpId each : chain) {
      if (each == last) break;
      plan_.ops[each].columns.push_back(column);
    }
    const plan::Op& first = plan_.ops[id];
    plan::Op project;
    project.node = plan::Project{{{column, value}}};
    project.columns = plan::ColumnsOf(plan_, first.inputs[0]);
    project.columns.push_back(column);
    project.rows = first.inputs[0].port == 0 ? plan_.ops[first.inputs[0].op].rows : typed::RowKind{};
    project.has_time = plan_.ops[first.inputs[0].op].has_time;
    project.stream = first.stream;
    project.verb = first.verb;
    project.span = first.span;
    InsertBefore(&plan_, id, std::move(project));
  }

  plan::Plan& plan_;
  int shared_ = 0;
};

}  // namespace

bool ShareSubexpressions(plan::Plan* plan) {
  return Sharer(plan).Run();
}

}  // namespace streamc::optimize
