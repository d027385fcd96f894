// Streams: which one a name means, their pipelines, and the streams that `-> name` clauses make.
#include <algorithm>

#include "compiler/sema/pipeline.h"

namespace streamc::sema {
namespace {

using types::Make;
using types::Optional;

std::vector<typed::Column> BadColumns(Context& context) {
  const TypeRef bytes = Optional(Make(TypeKind::Bytes));
  return {context.NewColumn("code", Make(TypeKind::String)),
          context.NewColumn("place", Make(TypeKind::String)),
          context.NewColumn("topic", Make(TypeKind::String)),
          context.NewColumn("partition", Make(TypeKind::Int)),
          context.NewColumn("offset", Make(TypeKind::Int)),
          context.NewColumn("value", bytes),
          context.NewColumn("key", bytes)};
}

int32_t AddStream(Context& context, typed::Stream stream, const Flow& flow) {
  stream.columns = flow.columns;
  stream.rows = flow.rows;
  context.program.streams.push_back(std::move(stream));
  return static_cast<int32_t>(context.program.streams.size()) - 1;
}

std::vector<typed::ColumnId> IdsOf(const std::vector<typed::Column>& columns) {
  std::vector<typed::ColumnId> ids;
  for (const typed::Column& column : columns) ids.push_back(column.id);
  return ids;
}

// Streams are checked when first needed, so a chain declared backwards nests.
class Nesting {
 public:
  explicit Nesting(Context& context) : context_(context) { ++context_.stream_depth; }
  ~Nesting() { --context_.stream_depth; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

  bool too_deep() const { return context_.stream_depth > 1000; }

 private:
  Context& context_;
};

void AddBadOrigin(Context& context, Symbol& route, typed::Stream* stream) {
  if (!stream->inputs.empty()) return;
  typed::Input input;
  input.kind = typed::InputKind::Bad;
  stream->inputs.push_back(input);
  route.flow.columns = BadColumns(context);
  stream->merge_map.push_back(IdsOf(route.flow.columns));
}

// False when the rows have other columns than those of an earlier step.
bool AddLateOrigin(const Symbol& parent, Symbol& route, typed::Stream* stream) {
  const auto& [step, before] = parent.late.at(route.name);
  typed::Input input;
  input.kind = typed::InputKind::LateOf;
  input.index = parent.index;
  input.step = step;
  if (stream->inputs.empty()) {
    const std::string name = route.flow.name;
    route.flow = before;
    route.flow.name = name;
    route.flow.poisoned = false;
  }
  std::vector<typed::ColumnId> map;
  for (const typed::Column& column : route.flow.columns) {
    const typed::Column* same = before.Find(column.name, column.hidden);
    if (same == nullptr || !types::SameType(*same->type, *column.type)) return false;
    map.push_back(same->id);
  }
  stream->inputs.push_back(input);
  stream->merge_map.push_back(std::move(map));
  return true;
}

}  // namespace

void CheckStream(Context& context, Symbol& symbol) {
  if (symbol.state == CheckState::Done) return;
  if (symbol.state == CheckState::Active) {
    if (!symbol.faulty) {
      context.Report(DiagId::StreamCycle, symbol.span, symbol.name)
          .Help("a stream is made from others that do not need it; remove one of the uses");
    }
    symbol.faulty = true;
    return;
  }
  symbol.state = CheckState::Active;
  const Nesting nesting(context);
  if (nesting.too_deep()) {
    context.CheckCount(static_cast<size_t>(context.stream_depth), "streams that need one another", symbol.span);
    symbol.faulty = true;
    symbol.flow.poisoned = true;
    symbol.index = AddStream(context, {}, symbol.flow);
    symbol.state = CheckState::Done;
    return;
  }
  const size_t errors_before = context.diags.error_count();
  const auto& decl = std::get<ast::StreamDecl>(symbol.decl->node);
  PipelineChecker pipeline(context, symbol.name, &symbol.late);
  if (pipeline.Start(decl.pipeline)) {
    for (const ast::Step& step : decl.pipeline.steps) pipeline.Add(step);
  } else {
    pipeline.flow.poisoned = true;
  }
  pipeline.stream.doc = symbol.decl->doc;
  pipeline.stream.span = symbol.decl->span;
  symbol.flow = pipeline.flow;
  symbol.flow.name = symbol.name;
  symbol.faulty = symbol.faulty || context.diags.error_count() > errors_before;
  symbol.index = AddStream(context, std::move(pipeline.stream), symbol.flow);
  symbol.state = CheckState::Done;
}

void CheckRoute(Context& context, Symbol& symbol) {
  if (symbol.state == CheckState::Done) return;
  if (symbol.state == CheckState::Active) {
    if (!symbol.faulty) {
      context.Report(DiagId::StreamCycle, symbol.span, symbol.name)
          .Help("rows sent aside must not come back to the step that sent them");
    }
    symbol.faulty = true;
    return;
  }
  symbol.state = CheckState::Active;
  typed::Stream stream;
  stream.name = symbol.name;
  stream.span = symbol.span;
  symbol.flow.name = symbol.name;
  symbol.flow.combined_by = "on bad";
  std::set<std::string> done;
  for (const Symbol::Origin& origin : symbol.origins) {
    const bool of_job = origin.kind == Symbol::Origin::Kind::BadOfJob;
    Symbol* from = of_job ? nullptr : context.Find(origin.of);
    if (!of_job && (from == nullptr || !done.insert(origin.of).second)) continue;
    if (of_job) {
      // Nothing to check: the job is.
    } else if (origin.kind == Symbol::Origin::Kind::LateOf) {
      CheckStream(context, *from);
      if (from->late.count(symbol.name) == 0) {
        symbol.faulty = true;
        continue;
      }
    } else if (from->kind == SymbolKind::Table) {
      CheckTable(context, *from);
    } else {
      CheckSource(context, *from);
    }
    const bool is_late = origin.kind == Symbol::Origin::Kind::LateOf;
    const bool mixed = !stream.inputs.empty() &&
                       (stream.inputs[0].kind == typed::InputKind::LateOf) != is_late;
    if (!is_late && !mixed) AddBadOrigin(context, symbol, &stream);
    const bool fits = !mixed && (!is_late || AddLateOrigin(*from, symbol, &stream));
    if (!fits) {
      context.Report(DiagId::RouteTypes, symbol.span, symbol.name, origin.of)
          .Help("send them to a stream of their own: `-> " + symbol.name + "_2`");
      symbol.faulty = true;
    }
  }
  if (stream.inputs.size() == 1) stream.merge_map.clear();
  stream.input_columns = symbol.flow.columns;
  symbol.flow.poisoned = symbol.flow.poisoned || symbol.faulty;
  symbol.index = AddStream(context, std::move(stream), symbol.flow);
  symbol.state = CheckState::Done;
}

Symbol* UseStream(Context& context, const ast::Name& name) {
  Symbol* symbol = context.Find(name.text);
  if (symbol == nullptr) {
    context.Report(DiagId::UnknownStream, name.span, name.text)
        .DidYouMean(name.text, context.NamesOf({SymbolKind::Source, SymbolKind::Stream, SymbolKind::Table, SymbolKind::Route}));
    return nullptr;
  }
  switch (symbol->kind) {
    case SymbolKind::Source: CheckSource(context, *symbol); return symbol;
    case SymbolKind::Table: CheckTable(context, *symbol); return symbol;
    case SymbolKind::Stream: CheckStream(context, *symbol); break;
    case SymbolKind::Route: CheckRoute(context, *symbol); break;
    default:
      context.Report(DiagId::NotAStream, name.span, name.text, KindText(symbol->kind)).Label(symbol->span, "declared here");
      return nullptr;
  }
  // A cycle: reported, and what it would carry is unknown.
  return symbol->state == CheckState::Done ? symbol : nullptr;
}

int32_t StreamIndexOf(Context& context, Symbol& symbol) {
  if (symbol.kind == SymbolKind::Stream || symbol.kind == SymbolKind::Route) return symbol.index;
  const auto found = context.passed_on.find(symbol.name);
  if (found != context.passed_on.end()) return found->second;
  PipelineChecker pipeline(context, symbol.name, nullptr);
  pipeline.StartFrom(symbol, symbol.span);
  const int32_t index = AddStream(context, std::move(pipeline.stream), pipeline.flow);
  context.passed_on.emplace(symbol.name, index);
  return index;
}

}  // namespace streamc::sema
