// Keys of changelog records: read back, sorted by time, refused when damaged; held keys of the first release are still read.
#include "runtime/engine/state_records.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "test/unit/state/formats.h"

namespace streamc::rt::engine {
namespace {

struct Held {
  const char* name;
  RecordKey key;
};

std::vector<Held> Keys() {
  const time::SliceKey slice{-5, 60'000'000, INT64_MIN};
  return {{"slot", {1, RecordKind::Slot, slice, "row"}},
          {"pending", {258, RecordKind::Pending, {INT64_MAX, 0, 1}, {}}},
          {"kept", {65535, RecordKind::Kept, {}, "row"}},
          {"kept_pending", {3, RecordKind::KeptPending, {}, "r"}},
          {"top_row", {4, RecordKind::TopRow, {}, "a"}},
          {"top_sent", {4, RecordKind::TopSent, {}, {}}},
          {"manifest", {0, RecordKind::Manifest, {}, "manifest"}}};
}

std::string Bytes(const RecordKey& key) {
  std::string bytes;
  AppendRecordKey(key, &bytes);
  return bytes;
}

TEST(RecordKeys, OfVersion1) {
  auto held = state::HeldFormat("record_key.1");
  for (const auto& [name, key] : Keys()) {
    SCOPED_TRACE(name);
    EXPECT_EQ(state::ToHex(Bytes(key)), state::ToHex(held[name]));
    RecordKey back;
    ASSERT_TRUE(ReadRecordKey(held[name], &back));
    EXPECT_EQ(back.step, key.step);
    EXPECT_EQ(back.kind, key.kind);
    EXPECT_TRUE(back.slice == key.slice);
    EXPECT_EQ(back.row, key.row);
    held.erase(name);
  }
  EXPECT_TRUE(held.empty()) << "a held key that nothing reads: " << held.begin()->first;
}

TEST(RecordKeys, CutInTheHeadAreRefused) {
  for (const auto& [name, key] : Keys()) {
    const std::string bytes = Bytes(key);
    const size_t head = bytes.size() - key.row.size();
    RecordKey back;
    for (size_t size = 0; size < head; ++size) EXPECT_FALSE(ReadRecordKey(bytes.substr(0, size), &back)) << name << " " << size;
  }
}

TEST(RecordKeys, OfUnknownKindsAreRefused) {
  std::string bytes = Bytes({1, RecordKind::TopRow, {}, "a row of some length, as long as a slice needs"});
  RecordKey back;
  int known = 0;
  for (int kind = 0; kind < 256; ++kind) {
    bytes[2] = static_cast<char>(kind);
    known += ReadRecordKey(bytes, &back) ? 1 : 0;
  }
  EXPECT_EQ(known, 7);
}

TEST(RecordKeys, SortByTime) {
  std::string before;
  for (int64_t start : {INT64_MIN, int64_t{-1}, int64_t{0}, int64_t{1}, INT64_MAX}) {
    const std::string bytes = Bytes({1, RecordKind::Slot, {start, 0, 0}, "row"});
    EXPECT_LT(before, bytes);
    before = bytes;
  }
}

}  // namespace
}  // namespace streamc::rt::engine
