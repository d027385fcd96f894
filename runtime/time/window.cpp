#include "runtime/time/window.h"

#include <algorithm>
#include <numeric>

namespace streamc::rt::time {

Windows::Windows(int64_t size, int64_t every, int64_t offset, int64_t late)
    : size_(size), every_(every), offset_(offset % every), late_(late), slice_(std::gcd(size, every)) {}

bool Windows::Place(int64_t time, int64_t watermark, SliceKey* key) const {
  int64_t first_start = AddSaturating(AlignDown(SubSaturating(time, size_)), every_);
  int64_t last_start = AlignDown(time);
  if (first_start > last_start) return false;
  int64_t first_end = AddSaturating(first_start, size_);
  int64_t closed = watermark == kEndOfTime ? kEndOfTime : SubSaturating(watermark, late_);
  if (closed >= first_end) {
    if (closed == kEndOfTime) return false;
    first_end = AddSaturating(first_end, ((closed - first_end) / every_ + 1) * every_);
    if (first_end > AddSaturating(last_start, size_)) return false;
  }
  key->start = AddSaturating(FloorTo(SubSaturating(time, offset_), slice_), offset_);
  key->not_before = first_end;
  return true;
}

}  // namespace streamc::rt::time
