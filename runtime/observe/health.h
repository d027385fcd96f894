// Whether a job is ready and whether it lives, for supervisors: /ready, /live and the service manager.
//
// In: the engine's counters and heartbeats. Out: words for people. Any thread; Liveness: one.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/observe/counters.h"

namespace streamc::rt::observe {

// Microseconds of the clock that only goes forward.
int64_t MonotonicMicros();

// Empty: everything assigned is restored and the job reads. Else what it waits for, in one line.
std::string NotReady(const JobCounters& counters);

// `rows 1.2 M, 80 MB, 40 % done, about 12 s left`; `now`: of MonotonicMicros.
std::string RestoreText(const JobCounters& counters, int64_t now);

// Lives while turns end or waits go on, however long brokers are away; not when neither happened for kHang.
class Liveness {
 public:
  static constexpr int64_t kHang = 60'000'000;
  // `now`: microseconds of MonotonicMicros. Made at the job's start.
  bool Live(const JobCounters& counters, int64_t now);

 private:
  int64_t seen_ = -1, since_ = 0;
};

}  // namespace streamc::rt::observe
