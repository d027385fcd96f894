// Kafka sources: one member of the job's consumer group per worker.
//
// In: a topic, the group, where the first start begins. Out: columns of pointers into the fetched batches; nothing is copied,
// the library's messages live until Release(). Committed offsets win over `start`. Partitions come and go only in a Poll that
// finds everything handed out before released: a turn is finished, written and committed before its partitions go to another
// member.
#pragma once

#include <memory>

#include "runtime/connector/connector.h"

namespace streamc::rt::connector::kafka {

// binding.args[0] is the topic, binding.options and config.kafka are properties (specs.def). The reader connects in Open().
Status MakeReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader);

}  // namespace streamc::rt::connector::kafka
