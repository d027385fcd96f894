// What the outputs of job.sdl must be, computed record by record from its input.
//
// In: the records of the source topic and how far the group has committed each partition. Out: every result the job owes.
// Written against grammar/README.md alone and slow on purpose: it shares nothing with the runtime or the compiler, so it can
// contradict them. For verify, which compares, and plant, which writes these results with a mistake in them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "test/integration/harness.h"

namespace streamc::chaos {

// Milliseconds; the durations of job.sdl.
inline constexpr int64_t kLag = 2'000;
inline constexpr int64_t kWindow = 5'000;
inline constexpr int64_t kHopSize = 10'000;
inline constexpr int64_t kKeepItem = 600'000;
inline constexpr size_t kTop = 3;

struct Event {
  enum class Kind { kGood, kNegative, kBroken };
  Kind kind = Kind::kBroken;
  bool late = false;  // for windows of kWindow
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t id = 0, value = 0, at = 0, sent = 0;
  std::string user, item;
};

struct Group {
  int64_t n = 0, total = 0, low = 0, high = 0;
  int64_t last = 0;  // greatest event time
  bool operator==(const Group&) const = default;
};

using WindowKey = std::pair<int64_t, std::string>;  // start, item

struct Expected {
  std::vector<Event> events;                       // by partition and offset
  std::map<WindowKey, Group> windows, hops;        // closed ones only
  std::map<std::pair<int64_t, int64_t>, std::pair<std::string, int64_t>> best;  // start, place -> item, total
  std::map<std::string, std::vector<int64_t>> by_user;  // total after the first, second, ... row
  std::map<std::string, Group> by_item;
  int64_t watermark = 0;
  // Whether `keep` has removed the item.
  bool Removed(const Group& item) const { return item.last + kKeepItem <= watermark; }
};

// `committed`: per partition, the first offset that does not count; -1 stands for none.
Expected Compute(const std::vector<test::Record>& inputs, const std::vector<int64_t>& committed);

}  // namespace streamc::chaos
