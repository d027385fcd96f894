#include "test/chaos/state.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <utility>

namespace streamc::chaos {

uint64_t DigestOf(const State& state) {
  uint64_t digest = 0;
  for (const auto& [key, value] : state) {
    digest += XXH3_64bits_withSeed(value.data(), value.size(), XXH3_64bits(key.data(), key.size()));
  }
  return digest;
}

// Step 0 in two bytes, then what kind of record it is.
std::string ManifestKey() { return {'\0', '\0', '\7'}; }

std::vector<LiveDigest> ReadDigests(std::istream& lines) {
  std::vector<LiveDigest> digests;
  for (LiveDigest next; lines >> next.group >> next.end >> next.rows >> next.digest;) digests.push_back(next);
  return digests;
}

Check CompareState(const std::vector<LiveDigest>& digests, const std::vector<test::Record>& changelog) {
  Check check{.name = "state: the changelog gives the live state", .expected = static_cast<int64_t>(digests.size())};
  std::map<int32_t, std::vector<const test::Record*>> partitions;
  for (const test::Record& record : changelog) partitions[record.partition].push_back(&record);
  std::vector<LiveDigest> ordered = digests;
  std::sort(ordered.begin(), ordered.end(),
            [](const LiveDigest& a, const LiveDigest& b) { return std::pair(a.group, a.end) < std::pair(b.group, b.end); });
  State state;
  size_t next = 0;
  for (size_t i = 0; i < ordered.size(); ++i) {
    const LiveDigest& live = ordered[i];
    if (i == 0 || ordered[i - 1].group != live.group) state.clear(), next = 0;
    const auto& records = partitions[live.group];
    for (; next < records.size() && records[next]->offset < live.end; ++next) {
      const test::Record& record = *records[next];
      if (record.key == ManifestKey()) continue;
      if (record.value) {
        state[record.key.value_or("")] = *record.value;
      } else {
        state.erase(record.key.value_or(""));
      }
    }
    ++check.seen;
    if (DigestOf(state) == live.digest && static_cast<int64_t>(state.size()) == live.rows) continue;
    check.Wrong("key group " + std::to_string(live.group) + " before offset " + std::to_string(live.end) + ": " + std::to_string(state.size()) +
                " records, live were " + std::to_string(live.rows) + (static_cast<int64_t>(state.size()) == live.rows ? ", other ones" : ""));
  }
  // Nothing said is nothing shown.
  if (digests.empty()) check.Missing("no instance said what its state was");
  return check;
}

}  // namespace streamc::chaos
