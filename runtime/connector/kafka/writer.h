// Kafka sinks: an idempotent producer with acks=all, shared by all sinks of the process that have the same configuration.
//
// In: batches of encoded records, for one topic or one per record. Out: Flush says ok only when every in-sync replica has
// everything written before. The first failed delivery fails this and every later call: a job must not commit what was not
// written.
#pragma once

#include <memory>

#include "runtime/connector/connector.h"

namespace streamc::rt::connector::kafka {

// binding.args[0] is the sink's own topic, binding.options and config.kafka are properties (specs.def). Connects in Open().
Status MakeWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer);

}  // namespace streamc::rt::connector::kafka
