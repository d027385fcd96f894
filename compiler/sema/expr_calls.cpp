// Calls: builtins, user functions, aggregates, and the forms the checker itself knows (need!, header).
#include <algorithm>

#include "compiler/catalog/functions.h"
#include "compiler/sema/convert.h"
#include "compiler/sema/expr.h"
#include "compiler/sema/fn.h"
#include "compiler/sema/foreign_names.h"
#include "stdlib/constant_check.h"

namespace streamc::sema {
namespace {

using types::Make;
using types::ToString;

std::string TypesText(const std::vector<ExprPtr>& args) {
  std::string text;
  for (const ExprPtr& arg : args) text += (text.empty() ? "" : ", ") + ToString(*arg->type);
  return text;
}

std::vector<TypeRef> TypesOf(const std::vector<ExprPtr>& args) {
  std::vector<TypeRef> all;
  for (const ExprPtr& arg : args) all.push_back(arg->type);
  return all;
}

ExprPtr MakeNeed(const ExprPtr& value, const std::string& code, Span span) {
  auto need = std::make_shared<Expr>(*MakeExpr(ExprKind::Need, types::Required(value->type), span, {value}));
  need->text = code;
  return need;
}

// round(d) and round(d, 2) of a decimal: the type loses the decimals too, which conversion does, half up.
ExprPtr RoundedDecimal(const stdlib::ScalarFn& function, const std::vector<ExprPtr>& args, Span span) {
  if (function.name != "round") return nullptr;
  const types::Type& from = *args[0]->type;
  if (from.kind != TypeKind::Decimal || (args.size() == 2 && !IsLiteral(args[1]))) return nullptr;
  const int64_t digits = args.size() == 2 ? std::get<int64_t>(args[1]->value.value) : 0;
  if (digits < 0 || digits >= from.scale) return nullptr;
  const int scale = static_cast<int>(digits);
  const int precision = std::min(38, from.precision - from.scale + scale + 1);
  return MakeExpr(ExprKind::ToDecimal, types::MakeDecimal(precision, scale), span, {args[0]});
}

bool HasWord(std::string_view words, std::string_view word) {
  for (size_t at = 0; at < words.size();) {
    const size_t end = std::min(words.find(' ', at), words.size());
    if (words.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

ExprPtr ExprChecker::CheckCall(const ast::Expr& whole, const ast::Call& call) {
  const std::string& name = call.name.text;
  Symbol* symbol = context_.Find(name);
  const bool user_fn = symbol != nullptr && symbol->kind == SymbolKind::Fn;
  if (!user_fn && catalog::IsAggregate(name) && (!catalog::IsScalar(name) || scope_.aggregates != nullptr)) {
    return CheckAggregateCall(whole, call);
  }
  if (call.where) {
    context_.Report(DiagId::WhereInCall, call.where->span, name)
        .Help("filter rows with a step: `|> where ...`; or one count: `count(where ...)`");
    return MakeError(whole.span);
  }
  if (user_fn) return CheckUserFn(whole, call, *symbol);
  if (name == "need") return CheckNeed(whole, call);
  if (name == "header") return CheckHeader(whole, call);
  if (IsListFunction(name)) return CheckListFunction(whole, call);
  if (catalog::IsScalar(name)) return CheckScalar(whole, call);
  for (const ast::Arg& arg : call.args) {
    if (!std::holds_alternative<ast::Lambda>(arg.value->node)) Check(*arg.value);
  }
  ReportUnknownFunction(call);
  return MakeError(whole.span);
}

void ExprChecker::ReportUnknownFunction(const ast::Call& call) {
  const std::string& name = call.name.text;
  if (name == "about") {
    context_.Report(DiagId::AboutOutside, call.name.span).Help("`expect trending [{ mean: about(2.5, 0.1) }]`");
    return;
  }
  if (Symbol* symbol = context_.Find(name)) {
    context_.Report(DiagId::NotAFunction, call.name.span, name, KindText(symbol->kind)).Label(symbol->span, "declared here");
    return;
  }
  std::vector<std::string> candidates = catalog::ScalarNames();
  for (std::string& fn : context_.NamesOf({SymbolKind::Fn})) candidates.push_back(std::move(fn));
  for (std::string& aggregate : catalog::AggregateNames()) candidates.push_back(std::move(aggregate));
  for (const char* known : {"map", "filter", "exists", "for_all", "reduce", "need", "header"}) candidates.emplace_back(known);
  auto report = context_.Report(DiagId::UnknownFunction, call.name.span, name);
  if (const std::string_view meant = FindForeignName(ForeignPlace::Function, name); !meant.empty()) {
    report.Help("write `" + std::string(meant) + "`");
  } else {
    report.DidYouMean(name, candidates);
  }
}

// Arguments in the order of the parameters; nullopt, reported, when a name is unknown or given twice.
std::optional<std::vector<const ast::Expr*>> ExprChecker::OrderArguments(const ast::Call& call,
                                                                         const std::vector<std::string>& names) {
  const bool any_named =
      std::any_of(call.args.begin(), call.args.end(), [](const ast::Arg& arg) { return arg.name.has_value(); });
  std::vector<const ast::Expr*> ordered;
  if (!any_named) {
    for (const ast::Arg& arg : call.args) ordered.push_back(arg.value.get());
    return ordered;
  }
  ordered.resize(names.size());
  size_t next = 0;
  for (const ast::Arg& arg : call.args) {
    size_t at = next;
    if (arg.name) {
      at = static_cast<size_t>(std::find(names.begin(), names.end(), arg.name->text) - names.begin());
      if (at == names.size()) {
        context_.Report(DiagId::UnknownArgument, arg.name->span, call.name.text, arg.name->text)
            .DidYouMean(arg.name->text, names);
        return std::nullopt;
      }
    }
    if (at >= names.size() || ordered[at] != nullptr) {
      context_.Report(DiagId::DuplicateArgument, arg.span, at < names.size() ? names[at] : call.name.text);
      return std::nullopt;
    }
    ordered[at] = arg.value.get();
    next = at + 1;
  }
  for (size_t i = 0; i < ordered.size(); ++i) {
    if (ordered[i] == nullptr) {
      context_.Report(DiagId::MissingArgument, call.span, call.name.text, names[i]);
      return std::nullopt;
    }
  }
  return ordered;
}

// `f!(x)`: a missing result rejects the record.
ExprPtr ExprChecker::ApplyBang(const ast::Call& call, ExprPtr result, Span span) {
  if (!call.bang || IsError(result)) return result;
  if (!result->type->optional) {
    context_.Report(DiagId::BangNotFallible, call.name.span, call.name.text, ToString(*result->type))
        .Help("call it without `!`: `" + call.name.text + "(...)`");
    return result;
  }
  return MakeNeed(result, "convert", span);
}

ExprPtr ExprChecker::CheckScalar(const ast::Expr& whole, const ast::Call& call) {
  const std::string& name = call.name.text;
  const auto ordered = OrderArguments(call, catalog::ScalarParameters(name, call.args.size()));
  if (!ordered) return MakeError(whole.span);
  std::vector<ExprPtr> args;
  bool poisoned = false;
  for (const ast::Expr* arg : *ordered) {
    args.push_back(Check(*arg));
    poisoned = poisoned || IsError(args.back());
  }
  if (poisoned) return MakeError(whole.span);
  if (name == "to_string" && args.size() == 1 && args[0]->type->kind == TypeKind::Enum && !args[0]->type->optional) {
    return ApplyBang(call, EnumText(args[0], whole.span), whole.span);
  }
  // A float literal beside a decimal argument is a decimal.
  const auto decimal =
      std::find_if(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->type->kind == TypeKind::Decimal; });
  if (decimal != args.end()) {
    for (ExprPtr& arg : args) {
      if (!IsLiteral(arg) || arg->type->kind != TypeKind::Float) continue;
      if (ExprPtr shaped = DecimalLiteral(arg->text, arg->span)) arg = shaped;
    }
  }
  const auto choice = catalog::FindScalar(name, TypesOf(args));
  if (!choice) {
    auto report = context_.Report(DiagId::NoOverload, call.name.span, name, TypesText(args));
    for (const std::string& signature : catalog::ScalarSignatures(name)) report.Note("there is `" + signature + "`");
    return MakeError(whole.span);
  }
  const auto names = catalog::ScalarParameters(name, args.size());
  for (size_t i = 0; i < args.size(); ++i) {
    args[i] = Coerce(context_, args[i], choice->params[i], i < names.size() ? "`" + names[i] + "` of `" + name + "`" : "");
    poisoned = poisoned || IsError(args[i]);
  }
  if (poisoned || !CheckConstantArguments(*choice->function, call, args)) return MakeError(whole.span);
  if (ExprPtr rounded = RoundedDecimal(*choice->function, args, whole.span)) return rounded;
  auto result = std::make_shared<Expr>(*MakeExpr(ExprKind::Call, choice->result, whole.span, std::move(args)));
  result->function = choice->function;
  return ApplyBang(call, std::move(result), whole.span);
}

bool ExprChecker::CheckConstantArguments(const stdlib::ScalarFn& function, const ast::Call& call,
                                         const std::vector<ExprPtr>& args) {
  if (function.constant_args.empty()) return true;
  const auto names = catalog::ScalarParameters(function.name, args.size());
  bool all = true;
  for (size_t i = 0; i < args.size() && i < names.size(); ++i) {
    if (!HasWord(function.constant_args, names[i])) continue;
    if (!IsLiteral(args[i])) {
      context_.Report(DiagId::ConstantArgument, args[i]->span, names[i], call.name.text)
          .Help("write it out, so that it is checked and prepared once: `r\"[a-z]+\"`");
      all = false;
      continue;
    }
    const auto* text = std::get_if<std::string>(&args[i]->value.value);
    const std::string wrong = text != nullptr ? stdlib::CheckConstant(function, names[i], *text) : "";
    if (wrong.empty()) continue;
    const std::string example(function.examples.front().expression);
    context_.Report(DiagId::BadConstant, args[i]->span, names[i], call.name.text, wrong).Help("for example `" + example + "`");
    all = false;
  }
  return all;
}

ExprPtr ExprChecker::CheckUserFn(const ast::Expr& whole, const ast::Call& call, Symbol& symbol) {
  const auto& decl = std::get<ast::FnDecl>(symbol.decl->node);
  if (symbol.state == CheckState::Active) {
    context_.Report(DiagId::RecursiveFunction, call.name.span, symbol.name)
        .Label(symbol.span, "declared here")
        .Help("go through a list with `map`, `filter` or `reduce` instead");
    return MakeError(whole.span);
  }
  CheckFn(context_, symbol);
  std::vector<std::string> names;
  for (const ast::Param& param : decl.params) names.push_back(param.name.text);
  const auto ordered = OrderArguments(call, names);
  if (!ordered) return MakeError(whole.span);
  if (ordered->size() != names.size()) {
    context_.Report(DiagId::ArgumentCount, call.name.span, symbol.name, names.size(), ordered->size())
        .Label(symbol.span, "declared here");
    return MakeError(whole.span);
  }
  const FnHead head = HeadOf(context_, decl);
  std::vector<ExprPtr> args;
  bool poisoned = symbol.faulty;
  for (size_t i = 0; i < ordered->size(); ++i) {
    args.push_back(CheckAs(*(*ordered)[i], head.params[i], "`" + names[i] + "` of `" + symbol.name + "`"));
    poisoned = poisoned || IsError(args.back());
  }
  if (poisoned) return MakeError(whole.span);
  return ApplyBang(call, InlineFn(context_, symbol, head, args, whole.span), whole.span);
}

ExprPtr ExprChecker::CheckNeed(const ast::Expr& whole, const ast::Call& call) {
  if (call.args.size() != 1) {
    context_.Report(DiagId::ArgumentCount, call.name.span, "need", 1, call.args.size()).Help("`need!(user)`");
    return MakeError(whole.span);
  }
  const ExprPtr value = Check(*call.args[0].value);
  if (IsError(value)) return MakeError(whole.span);
  const std::string text(context_.sources.Text(call.args[0].span));
  if (!call.bang) {
    context_.Report(DiagId::NeedWithoutBang, call.name.span)
        .Help("`need!(" + text + ")` sends a record without it to the bad route");
    return MakeError(whole.span);
  }
  if (!value->type->optional) {
    context_.Report(DiagId::NeverMissing, value->span, "need!", ToString(*value->type));
    return WithSpan(value, whole.span);
  }
  return MakeNeed(value, "need", whole.span);
}

// header("x"): the kernel gets the record's headers as a hidden first argument.
ExprPtr ExprChecker::CheckHeader(const ast::Expr& whole, const ast::Call& call) {
  const auto choice = catalog::FindScalar("header", {Make(TypeKind::String)});
  if (call.args.size() != 1 || !choice) {
    context_.Report(DiagId::ArgumentCount, call.name.span, "header", 1, call.args.size()).Help("`header(\"trace-id\")`");
    return MakeError(whole.span);
  }
  ExprPtr name = CheckAs(*call.args[0].value, Make(TypeKind::String), "the name of a header");
  ExprPtr headers = CheckHidden("meta.headers", call.name.span);
  if (IsError(name) || IsError(headers) || !CheckConstantArguments(*choice->function, call, {name}))
    return MakeError(whole.span);
  auto result =
      std::make_shared<Expr>(*MakeExpr(ExprKind::Call, choice->result, whole.span, {std::move(headers), std::move(name)}));
  result->function = choice->function;
  return ApplyBang(call, std::move(result), whole.span);
}

ExprPtr ExprChecker::CheckAggregateCall(const ast::Expr& whole, const ast::Call& call) {
  const std::string& name = call.name.text;
  if (scope_.inside_aggregate) {
    context_.Report(DiagId::NestedAggregate, call.name.span, name).Help("aggregate twice, in two steps");
    return MakeError(whole.span);
  }
  if (scope_.aggregates == nullptr) {
    context_.Report(DiagId::AggregateOutside, call.name.span, name)
        .Help("`|> aggregate n = " + name + "(...) by user window tumbling(1m)`");
    return MakeError(whole.span);
  }
  AggregateScope& aggregates = *scope_.aggregates;
  Scope input = *aggregates.input;
  input.inside_aggregate = true;
  ExprChecker checker(context_, std::move(input));
  ExprPtr where;
  if (call.where) {
    where = checker.CheckCondition(*call.where, "`where`");
    Facts facts = FactsWhenTrue(*where);
    checker.scope().present.merge(facts);
  }
  const auto ordered = OrderArguments(call, catalog::AggregateParameters(name, call.args.size()));
  if (!ordered) return MakeError(whole.span);
  std::vector<ExprPtr> args;
  bool poisoned = where && IsError(where);
  for (const ast::Expr* arg : *ordered) {
    args.push_back(checker.Check(*arg));
    poisoned = poisoned || IsError(args.back());
  }
  if (poisoned) return MakeError(whole.span);
  const auto choice = catalog::FindAggregate(name, TypesOf(args));
  if (!choice) {
    auto report = context_.Report(DiagId::NoOverload, call.name.span, name, TypesText(args));
    for (const std::string& signature : catalog::AggregateSignatures(name)) report.Note("there is `" + signature + "`");
    if (name == "count" && args.size() == 1) {
      const std::string text(context_.sources.Text(args[0]->span));
      report.Help(args[0]->type->kind == TypeKind::Bool ? "rows that pass: `count(where " + text + ")`"
                  : args[0]->type->optional            ? "rows that have it: `count(where " + text + " is not null)`"
                                                       : "every row has it: `count()`; how many different ones there are: `count_distinct(" + text + ")`");
    }
    return MakeError(whole.span);
  }
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i]->type->optional && !choice->params[i]->optional) {
      const std::string text(context_.sources.Text(args[i]->span));
      context_.Report(DiagId::OptionalInAggregate, args[i]->span, name, ToString(*args[i]->type))
          .Help("leave the missing ones out: `" + name + "(" + text + " where " + text + " is not null)`");
      return MakeError(whole.span);
    }
    args[i] = Coerce(context_, args[i], choice->params[i]);
    if (IsError(args[i])) return MakeError(whole.span);
  }
  const stdlib::AggregateFn& function = *choice->function;
  if (aggregates.changing && function.remove.empty()) {
    context_.Report(DiagId::NotRemovable, call.name.span, name)
        .Note("a row of a changing stream may be taken back, which `" + name + "` cannot undo")
        .Help(
            "let the step before send final results only (`emit final`, no `late`), or take its changes as rows: `|> as rows`");
    return MakeError(whole.span);
  }
  if (function.ordered && !aggregates.has_time) {
    context_.Report(DiagId::OrderedWithoutTime, call.name.span, name)
        .Help("say what the time of a record is: `time meta.timestamp watermark lag 10s` on its source");
    return MakeError(whole.span);
  }
  if (function.ordered)
    context_.watermark_used.insert(aggregates.input->flow->sources.begin(), aggregates.input->flow->sources.end());
  const TypeRef type = where && !function.always_value ? types::Optional(choice->result) : choice->result;
  // The same call twice is kept once; ids make the printed form exact.
  std::string text(name + "/" + std::string(function.signature) + "/" + (where ? PrintExpr(*where) : ""));
  for (const ExprPtr& arg : args) text += "/" + PrintExpr(*arg);
  auto found = std::find(aggregates.texts.begin(), aggregates.texts.end(), text);
  const auto index = static_cast<int32_t>(found - aggregates.texts.begin());
  if (found == aggregates.texts.end()) {
    aggregates.texts.push_back(std::move(text));
    aggregates.calls.push_back({&function, std::move(args), where, type, whole.span});
  }
  auto result = std::make_shared<Expr>(*MakeExpr(ExprKind::Agg, type, whole.span));
  result->index = index;
  result->text = name;
  return ApplyBang(call, std::move(result), whole.span);
}

}  // namespace streamc::sema
