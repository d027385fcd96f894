// Compares what instances said their live state was with what the job's changelog gives.
//
// In: lines `group end rows digest` that instances wrote at orderly stops (STREAMC_STATE_DIGEST), and the changelog as plain records:
// for each key of a partition the last committed value before `end`, none where it was taken back. Out: a Check. Knows of the
// records' form only how the job's manifest, which is no state, is told from them. Used by the tool's `state` and by plant.
#pragma once

#include <istream>
#include <map>
#include <string>
#include <vector>

#include "test/chaos/verify.h"

namespace streamc::chaos {

// A group's state: value by key.
using State = std::map<std::string, std::string>;

// Sum over all records of XXH3(value, seed XXH3(key)), modulo 2^64.
uint64_t DigestOf(const State& state);
// Key of the record that holds the job's manifest.
std::string ManifestKey();

struct LiveDigest {
  int32_t group = 0;
  int64_t end = 0, rows = 0;
  uint64_t digest = 0;
};
std::vector<LiveDigest> ReadDigests(std::istream& lines);

// `changelog`: by partition and offset.
Check CompareState(const std::vector<LiveDigest>& digests, const std::vector<test::Record>& changelog);

}  // namespace streamc::chaos
