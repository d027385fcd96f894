#include "compiler/sema/pipeline.h"

#include <algorithm>

namespace streamc::sema {
namespace {

// The one column of the name in a flow's visible columns.
const typed::Column* FindVisible(const Flow& flow, const std::string& name) {
  return flow.Find(name, false);
}

}  // namespace

PipelineChecker::PipelineChecker(Context& context, std::string name, std::map<std::string, std::pair<int32_t, Flow>>* late)
    : context_(context), late_(late) {
  stream.name = std::move(name);
}

void PipelineChecker::StartFrom(Symbol& input, Span span, Span use) {
  typed::Input in;
  in.kind = input.kind == SymbolKind::Source  ? typed::InputKind::Source
            : input.kind == SymbolKind::Table ? typed::InputKind::Table
                                              : typed::InputKind::Stream;
  in.index = input.index;
  stream.inputs = {in};
  stream.span = span;
  flow = input.flow;
  if (input.kind == SymbolKind::Table) {
    context_.NotSupported(use, "a table as the input of a pipeline",
                          "read its rows as they come: `source " + input.name +
                              "_rows: ... from file(...)`; or look them up: `|> lookup " + input.name +
                              " as row on id else drop`");
    flow.poisoned = true;
  }
  flow.name = stream.name.empty() ? input.name : stream.name;
  flow.poisoned = flow.poisoned || input.faulty;
  stream.input_columns = flow.columns;
}

bool PipelineChecker::Start(const ast::Pipeline& pipeline) {
  if (!pipeline.merge.empty()) return Merge(pipeline);
  const auto* name = pipeline.input ? std::get_if<ast::NameExpr>(&pipeline.input->node) : nullptr;
  if (name == nullptr) {
    context_.Report(DiagId::InputNotStream, pipeline.input ? pipeline.input->span : pipeline.span)
        .Help("begin with a source, stream or table: `stream " + stream.name + " = orders |> where ...`");
    return false;
  }
  Symbol* input = UseStream(context_, name->name);
  if (input == nullptr) return false;
  StartFrom(*input, pipeline.span, name->name.span);
  return true;
}

// Plain streams of one type. The columns keep the ids of the first input.
bool PipelineChecker::Merge(const ast::Pipeline& pipeline) {
  std::vector<Symbol*> inputs;
  bool fine = true;
  for (const ast::Name& name : pipeline.merge) {
    Symbol* input = UseStream(context_, name);
    fine = fine && input != nullptr && !input->faulty && !input->flow.poisoned;
    if (input == nullptr) continue;
    if (input->flow.rows.changing) {
      context_.Report(DiagId::MergeChanging, name.span, name.text)
          .Help("take its changes as rows: `stream rows = " + name.text + " |> as rows`, and merge `rows`");
      fine = false;
    }
    if (std::find(inputs.begin(), inputs.end(), input) != inputs.end()) {
      context_.Report(DiagId::MergeTwice, name.span, name.text);
      fine = false;
    }
    inputs.push_back(input);
  }
  if (!fine || inputs.empty()) return false;
  const Flow& first = inputs[0]->flow;
  flow = first;
  flow.name = stream.name;
  flow.present.clear();
  // A hidden value is there when all inputs have it.
  std::erase_if(flow.columns, [&](const typed::Column& column) {
    return column.hidden && std::any_of(inputs.begin(), inputs.end(), [&](const Symbol* input) {
             const typed::Column* other = input->flow.Find(column.name, true);
             return other == nullptr || !types::SameType(*other->type, *column.type);
           });
  });
  for (size_t i = 1; i < inputs.size(); ++i) {
    const Flow& other = inputs[i]->flow;
    const auto report = [&](const std::string& what) {
      context_.Report(DiagId::MergeTypes, pipeline.merge[i].span, pipeline.merge[0].text, pipeline.merge[i].text, what)
          .Help("bring them to the same columns with `select` first");
      fine = false;
    };
    for (const typed::Column& column : first.columns) {
      if (column.hidden) continue;
      const typed::Column* same = FindVisible(other, column.name);
      if (same == nullptr) {
        report("`" + column.name + "` is only in the first");
      } else if (!types::SameType(*same->type, *column.type)) {
        report("`" + column.name + "` is " + types::ToString(*column.type) + " and " + types::ToString(*same->type));
      }
    }
    for (const std::string& name : other.VisibleNames()) {
      if (FindVisible(first, name) == nullptr) report("`" + name + "` is only in the second");
    }
    flow.sources.insert(other.sources.begin(), other.sources.end());
    flow.has_time = flow.has_time && other.has_time;
    flow.has_watermark = flow.has_watermark && other.has_watermark;
    if (flow.combined_by.empty()) flow.combined_by = other.combined_by;
  }
  if (!fine) return false;
  for (Symbol* input : inputs) {
    typed::Input in;
    in.kind = input->kind == SymbolKind::Source ? typed::InputKind::Source : typed::InputKind::Stream;
    in.index = input->index;
    stream.inputs.push_back(in);
    std::vector<typed::ColumnId> map;
    for (const typed::Column& column : flow.columns) map.push_back(input->flow.Find(column.name, column.hidden)->id);
    stream.merge_map.push_back(std::move(map));
  }
  stream.span = pipeline.span;
  stream.input_columns = flow.columns;
  return true;
}

void PipelineChecker::Add(const ast::Step& step) {
  std::visit([&](const auto& node) { CheckStep(step, node); }, step.node);
}

void PipelineChecker::Unsupported(const ast::Step& step, std::string help) {
  context_.NotSupported(step.verb_span, "`" + std::string(context_.sources.Text(step.verb_span)) + "`", std::move(help));
  // What the step would have given is unknown, so nothing after it can be judged.
  flow.poisoned = true;
}

std::string PipelineChecker::Label(const std::optional<ast::Name>& written, const char* verb, Span verb_span) {
  const std::string label = written ? written->text : verb;
  const Span span = written ? written->span : verb_span;
  const auto [place, fresh] = labels_.emplace(label, span);
  if (!fresh) {
    context_.Report(DiagId::DuplicateLabel, span, label, stream.name)
        .Label(place->second, "the first one")
        .Help("a step's state is kept under its name; give this one its own: `" + std::string(verb) + "@hourly`");
  }
  return label;
}

std::vector<typed::EarlierName> PipelineChecker::EarlierNames(const std::vector<ast::Text>& was) {
  std::vector<typed::EarlierName> names;
  for (const ast::Text& name : was) names.push_back({name.text, name.span});
  return names;
}

bool PipelineChecker::IsColumnName(const ast::Name& name) {
  static const std::set<std::string> kReserved = {"meta", "window", "rank", "change"};
  if (name.quoted || kReserved.count(name.text) == 0) return true;
  context_.Report(DiagId::ReservedColumn, name.span, name.text)
      .Help("write it in back-ticks, here and where it is used: `` `" + name.text + "` ``");
  return false;
}

typed::Computed PipelineChecker::Compute(const std::string& name, const ExprPtr& value) {
  typed::Computed computed;
  computed.column = context_.NewColumn(name, value->type);
  computed.expr = value;
  const Expr* copied = value->kind == ExprKind::Unwrap ? value->args[0].get() : value.get();
  if (copied->kind == ExprKind::Column) context_.roots[computed.column.id] = context_.RootOf(copied->column);
  return computed;
}

void PipelineChecker::CheckStep(const ast::Step& step, const ast::RollingStep&) {
  Unsupported(step, "count in windows: `|> aggregate n = count() by user window hopping(10m, every: 1m)`");
}
void PipelineChecker::CheckStep(const ast::Step& step, const ast::DedupStep&) {
  Unsupported(step, "take the first of each key: `|> aggregate text = first(text) by id window tumbling(10m)`");
}
void PipelineChecker::CheckStep(const ast::Step& step, const ast::LatestStep&) {
  Unsupported(step, "take the last of each key: `|> aggregate name = last(name) by id keep 7d`");
}
void PipelineChecker::CheckStep(const ast::Step& step, const ast::JoinStep&) {
  Unsupported(step, "look the other side up in a file table: `|> lookup users as u on user_id else drop`");
}
void PipelineChecker::CheckStep(const ast::Step& step, const ast::FoldStep&) {
  Unsupported(step, "keep what an aggregate can hold: `|> aggregate n = count(), latest = last(at) by user keep 24h`");
}
void PipelineChecker::CheckStep(const ast::Step& step, const ast::PatternStep&) {
  Unsupported(
      step, "count each stage in a window: `|> aggregate opened = count(where kind == \"open\") by user window tumbling(10m)`");
}
void PipelineChecker::CheckStep(const ast::Step& step, const ast::RouteStep&) {
  Unsupported(step, "make one stream for each case: `stream big = orders |> where amount > 100`");
}

}  // namespace streamc::sema
