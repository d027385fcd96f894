// For tests only: what the state of a key group is, as one number that a reader of the changelog can compute as well.
//
// With STREAMC_STATE_DIGEST set an instance that stops in order says, in one line of its log for each group it owns,
// `event=state_digest group= end= rows= digest=`: the records of its live state, where the group's changelog ends, and the sum over
// all records of XXH3(value, seed XXH3(key)), modulo 2^64. All of the live state is walked and encoded: not for large states.
// Used by Exchange, on the coordinator's thread.
#pragma once

#include <cstdint>

#include "runtime/engine/state_records.h"

namespace streamc::rt::engine {

bool StateDigestsWanted();
// `records`: the group's state, each key once. `end`: offset of the changelog behind which nobody has written.
void TellStateDigest(int32_t group, int64_t end, const StateRecords& records);

}  // namespace streamc::rt::engine
