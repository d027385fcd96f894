// A durable log in the process's memory: the cluster of tests, where several engines of one process are the instances of a job.
//
// Internal topics are MemoryLogs of K partitions; group g belongs to instance g mod N. Records and positions of a turn are held
// back until Commit and then appear at once. Ends and restores see what is committed.
#pragma once

#include <memory>

#include "runtime/connector/durable_log.h"

namespace streamc::rt::connector {

Status MakeMemoryDurableLog(const DurableLogConfig& config, std::unique_ptr<DurableLog>* log);

}  // namespace streamc::rt::connector
