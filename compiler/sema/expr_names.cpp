// Names and fields: locals, then columns, then parameters; meta, window, rank and change are hidden values.
#include <algorithm>

#include "compiler/catalog/functions.h"
#include "compiler/sema/expr.h"

namespace streamc::sema {
namespace {

const std::vector<std::string>& HiddenNames() {
  static const std::vector<std::string> names = {
      "meta.key",  "meta.value",   "meta.headers", "meta.topic",  "meta.partition", "meta.offset", "meta.timestamp",
      "meta.time", "window.start", "window.end",   "window.pane", "change.kind",    "rank"};
  return names;
}

bool IsHiddenGroup(std::string_view name) {
  return name == "meta" || name == "window" || name == "change";
}

}  // namespace

ExprPtr ExprChecker::CheckName(const ast::Name& name) {
  for (auto local = scope_.locals.rbegin(); local != scope_.locals.rend(); ++local) {
    if (local->name == name.text) return Narrow(WithSpan(local->value, name.span), scope_.present);
  }
  if (!name.quoted && name.text == "rank") return CheckHidden("rank", name.span);
  const typed::Column* column = scope_.flow != nullptr ? scope_.flow->Find(name.text, false) : nullptr;
  Symbol* symbol = context_.Find(name.text);
  const bool is_param = symbol != nullptr && symbol->kind == SymbolKind::Param;
  if (column != nullptr && is_param) {
    context_.Report(DiagId::AmbiguousName, name.span, name.text)
        .Label(symbol->span, "the parameter")
        .Help("give the parameter another name: `param " + name.text + "_limit: ...`");
    return MakeError(name.span);
  }
  if (column != nullptr) return Narrow(MakeColumn(*column, name.span), scope_.present);
  if (!is_param) return MissingName(name);
  if (symbol->index < 0) {
    context_.Report(DiagId::NotConstantName, name.span, name.text).Help("write the value out");
    return MakeError(name.span);
  }
  const typed::Param& param = context_.program.params[static_cast<size_t>(symbol->index)];
  if (param.secret) {
    context_.Report(DiagId::SecretValue, name.span, name.text)
        .Help("a secret goes into a connector's option: `kafka(\"orders\", sasl_password: " + name.text + ")`");
    return MakeError(name.span);
  }
  auto expr = std::make_shared<Expr>(*MakeExpr(ExprKind::Param, param.type, name.span));
  expr->index = symbol->index;
  expr->text = param.name;
  return expr;
}

// `x` of the rows before an aggregate, used in its items outside of any aggregate call.
bool ExprChecker::ReportNotGrouped(const ast::Name& name) {
  if (scope_.aggregates == nullptr) return false;
  const Flow* before = scope_.aggregates->input->flow;
  if (before == nullptr || before->Find(name.text, false) == nullptr) return false;
  context_.Report(DiagId::NotGrouped, name.span, name.text)
      .Help("take one of the group's values: `last(" + name.text + ")`; or group by it: `by " + name.text + "`");
  return true;
}

ExprPtr ExprChecker::MissingName(const ast::Name& name) {
  const ExprPtr error = MakeError(name.span);
  if (scope_.flow != nullptr && scope_.flow->poisoned) return error;
  if (!name.quoted && IsHiddenGroup(name.text)) {
    context_.Report(DiagId::HiddenGroup, name.span, name.text)
        .Help("name one of its values: `" +
              std::string(name.text == "meta"     ? "meta.key"
                          : name.text == "window" ? "window.start"
                                                  : "change.kind") +
              "`");
    return error;
  }
  if (ReportNotGrouped(name)) return error;
  if (const Symbol* symbol = context_.Find(name.text)) {
    // A faulty declaration was reported where it stands.
    if (symbol->kind == SymbolKind::Param) return error;
    context_.Report(DiagId::NotAValue, name.span, name.text, KindText(symbol->kind)).Label(symbol->span, "declared here");
    return error;
  }
  if (scope_.flow == nullptr) {
    auto report = context_.Report(DiagId::NotConstantName, name.span, name.text);
    report.DidYouMean(name.text, context_.NamesOf({SymbolKind::Param}));
    report.Help("declare it as a parameter: `param " + name.text + ": int = 10`");
    return error;
  }
  std::vector<std::string> candidates = scope_.flow->VisibleNames();
  for (const Local& local : scope_.locals) candidates.push_back(local.name);
  for (std::string& param : context_.NamesOf({SymbolKind::Param})) candidates.push_back(std::move(param));
  std::string known;
  for (const std::string& column : scope_.flow->VisibleNames()) known += (known.empty() ? "`" : ", `") + column + "`";
  auto report = context_.Report(DiagId::UnknownName, name.span, name.text);
  if (!known.empty()) report.Note("the columns here are " + known);
  for (const char* literal : {"true", "false", "null", "not"}) candidates.emplace_back(literal);
  report.DidYouMean(name.text, candidates);
  return error;
}

ExprPtr ExprChecker::CheckHidden(const std::string& name, Span span) {
  const ExprPtr error = MakeError(span);
  const auto& all = HiddenNames();
  if (std::find(all.begin(), all.end(), name) == all.end()) {
    context_.Report(DiagId::UnknownHidden, span, name)
        .DidYouMean(name, all)
        .Note(
            "there are meta.key, value, headers, topic, partition, offset, timestamp and time, window.start, end and pane, "
            "rank, change.kind");
    return error;
  }
  if (scope_.flow == nullptr) {
    context_.Report(DiagId::NoRowHere, span, name);
    return error;
  }
  if (scope_.flow->poisoned) return error;
  const typed::Column* column = scope_.flow->Find(name, true);
  if (column != nullptr && name == "meta.time" && !scope_.flow->has_time) {
    context_.Report(DiagId::HiddenBefore, span, name, "no event time is declared")
        .Help("say what the time of a record is: `time meta.timestamp watermark lag 10s` on its source");
    return error;
  }
  if (column != nullptr) {
    if (name == "meta.time") context_.watermark_used.insert(scope_.flow->sources.begin(), scope_.flow->sources.end());
    return Narrow(MakeColumn(*column, span), scope_.present);
  }
  if (scope_.aggregates != nullptr) {
    if (name.rfind("window.", 0) == 0) {
      context_.Report(DiagId::HiddenBefore, span, name, "the step that makes the window is not finished")
          .Help("take it in the next step: `|> select start = window.start, ...`");
    } else {
      context_.Report(DiagId::NotGrouped, span, name).Help("take one of the group's values: `last(" + name + ")`");
    }
    return error;
  }
  if (!scope_.flow->combined_by.empty() && name.rfind("meta.", 0) == 0) {
    context_.Report(DiagId::HiddenGone, span, name, scope_.flow->combined_by)
        .Help("make it a column before that step: `|> set " + name.substr(5) + "_before = " + name + "`");
    return error;
  }
  const std::string why = name == "rank"          ? "no `top` stands before"
                          : name == "change.kind" ? "no `as rows` stands before"
                          : name == "meta.time"   ? "no event time is declared"
                                                  : "no step with a window stands before";
  auto report = context_.Report(DiagId::HiddenBefore, span, name, why);
  if (name == "rank" && scope_.flow->Find("rank", false) != nullptr) {
    report.Help("for the column of that name write it in back-ticks: `` `rank` ``");
  } else if (name.rfind("window.", 0) == 0) {
    report.Help("windows come with a step: `|> aggregate n = count() by user window tumbling(1m)`");
  }
  return error;
}

ExprPtr ExprChecker::CheckField(const ast::Expr& whole, const ast::FieldExpr& field) {
  if (const auto* base = std::get_if<ast::NameExpr>(&field.base->node)) {
    const bool is_local = std::any_of(scope_.locals.begin(), scope_.locals.end(),
                                      [&](const Local& local) { return local.name == base->name.text; });
    if (!base->name.quoted && IsHiddenGroup(base->name.text) && !is_local) {
      return CheckHidden(base->name.text + "." + field.field.text, whole.span);
    }
  }
  return FieldOf(Check(*field.base), field.field, field.optional, whole.span);
}

ExprPtr ExprChecker::FieldOf(const ExprPtr& base, const ast::Name& field, bool optional_access, Span span) {
  if (IsError(base)) return MakeError(span);
  if (base->type->kind != TypeKind::Record) {
    auto report = context_.Report(DiagId::NotARecord, field.span, types::ToString(*base->type), field.text);
    if (base->type->is_rest) {
      report.Help("undeclared fields are the text of an object: `json_string(" + base->text + ", \"" + field.text +
                  "\")`; or declare `" + field.text + "` in the schema");
    }
    return MakeError(span);
  }
  const int index = types::FindField(*base->type, field.text);
  if (index < 0) {
    std::vector<std::string> names;
    for (const types::Field& each : base->type->fields) names.push_back(each.name);
    context_.Report(DiagId::UnknownField, field.span, types::ToString(*types::Required(base->type)), field.text)
        .DidYouMean(field.text, names);
    return MakeError(span);
  }
  const TypeRef declared = base->type->fields[static_cast<size_t>(index)].type;
  if (!base->type->optional) {
    return Narrow(MakeField(base, index, field.text, declared, span), scope_.present);
  }
  if (!optional_access) {
    const std::string text(context_.sources.Text(base->span));
    context_.Report(DiagId::OptionalRecord, base->span, types::ToString(*base->type), field.text)
        .Help("`" + text + "?." + field.text + "` is missing when `" + text +
              "` is; or pass only rows that have it: `|> where " + text + " is not null`");
    return MakeError(span);
  }
  return Narrow(MakeField(base, index, field.text, types::Optional(declared), span), scope_.present);
}

ExprPtr ExprChecker::CheckPath(const ast::Path& path) {
  const ast::Name& first = path.names[0];
  if (path.names.size() == 2 && !first.quoted && IsHiddenGroup(first.text)) {
    return CheckHidden(first.text + "." + path.names[1].text, path.span);
  }
  ExprPtr value = CheckName(first);
  for (size_t i = 1; i < path.names.size(); ++i) {
    value = FieldOf(value, path.names[i], false, source::Join(first.span, path.names[i].span));
  }
  return value;
}

}  // namespace streamc::sema
