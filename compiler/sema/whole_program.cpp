// Rules over the whole program: what exactly-once can hold, and the names steps had before.
#include <map>

#include "compiler/catalog/connectors.h"
#include "compiler/sema/context.h"

namespace streamc::sema {
namespace {

// Records, state and positions of one turn are one Kafka transaction; the log in memory that tests run on keeps the same promise.
bool InTransaction(const std::string& connector) {
  return connector == "kafka" || connector == "memory";
}

void CheckSourceDelivery(Context& context, const ast::SourceDecl& source) {
  const ast::Name& connector = source.connector.name;
  if (InTransaction(connector.text) || catalog::FindConnector(connector.text) == nullptr) return;
  context.Report(DiagId::SourceOutsideTransaction, connector.span, source.name.text)
      .Note("after a crash the job could not go on where its last results left off")
      .Help("read a topic: `from kafka(\"" + source.name.text + "\")`; at start `--bind " + source.name.text +
            "=file:PATH` still reads a file in its place")
      .Help("or let results repeat after a crash: `delivery at_least_once` in the job");
}

void CheckSinkDelivery(Context& context, const ast::SinkDecl& sink, bool exactly_once) {
  if (sink.delivery && sink.delivery->text == "exactly_once" && !exactly_once) {
    context.Report(DiagId::SinkMoreThanJob, sink.delivery->span).Help("write it once for all: `job NAME { delivery exactly_once }`");
    return;
  }
  const ast::Name& connector = sink.connector.name;
  const bool allowed = sink.delivery && sink.delivery->text != "exactly_once";
  if (!exactly_once || allowed || InTransaction(connector.text) || catalog::FindConnector(connector.text) == nullptr) return;
  context.Report(DiagId::SinkOutsideTransaction, connector.span, connector.text)
      .Note("after a crash some of its records may come twice")
      .Help("say so at the sink: `delivery at_least_once`; or write to a topic");
}

void CheckExactlyOnce(Context& context) {
  const bool exactly_once = context.program.job.delivery == typed::Delivery::ExactlyOnce;
  for (const ast::Decl* decl : context.decls) {
    if (const auto* source = std::get_if<ast::SourceDecl>(&decl->node); source != nullptr && exactly_once)
      CheckSourceDelivery(context, *source);
    if (const auto* sink = std::get_if<ast::SinkDecl>(&decl->node)) CheckSinkDelivery(context, *sink, exactly_once);
  }
}

struct StatefulStep {
  std::string name;
  Span span;
  const std::vector<typed::EarlierName>* was;
};

std::vector<StatefulStep> StatefulSteps(const typed::Program& program) {
  std::vector<StatefulStep> steps;
  for (const typed::Stream& stream : program.streams) {
    for (const typed::Step& step : stream.steps) {
      if (const auto* aggregate = std::get_if<typed::Aggregate>(&step.node))
        steps.push_back({stream.name + "/" + aggregate->label, step.span, &aggregate->was});
      if (const auto* top = std::get_if<typed::Top>(&step.node))
        steps.push_back({stream.name + "/" + top->label, step.span, &top->was});
    }
  }
  return steps;
}

void CheckEarlierNames(Context& context) {
  const std::vector<StatefulStep> steps = StatefulSteps(context.program);
  std::map<std::string, Span> present, claimed;
  for (const StatefulStep& step : steps) present.emplace(step.name, step.span);
  for (const StatefulStep& step : steps) {
    for (const typed::EarlierName& was : *step.was) {
      const size_t slash = was.name.find('/');
      if (slash == 0 || slash == std::string::npos || slash + 1 == was.name.size()) {
        context.Report(DiagId::EarlierNameForm, was.span, was.name)
            .Help("a step is known as `stream/label`, and without a label of its own by its verb: `was \"clicks/aggregate\"`");
        continue;
      }
      if (const auto found = present.find(was.name); found != present.end()) {
        context.Report(DiagId::EarlierNameInUse, was.span, was.name)
            .Label(found->second, found->first == step.name ? "this very step" : "this one goes on with its state")
            .Help(found->first == step.name ? "leave `was` out" : "give that step another label, then this one can take its state over");
        continue;
      }
      if (const auto [place, fresh] = claimed.emplace(was.name, was.span); !fresh) {
        context.Report(DiagId::EarlierNameTwice, was.span, was.name)
            .Label(place->second, "the first one")
            .Help("only one step can take the state over; the other begins with none");
      }
    }
  }
}

}  // namespace

void CheckWhole(Context& context) {
  CheckExactlyOnce(context);
  CheckEarlierNames(context);
}

}  // namespace streamc::sema
