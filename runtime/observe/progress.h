// One line that says how a job is doing: what it waits for, or rate, lag and how far event time is.
#pragma once

#include <string>

#include "runtime/observe/counters.h"

namespace streamc::rt::observe {

// `records_before`: RecordsRead when the line was last made, `seconds` ago.
std::string ProgressLine(const JobCounters& counters, int64_t records_before, double seconds);
int64_t RecordsRead(const JobCounters& counters);

}  // namespace streamc::rt::observe
