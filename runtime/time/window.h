// Windows cut into slices: which windows a row may still join, and which windows a slice belongs to.
//
// A window [start, start + size) starts every `every`, aligned to `offset`. A slice is gcd(size, every) wide, so all its times
// lie in the same windows; tumbling windows are one slice each. A row may join the windows that end after watermark - late,
// where the watermark is its own partition's just before it. Rows for which the first windows of their slice are closed already
// go to a sub-slice that says so (`not_before`: end of the first window it counts for; `on_time_from`: end of the first one it
// does not correct, kEndOfTime if none), so results depend on the data alone, not on when windows were answered. Times are
// microseconds; arithmetic saturates.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace streamc::rt::time {

inline constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();     // no watermark yet
inline constexpr int64_t kEndOfTime = std::numeric_limits<int64_t>::max();  // everything has been read

inline int64_t AddSaturating(int64_t a, int64_t b) {
  int64_t sum;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? kEndOfTime : kNoTime;
}
inline int64_t SubSaturating(int64_t a, int64_t b) {
  int64_t difference;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b < 0 ? kEndOfTime : kNoTime;
}
// A watermark moved back by what may still come: the two ends stay where they are.
inline int64_t HoldBack(int64_t watermark, int64_t by) {
  return watermark == kNoTime || watermark == kEndOfTime ? watermark : SubSaturating(watermark, by);
}
// Greatest multiple of `step` (> 0) that is not above `t`.
inline int64_t FloorTo(int64_t t, int64_t step) {
  int64_t rest = t % step;
  return SubSaturating(t, rest < 0 ? rest + step : rest);
}

struct SliceKey {
  int64_t start = 0;
  int64_t not_before = 0;
  int64_t on_time_from = 0;
  auto operator<=>(const SliceKey&) const = default;
};

class Windows {
 public:
  Windows() = default;
  // Durations > 0 (offset: any, late >= 0), every <= size.
  Windows(int64_t size, int64_t every, int64_t offset, int64_t late);

  int64_t size() const { return size_; }
  int64_t every() const { return every_; }
  int64_t late() const { return late_; }
  int64_t slice() const { return slice_; }

  // The slice of a row; false when it is late: every window of its time is closed for good, or none holds the time.
  bool Place(int64_t time, int64_t watermark, SliceKey* key) const;
  // End of the last window that holds the slice starting at `start`.
  int64_t LastEnd(int64_t start) const { return AddSaturating(AlignDown(start), size_); }
  // Calls f(end) for the end of each window that takes this slice's rows, ascending.
  template <class F>
  void ForEachEnd(const SliceKey& key, F&& f) const {
    for (int64_t end = key.not_before, last = LastEnd(key.start); end <= last; end += every_) f(end);
  }
  // Whether the window that ends at `end` takes the rows of this slice.
  bool Takes(int64_t end, const SliceKey& key) const {
    return key.start >= end - size_ && key.start < end && key.not_before <= end;
  }

  // Whether its rows came after the window that ends at `end` had been answered.
  static bool Corrects(int64_t end, const SliceKey& key) { return end < key.on_time_from; }

 private:
  // The first window end after `closed`, of those that follow `first_end`.
  int64_t FirstOpen(int64_t first_end, int64_t closed) const;
  int64_t AlignDown(int64_t t) const { return AddSaturating(FloorTo(SubSaturating(t, offset_), every_), offset_); }

  int64_t size_ = 1, every_ = 1, offset_ = 0, late_ = 0, slice_ = 1;
};

}  // namespace streamc::rt::time
