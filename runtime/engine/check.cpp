#include "runtime/engine/check.h"

#include <cstdio>

#include "runtime/connector/cluster_check.h"
#include "runtime/engine/upgrade.h"

namespace streamc::rt::engine {
namespace {

using connector::Finding;

bool Keyed(const Plan& plan) {
  for (const NodePlan& node : plan.nodes()) {
    if (node.spec->kind == abi::NodeKind::Aggregate || node.spec->kind == abi::NodeKind::Top) return true;
  }
  return false;
}

// What the state there is to this program.
void CheckState(const std::string& connector, connector::DurableLogConfig config, const Params& params, const abi::JobSpec& spec,
                const std::vector<std::string>& reset, std::vector<Finding>* findings) {
  config.read_only = true;
  std::unique_ptr<connector::DurableLog> log;
  Status status = connector::MakeDurableLog(connector, config, &log);
  if (status.ok()) status = log->Open();
  abi::ManifestDiff diff;
  bool known = false;
  abi::Manifest program = abi::MakeManifest(spec, [&](int32_t param) { return params.Datum(param); });
  if (status.ok()) status = CompareState(*log, program, reset, &diff, &known);
  if (!status.ok()) return findings->push_back({status.code, status.message, false});
  std::string text = known ? abi::DiffText(diff) : "none yet";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  findings->push_back({Exit::Ok, known ? "state:\n" + text : "state: " + text, true});
}

}  // namespace

Status CheckJob(const Plan& plan, const EngineOptions& options) {
  const abi::JobSpec& spec = plan.spec();
  std::printf("%s: parameters and bindings are complete\n", spec.name.c_str());
  Params params;
  if (Status status = params.Resolve(spec, options.params, options.param_values); !status.ok()) return status;
  Wiring wiring(spec, params, options);
  const bool keyed = Keyed(plan);
  connector::ClusterNeeds needs;
  needs.job = wiring.DurableConfig(keyed);
  const std::string durable = wiring.DurableConnector(keyed);
  needs.durable = !durable.empty();
  std::string cluster = wiring.ClusterBindings(&needs.sources, &needs.sinks);
  if (cluster.empty()) return Status::Ok();
  std::vector<Finding> findings = connector::CheckCluster(cluster, needs);
  Status worst;
  auto tell = [&](const Finding& finding) {
    if (finding.code == Exit::Ok) {
      std::printf("%s\n", finding.text.c_str());
      return;
    }
    std::printf("PROBLEM %s\n", finding.text.c_str());
    // Unreachable goes before incompatible, and that before the rest: the first thing to put right.
    if (worst.ok() || finding.code == Exit::Unreachable) worst = Status::Error(finding.code, "the job cannot start as it is");
  };
  bool topics = false;
  for (const Finding& finding : findings) {
    tell(finding);
    topics = topics || finding.has_changelog;
  }
  if (!durable.empty() && keyed && topics && worst.code != Exit::Unreachable) {
    findings.clear();
    CheckState(durable, needs.job, params, spec, options.reset, &findings);
    for (const Finding& finding : findings) tell(finding);
  }
  return worst;
}

}  // namespace streamc::rt::engine
