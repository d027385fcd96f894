// A cluster looked at for `--check`: see connector/cluster_check.h.
#pragma once

#include <vector>

#include "runtime/connector/cluster_check.h"

namespace streamc::rt::connector::kafka {

std::vector<Finding> CheckCluster(const ClusterNeeds& needs);

}  // namespace streamc::rt::connector::kafka
