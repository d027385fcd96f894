// top N by ... per ...: the greatest rows of each group, with their rank.
#include <algorithm>

#include "compiler/sema/constants.h"
#include "compiler/sema/pipeline.h"

namespace streamc::sema {
namespace {

using types::Make;

bool IsWindowWord(const ast::Expr& expr) {
  const auto* name = std::get_if<ast::NameExpr>(&expr.node);
  return name != nullptr && !name->name.quoted && name->name.text == "window";
}

// The column an expression names, narrowed or not; -1 when it is more than that.
typed::ColumnId ColumnOf(const ExprPtr& expr) {
  const Expr* at = expr->kind == ExprKind::Unwrap ? expr->args[0].get() : expr.get();
  return at->kind == ExprKind::Column ? at->column : -1;
}

}  // namespace

void PipelineChecker::CheckStep(const ast::Step& step, const ast::TopStep& node) {
  const Flow before = flow;
  typed::Top top;
  top.label = Label(node.label, "top", step.verb_span);
  top.was = EarlierNames(node.was);
  top.with_ties = node.with_ties;
  top.limit = CheckStartValue(context_, *node.count, Make(TypeKind::Int), "number of rows of `top`");
  if (const auto count = ConstantMicros(top.limit); count && *count < 1) {
    context_.Report(DiagId::TopCount, node.count->span, *count).Help("`top 10 by n per window`");
  }
  for (const ast::Order& order : node.orders) {
    ExprChecker checker(context_, RowScope(flow));
    ExprPtr value = checker.Check(*order.value);
    if (IsError(value)) {
      flow.poisoned = true;
    } else if (value->type->optional || !types::IsOrdered(*value->type)) {
      auto report = context_.Report(DiagId::OrderType, order.value->span, types::ToString(*value->type));
      if (value->type->optional)
        report.Help("give the missing ones a place: `" + std::string(context_.sources.Text(order.value->span)) + " ?? " +
                    types::ToString(types::ZeroValue(*types::Required(value->type)), *types::Required(value->type)) + "`");
      flow.poisoned = true;
    }
    top.order.push_back({std::move(value), !order.ascending});
  }
  std::vector<typed::ColumnId> key;
  const ast::Expr* computed_key = nullptr;
  for (const ast::Expr& per : node.per) {
    if (IsWindowWord(per)) {
      if (top.per_window) context_.Report(DiagId::DuplicateColumn, per.span, "window").Help("name the window once");
      top.per_window = true;
      if (flow.Find("window.start", true) == nullptr && !flow.poisoned) {
        context_.Report(DiagId::NoWindowBefore, per.span)
            .Help("give it a window of its own: `|> top 10 by n window tumbling(1m)`; or aggregate in a window before");
        flow.poisoned = true;
      }
      continue;
    }
    ExprChecker checker(context_, RowScope(flow));
    ExprPtr value = checker.Check(per);
    if (!CheckKeyType(value, per.span)) flow.poisoned = true;
    if (ColumnOf(value) < 0) computed_key = &per;
    key.push_back(ColumnOf(value));
    top.per.push_back(std::move(value));
  }
  if (!top.per_window || node.bound) {
    auto bound = CheckBound(step, node.bound, "top", {});
    if (top.per_window && node.bound && !flow.poisoned) {
      context_.Report(DiagId::TopTwoWindows, node.bound->span).Help("leave out `per window`, or the window of its own");
    }
    if (bound) top.bound = std::move(*bound);
  }
  const bool windowed = top.bound && top.bound->window != typed::WindowKind::None;
  top.rank = context_.NewColumn("rank", Make(TypeKind::Int), true);
  top.window_start = context_.NewColumn("window.start", Make(TypeKind::Timestamp), true);
  top.window_end = context_.NewColumn("window.end", Make(TypeKind::Timestamp), true);
  top.window_pane = context_.NewColumn("window.pane", types::MakeEnum({"early", "final", "late"}), true);

  const bool changing = top.bound ? GivesChanges(*top.bound) : before.rows.changing;
  if (changing && top.with_ties && !flow.poisoned) {
    context_.Report(DiagId::TiesChanging, step.verb_span)
        .Help("leave `with ties` out, or rank final results: `emit final` and no `late` before");
  }
  if (changing && computed_key != nullptr && !flow.poisoned) {
    context_.Report(DiagId::TopKeyComputed, computed_key->span)
        .Help("make it a column first: `|> set part = " + std::string(context_.sources.Text(computed_key->span)) +
              " |> top ... per part`");
    flow.poisoned = true;
  }
  typed::ColumnId window_start = -1;
  if (const typed::Column* start = flow.Find("window.start", true); start != nullptr && top.per_window)
    window_start = start->id;
  // Rows are held and sent later: what belongs to the record they came in is gone.
  std::erase_if(flow.columns, [&](const typed::Column& column) {
    if (!column.hidden) return false;
    if (column.name == "rank" || column.name[0] == '$' || column.name == "change.kind") return true;
    if (column.name.rfind("meta.", 0) == 0) return column.name != "meta.time" || windowed;
    return windowed && column.name.rfind("window.", 0) == 0;
  });
  flow.combined_by = "top";
  flow.columns.push_back(top.rank);
  if (windowed) {
    flow.columns.push_back(context_.NewColumn("meta.time", Make(TypeKind::Timestamp), true));
    flow.columns.push_back(top.window_start);
    flow.columns.push_back(top.window_end);
    flow.columns.push_back(top.window_pane);
    window_start = top.window_start.id;
  }
  flow.rows = {};
  if (changing) {
    flow.rows.changing = true;
    flow.rows.key = std::move(key);
    if (window_start >= 0) flow.rows.key.push_back(window_start);
    flow.rows.key.push_back(top.rank.id);
  }
  if (top.bound) NoteLateRoute(*top.bound, before);
  Finish(step, std::move(top));
}

}  // namespace streamc::sema
