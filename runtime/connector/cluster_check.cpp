#include "runtime/connector/cluster_check.h"

#include "runtime/connector/kafka/cluster_check.h"

namespace streamc::rt::connector {

std::vector<Finding> CheckCluster(std::string_view connector, const ClusterNeeds& needs) {
  if (connector == "kafka") return kafka::CheckCluster(needs);
  return {{Exit::Internal, "there is nothing to look at for `" + std::string(connector) + "`", false}};
}

}  // namespace streamc::rt::connector
