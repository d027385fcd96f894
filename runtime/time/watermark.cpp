#include "runtime/time/watermark.h"

#include <algorithm>

namespace streamc::rt::time {

void ObserveTimes(const WatermarkRules& rules, int64_t now, uint8_t future, int64_t n, const int64_t* time, uint8_t* state,
                  int64_t* watermark, PartitionTime* partition) {
  int64_t limit = AddSaturating(now, rules.ahead);
  int64_t current = partition->watermark;
  for (int64_t i = 0; i < n; ++i) {
    watermark[i] = current;
    if (state[i] != 0) continue;
    if (time[i] > limit) {
      state[i] = future;
      continue;
    }
    current = std::max(current, SubSaturating(time[i], rules.lag));
  }
  partition->watermark = partition->read_watermark = current;
}

int64_t SourceWatermark::Advance(int64_t now, const std::vector<std::vector<PartitionTime>*>& workers) {
  int64_t lowest_active = kEndOfTime, furthest = kNoTime;
  bool any = false, any_active = false;
  std::vector<const PartitionTime*> silent;
  for (const auto* partitions : workers) {
    for (const PartitionTime& partition : *partitions) {
      if (!partition.assigned) continue;
      any = true;
      furthest = std::max(furthest, partition.watermark);
      if (partition.ended) continue;
      if (partition.caught_up && SubSaturating(now, partition.last_read) >= rules_.idle) {
        silent.push_back(&partition);
        continue;
      }
      any_active = true;
      lowest_active = std::min(lowest_active, partition.watermark);
    }
  }
  if (!any) return watermark_;
  running_on_ = !any_active && !silent.empty();
  int64_t next = running_on_ ? Silent(now, silent) : lowest_active;
  watermark_ = std::max(watermark_, next);
  if (watermark_ == kEndOfTime) {
    last_finite_ = std::max(last_finite_, furthest);
    return watermark_;
  }
  last_finite_ = watermark_;
  for (auto* partitions : workers) {
    for (PartitionTime& partition : *partitions) partition.watermark = std::max(partition.watermark, watermark_);
  }
  return watermark_;
}

// The partitions fell silent one after the other, in order of their last reads: each but the last followed the others.
int64_t SourceWatermark::Silent(int64_t now, const std::vector<const PartitionTime*>& silent) {
  int64_t last_read = kNoTime, base = kEndOfTime;
  for (const PartitionTime* partition : silent) {
    if (partition->read_watermark != kNoTime) last_read = std::max(last_read, partition->last_read);
  }
  if (last_read == kNoTime) return kNoTime;
  for (const PartitionTime* partition : silent) {
    bool last = partition->read_watermark != kNoTime && partition->last_read == last_read;
    if (last) base = std::min(base, partition->read_watermark);
  }
  return AddSaturating(base, now - last_read);
}

}  // namespace streamc::rt::time
