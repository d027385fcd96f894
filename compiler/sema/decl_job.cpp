// What names a program declares, its job and its parameters, and the actions clauses name.
#include <algorithm>

#include "compiler/catalog/functions.h"
#include "compiler/sema/constants.h"
#include "compiler/sema/context.h"

namespace streamc::sema {
namespace {

constexpr int64_t kMaxKeyGroups = 1024;

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

void Declare(Context& context, std::map<std::string, Symbol>& into, SymbolKind kind, const ast::Name& name,
             const ast::Decl* decl) {
  Symbol symbol;
  symbol.kind = kind;
  symbol.name = name.text;
  symbol.span = name.span;
  symbol.decl = decl;
  const auto [place, fresh] = into.emplace(name.text, symbol);
  if (fresh) return;
  if (context.options.interactive) {
    place->second = symbol;
    return;
  }
  context.Report(DiagId::DuplicateDeclaration, name.span, name.text).Label(place->second.span, "first declared here");
}

void DeclareFn(Context& context, const ast::Name& name, const ast::Decl& decl, SymbolKind kind) {
  static const std::vector<std::string> kOwn = {"need", "header", "map", "filter", "exists", "for_all", "reduce", "about"};
  if (catalog::IsScalar(name.text) || catalog::IsAggregate(name.text) ||
      std::find(kOwn.begin(), kOwn.end(), name.text) != kOwn.end()) {
    context.Report(DiagId::BuiltinName, name.span, name.text).Help("give it another name: `fn my_" + name.text + "(...)`");
    return;
  }
  Declare(context, context.symbols, kind, name, &decl);
}

void DeclareJob(Context& context, const ast::Decl& decl) {
  if (context.job_decl != nullptr) {
    if (context.options.interactive) {
      context.job_decl = &decl;
      return;
    }
    context.Report(DiagId::TwoJobs, decl.word_span)
        .Label(context.job_decl->word_span, "the first job")
        .Help("put both jobs' settings into one block");
    return;
  }
  context.job_decl = &decl;
}

void DeclareRoute(Context& context, const ast::Action& action, Symbol::Origin origin) {
  if (action.kind != ast::Action::Kind::Stream) return;
  const auto found = context.symbols.find(action.stream.text);
  if (found != context.symbols.end() && found->second.kind == SymbolKind::Route) {
    found->second.origins.push_back(std::move(origin));
    return;
  }
  Symbol symbol;
  symbol.kind = SymbolKind::Route;
  symbol.name = action.stream.text;
  symbol.span = action.stream.span;
  symbol.origins.push_back(std::move(origin));
  if (found != context.symbols.end()) {
    context.Report(DiagId::DuplicateDeclaration, action.stream.span, action.stream.text)
        .Label(found->second.span, "first declared here")
        .Help("`-> name` makes a stream of its own; give it a new name");
    return;
  }
  context.symbols.emplace(symbol.name, std::move(symbol));
}

void DeclareLateRoute(Context& context, const std::optional<ast::Bound>& bound, const std::string& stream) {
  if (bound && bound->on_late) DeclareRoute(context, bound->on_late->action, {Symbol::Origin::Kind::LateOf, stream});
}

// `-> name` clauses declare streams as well.
void DeclareRoutes(Context& context, const ast::Decl& decl) {
  const auto clauses = [&](const std::string& name, const ast::SourceClauses& from) {
    if (from.on_bad) DeclareRoute(context, from.on_bad->action, {Symbol::Origin::Kind::BadOf, name});
    if (from.on_null) DeclareRoute(context, from.on_null->action, {Symbol::Origin::Kind::BadOf, name});
  };
  if (const auto* source = std::get_if<ast::SourceDecl>(&decl.node)) clauses(source->name.text, source->clauses);
  if (const auto* table = std::get_if<ast::TableDecl>(&decl.node)) clauses(table->name.text, table->clauses);
  const auto* stream = std::get_if<ast::StreamDecl>(&decl.node);
  if (stream == nullptr) return;
  for (const ast::Step& step : stream->pipeline.steps) {
    if (const auto* aggregate = std::get_if<ast::AggregateStep>(&step.node)) {
      DeclareLateRoute(context, aggregate->bound, stream->name.text);
    } else if (const auto* top = std::get_if<ast::TopStep>(&step.node)) {
      DeclareLateRoute(context, top->bound, stream->name.text);
    }
  }
}

// The job's `on bad -> name` takes the bad records of sources and tables without an action of their own, and the failing rows of
// steps that combine records.
void DeclareJobRoute(Context& context) {
  if (context.job_decl == nullptr) return;
  const auto& job = std::get<ast::JobDecl>(context.job_decl->node);
  if (!job.on_bad) return;
  const auto add = [&](const std::string& name, const ast::SourceClauses& clauses) {
    if (!clauses.on_bad) DeclareRoute(context, job.on_bad->action, {Symbol::Origin::Kind::BadOf, name});
  };
  for (const ast::Decl* decl : context.decls) {
    if (const auto* source = std::get_if<ast::SourceDecl>(&decl->node)) add(source->name.text, source->clauses);
    if (const auto* table = std::get_if<ast::TableDecl>(&decl->node)) add(table->name.text, table->clauses);
  }
  DeclareRoute(context, job.on_bad->action, {Symbol::Origin::Kind::BadOfJob, job.name.text});
}

void DeclareOne(Context& context, const ast::Decl& decl) {
  auto& symbols = context.symbols;
  std::visit(Overloaded{
                 [](const ast::UseDecl&) {},
                 [](const ast::SinkDecl&) {},
                 [](const ast::TestDecl&) {},
                 [&](const ast::JobDecl&) { DeclareJob(context, decl); },
                 [&](const ast::ParamDecl& node) { Declare(context, symbols, SymbolKind::Param, node.name, &decl); },
                 [&](const ast::ClusterDecl& node) { Declare(context, symbols, SymbolKind::Cluster, node.name, &decl); },
                 [&](const ast::SchemaDecl& node) { Declare(context, context.schemas, SymbolKind::Schema, node.name, &decl); },
                 [&](const ast::SourceDecl& node) { Declare(context, symbols, SymbolKind::Source, node.name, &decl); },
                 [&](const ast::TableDecl& node) { Declare(context, symbols, SymbolKind::Table, node.name, &decl); },
                 [&](const ast::StreamDecl& node) { Declare(context, symbols, SymbolKind::Stream, node.name, &decl); },
                 [&](const ast::MirrorDecl& node) { Declare(context, symbols, SymbolKind::Mirror, node.name, &decl); },
                 [&](const ast::FnDecl& node) { DeclareFn(context, node.name, decl, SymbolKind::Fn); },
                 [&](const ast::AggDecl& node) { DeclareFn(context, node.name, decl, SymbolKind::Agg); },
             },
             decl.node);
}

// The declarations of a file and of the files it uses; those leave their job and tests behind.
void Gather(Context& context, const ast::Program& program, bool main, std::set<std::string>* used) {
  for (const ast::Name& name : program.broken) context.broken.insert(name.text);
  context.job_broken |= program.job_broken;
  for (const ast::Decl& decl : program.decls) {
    if (const auto* use = std::get_if<ast::UseDecl>(&decl.node)) {
      if (!used->insert(use->path.text).second) continue;
      std::string why = "no other files can be read here";
      const ast::Program* other =
          context.options.load ? context.options.load(use->path.text, use->path.span, &(why = {})) : nullptr;
      if (other != nullptr) {
        Gather(context, *other, false, used);
      } else if (!why.empty()) {
        context.Report(DiagId::UseFailed, use->path.span, use->path.text, why);
      }
      continue;
    }
    const bool own = std::holds_alternative<ast::JobDecl>(decl.node) || std::holds_alternative<ast::TestDecl>(decl.node);
    if (main || !own) context.decls.push_back(&decl);
  }
}

void CheckDelivery(Context& context, const ast::Name& delivery, typed::Job* job) {
  if (delivery.text == "exactly_once") {
    job->delivery = typed::Delivery::ExactlyOnce;
  } else if (delivery.text != "at_least_once") {
    context.Report(DiagId::UnknownDelivery, delivery.span, delivery.text)
        .DidYouMean(delivery.text, {"exactly_once", "at_least_once"});
  }
}

void CheckKeyGroups(Context& context, const ast::CountClause& clause, typed::Job* job) {
  if (clause.count >= 1 && clause.count <= kMaxKeyGroups) {
    job->key_groups = static_cast<int32_t>(clause.count);
    return;
  }
  context.Report(DiagId::KeyGroups, clause.span, clause.count)
      .Help("1 to " + std::to_string(kMaxKeyGroups) +
            ": `key_groups 64`; so many instances at most can share the keyed state, and it can never be changed");
}

bool CheckParamType(Context& context, const ast::ParamDecl& decl, const types::Type& type) {
  switch (type.kind) {
    case TypeKind::List:
    case TypeKind::Map:
    case TypeKind::Record:
    case TypeKind::Bytes:
    case TypeKind::Uuid:
      context.Report(DiagId::ParamType, decl.type.span, types::ToString(type))
          .Help("a parameter is one value from the command line: int, string, duration, ...");
      return false;
    default: break;
  }
  if (type.optional) {
    context.Report(DiagId::ParamType, decl.type.span, types::ToString(type))
        .Help("give it a default instead: `param " + decl.name.text + ": int = 0`");
    return false;
  }
  return true;
}

}  // namespace

void CollectSymbols(Context& context, const ast::Program& program) {
  std::set<std::string> used;
  Gather(context, program, true, &used);
}

void DeclareSymbols(Context& context) {
  for (const ast::Decl* decl : context.decls) DeclareOne(context, *decl);
  for (const ast::Decl* decl : context.decls) DeclareRoutes(context, *decl);
  DeclareJobRoute(context);
}

typed::Action CheckAction(Context& context, const ast::Action& action) {
  typed::Action out;
  out.span = action.span;
  switch (action.kind) {
    case ast::Action::Kind::Drop: out.kind = typed::ActionKind::Drop; return out;
    case ast::Action::Kind::Stop: out.kind = typed::ActionKind::Stop; return out;
    case ast::Action::Kind::Stream: {
      out.kind = typed::ActionKind::ToStream;
      auto& names = context.route_names;
      auto found = std::find(names.begin(), names.end(), action.stream.text);
      out.stream = static_cast<int32_t>(found - names.begin());
      if (found == names.end()) names.push_back(action.stream.text);
      return out;
    }
    case ast::Action::Kind::Call: break;
  }
  if (action.call.name.text != "dead_letter") {
    context.Report(DiagId::UnknownAction, action.call.name.span, action.call.name.text)
        .Help("`drop`, `stop`, `dead_letter(\"topic\")` or `-> name`");
    return out;
  }
  if (action.call.args.size() != 1 || action.call.args[0].name) {
    context.Report(DiagId::ArgumentCount, action.call.name.span, "dead_letter", 1, action.call.args.size())
        .Help("`dead_letter(\"orders.bad\")`");
    return out;
  }
  out.kind = typed::ActionKind::DeadLetter;
  out.topic = CheckStartValue(context, *action.call.args[0].value, types::Make(TypeKind::String), "topic of `dead_letter`");
  return out;
}

void CheckJob(Context& context) {
  typed::Job& job = context.program.job;
  job.name = context.options.default_job;
  job.commit_every = ConstantValue({}, types::Make(TypeKind::Duration), {});
  if (context.job_decl == nullptr) return;
  const auto& decl = std::get<ast::JobDecl>(context.job_decl->node);
  job.name = decl.name.text;
  job.declared = true;
  job.span = context.job_decl->span;
  if (decl.delivery) CheckDelivery(context, *decl.delivery, &job);
  if (decl.commit_every) job.commit_every = CheckDuration(context, *decl.commit_every->value, "`commit every`", 1);
  if (decl.key_groups) CheckKeyGroups(context, *decl.key_groups, &job);
  if (decl.home) context.NotSupported(decl.home->span, "`home`", "one cluster, given at start: `--brokers HOST:PORT`");
  if (decl.on_bad) job.on_bad = CheckAction(context, decl.on_bad->action);
  for (const ast::Setting& setting : decl.settings) {
    context.Report(DiagId::UnknownSetting, setting.name.span, setting.name.text)
        .Help("a job has `delivery`, `commit every`, `key_groups`, `on bad` and `home`; other settings are flags at start");
  }
}

void CheckParams(Context& context) {
  for (const ast::Decl* decl : context.decls) {
    const auto* node = std::get_if<ast::ParamDecl>(&decl->node);
    if (node == nullptr) continue;
    Symbol* symbol = context.Find(node->name.text);
    if (symbol == nullptr || symbol->decl != decl) continue;
    typed::Param param;
    param.name = node->name.text;
    param.type = ResolveType(context, node->type);
    param.span = decl->span;
    if (!CheckParamType(context, *node, *param.type)) param.type = types::Make(TypeKind::Error);
    param.secret = param.type->kind == TypeKind::Secret;
    if (node->default_value && param.secret) {
      context.Report(DiagId::SecretDefault, node->default_value->span, param.name)
          .Help("leave the default out; at start it comes from the environment or a file");
    } else if (node->default_value) {
      param.deflt = CheckConstant(context, *node->default_value, param.type, "default of `" + param.name + "`");
    }
    symbol->index = static_cast<int32_t>(context.program.params.size());
    symbol->state = CheckState::Done;
    context.program.params.push_back(std::move(param));
  }
}

}  // namespace streamc::sema
