#include "compiler/sema/sema.h"

#include "compiler/sema/expr.h"
#include "compiler/sema/pipeline.h"

namespace streamc::sema {
namespace {

// Declarations this version does not build, each with one message.
void ReportUnbuilt(Context& context) {
  for (const ast::Decl* decl : context.decls) {
    if (std::holds_alternative<ast::ClusterDecl>(decl->node)) {
      context.NotSupported(decl->word_span, "`cluster`", "one cluster, given at start: `--brokers HOST:PORT`");
    } else if (std::holds_alternative<ast::MirrorDecl>(decl->node)) {
      context.NotSupported(decl->word_span, "`mirror`",
                           "forward one topic: a source, and `sink orders to kafka(\"copy\") key meta.key value meta.value`");
    } else if (std::holds_alternative<ast::AggDecl>(decl->node)) {
      context.NotSupported(
          decl->word_span, "`agg`",
          "build it from the aggregates there are: `|> aggregate mean = sum(x) / count() by k window tumbling(1m)`");
    }
  }
}

// Actions name streams by their position in Context::route_names until the streams are all there.
class RouteLinker {
 public:
  explicit RouteLinker(Context& context) : context_(context) {}

  void LinkAll() {
    if (context_.program.job.on_bad) Link(&*context_.program.job.on_bad);
    for (typed::Table& table : context_.program.tables) Link(&table.on_bad);
    for (typed::Source& source : context_.program.sources) {
      Link(&source.on_bad);
      Link(&source.on_null);
    }
    for (typed::Stream& stream : context_.program.streams) {
      for (typed::Step& step : stream.steps) {
        if (auto* aggregate = std::get_if<typed::Aggregate>(&step.node)) LinkBound(&aggregate->bound);
        if (auto* top = std::get_if<typed::Top>(&step.node); top != nullptr && top->bound) LinkBound(&*top->bound);
      }
    }
  }

 private:
  void LinkBound(typed::Bound* bound) {
    if (bound->on_late) Link(&*bound->on_late);
  }
  void Link(typed::Action* action) {
    if (action->kind != typed::ActionKind::ToStream || action->stream < 0) return;
    const Symbol* route = context_.Find(context_.route_names[static_cast<size_t>(action->stream)]);
    action->stream = route != nullptr ? route->index : -1;
  }

