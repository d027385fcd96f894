// The durable log on Kafka: one producer for everything a turn writes, a transaction for each turn with exactly-once, and two
// internal topics for jobs with keyed steps. See README.md for what holds when brokers, connections or members go.
#pragma once

#include <memory>

#include "runtime/connector/durable_log.h"

namespace streamc::rt::connector::kafka {

// Exit 64 for a configuration that cannot be. Connects in Open().
Status MakeDurableLog(const DurableLogConfig& config, std::unique_ptr<DurableLog>* log);

}  // namespace streamc::rt::connector::kafka
