// Kafka sinks: an idempotent producer with acks=all, shared by all sinks of the process that have the same configuration.
//
// In: batches of encoded records, for one topic or one per record. Out: Flush says ok only when every in-sync replica has
// everything written before. The first failed delivery fails this and every later call: a job must not commit what was not
// written.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "runtime/connector/connector.h"
#include "runtime/connector/kafka/config.h"

namespace streamc::rt::connector::kafka {

// binding.args[0] is the sink's own topic, binding.options and config.kafka are properties (specs.def). Connects in Open().
Status MakeWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer);

// The parts of it, for the log: checks the topic's name (64); a writer on a producer that is the log's; what a producer is set
// to unless told otherwise.
struct ProducerSlot;
Status CheckSink(const Binding& binding);
std::unique_ptr<Writer> MakeWriterOn(const Binding& binding, const ClientConfig& config, std::shared_ptr<ProducerSlot> slot);
const std::map<std::string, std::string>& ProducerDefaults();

}  // namespace streamc::rt::connector::kafka
