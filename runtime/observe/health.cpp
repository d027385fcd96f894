#include "runtime/observe/health.h"

#include <algorithm>
#include <chrono>

#include "runtime/observe/heartbeat.h"
#include "runtime/observe/words.h"

namespace streamc::rt::observe {

int64_t MonotonicMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string NotReady(const JobCounters& counters) {
  if (counters.stopping.get() != 0) return "stopping";
  switch (counters.now()) {
    case Phase::Opening: return "opening: brokers, topics and tables are looked at";
    case Phase::Joining: return "joining: the group has not assigned partitions yet";
    case Phase::Restoring: return "restoring " + std::to_string(counters.restore.taking.get()) + " key groups: " +
                                  RestoreText(counters, MonotonicMicros());
    case Phase::Draining: return "draining: what was sent to this instance's key groups is read before the sources are";
    case Phase::Reading: break;
  }
  return "";
}

std::string RestoreText(const JobCounters& counters, int64_t now) {
  const RestoreGauges& restore = counters.restore;
  const double done = static_cast<double>(restore.offsets.get()), all = static_cast<double>(restore.all_offsets.get());
  std::string text = ShortNumber(static_cast<double>(restore.rows.get())) + " rows, " + ShortBytes(restore.bytes.get());
  if (all <= 0) return text;
  text += ", " + std::to_string(static_cast<int>(100 * std::min(1.0, done / all))) + " % done";
  const double seconds = static_cast<double>(now - restore.since.get()) / 1e6;
  if (done <= 0 || done >= all || seconds < 1) return text;
  return text + ", about " + Age(static_cast<int64_t>(1e6 * seconds * (all - done) / done)) + " left";
}

bool Liveness::Live(const JobCounters& counters, int64_t now) {
  const int64_t signs = counters.turns.get() + Beats();
  if (signs != seen_) {
    seen_ = signs;
    since_ = now;
  }
  return now - since_ < kHang;
}

}  // namespace streamc::rt::observe
