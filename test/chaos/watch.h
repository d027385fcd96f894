// Follows the echo topic as a reader of committed records and says when results become visible.
//
// In: lines on standard input. Out: one line for each.
//   after T LIMIT        waits until every source partition shows a record sent at T or later (microseconds), at most LIMIT ms:
//                        "ok W", W the microseconds from T to the last partition's first such record, or "timeout P..."
//   seen                 "N": records so far
//   latency T0 T1        "N P50 P99 P999 MAX", microseconds from sent to visible of records sent between
// Ends with its input.
#pragma once

#include <string>

namespace streamc::chaos {

// `topic` is read from its present end on, for `partitions` source partitions.
void Watch(const std::string& topic, int partitions);

}  // namespace streamc::chaos
