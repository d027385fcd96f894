// Slices and windows against the plain definition: a row counts for every window that holds its time and is not closed for it.
#include "runtime/time/window.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace streamc::rt::time {
namespace {

// Ends of the windows that hold `t` and end after watermark - late.
std::set<int64_t> OpenEnds(int64_t size, int64_t every, int64_t offset, int64_t late, int64_t t, int64_t watermark) {
  std::set<int64_t> ends;
  for (int64_t k = -200; k <= 200; ++k) {
    int64_t start = k * every + offset;
    bool open = watermark == kNoTime || start + size > watermark - late;
    if (start <= t && t < start + size && open) ends.insert(start + size);
  }
  return ends;
}

TEST(Windows, PlaceAgreesWithTheDefinition) {
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    int64_t every = 1 + static_cast<int64_t>(random() % 12);
    int64_t size = every + static_cast<int64_t>(random() % 30);
    int64_t offset = static_cast<int64_t>(random() % 20) - 10;
    int64_t late = static_cast<int64_t>(random() % 3) * static_cast<int64_t>(random() % 10);
    int64_t t = static_cast<int64_t>(random() % 200) - 100;
    int64_t watermark = random() % 5 == 0 ? kNoTime : t + static_cast<int64_t>(random() % 80) - 40;
    Windows windows(size, every, offset, late);
    std::set<int64_t> expected = OpenEnds(size, every, offset, late, t, watermark), got;
    SliceKey key;
    if (windows.Place(t, watermark, &key)) {
      windows.ForEachEnd(key, [&](int64_t end) { got.insert(end); });
      EXPECT_LE(key.start, t);
      EXPECT_GT(key.start + windows.slice(), t);
      for (int64_t end : got) EXPECT_TRUE(windows.Takes(end, key));
      EXPECT_FALSE(windows.Takes(key.not_before - every, key));
    }
    ASSERT_EQ(got, expected) << "size " << size << " every " << every << " offset " << offset << " late " << late << " t " << t
                             << " w " << watermark;
  }
}

TEST(Windows, PunctualRowsOfATumblingWindowShareOneSlice) {
  Windows minute(60, 60, 0, 0);
  SliceKey a, b;
  ASSERT_TRUE(minute.Place(61, kNoTime, &a));
  ASSERT_TRUE(minute.Place(119, 100, &b));
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.start, 60);
  EXPECT_EQ(a.not_before, 120);
  EXPECT_FALSE(minute.Place(119, 120, &b)) << "the partition has answered for that window";
}

TEST(Windows, LateRowsJoinUntilTheWindowIsClosedForGood) {
  Windows minute(60, 60, 0, 10);
  SliceKey key;
  EXPECT_TRUE(minute.Place(59, 69, &key));
  EXPECT_FALSE(minute.Place(59, 70, &key));
  ASSERT_TRUE(minute.Place(59, 59, &key));
  EXPECT_FALSE(Windows::Corrects(60, key)) << "not answered before 60";
  ASSERT_TRUE(minute.Place(59, 60, &key));
  EXPECT_TRUE(Windows::Corrects(60, key));
  Windows hops(60, 20, 0, 30);
  ASSERT_TRUE(hops.Place(59, 85, &key));
  EXPECT_TRUE(hops.Takes(60, key) && hops.Takes(80, key) && hops.Takes(100, key));
  EXPECT_TRUE(Windows::Corrects(60, key) && Windows::Corrects(80, key));
  EXPECT_FALSE(Windows::Corrects(100, key));
  EXPECT_FALSE(minute.Place(59, kEndOfTime, &key));
}

TEST(Windows, ExtremeTimesDoNotOverflow) {
  Windows minute(60, 20, 7, 5);
  SliceKey key;
  for (int64_t t : {kNoTime, kNoTime + 1, kEndOfTime - 1, kEndOfTime}) {
    for (int64_t watermark : {kNoTime, int64_t{0}, kEndOfTime}) minute.Place(t, watermark, &key);
  }
  EXPECT_EQ(AddSaturating(kEndOfTime, 1), kEndOfTime);
  EXPECT_EQ(SubSaturating(kNoTime, 1), kNoTime);
  EXPECT_EQ(HoldBack(kEndOfTime, 10), kEndOfTime);
  EXPECT_EQ(FloorTo(-1, 10), -10);
}

}  // namespace
}  // namespace streamc::rt::time
