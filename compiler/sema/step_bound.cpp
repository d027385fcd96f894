// What limits a step's state: windows, keep, late, emit; and the time they need.
#include <algorithm>

#include "compiler/catalog/functions.h"
#include "compiler/sema/constants.h"
#include "compiler/sema/pipeline.h"

namespace streamc::sema {
namespace {

typed::StartValue NoDuration() {
  return ConstantValue({}, types::Make(TypeKind::Duration), {});
}

}  // namespace

bool GivesChanges(const typed::Bound& bound) {
  return bound.window == typed::WindowKind::None || bound.emit == typed::EmitKind::Changes || bound.has_late;
}

// Event time and a watermark on every source the rows come from.
bool PipelineChecker::NeedTime(Span span, const std::string& what) {
  context_.watermark_used.insert(flow.sources.begin(), flow.sources.end());
  if (flow.poisoned || (flow.has_time && flow.has_watermark)) return true;
  auto report = context_.Report(DiagId::NoEventTime, span, what);
  std::string source;
  for (const int32_t index : flow.sources) {
    const typed::Source& each = context_.program.sources[static_cast<size_t>(index)];
    if (each.time != typed::TimeKind::None) continue;
    if (source.empty()) source = each.name;
    report.Label(context_.Find(each.name)->span, "this source has no event time");
  }
  if (source.empty()) {
    report.Help("the rows of a table have no event time; use `keep forever`");
  } else {
    report.Help("add to `source " + source +
                "`: `time meta.timestamp watermark lag 10s`, or a column: `time created_at watermark lag 10s`");
  }
  return false;
}

void PipelineChecker::CheckWindow(const ast::Call& window, typed::Bound* out) {
  const std::string& name = window.name.text;
  const stdlib::WindowDesc* desc = catalog::FindWindow(name);
  if (desc == nullptr) {
    if (name == "session" || name == "count" || name == "calendar") {
      context_.NotSupported(window.name.span, "`window " + name + "`",
                            name == "count" ? "`keep 1h`, or a window of time: `window tumbling(1m)`"
                                            : "`window tumbling(1h)` or `window hopping(1h, every: 5m)`");
    } else {
      context_.Report(DiagId::UnknownWindow, window.name.span, name)
          .DidYouMean(name, {"tumbling", "hopping", "calendar", "session", "count"})
          .Help("`window tumbling(1m)` or `window hopping(1h, every: 5m)`");
    }
    flow.poisoned = true;
    return;
  }
  out->window = name == "hopping" ? typed::WindowKind::Hopping : typed::WindowKind::Tumbling;
  std::vector<std::string> names;
  for (const stdlib::WindowParam& param : desc->params) names.emplace_back(param.name);
  std::vector<bool> given(names.size());
  for (size_t i = 0; i < window.args.size(); ++i) {
    const ast::Arg& arg = window.args[i];
    size_t at = 0;
    if (arg.name) {
      at = static_cast<size_t>(std::find(names.begin(), names.end(), arg.name->text) - names.begin());
      if (at == names.size()) {
        context_.Report(DiagId::UnknownArgument, arg.name->span, name, arg.name->text).DidYouMean(arg.name->text, names);
        continue;
      }
    } else if (i > 0) {
      context_.Report(DiagId::WindowPositional, arg.span, name)
          .Help(name == "hopping" ? "`hopping(1h, every: 5m)`" : "`tumbling(1d, offset: 6h)`");
      given.assign(given.size(), true);
      continue;
    }
    if (given[at]) {
      context_.Report(DiagId::DuplicateArgument, arg.span, names[at]);
      continue;
    }
    given[at] = true;
    const bool is_offset = names[at] == "offset";
    typed::StartValue value = CheckDuration(context_, *arg.value, "`" + names[at] + "` of `" + name + "`", is_offset ? 0 : 1);
    if (names[at] == "size")
      out->size = std::move(value);
    else if (names[at] == "every")
      out->every = std::move(value);
    else if (is_offset)
      out->offset = std::move(value);
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (!desc->params[i].required || given[i]) continue;
    context_.Report(DiagId::MissingArgument, window.span, name, names[i])
        .Help(name == "hopping" ? "`hopping(1h, every: 5m)`" : "`tumbling(1m)`");
  }
  const auto size = ConstantMicros(out->size);
  const auto every = ConstantMicros(out->every);
  const auto offset = ConstantMicros(out->offset);
  if (size && every && *every > *size) {
    context_
        .Report(DiagId::HopTooWide, out->every.span, types::ToString(out->every.constant, *out->every.type),
                types::ToString(out->size.constant, *out->size.type))
        .Label(out->size.span, "the window is this long")
        .Help("rows between two windows would be in none; make `every` at most the size");
  }
  const auto period = out->window == typed::WindowKind::Hopping ? every : size;
  if (offset && period && *period > 0 && *offset >= *period) {
    context_.Report(DiagId::OffsetTooWide, out->offset.span)
        .Help("an offset moves the start within one window; make it shorter than that");
  }
}

std::optional<typed::Bound> PipelineChecker::CheckBound(const ast::Step& step, const std::optional<ast::Bound>& bound,
                                                        const char* verb, const std::string& keys) {
  if (!bound) {
    if (!flow.poisoned) {
      context_.Report(DiagId::NoBound, step.verb_span, verb, flow.name)
          .Label(step.verb_span, "needs a window or a keep")
          .Help("per minute: `window tumbling(1m)`; keep " + (keys.empty() ? std::string("it") : "`" + keys + "`") +
                " for a day after its last row: `keep 24h`; for ever: `keep forever`");
    }
    flow.poisoned = true;
    return std::nullopt;
  }
  typed::Bound out;
  out.span = bound->span;
  out.size = out.every = out.offset = out.keep = out.late = out.emit_every = NoDuration();
  const std::string label = std::string("`") + verb + "`";
  if (bound->window) {
    CheckWindow(*bound->window, &out);
    if (out.window != typed::WindowKind::None && !NeedTime(bound->window->span, "a window")) flow.poisoned = true;
  } else if (bound->keep) {
    out.keep_forever = bound->keep->forever;
    if (bound->keep->duration) {
      out.keep = CheckDuration(context_, *bound->keep->duration, "`keep`", 1);
      if (!NeedTime(bound->keep->span, "`keep`")) flow.poisoned = true;
    }
  }
  if (bound->late) {
    out.late = CheckDuration(context_, *bound->late->value, "`late`", 0);
    out.has_late = ConstantMicros(out.late).value_or(1) != 0;
  }
  if (bound->on_late) {
    out.on_late = CheckAction(context_, bound->on_late->action);
  }
  if (!bound->window) out.emit = typed::EmitKind::Changes;
  if (bound->emit) {
    out.emit = bound->emit->changes ? typed::EmitKind::Changes : typed::EmitKind::Final;
    if (!bound->window && !bound->emit->changes) {
      context_.Report(DiagId::FinalWithKeep, bound->emit->span, verb)
          .Help(
              "leave `emit final` out: with `keep` each commit sends the groups that changed; final results come with a "
              "window");
      out.emit = typed::EmitKind::Changes;
    }
    if (bound->emit->every) out.emit_every = CheckDuration(context_, *bound->emit->every, "`emit changes every`", 1);
  }
  return out;
}

void PipelineChecker::NoteLateRoute(const typed::Bound& bound, const Flow& before) {
  if (!bound.on_late || bound.on_late->kind != typed::ActionKind::ToStream || late_ == nullptr) return;
  const std::string& name = context_.route_names[static_cast<size_t>(bound.on_late->stream)];
  const auto place = late_->emplace(name, std::pair(static_cast<int32_t>(stream.steps.size()), before));
  if (!place.second) {
    context_.Report(DiagId::DuplicateDeclaration, bound.on_late->span, name)
        .Help("late rows of each step go to a stream of their own");
  }
}

bool PipelineChecker::CheckKeyType(const ExprPtr& key, Span span) {
  if (IsError(key) || types::IsKeyable(*key->type)) return !IsError(key);
  const std::string text(context_.sources.Text(span));
  auto report = context_.Report(DiagId::KeyType, span, types::ToString(*key->type));
  if (key->type->optional) {
    const TypeRef plain = types::Required(key->type);
    report.Help("give the missing ones a value: `" + text + " ?? " + types::ToString(types::ZeroValue(*plain), *plain) +
                "`; or leave them out: `|> where " + text + " is not null`");
  } else if (key->type->kind == TypeKind::Float) {
    report.Help("two floats that look the same may differ; group by a rounded decimal or an int");
  } else if (key->type->kind == TypeKind::Record) {
    report.Help("group by its fields: `by a, b`");
  } else {
    report.Help("one row per element first: `|> expand item in " + text + "`");
  }
  return false;
}

std::vector<typed::Computed> PipelineChecker::CheckKeys(const std::vector<ast::Key>& keys) {
  std::vector<typed::Computed> columns;
  for (const ast::Key& key : keys) {
    ExprChecker checker(context_, RowScope(flow));
    ExprPtr value = checker.Check(*key.value);
    if (value->type->kind == TypeKind::Null) {
      context_.Report(DiagId::NullAlone, value->span);
      value = MakeError(value->span);
    }
    if (!CheckKeyType(value, key.value->span)) value = MakeError(value->span);
    std::string name;
    if (key.name) {
      if (!IsColumnName(*key.name)) value = MakeError(value->span);
      name = key.name->text;
    } else if (const auto* word = std::get_if<ast::NameExpr>(&key.value->node)) {
      name = word->name.text;
    } else if (const auto* field = std::get_if<ast::FieldExpr>(&key.value->node)) {
      name = field->field.text;
    } else {
      context_.Report(DiagId::UnnamedColumn, key.span)
          .Help("name it: `by day = " + std::string(context_.sources.Text(key.value->span)) + "`");
      value = MakeError(value->span);
    }
    const bool taken =
        std::any_of(columns.begin(), columns.end(), [&](const typed::Computed& each) { return each.column.name == name; });
    if (taken) {
      context_.Report(DiagId::DuplicateColumn, key.span, name).Help("give it another name: `by " + name + "_2 = ...`");
      continue;
    }
    if (IsError(value)) flow.poisoned = true;
    typed::Computed computed;
    computed.column = context_.NewColumn(name, value->type);
    computed.expr = std::move(value);
    columns.push_back(std::move(computed));
  }
  return columns;
}

}  // namespace streamc::sema
