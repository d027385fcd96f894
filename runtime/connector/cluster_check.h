// What a job needs of a cluster, looked at without starting it: topics, partitions, rights. Nothing is made or changed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/connector/durable_log.h"

namespace streamc::rt::connector {

struct ClusterNeeds {
  DurableLogConfig job;
  bool durable = false;                  // internal topics, if `job.keyed`
  std::vector<Binding> sources, sinks;   // of the cluster's connector; dead letters are sinks
};
// One line for a person. `code`: Ok, or the exit code the job would end with.
struct Finding {
  Exit code = Exit::Ok;
  std::string text;
  bool has_changelog = false;  // the job's changelog is there and fits
};

// By name: "kafka". Waits for brokers as long as a start would.
std::vector<Finding> CheckCluster(std::string_view connector, const ClusterNeeds& needs);

}  // namespace streamc::rt::connector
