#include "test/chaos/model.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace streamc::chaos {
namespace {

using nlohmann::json;

constexpr int64_t kNone = std::numeric_limits<int64_t>::min();

Event Read(const test::Record& record) {
  Event event;
  event.partition = record.partition;
  event.offset = record.offset;
  if (!record.value) return event;
  const json value = json::parse(*record.value, nullptr, false);
  if (value.is_discarded()) return event;
  event.id = value.at("id");
  event.value = value.at("value");
  event.at = value.at("at");
  event.sent = value.at("sent");
  event.user = value.at("user");
  event.item = value.at("item");
  event.kind = event.value < 0 ? Event::Kind::kNegative : Event::Kind::kGood;
  return event;
}

void Take(Group& group, const Event& event) {
  group.low = group.n == 0 ? event.value : std::min(group.low, event.value);
  group.high = group.n == 0 ? event.value : std::max(group.high, event.value);
  group.last = group.n == 0 ? event.at : std::max(group.last, event.at);
  group.total += event.value;
  ++group.n;
}

// Times of events are after 1970.
int64_t WindowStart(int64_t at) { return at - at % kWindow; }

void DropOpen(std::map<WindowKey, Group>& windows, int64_t size, int64_t watermark) {
  std::erase_if(windows, [&](const auto& entry) { return entry.first.first + size > watermark; });
}

void FillBest(Expected& expected) {
  std::map<int64_t, std::vector<std::pair<int64_t, std::string>>> by_window;  // minus total, item
  for (const auto& [key, group] : expected.windows) by_window[key.first].emplace_back(-group.total, key.second);
  for (auto& [start, items] : by_window) {
    std::sort(items.begin(), items.end());
    for (size_t i = 0; i < std::min(kTop, items.size()); ++i) {
      expected.best[{start, static_cast<int64_t>(i) + 1}] = {items[i].second, -items[i].first};
    }
  }
}

}  // namespace

Expected Compute(const std::vector<test::Record>& inputs, const std::vector<int64_t>& committed) {
  Expected expected;
  std::vector<int64_t> watermarks(committed.size(), kNone);
  for (const test::Record& record : inputs) {
    const auto partition = static_cast<size_t>(record.partition);
    if (record.offset >= committed.at(partition)) continue;
    Event event = Read(record);
    int64_t& watermark = watermarks[partition];
    if (event.kind != Event::Kind::kBroken) {
      const int64_t before = watermark;
      watermark = std::max(watermark, event.at - kLag);
      if (event.kind == Event::Kind::kGood) {
        const int64_t start = WindowStart(event.at);
        event.late = start + kWindow <= before;
        if (!event.late) Take(expected.windows[{start, event.item}], event);
        for (int64_t hop = start - kHopSize + kWindow; hop <= start; hop += kWindow) {
          if (hop + kHopSize > before) Take(expected.hops[{hop, event.item}], event);
        }
        auto& totals = expected.by_user[event.user];
        totals.push_back((totals.empty() ? 0 : totals.back()) + event.value);
        Take(expected.by_item[event.item], event);
      }
    }
    expected.events.push_back(std::move(event));
  }
  expected.watermark = watermarks.empty() ? kNone : *std::min_element(watermarks.begin(), watermarks.end());
  DropOpen(expected.windows, kWindow, expected.watermark);
  DropOpen(expected.hops, kHopSize, expected.watermark);
  FillBest(expected);
  return expected;
}

}  // namespace streamc::chaos
