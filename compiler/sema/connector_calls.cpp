#include "compiler/sema/connector_calls.h"

#include <charconv>

#include "compiler/sema/constants.h"
#include "compiler/sema/expr.h"

namespace streamc::sema {
namespace {

using catalog::OptionInfo;
using catalog::OptionKind;
using catalog::OptionMatch;
using catalog::Side;
using types::Make;

std::string_view SideText(Side side) {
  return side == Side::Source ? "source" : "sink";
}

bool EndsWith(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

TypeRef TypeOf(OptionKind kind) {
  switch (kind) {
    case OptionKind::Text: return Make(TypeKind::String);
    case OptionKind::Int:
    case OptionKind::Size: return Make(TypeKind::Int);
    case OptionKind::Float: return Make(TypeKind::Float);
    case OptionKind::Bool: return Make(TypeKind::Bool);
    case OptionKind::Duration: return Make(TypeKind::Duration);
    case OptionKind::Secret: return Make(TypeKind::Secret);
  }
  return Make(TypeKind::Error);
}

bool IsWordOf(std::string_view words, std::string_view word) {
  for (size_t at = 0; at < words.size();) {
    const size_t end = std::min(words.find(", ", at), words.size());
    if (words.substr(at, end - at) == word) return true;
    at = end + 2;
  }
  return false;
}

// `lowest .. greatest`.
bool InRange(std::string_view range, int64_t value) {
  const size_t dots = range.find(" .. ");
  if (dots == std::string_view::npos) return true;
  int64_t lowest = 0;
  int64_t greatest = 0;
  std::from_chars(range.data(), range.data() + dots, lowest);
  std::from_chars(range.data() + dots + 4, range.data() + range.size(), greatest);
  return value >= lowest && value <= greatest;
}

void CheckRange(Context& context, const OptionInfo& option, const typed::StartValue& value) {
  if (option.range.empty()) return;
  bool fits = true;
  if (const auto* text = std::get_if<std::string>(&value.constant.value)) fits = IsWordOf(option.range, *text);
  if (const auto* number = std::get_if<int64_t>(&value.constant.value)) fits = InRange(option.range, *number);
  if (fits) return;
  context.Report(DiagId::OptionRange, value.span, option.name, types::ToString(value.constant, *value.type))
      .Help("it takes " + std::string(option.range));
}

// A parameter of type `secret`, the only thing that may stand for one.
typed::StartValue CheckSecret(Context& context, const OptionInfo& option, const ast::Expr& expr) {
  typed::StartValue start;
  start.span = expr.span;
  start.type = Make(TypeKind::Secret);
  const auto* name = std::get_if<ast::NameExpr>(&expr.node);
  const Symbol* symbol = name != nullptr ? context.Find(name->name.text) : nullptr;
  if (symbol != nullptr && symbol->kind == SymbolKind::Param &&
      context.program.params[static_cast<size_t>(symbol->index)].secret) {
    start.param = symbol->index;
    return start;
  }
  context.Report(DiagId::SecretInSource, expr.span, option.name)
      .Help(
          "declare `param password: secret` and write `password` here; its value comes from the environment or a file at "
          "start");
  start.type = Make(TypeKind::Error);
  return start;
}

typed::StartValue CheckOptionValue(Context& context, const OptionInfo& option, const ast::Expr& expr) {
  if (option.kind == OptionKind::Secret) return CheckSecret(context, option, expr);
  const std::string what = "option `" + std::string(option.name) + "`";
  // `linger_ms: 5ms` reads better than `5`, and means the same.
  const auto* duration = std::get_if<ast::DurationLit>(&expr.node);
  if (duration != nullptr && EndsWith(option.name, ".ms")) {
    if (option.kind == OptionKind::Float) {
      return ConstantValue({static_cast<double>(duration->micros) / 1000}, Make(TypeKind::Float), expr.span);
    }
    typed::StartValue value = ConstantValue({duration->micros / 1000}, Make(TypeKind::Int), expr.span);
    CheckRange(context, option, value);
    return value;
  }
  typed::StartValue value = CheckStartValue(context, expr, TypeOf(option.kind), what);
  if (value.type->kind != TypeKind::Error) CheckRange(context, option, value);
  return value;
}

void CheckOption(Context& context, const catalog::ConnectorInfo& connector, Side side, const ast::Arg& arg,
                 typed::ConnectorCall* out) {
  const std::string& name = arg.name->text;
  const OptionMatch match = catalog::FindOption(connector, name);
  if (match.kind == OptionMatch::Kind::Refused) {
    context.Report(DiagId::OptionRefused, arg.name->span, match.option.name).Help(std::string(match.help));
    return;
  }
  if (connector.name == "kafka" && (name == "cluster" || name == "pattern")) {
    context.NotSupported(
        arg.name->span, "`" + name + "` of `kafka`",
        name == "cluster" ? "one cluster, given at start: `--brokers HOST:PORT`" : "name one topic: `kafka(\"orders\")`");
    return;
  }
  if (match.kind == OptionMatch::Kind::Unknown) {
    context.Report(DiagId::UnknownOption, arg.name->span, connector.name, name)
        .DidYouMean(name, catalog::OptionNames(connector));
    return;
  }
  if (!catalog::Covers(match.option.side, side)) {
    context.Report(DiagId::OptionSide, arg.name->span, match.option.name, side == Side::Source ? "sink" : "source",
                   SideText(side));
    return;
  }
  for (const typed::Option& given : out->options) {
    if (given.name == match.option.name) {
      context.Report(DiagId::DuplicateOption, arg.name->span, match.option.name).Label(given.span, "first here");
      return;
    }
  }
  out->options.push_back({std::string(match.option.name), CheckOptionValue(context, match.option, *arg.value), arg.span});
}

// `"alerts.{team}"` with a column in it.
bool NeedsRow(Context& context, const ast::Expr& expr) {
  const auto* string = std::get_if<ast::InterpolatedString>(&expr.node);
  if (string == nullptr) return !std::holds_alternative<ast::StringLit>(expr.node);
  for (const ast::StringPart& part : string->parts) {
    const auto* path = std::get_if<ast::Path>(&part.node);
    if (path == nullptr) continue;
    const Symbol* symbol = path->names.size() == 1 ? context.Find(path->names[0].text) : nullptr;
    if (symbol == nullptr || symbol->kind != SymbolKind::Param) return true;
  }
  return false;
}

bool IsParam(Context& context, const ast::Expr& expr) {
  const auto* name = std::get_if<ast::NameExpr>(&expr.node);
  const Symbol* symbol = name != nullptr ? context.Find(name->name.text) : nullptr;
  return symbol != nullptr && symbol->kind == SymbolKind::Param;
}

void CheckPositional(Context& context, const catalog::ConnectorInfo& connector, const ast::Arg& arg, const Flow* row,
                     typed::ConnectorCall* out) {
  const std::string what = std::string(connector.argument) + " of `" + std::string(connector.name) + "`";
  const ast::Expr& value = *arg.value;
  if (row != nullptr && connector.name == "kafka" && NeedsRow(context, value) && !IsParam(context, value)) {
    ExprChecker checker(context, RowScope(*row));
    out->dynamic_target = checker.CheckAs(value, Make(TypeKind::String), what);
    return;
  }
  typed::StartValue start = CheckStartValue(context, value, Make(TypeKind::String), what);
  if (const auto* text = std::get_if<std::string>(&start.constant.value)) {
    const bool bad_topic =
        connector.name == "kafka" &&
        (text->size() > 249 || *text == "." || *text == ".." ||
         text->find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != std::string::npos);
    if (text->empty() || bad_topic) {
      context.Report(DiagId::TargetName, value.span, types::ToString(start.constant, *start.type), connector.argument)
          .Help(connector.name == "kafka" ? "a topic has 1 to 249 letters, digits, `.`, `_` and `-`"
                                          : "write it as in " + std::string("`") + std::string(connector.example) + "`");
    }
    if (connector.name == "generator" && *text != "ysb" && *text != "nexmark") {
      context.Report(DiagId::UnknownGenerator, value.span, *text)
          .DidYouMean(*text, {"ysb", "nexmark"})
          .Note("there are `ysb` and `nexmark`");
    }
  }
  out->args.push_back(std::move(start));
}

}  // namespace

typed::ConnectorCall CheckConnector(Context& context, const ast::Call& call, Side side, const Flow* row) {
  typed::ConnectorCall out;
  out.span = call.span;
  out.connector = call.name.text;
  const catalog::ConnectorInfo* connector = catalog::FindConnector(call.name.text);
  if (connector == nullptr) {
    std::string known;
    for (const std::string& name : catalog::ConnectorNames()) known += (known.empty() ? "`" : ", `") + name + "`";
    context.Report(DiagId::UnknownConnector, call.name.span, call.name.text)
        .DidYouMean(call.name.text, catalog::ConnectorNames())
        .Note("there are " + known);
    return out;
  }
  if (!catalog::Covers(connector->side, side)) {
    context.Report(DiagId::ConnectorSide, call.name.span, connector->name, SideText(side))
        .Help(connector->name == "stdin"    ? "write to `stdout()`"
              : connector->name == "stdout" ? "read from `stdin()`"
                                            : "write to `kafka(\"topic\")` or `file(\"path\")`");
    return out;
  }
  if (connector->name == "stdio") out.connector = side == Side::Source ? "stdin" : "stdout";
  for (const ast::Arg& arg : call.args) {
    const bool names_argument = arg.name && arg.name->text == connector->argument;
    if (arg.name && !names_argument) {
      CheckOption(context, *connector, side, arg, &out);
    } else if (connector->argument.empty() || !out.args.empty() || out.dynamic_target) {
      context.Report(DiagId::ConnectorArguments, arg.span, connector->name, connector->argument.empty() ? 0 : 1)
          .Help("further settings have names: `" + std::string(connector->example) + "`");
    } else {
      CheckPositional(context, *connector, arg, row, &out);
    }
  }
  if (connector->argument_required && out.args.empty() && !out.dynamic_target) {
    context.Report(DiagId::ConnectorArgumentMissing, call.span, connector->name, connector->argument)
        .Help("`" + std::string(connector->example) + "`");
  }
  return out;
}

typed::FormatCall CheckFormat(Context& context, const std::optional<ast::Call>& call) {
  typed::FormatCall out;
  if (!call) return out;
  out.span = call->span;
  const catalog::FormatInfo* format = catalog::FindFormat(call->name.text);
  if (format == nullptr) {
    context.Report(DiagId::UnknownFormat, call->name.span, call->name.text)
        .DidYouMean(call->name.text, catalog::FormatNames())
        .Help("this version reads and writes `json`");
    return out;
  }
  out.format = std::string(format->name);
  for (const ast::Arg& arg : call->args) {
    const OptionInfo* option = nullptr;
    std::vector<std::string> names;
    for (const OptionInfo& each : format->options) {
      names.emplace_back(each.name);
      if (arg.name && each.name == arg.name->text) option = &each;
    }
    if (option == nullptr) {
      const std::string name = arg.name ? arg.name->text : std::string(context.sources.Text(arg.span));
      context.Report(DiagId::UnknownOption, arg.span, format->name, name).DidYouMean(name, names);
      continue;
    }
    for (const typed::Option& given : out.options) {
      if (given.name == option->name)
        context.Report(DiagId::DuplicateOption, arg.span, option->name).Label(given.span, "first here");
    }
    out.options.push_back({std::string(option->name), CheckOptionValue(context, *option, *arg.value), arg.span});
  }
  return out;
}

}  // namespace streamc::sema