  Context& context_;
};

void WarnUnusedWatermarks(Context& context) {
  if (context.options.interactive || context.diags.has_errors()) return;
  for (const auto& [name, symbol] : context.symbols) {
    if (symbol.kind != SymbolKind::Source || context.watermark_used.count(symbol.index) != 0) continue;
    const auto& decl = std::get<ast::SourceDecl>(symbol.decl->node);
    if (!decl.clauses.watermark) continue;
    context.Report(DiagId::UnusedWatermark, decl.clauses.watermark->word_span, name)
        .Help("leave `time` and `watermark` out, or use them: `window tumbling(1m)`");
  }
}

// A file of schemas and functions for others, or of tests, is no job.
void WarnNoSinks(Context& context) {
  const typed::Program& program = context.program;
  if (context.options.interactive || context.diags.has_errors() || !program.sinks.empty() || !program.tests.empty()) return;
  const ast::Decl* last = nullptr;
  for (const ast::Decl* decl : context.decls) {
    if (std::holds_alternative<ast::StreamDecl>(decl->node) || (last == nullptr && std::holds_alternative<ast::SourceDecl>(decl->node))) last = decl;
  }
  if (last == nullptr) return;
  const auto* stream = std::get_if<ast::StreamDecl>(&last->node);
  const ast::Name& name = stream != nullptr ? stream->name : std::get<ast::SourceDecl>(last->node).name;
  context.Report(DiagId::NoSinks, name.span).Help("say where rows go: `sink " + name.text + " to kafka(\"topic\")`, `to file(\"rows.jsonl\")` or `to stdout()`");
}

void CheckDeclarations(Context& context) {
  DeclareSymbols(context);
  ReportUnbuilt(context);
  CheckParams(context);
  CheckJob(context);
  for (const ast::Decl* decl : context.decls) {
    if (const auto* schema = std::get_if<ast::SchemaDecl>(&decl->node)) {
      if (Symbol* symbol = context.FindSchema(schema->name.text)) SchemaType(context, *symbol);
    }
  }
  // Sources and tables in the order of the text, then what is made of them.
  for (const ast::Decl* decl : context.decls) {
    if (const auto* source = std::get_if<ast::SourceDecl>(&decl->node)) {
      if (Symbol* symbol = context.Find(source->name.text); symbol != nullptr && symbol->decl == decl)
        CheckSource(context, *symbol);
    } else if (const auto* table = std::get_if<ast::TableDecl>(&decl->node)) {
      if (Symbol* symbol = context.Find(table->name.text); symbol != nullptr && symbol->decl == decl)
        CheckTable(context, *symbol);
    } else if (const auto* fn = std::get_if<ast::FnDecl>(&decl->node)) {
      if (Symbol* symbol = context.Find(fn->name.text); symbol != nullptr && symbol->decl == decl) CheckFn(context, *symbol);
    }
  }
  for (const ast::Decl* decl : context.decls) {
    if (const auto* stream = std::get_if<ast::StreamDecl>(&decl->node)) {
      if (Symbol* symbol = context.Find(stream->name.text); symbol != nullptr && symbol->decl == decl)
        CheckStream(context, *symbol);
    }
  }
  for (auto& [name, symbol] : context.symbols) {
    if (symbol.kind == SymbolKind::Route) CheckRoute(context, symbol);
  }
  CheckSinks(context);
  CheckWhole(context);
}

}  // namespace

std::optional<typed::Program> CheckProgram(const ast::Program& program, const source::SourceManager& sources,
                                           diag::Diagnostics& diags, const SemaOptions& options) {
  Context context(sources, diags, options);
  CollectSymbols(context, program);
  CheckDeclarations(context);
  CheckTests(context);
  RouteLinker(context).LinkAll();
  WarnUnusedWatermarks(context);
  WarnNoSinks(context);
  if (diags.has_errors()) return std::nullopt;
  return std::move(context.program);
}

std::optional<CheckedCell> CheckCell(const std::vector<const ast::Program*>& declarations, const ast::Pipeline& cell,
                                     const source::SourceManager& sources, diag::Diagnostics& diags,
                                     const SemaOptions& options) {
  SemaOptions interactive = options;
  interactive.interactive = true;
  Context context(sources, diags, interactive);
  for (const ast::Program* program : declarations) CollectSymbols(context, *program);
  CheckDeclarations(context);
  CheckedCell checked;
  const auto* name = cell.input ? std::get_if<ast::NameExpr>(&cell.input->node) : nullptr;
  const Symbol* named = name != nullptr ? context.Find(name->name.text) : nullptr;
  const bool names_param = named != nullptr && named->kind == SymbolKind::Param;
  const bool is_pipeline = !cell.merge.empty() || !cell.steps.empty() || (name != nullptr && !names_param);
  if (is_pipeline) {
    PipelineChecker pipeline(context, kCellStream, nullptr);
    if (pipeline.Start(cell)) {
      for (const ast::Step& step : cell.steps) pipeline.Add(step);
    }
    pipeline.stream.columns = pipeline.flow.columns;
    pipeline.stream.rows = pipeline.flow.rows;
    context.program.streams.push_back(std::move(pipeline.stream));
  } else if (cell.input) {
    checked.is_expression = true;
    checked.expression = ExprChecker(context, {}).Check(*cell.input);
  }
  RouteLinker(context).LinkAll();
  if (diags.has_errors()) return std::nullopt;
  checked.program = std::move(context.program);
  return checked;
}

}  // namespace streamc::sema
