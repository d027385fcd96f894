#include "compiler/plan/expr.h"

#include <algorithm>

namespace streamc::plan {
namespace {

bool IsChecked(const types::Type& type) {
  switch (type.kind) {
    case types::TypeKind::Int:
    case types::TypeKind::Float:
    case types::TypeKind::Decimal:
    case types::TypeKind::Timestamp:
    case types::TypeKind::Date:
    case types::TypeKind::Duration: return true;
    default: return false;
  }
}

bool IsPathStep(const Expr& expr) {
  return expr.kind == ExprKind::Field || expr.kind == ExprKind::Unwrap || expr.kind == ExprKind::Need;
}

}  // namespace

void VisitExpr(const Expr& expr, const std::function<void(const Expr&)>& visit) {
  visit(expr);
  for (const ExprPtr& arg : expr.args) VisitExpr(*arg, visit);
}

ExprPtr RewriteExpr(const ExprPtr& expr, const std::function<ExprPtr(const ExprPtr&)>& change) {
  std::vector<ExprPtr> args;
  args.reserve(expr->args.size());
  for (const ExprPtr& arg : expr->args) args.push_back(RewriteExpr(arg, change));
  if (args == expr->args) return change(expr);
  auto copy = std::make_shared<Expr>(*expr);
  copy->args = std::move(args);
  return change(copy);
}

ExprPtr ReplaceColumns(const ExprPtr& expr, const std::vector<std::pair<ColumnId, ExprPtr>>& by) {
  return RewriteExpr(expr, [&](const ExprPtr& each) {
    if (each->kind == ExprKind::Column) {
      for (const auto& [id, replacement] : by) {
        if (id == each->column) return replacement;
      }
    }
    return each;
  });
}

void AddColumns(const Expr& expr, ColumnSet* columns) {
  VisitExpr(expr, [&](const Expr& each) {
    if (each.kind == ExprKind::Column) columns->insert(each.column);
  });
}

Path PathOf(const Expr& expr) {
  const Expr* at = &expr;
  Path path;
  while (IsPathStep(*at)) {
    if (at->kind == ExprKind::Field) path.fields.push_back(at->index);
    at = at->args[0].get();
  }
  if (at->kind != ExprKind::Column) return {};
  path.column = at->column;
  std::reverse(path.fields.begin(), path.fields.end());
  return path;
}

void AddPaths(const Expr& expr, std::set<Path>* paths) {
  if (expr.kind == ExprKind::IsNull) {
    if (Path path = PathOf(*expr.args[0]); path.column >= 0) {
      path.presence = true;
      paths->insert(path);
      return;
    }
  }
  if (Path path = PathOf(expr); path.column >= 0) {
    paths->insert(path);
    return;
  }
  for (const ExprPtr& arg : expr.args) AddPaths(*arg, paths);
}

bool RejectsItself(const Expr& expr, const ColumnSet& unchecked) {
  switch (expr.kind) {
    case ExprKind::Column: return unchecked.contains(expr.column);
    case ExprKind::Need:
    case ExprKind::ToDecimal: return true;
    case ExprKind::Neg:
    case ExprKind::Add:
    case ExprKind::Sub:
    case ExprKind::Mul:
    case ExprKind::Div:
    case ExprKind::Mod: return IsChecked(*expr.type);
    case ExprKind::Call:
      // A float result that is not a number rejects, whichever function made it.
      return expr.function == nullptr || expr.function->result == stdlib::Result::Rejects ||
             (expr.type->kind == types::TypeKind::Float && expr.function->result == stdlib::Result::Plain);
    default: return false;
  }
}

bool CanReject(const Expr& expr, const ColumnSet& unchecked) {
  if (RejectsItself(expr, unchecked)) return true;
  return std::any_of(expr.args.begin(), expr.args.end(), [&](const ExprPtr& arg) { return CanReject(*arg, unchecked); });
}

bool IsPure(const Expr& expr) {
  if (expr.kind == ExprKind::Call && (expr.function == nullptr || !expr.function->pure)) return false;
  return std::all_of(expr.args.begin(), expr.args.end(), [](const ExprPtr& arg) { return IsPure(*arg); });
}

bool SameExpr(const Expr& a, const Expr& b) {
  if (a.kind != b.kind || a.index != b.index || a.column != b.column || a.local != b.local || a.local2 != b.local2 ||
      a.function != b.function || a.args.size() != b.args.size() || !types::SameType(*a.type, *b.type) || a.value != b.value) {
    return false;
  }
  // The text of a column or local is only its name; that of Need is the code it rejects with.
  if (a.kind == ExprKind::Need && a.text != b.text) return false;
  for (size_t i = 0; i < a.args.size(); ++i) {
    if (!SameExpr(*a.args[i], *b.args[i])) return false;
  }
  return true;
}

int CountNodes(const Expr& expr) {
  int count = 0;
  VisitExpr(expr, [&](const Expr&) { ++count; });
  return count;
}

std::vector<ExprPtr> ExprsOf(const Op& op) {
  std::vector<ExprPtr> exprs;
  auto add = [&](const ExprPtr& expr) {
    if (expr) exprs.push_back(expr);
  };
  if (const auto* filter = As<Filter>(op)) add(filter->condition);
  if (const auto* check = As<Check>(op)) add(check->condition);
  if (const auto* expand = As<Expand>(op)) add(expand->list);
  if (const auto* project = As<Project>(op)) {
    for (const typed::Computed& each : project->computed) add(each.expr);
  }
  if (const auto* lookup = As<Lookup>(op)) {
    for (const ExprPtr& key : lookup->keys) add(key);
  }
  if (const auto* aggregate = As<Aggregate>(op)) {
    for (const typed::Computed& key : aggregate->keys) add(key.expr);
    for (const typed::AggCall& call : aggregate->calls) {
      add(call.where);
      for (const ExprPtr& arg : call.args) add(arg);
    }
  }
  if (const auto* top = As<Top>(op)) {
    for (const typed::SortKey& key : top->order) add(key.expr);
    for (const ExprPtr& per : top->per) add(per);
  }
  if (const auto* sink = As<Sink>(op)) {
    const typed::Sink& spec = sink->spec;
    for (const ExprPtr& field : spec.fields) add(field);
    for (const ExprPtr& key : spec.key) add(key);
    for (const ExprPtr& each :
         {spec.value, spec.headers, spec.partition, spec.timestamp, spec.delete_when, spec.connector.dynamic_target}) {
      add(each);
    }
  }
  return exprs;
}

void MapExprs(Op* op, const std::function<ExprPtr(const ExprPtr&)>& change) {
  auto map = [&](ExprPtr& expr) {
    if (expr) expr = change(expr);
  };
  if (auto* filter = As<Filter>(*op)) map(filter->condition);
  if (auto* check = As<Check>(*op)) map(check->condition);
  if (auto* expand = As<Expand>(*op)) map(expand->list);
  if (auto* project = As<Project>(*op)) {
    for (typed::Computed& each : project->computed) map(each.expr);
  }
  if (auto* lookup = As<Lookup>(*op)) {
    for (ExprPtr& key : lookup->keys) map(key);
  }
  if (auto* aggregate = As<Aggregate>(*op)) {
    for (typed::Computed& key : aggregate->keys) map(key.expr);
    for (typed::AggCall& call : aggregate->calls) {
      map(call.where);
      for (ExprPtr& arg : call.args) map(arg);
    }
    for (typed::Computed& item : aggregate->items) map(item.expr);
  }
  if (auto* top = As<Top>(*op)) {
    for (typed::SortKey& key : top->order) map(key.expr);
    for (ExprPtr& per : top->per) map(per);
  }
  if (auto* sink = As<Sink>(*op)) {
    typed::Sink& spec = sink->spec;
    for (ExprPtr& field : spec.fields) map(field);
    for (ExprPtr& key : spec.key) map(key);
    for (ExprPtr* each :
         {&spec.value, &spec.headers, &spec.partition, &spec.timestamp, &spec.delete_when, &spec.connector.dynamic_target}) {
      map(*each);
    }
  }
}

}  // namespace streamc::plan
