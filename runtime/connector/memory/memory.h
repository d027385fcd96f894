// Reader and writer over a MemoryLog: partitions, offsets, keys, headers and committed positions as a broker has them.
//
// Partition i belongs to the reader with worker == i % workers. A reader starts at its group's committed position, else where
// `start` says. Poll waits for an append up to max_wait_us, but never with a manual clock: there the test appends between polls.
#pragma once

#include "runtime/connector/connector.h"

namespace streamc::rt::connector {

Status MakeMemoryReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader);
// Records without a partition go by the hash of their key, those without a key to partition 0; a record's topic names its log.
Status MakeMemoryWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer);

}  // namespace streamc::rt::connector
