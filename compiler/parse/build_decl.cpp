// Declarations. See tree_builder.h.
#include "compiler/parse/tree_builder.h"

namespace streamc::parse {

using source::Span;

ast::Decl TreeBuilder::BuildDecl(P::DeclContext* context) {
  ast::Decl decl;
  decl.span = SpanOf(context);
  decl.word_span = FirstWord(context);
  decl.doc = source_.DocBefore(context->start);
  if (auto* use = context->useDecl()) {
    decl.node = ast::UseDecl{BuildText(use->string())};
  } else if (auto* job = context->jobDecl()) {
    decl.node = BuildJob(job);
  } else if (auto* param = context->paramDecl()) {
    decl.node = ast::ParamDecl{BuildName(param->name()), BuildType(param->type()), BuildExprPtr(param->expr())};
  } else if (auto* cluster = context->clusterDecl()) {
    ast::ClusterDecl node{BuildName(cluster->name()), {}};
    for (P::SettingContext* setting : cluster->setting()) node.settings.push_back(BuildSetting(setting));
    decl.node = std::move(node);
  } else if (auto* schema = context->schemaDecl()) {
    decl.node = ast::SchemaDecl{BuildName(schema->name()), BuildRecordType(schema->recordType())};
  } else if (auto* source = context->sourceDecl()) {
    decl.node = BuildSource(source);
  } else if (auto* table = context->tableDecl()) {
    decl.node = BuildTable(table);
  } else if (auto* stream = context->streamDecl()) {
    decl.node = ast::StreamDecl{BuildName(stream->name()), BuildPipeline(stream->pipeline())};
  } else if (auto* sink = context->sinkDecl()) {
    decl.node = BuildSink(sink);
  } else if (auto* mirror = context->mirrorDecl()) {
    decl.node = BuildMirror(mirror);
  } else if (auto* fn = context->fnDecl()) {
    decl.node = BuildFn(fn);
  } else if (auto* agg = context->aggDecl()) {
    decl.node = BuildAgg(agg);
  } else {
    decl.node = BuildTest(context->testDecl());
  }
  return decl;
}

ast::Setting TreeBuilder::BuildSetting(P::SettingContext* context) {
  return {SpanOf(context), BuildOptionName(context->optionName()), BuildExprPtr(context->expr())};
}

ast::ActionClause TreeBuilder::BuildOnBad(P::OnBadContext* context) {
  return {FirstTwoWords(context), BuildAction(context->action())};
}

ast::JobDecl TreeBuilder::BuildJob(P::JobDeclContext* context) {
  ast::JobDecl job;
  job.name = BuildName(context->name());
  ClauseGuard guard(*this);
  for (P::JobItemContext* item : context->jobItem()) {
    if (item->setting() != nullptr) {
      job.settings.push_back(BuildSetting(item->setting()));
    } else if (item->delivery() != nullptr) {
      if (guard.First("delivery", FirstWord(item))) job.delivery = BuildName(item->delivery()->name());
    } else if (item->onBad() != nullptr) {
      if (guard.First("on bad", FirstTwoWords(item->onBad()))) job.on_bad = BuildOnBad(item->onBad());
    } else if (item->INT() != nullptr) {
      if (guard.First("key_groups", FirstWord(item))) job.key_groups = ast::CountClause{SpanOf(item), BuildCount(item->INT())};
    } else if (item->name() != nullptr) {
      if (guard.First("home", FirstWord(item))) job.home = BuildName(item->name());
    } else if (guard.First("commit every", FirstTwoWords(item))) {
      job.commit_every = ast::ValueClause{FirstTwoWords(item), BuildValuePtr(item->value())};
    }
  }
  return job;
}

void TreeBuilder::BuildSourceClause(P::SourceClauseContext* context, ClauseGuard& guard, ast::SourceClauses& clauses) {
  if (P::OnBadContext* on_bad = context->onBad()) {
    if (guard.First("on bad", FirstTwoWords(on_bad))) clauses.on_bad = BuildOnBad(on_bad);
    return;
  }
  const Span word_span = FirstWord(context);
  const std::string word(source_.TextOf(word_span));
  if (word == "on") {
    const Span words = FirstTwoWords(context);
    if (guard.First("on null", words)) clauses.on_null = ast::ActionClause{words, BuildAction(context->action())};
    return;
  }
  if (!guard.First(word, word_span)) return;
  if (word == "format") clauses.format = BuildCallOrName(context->format()->callOrName());
  if (word == "key") clauses.key = ast::KeyColumn{word_span, BuildName(context->name()), BuildType(context->type())};
  if (word == "time") clauses.time = ast::ValueClause{word_span, BuildValuePtr(context->value(0))};
  if (word == "idle") clauses.idle = ast::ValueClause{word_span, BuildValuePtr(context->value(0))};
  if (word == "watermark") {
    clauses.watermark = ast::Watermark{word_span, BuildValuePtr(context->value(0)), BuildValuePtr(context->value(1))};
  }
  if (word == "start") {
    ast::StartClause start{word_span, std::nullopt, BuildValuePtr(context->value(0))};
    if (context->name() != nullptr) start.word = BuildName(context->name());
    clauses.start = std::move(start);
  }
}

void TreeBuilder::BuildTableClause(P::TableClauseContext* context, ClauseGuard& guard, ast::SourceClauses& clauses) {
  if (context->sourceClause() != nullptr) return BuildSourceClause(context->sourceClause(), guard, clauses);
  const bool refresh = WordAt(context, 0) == "refresh";
  const Span span = refresh ? FirstTwoWords(context) : FirstWord(context);
  if (!guard.First(refresh ? "refresh every" : "history", span)) return;
  ast::ValueClause clause{span, BuildValuePtr(context->value())};
  (refresh ? clauses.refresh_every : clauses.history) = std::move(clause);
}

ast::SourceDecl TreeBuilder::BuildSource(P::SourceDeclContext* context) {
  ast::SourceDecl source;
  source.name = BuildName(context->name());
  source.type = BuildType(context->type());
  source.connector = BuildCall(context->call());
  ClauseGuard guard(*this);
  for (P::SourceClauseContext* clause : context->sourceClause()) BuildSourceClause(clause, guard, source.clauses);
  return source;
}

ast::TableDecl TreeBuilder::BuildTable(P::TableDeclContext* context) {
  ast::TableDecl table;
  table.name = BuildName(context->name(0));
  for (size_t i = 1; i < context->name().size(); ++i) table.keys.push_back(BuildName(context->name(i)));
  table.type = BuildType(context->type());
  table.connector = BuildCall(context->call());
  ClauseGuard guard(*this);
  for (P::TableClauseContext* clause : context->tableClause()) BuildTableClause(clause, guard, table.clauses);
  return table;
}

void TreeBuilder::BuildSinkClause(P::SinkClauseContext* context, ClauseGuard& guard, ast::SinkDecl& sink) {
  const Span span = FirstWord(context);
  const std::string word(source_.TextOf(span));
  if (word == "delete") {
    const Span words = FirstTwoWords(context);
    if (guard.First("delete when", words)) sink.delete_when = ast::ValueClause{words, BuildExprPtr(context->expr(0))};
    return;
  }
  if (!guard.First(word, span)) return;
  if (word == "key") sink.key = ast::SinkKey{span, BuildExprs(context->expr())};
  if (word == "value") sink.value = ast::ValueClause{span, BuildExprPtr(context->expr(0))};
  if (word == "headers") sink.headers = ast::ValueClause{span, BuildExprPtr(context->expr(0))};
  if (word == "partition") sink.partition = ast::ValueClause{span, BuildExprPtr(context->expr(0))};
  if (word == "timestamp") sink.timestamp = ast::ValueClause{span, BuildExprPtr(context->expr(0))};
  if (word == "format") sink.format = BuildCallOrName(context->format()->callOrName());
  if (word == "delivery") sink.delivery = BuildName(context->delivery()->name());
}

ast::SinkDecl TreeBuilder::BuildSink(P::SinkDeclContext* context) {
  ast::SinkDecl sink;
  sink.stream = BuildName(context->name());
  sink.label = BuildLabel(context->label());
  if (context->type() != nullptr) sink.schema = BuildType(context->type());
  sink.connector = BuildCall(context->call());
  ClauseGuard guard(*this);
  for (P::SinkClauseContext* clause : context->sinkClause()) BuildSinkClause(clause, guard, sink);
  return sink;
}

ast::MirrorDecl TreeBuilder::BuildMirror(P::MirrorDeclContext* context) {
  return {BuildName(context->name()), BuildCall(context->call(0)), BuildCall(context->call(1)), BuildExprPtr(context->expr())};
}

ast::Param TreeBuilder::BuildParam(P::FnParamContext* context) {
  return {BuildName(context->name()), BuildType(context->type())};
}

ast::Block TreeBuilder::BuildFnBody(P::FnBodyContext* context) {
  return context->block() != nullptr ? BuildBlock(context->block()) : BlockOf(BuildExpr(context->expr()));
}

ast::FnDecl TreeBuilder::BuildFn(P::FnDeclContext* context) {
  ast::FnDecl fn;
  fn.name = BuildName(context->name());
  for (P::FnParamContext* param : context->fnParam()) fn.params.push_back(BuildParam(param));
  fn.result_type = BuildType(context->type());
  fn.body = BuildFnBody(context->fnBody());
  return fn;
}

ast::AggDecl TreeBuilder::BuildAgg(P::AggDeclContext* context) {
  ast::AggDecl agg;
  agg.name = BuildName(context->name());
  for (P::FnParamContext* param : context->fnParam()) agg.params.push_back(BuildParam(param));
  agg.result_type = BuildType(context->type());
  agg.state = BuildRecordType(context->recordType());
  agg.add = BuildBody(context->body());
  if (context->aggRemove() != nullptr) agg.remove = BuildBody(context->aggRemove()->body());
  agg.merge_name = BuildName(context->aggMerge()->name());
  agg.merge = BuildBody(context->aggMerge()->body());
  agg.result = BuildFnBody(context->fnBody());
  return agg;
}

}  // namespace streamc::parse
