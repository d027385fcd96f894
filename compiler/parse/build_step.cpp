// Pipelines, steps and fold bodies. See tree_builder.h.
#include "compiler/parse/tree_builder.h"

namespace streamc::parse {

using source::Span;

ast::Pipeline TreeBuilder::BuildPipeline(P::PipelineContext* context) {
  ast::Pipeline pipeline;
  pipeline.span = SpanOf(context);
  for (P::NameContext* name : context->name()) pipeline.merge.push_back(BuildName(name));
  pipeline.input = BuildExprPtr(context->expr());
  for (P::StepContext* step : context->step()) pipeline.steps.push_back(BuildStep(step));
  return pipeline;
}

ast::Step TreeBuilder::BuildStep(P::StepContext* context) {
  ast::Step step;
  step.span = SpanOf(context);
  step.verb_span = FirstWord(context);
  if (auto* where = context->whereStep()) {
    step.node = ast::WhereStep{BuildExprPtr(where->expr())};
  } else if (auto* set = context->setStep()) {
    step.node = BuildSet(set);
  } else if (auto* select = context->selectStep()) {
    step.node = BuildSelect(select);
  } else if (auto* drop = context->dropStep()) {
    step.node = BuildDrop(drop);
  } else if (auto* rename = context->renameStep()) {
    step.node = BuildRename(rename);
  } else if (auto* expand = context->expandStep()) {
    step.node = BuildExpand(expand);
  } else if (auto* check = context->checkStep()) {
    step.node = ast::CheckStep{BuildExprPtr(check->expr()), BuildText(check->string())};
  } else if (auto* aggregate = context->aggregateStep()) {
    step.node = BuildAggregate(aggregate);
  } else if (auto* rolling = context->rollingStep()) {
    step.node = BuildRolling(rolling);
  } else if (auto* top = context->topStep()) {
    step.node = BuildTop(top);
  } else if (auto* dedup = context->dedupStep()) {
    step.node = BuildDedup(dedup);
  } else if (auto* latest = context->latestStep()) {
    step.node = BuildLatest(latest);
  } else if (auto* join = context->joinStep()) {
    step.node = BuildJoin(join);
    const size_t verb = join->joinKind() != nullptr ? 1 : 0;
    step.verb_span = source::Join(step.verb_span, WordSpan(join, verb));
  } else if (auto* lookup = context->lookupStep()) {
    step.node = BuildLookup(lookup);
  } else if (auto* fold = context->foldStep()) {
    step.node = BuildFold(fold);
  } else if (auto* pattern = context->patternStep()) {
    step.node = BuildPattern(pattern);
  } else if (auto* route = context->routeStep()) {
    step.node = BuildRoute(route);
  } else if (auto* tap = context->tapStep()) {
    step.node = BuildTap(tap);
  } else {
    step.node = ast::AsRowsStep{};
    step.verb_span = step.span;
  }
  return step;
}

// ---- row by row

ast::SetStep TreeBuilder::BuildSet(P::SetStepContext* context) {
  ast::SetStep step;
  for (P::AssignContext* assign : context->assign()) step.assigns.push_back(BuildAssign(assign));
  return step;
}

ast::SelectStep TreeBuilder::BuildSelect(P::SelectStepContext* context) {
  return {BuildItemList(context->item())};
}

ast::DropStep TreeBuilder::BuildDrop(P::DropStepContext* context) {
  ast::DropStep step;
  for (P::PathContext* path : context->path()) step.paths.push_back(BuildPath(path));
  return step;
}

ast::RenameStep TreeBuilder::BuildRename(P::RenameStepContext* context) {
  ast::RenameStep step;
  for (P::RenameContext* rename : context->rename()) {
    step.renames.push_back({SpanOf(rename), BuildPath(rename->path()), BuildFieldName(rename->fieldName())});
  }
  return step;
}

ast::ExpandStep TreeBuilder::BuildExpand(P::ExpandStepContext* context) {
  return {HasWord(context, "outer"), BuildName(context->name()), BuildValuePtr(context->value())};
}

ast::Assign TreeBuilder::BuildAssign(P::AssignContext* context) {
  return {SpanOf(context), BuildPath(context->path()), BuildExprPtr(context->expr())};
}

std::vector<ast::Assign> TreeBuilder::BuildItems(P::ItemsContext* context) {
  std::vector<ast::Assign> items;
  for (P::AssignContext* assign : context->assign()) items.push_back(BuildAssign(assign));
  return items;
}

ast::Item TreeBuilder::BuildItem(P::ItemContext* context) {
  ast::Item item;
  item.span = SpanOf(context);
  if (context->path() != nullptr) item.path = BuildPath(context->path());
  item.value = BuildExprPtr(context->expr());
  item.all = HasWord(context, "*");
  return item;
}

std::vector<ast::Item> TreeBuilder::BuildItemList(const std::vector<P::ItemContext*>& contexts) {
  std::vector<ast::Item> items;
  for (P::ItemContext* context : contexts) items.push_back(BuildItem(context));
  return items;
}

// ---- with state

std::vector<ast::Text> TreeBuilder::BuildWas(P::WasContext* context) {
  std::vector<ast::Text> names;
  if (context == nullptr) return names;
  for (P::StringContext* name : context->string()) names.push_back(BuildText(name));
  return names;
}

std::vector<ast::Key> TreeBuilder::BuildBy(P::ByContext* context) {
  std::vector<ast::Key> keys;
  if (context == nullptr) return keys;
  for (P::KeyContext* key : context->key()) {
    ast::Key& out = keys.emplace_back();
    out.span = SpanOf(key);
    if (key->name() != nullptr) out.name = BuildName(key->name());
    out.value = BuildExprPtr(key->expr());
  }
  return keys;
}

ast::Order TreeBuilder::BuildOrder(P::OrderContext* context) {
  return {SpanOf(context), BuildValuePtr(context->value()), HasWord(context, "asc")};
}

std::optional<ast::Keep> TreeBuilder::BuildKeep(P::KeepContext* context) {
  if (context == nullptr) return std::nullopt;
  return ast::Keep{SpanOf(context), HasWord(context, "forever"), BuildValuePtr(context->value())};
}

ast::Emit TreeBuilder::BuildEmit(P::EmitContext* context) {
  return {SpanOf(context), HasWord(context, "changes"), BuildValuePtr(context->value())};
}

ast::Action TreeBuilder::BuildAction(P::ActionContext* context) {
  ast::Action action;
  action.span = SpanOf(context);
  if (context->call() != nullptr) {
    action.kind = ast::Action::Kind::Call;
    action.call = BuildCall(context->call());
  } else if (context->name() != nullptr) {
    action.kind = ast::Action::Kind::Stream;
    action.stream = BuildName(context->name());
  } else {
    action.kind = HasWord(context, "stop") ? ast::Action::Kind::Stop : ast::Action::Kind::Drop;
  }
  return action;
}

ast::ActionClause TreeBuilder::BuildOnLate(P::OnLateContext* context) {
  return {FirstTwoWords(context), BuildAction(context->action())};
}

std::optional<ast::Bound> TreeBuilder::BuildBound(P::BoundContext* context) {
  if (context == nullptr) return std::nullopt;
  ast::Bound bound;
  bound.span = SpanOf(context);
  if (context->call() != nullptr) bound.window = BuildCall(context->call());
  bound.keep = BuildKeep(context->keep());
  ClauseGuard guard(*this);
  for (P::LateContext* late : context->late()) {
    if (guard.First("late", FirstWord(late))) bound.late = ast::ValueClause{FirstWord(late), BuildValuePtr(late->value())};
  }
  for (P::OnLateContext* on_late : context->onLate()) {
    if (guard.First("on late", FirstTwoWords(on_late))) bound.on_late = BuildOnLate(on_late);
  }
  for (P::EmitContext* emit : context->emit()) {
    if (guard.First("emit", FirstWord(emit))) bound.emit = BuildEmit(emit);
  }
  return bound;
}

ast::AggregateStep TreeBuilder::BuildAggregate(P::AggregateStepContext* context) {
  return {BuildLabel(context->label()), BuildWas(context->was()), BuildItems(context->items()), BuildBy(context->by()),
          BuildBound(context->bound())};
}

ast::RollingStep TreeBuilder::BuildRolling(P::RollingStepContext* context) {
  ast::RollingStep step;
  step.label = BuildLabel(context->label());
  step.items = BuildItems(context->items());
  step.keys = BuildBy(context->by());
  step.over = BuildValuePtr(context->value());
  step.over_rows = HasWord(context, "rows");
  step.keep = BuildKeep(context->keep());
  step.ordered = HasWord(context, "ordered");
  return step;
}

ast::TopStep TreeBuilder::BuildTop(P::TopStepContext* context) {
  ast::TopStep step;
  step.label = BuildLabel(context->label());
  step.was = BuildWas(context->was());
  std::vector<ast::Expr> values = BuildValues(context->value());
  step.count = std::make_unique<ast::Expr>(std::move(values.front()));
  for (size_t i = 1; i < values.size(); ++i) step.per.push_back(std::move(values[i]));
  for (P::OrderContext* order : context->order()) step.orders.push_back(BuildOrder(order));
  step.bound = BuildBound(context->bound());
  step.with_ties = HasWord(context, "ties");
  return step;
}

ast::DedupStep TreeBuilder::BuildDedup(P::DedupStepContext* context) {
  return {BuildLabel(context->label()), BuildBy(context->by()), BuildValuePtr(context->value()), BuildBound(context->bound())};
}

ast::LatestStep TreeBuilder::BuildLatest(P::LatestStepContext* context) {
  return {BuildLabel(context->label()), BuildBy(context->by()), BuildValuePtr(context->value()), BuildExprPtr(context->expr()),
          BuildKeep(context->keep())};
}

ast::JoinStep TreeBuilder::BuildJoin(P::JoinStepContext* context) {
  ast::JoinStep step;
  if (context->joinKind() != nullptr) {
    const std::string_view kind = source_.TextOf(context->joinKind()->start);
    step.kind = kind == "left"   ? ast::JoinKind::Left
                : kind == "full" ? ast::JoinKind::Full
                : kind == "semi" ? ast::JoinKind::Semi
                                 : ast::JoinKind::Anti;
  }
  step.label = BuildLabel(context->label());
  step.stream = BuildName(context->name());
  step.alias = BuildAlias(context->alias());
  step.on = BuildExprPtr(context->expr());
  if (P::BetweenContext* between = context->between()) {
    step.between_from = BuildValuePtr(between->value(0));
    step.between_to = BuildValuePtr(between->value(1));
    if (between->onLate() != nullptr) step.on_late = BuildOnLate(between->onLate());
  }
  step.bound = BuildBound(context->bound());
  return step;
}

std::optional<ast::Name> TreeBuilder::BuildAlias(P::AliasContext* context) {
  if (context == nullptr) return std::nullopt;
  return BuildName(context->name());
}

ast::LookupStep TreeBuilder::BuildLookup(P::LookupStepContext* context) {
  ast::LookupStep step;
  step.table = BuildName(context->name());
  step.alias = BuildAlias(context->alias());
  step.on = BuildValues(context->value());
  step.as_of_time = HasWord(context, "of");
  if (P::LookupElseContext* otherwise = context->lookupElse()) {
    step.otherwise = otherwise->string() != nullptr ? ast::LookupStep::Else::Code
                     : HasWord(otherwise, "drop")   ? ast::LookupStep::Else::Drop
                                                    : ast::LookupStep::Else::Null;
    if (otherwise->string() != nullptr) step.code = BuildText(otherwise->string());
  }
  return step;
}

// ---- fold

ast::FoldStep TreeBuilder::BuildFold(P::FoldStepContext* context) {
  ast::FoldStep step;
  step.label = BuildLabel(context->label());
  step.state_name = BuildName(context->name());
  step.state = BuildRecordType(context->recordType());
  step.keys = BuildBy(context->by());
  step.keep = BuildKeep(context->keep());
  step.ordered = HasWord(context, "ordered");
  for (P::HandlerContext* handler : context->handler()) step.handlers.push_back(BuildHandler(handler));
  return step;
}

ast::Handler TreeBuilder::BuildHandler(P::HandlerContext* context) {
  ast::Handler handler;
  handler.span = SpanOf(context);
  const std::string_view event = WordAt(context, 1);
  handler.kind = event == "row"     ? ast::Handler::Kind::Row
                 : event == "timer" ? ast::Handler::Kind::Timer
                                    : ast::Handler::Kind::Expire;
  if (context->name() != nullptr) handler.timer = BuildName(context->name());
  handler.body = BuildBody(context->body());
  return handler;
}

ast::Body TreeBuilder::BuildBody(P::BodyContext* context) {
  ast::Body body;
  body.span = SpanOf(context);
  for (P::StmtContext* stmt : context->stmt()) body.stmts.push_back(BuildStmt(stmt));
  return body;
}

ast::Stmt TreeBuilder::BuildStmt(P::StmtContext* context) {
  if (context->ifStmt() != nullptr) return BuildIfStmt(context->ifStmt());
  ast::Stmt stmt;
  stmt.span = SpanOf(context);
  if (auto* let = context->let()) {
    stmt.node = BuildLet(let);
  } else if (auto* emit = context->emitStmt()) {
    stmt.node = ast::EmitStmt{BuildItemList(emit->item())};
  } else if (auto* timer = context->timerStmt()) {
    stmt.node = ast::TimerStmt{BuildName(timer->name()), BuildValuePtr(timer->value())};
  } else if (auto* cancel = context->cancelStmt()) {
    stmt.node = ast::CancelStmt{BuildName(cancel->name())};
  } else if (auto* loop = context->forStmt()) {
    stmt.node = ast::ForStmt{BuildName(loop->name()), BuildValuePtr(loop->value()), BuildBody(loop->body())};
  } else if (auto* assign = context->assignStmt()) {
    stmt.node = BuildAssignStmt(assign);
  } else {
    stmt.node = ast::ClearStmt{};
  }
  return stmt;
}

ast::Stmt TreeBuilder::BuildIfStmt(P::IfStmtContext* context) {
  ast::IfStmt node;
  node.condition = BuildExprPtr(context->expr());
  node.then_body = BuildBody(context->body(0));
  if (context->ifStmt() != nullptr) {
    ast::Body otherwise;
    otherwise.span = SpanOf(context->ifStmt());
    otherwise.stmts.push_back(BuildIfStmt(context->ifStmt()));
    node.else_body = std::move(otherwise);
  } else if (context->body().size() == 2) {
    node.else_body = BuildBody(context->body(1));
  }
  ast::Stmt stmt;
  stmt.span = SpanOf(context);
  stmt.node = std::move(node);
  return stmt;
}

ast::AssignStmt TreeBuilder::BuildAssignStmt(P::AssignStmtContext* context) {
  ast::AssignStmt assign;
  assign.path = BuildPath(context->path());
  const bool indexed = context->expr().size() == 2;
  if (indexed) assign.index = BuildExprPtr(context->expr(0));
  assign.value = BuildExprPtr(context->expr(indexed ? 1 : 0));
  if (HasWord(context, "+=")) assign.op = ast::AssignStmt::Op::Add;
  if (HasWord(context, "-=")) assign.op = ast::AssignStmt::Op::Subtract;
  return assign;
}

// ---- pattern, route, tap

ast::PatternStep TreeBuilder::BuildPattern(P::PatternStepContext* context) {
  ast::PatternStep step;
  step.label = BuildLabel(context->label());
  step.keys = BuildBy(context->by());
  step.within = BuildValuePtr(context->value());
  for (P::StageContext* stage : context->stage()) {
    ast::Stage& out = step.stages.emplace_back();
    out.span = SpanOf(stage);
    const std::string_view word = WordAt(stage, 0);
    out.kind = word == "some"    ? ast::Stage::Kind::Some
               : word == "maybe" ? ast::Stage::Kind::Maybe
               : word == "no"    ? ast::Stage::Kind::No
                                 : ast::Stage::Kind::One;
    out.name = BuildName(stage->name());
    out.condition = BuildExprPtr(stage->expr());
  }
  return step;
}

ast::RouteStep TreeBuilder::BuildRoute(P::RouteStepContext* context) {
  ast::RouteStep step;
  for (P::RouteCaseContext* one : context->routeCase()) {
    step.cases.push_back({SpanOf(one), BuildExprPtr(one->expr()), BuildName(one->name())});
  }
  step.else_drop = context->name() == nullptr;
  if (context->name() != nullptr) step.else_target = BuildName(context->name());
  return step;
}

ast::TapStep TreeBuilder::BuildTap(P::TapStepContext* context) {
  return {BuildValuePtr(context->value(0)), BuildValuePtr(context->value(1))};
}

}  // namespace streamc::parse
