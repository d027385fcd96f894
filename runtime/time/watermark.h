// Watermarks of a source: how far event time has come, per partition and as a whole.
//
// A partition's watermark is the greatest event time read from it, before any filter, minus the lag; the source's is the
// minimum over its partitions. A partition with nothing to read for `idle` follows the others; when all are silent the source's
// watermark goes on with the wall clock from the last read on. Partitions belong to the worker that reads them;
// SourceWatermark::Advance is called between the workers' turns and is the only one to look at all of them.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/time/window.h"

namespace streamc::rt::time {

struct WatermarkRules {
  int64_t lag = 0;
  int64_t ahead = int64_t{86'400'000'000};
  int64_t idle = 30'000'000;
};

struct PartitionTime {
  int64_t watermark = kNoTime;
  int64_t last_read = 0;             // clock of the last turn that read from it or left records unread
  int64_t read_watermark = kNoTime;  // the watermark then: from there the clock goes on when all are silent
  bool caught_up = false;  // nothing more to read now
  bool ended = false;      // nothing more to read ever
  bool assigned = true;
};

// Takes the event times of consecutive records of one partition. state[i]: 0 or why there is no time (such records move
// nothing). A time more than `ahead` past `now` gets the state `future`. watermark[i] becomes the partition's watermark just
// before record i.
void ObserveTimes(const WatermarkRules& rules, int64_t now, uint8_t future, int64_t n, const int64_t* time, uint8_t* state,
                  int64_t* watermark, PartitionTime* partition);

class SourceWatermark {
 public:
  explicit SourceWatermark(const WatermarkRules& rules) : rules_(rules) {}

  // Recomputes the source's watermark from all its partitions and lets those behind it follow. Never goes back; kEndOfTime once
  // all partitions have ended; unchanged without partitions.
  int64_t Advance(int64_t now, const std::vector<std::vector<PartitionTime>*>& workers);
  int64_t watermark() const { return watermark_; }
  // The watermark, or at the end of the input how far its times have come.
  int64_t last_finite() const { return last_finite_; }
  const WatermarkRules& rules() const { return rules_; }
  // Whether all partitions are silent, so that the watermark follows the clock.
  bool running_on() const { return running_on_; }

 private:
  static int64_t Silent(int64_t now, const std::vector<const PartitionTime*>& silent);

  WatermarkRules rules_;
  int64_t watermark_ = kNoTime;
  int64_t last_finite_ = kNoTime;
  bool running_on_ = false;
};

}  // namespace streamc::rt::time
