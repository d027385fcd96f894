// The clock of a job: the system's, or one that a test sets.
//
// Everything that depends on the time of day (idle partitions, `arrival`, `ahead`, `every`, now()) asks this and nothing else,
// so a test that owns the clock owns all of it. A value; copies of a manual clock show the same time. Any thread may read.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace streamc::rt::time {

class Clock {
 public:
  Clock() = default;  // the system's
  // `manual` holds microseconds since 1970 and must outlive the clock; null: the system's clock.
  explicit Clock(const std::atomic<int64_t>* manual) : manual_(manual) {}

  // Microseconds since 1970 UTC.
  int64_t Now() const {
    if (manual_ != nullptr) return manual_->load(std::memory_order_acquire);
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  }
  const std::atomic<int64_t>* manual() const { return manual_; }

 private:
  const std::atomic<int64_t>* manual_ = nullptr;
};

// Microseconds of a clock that never jumps, for measuring and for deadlines of real waiting.
inline int64_t SteadyMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace streamc::rt::time
