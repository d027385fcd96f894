// How a job runs on several instances, as `streamc explain` and `./job --explain` end: delivery, where state is, what crosses.
#include <algorithm>

#include "compiler/physical/state_spec.h"
#include "runtime/abi/manifest.h"

namespace streamc::physical {
namespace {

// The sources whose positions no group of consumers keeps, so that the job has nowhere to go on from.
std::string SourcesElsewhere(const abi::JobSpec& spec) {
  std::string text;
  for (const abi::SourceSpec& source : spec.sources) {
    if (source.connector.connector == "kafka") continue;
    text += (text.empty() ? "`" : ", `") + source.name + "` (" + source.connector.connector + ")";
  }
  return text;
}

std::string DeliveryText(const abi::JobSpec& spec) {
  if (!spec.exactly_once) return "delivery at_least_once: positions are committed after the results that were made up to there";
  return "delivery exactly_once: the results, state and positions of a turn become visible together or not at all";
}

}  // namespace

std::string ExplainRun(const abi::JobSpec& spec) {
  std::string text = "instances of " + spec.name + "\n";
  const auto line = [&](const std::string& words) { text += "  " + words + "\n"; };
  line(DeliveryText(spec));
  const abi::Manifest manifest = abi::MakeManifest(spec);
  const std::string elsewhere = SourcesElsewhere(spec);
  if (manifest.steps.empty()) {
    line("no step keeps state, and nothing crosses between instances");
    return text;
  }
  if (!elsewhere.empty()) {
    line("state is in the memory of each process, which groups what it reads itself: " + elsewhere +
         " cannot be shared out or gone on with");
  } else {
    line("state is shared out in " + std::to_string(spec.key_groups) + " key groups by the hash of the key; the instance that owns a group has " +
         "its state in memory");
    line("and every change of it in partition GROUP of `" + spec.name + "-changelog`, from where any instance can take it over");
  }
  for (const abi::ManifestStep& step : manifest.steps) {
    line(step.name + " " + step.shape);
    const bool partial = step.kind == "aggregate";
    line(std::string("     ") + (partial ? "partial states" : "rows") +
         (elsewhere.empty() ? " go to the owner of the group: in the same instance through memory, to another through `" + spec.name + "-repartition`"
                            : " go from the process's threads to one through memory"));
  }
  return text;
}

}  // namespace streamc::physical
