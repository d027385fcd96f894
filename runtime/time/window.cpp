#include "runtime/time/window.h"

#include <algorithm>
#include <numeric>

namespace streamc::rt::time {

Windows::Windows(int64_t size, int64_t every, int64_t offset, int64_t late)
    : size_(size), every_(every), offset_(offset % every), late_(late), slice_(std::gcd(size, every)) {}

int64_t Windows::FirstOpen(int64_t first_end, int64_t closed) const {
  if (closed < first_end) return first_end;
  if (closed == kEndOfTime) return kEndOfTime;
  return AddSaturating(first_end, ((closed - first_end) / every_ + 1) * every_);
}

bool Windows::Place(int64_t time, int64_t watermark, SliceKey* key) const {
  int64_t first_start = AddSaturating(AlignDown(SubSaturating(time, size_)), every_);
  int64_t last_start = AlignDown(time);
  if (first_start > last_start) return false;
  int64_t first_end = AddSaturating(first_start, size_), last_end = AddSaturating(last_start, size_);
  int64_t closed = watermark == kEndOfTime ? kEndOfTime : SubSaturating(watermark, late_);
  if (closed == kEndOfTime) return false;
  int64_t open = FirstOpen(first_end, closed);
  if (closed >= first_end && open > last_end) return false;
  int64_t on_time = FirstOpen(first_end, watermark);
  key->start = AddSaturating(FloorTo(SubSaturating(time, offset_), slice_), offset_);
  key->not_before = open;
  key->on_time_from = on_time > last_end ? kEndOfTime : on_time;
  return true;
}

}  // namespace streamc::rt::time
