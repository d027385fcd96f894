// Made-up events as a source: a reader over an EventMaker (events.h).
//
// Partition p of n holds events p, p + n, p + 2n, ...; offsets count a partition's events; record timestamps are event times.
// With `count` partitions end; without, a run `--until end` is refused, for it has no end. With `rate` events appear as the
// clock (or the test's manual one) reaches their time, and event times start at the wall clock's now; without one they start
// at 2024-01-01T00:00:00Z, so that equal seeds make equal bytes.
#pragma once

#include "runtime/connector/connector.h"

namespace streamc::rt::connector {

Status MakeGeneratorReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader);

}  // namespace streamc::rt::connector
