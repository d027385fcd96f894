#include "runtime/time/watermark.h"

#include <gtest/gtest.h>

namespace streamc::rt::time {
namespace {

constexpr uint8_t kFuture = 11;
constexpr int64_t kSecond = 1'000'000;

struct Source {
  explicit Source(WatermarkRules rules, size_t partitions) : source(rules), times(partitions) {}
  // Reads one time from a partition at a moment of the clock; returns the row's watermark.
  int64_t Read(size_t partition, int64_t time, int64_t now) {
    uint8_t state = 0;
    int64_t before = 0;
    ObserveTimes(source.rules(), now, kFuture, 1, &time, &state, &before, &times[partition]);
    last_state = state;
    times[partition].last_read = now;
    times[partition].caught_up = true;
    return before;
  }
  int64_t Advance(int64_t now) { return source.Advance(now, {&times}); }

  SourceWatermark source;
  std::vector<PartitionTime> times;
  uint8_t last_state = 0;
};

TEST(Watermark, IsTheGreatestTimeMinusTheLagAndNeverGoesBack) {
  Source s({10 * kSecond, 86'400 * kSecond, 30 * kSecond}, 1);
  EXPECT_EQ(s.Read(0, 100 * kSecond, 100 * kSecond), kNoTime);
  EXPECT_EQ(s.Advance(100 * kSecond), 90 * kSecond);
  EXPECT_EQ(s.Read(0, 50 * kSecond, 100 * kSecond), 90 * kSecond) << "the watermark just before the row";
  EXPECT_EQ(s.Advance(100 * kSecond), 90 * kSecond);
}

TEST(Watermark, OfASourceIsTheMinimumOfItsPartitions) {
  Source s({0, 86'400 * kSecond, 30 * kSecond}, 2);
  s.Read(0, 100 * kSecond, 100 * kSecond);
  s.times[1].last_read = 100 * kSecond;
  EXPECT_EQ(s.Advance(100 * kSecond), kNoTime) << "the other partition may still have older rows";
  s.Read(1, 40 * kSecond, 101 * kSecond);
  EXPECT_EQ(s.Advance(101 * kSecond), 40 * kSecond);
}

TEST(Watermark, AnIdlePartitionFollowsTheOthers) {
  Source s({0, 86'400 * kSecond, 30 * kSecond}, 2);
  s.Read(0, 10 * kSecond, 10 * kSecond);
  s.Read(1, 12 * kSecond, 12 * kSecond);
  s.Advance(12 * kSecond);
  s.Read(0, 45 * kSecond, 45 * kSecond);
  EXPECT_EQ(s.Advance(45 * kSecond), 45 * kSecond);
  EXPECT_EQ(s.times[1].watermark, 45 * kSecond) << "its next rows are judged by where it followed to";
}

TEST(Watermark, APartitionWithUnreadRecordsIsNotIdle) {
  Source s({0, 86'400 * kSecond, 30 * kSecond}, 2);
  s.Read(0, 10 * kSecond, 10 * kSecond);
  s.Read(1, 12 * kSecond, 12 * kSecond);
  s.Read(0, 90 * kSecond, 90 * kSecond);
  s.times[1].caught_up = false;
  EXPECT_EQ(s.Advance(90 * kSecond), 12 * kSecond);
}

TEST(Watermark, WhenAllAreSilentItGoesOnWithTheClockFromTheLastRead) {
  Source s({10 * kSecond, 86'400 * kSecond, 30 * kSecond}, 2);
  s.Read(1, 10 * kSecond, 10 * kSecond);
  s.Read(0, 75 * kSecond, 75 * kSecond);
  EXPECT_EQ(s.Advance(104 * kSecond), 65 * kSecond) << "one is idle, the other not yet";
  EXPECT_FALSE(s.source.running_on());
  EXPECT_EQ(s.Advance(135 * kSecond), 125 * kSecond);
  EXPECT_TRUE(s.source.running_on());
  EXPECT_EQ(s.Advance(140 * kSecond), 130 * kSecond);
  EXPECT_EQ(s.Read(0, 141 * kSecond, 141 * kSecond), 130 * kSecond) << "a punctual row is not late";
}

TEST(Watermark, SilenceInOneJumpOfTheClockEqualsSilenceInSteps) {
  auto silent = [](std::vector<int64_t> clock) {
    Source s({0, 86'400 * kSecond, 30 * kSecond}, 3);
    s.Read(0, 10 * kSecond, 10 * kSecond);
    s.Read(1, 20 * kSecond, 20 * kSecond);
    s.Read(2, 15 * kSecond, 25 * kSecond);
    int64_t watermark = 0;
    for (int64_t now : clock) watermark = s.Advance(now * kSecond);
    return watermark;
  };
  EXPECT_EQ(silent({200}), silent({26, 41, 51, 56, 100, 200}));
}

TEST(Watermark, AClockErrorMovesNothing) {
  Source s({0, 3600 * kSecond, 30 * kSecond}, 1);
  s.Read(0, 100 * kSecond, 100 * kSecond);
  s.Read(0, 3800 * kSecond, 100 * kSecond);
  EXPECT_EQ(s.last_state, kFuture);
  EXPECT_EQ(s.Advance(100 * kSecond), 100 * kSecond);
  s.Read(0, 3700 * kSecond, 100 * kSecond);
  EXPECT_EQ(s.last_state, 0) << "exactly `ahead` is allowed";
}

TEST(Watermark, EndsWhenAllPartitionsHaveEnded) {
  Source s({0, 86'400 * kSecond, 30 * kSecond}, 2);
  s.Read(0, 100 * kSecond, 100 * kSecond);
  s.times[1].ended = true;
  EXPECT_EQ(s.Advance(100 * kSecond), 100 * kSecond) << "an ended partition holds nothing back";
  s.Read(0, 120 * kSecond, 120 * kSecond);
  s.times[0].ended = true;
  EXPECT_EQ(s.Advance(120 * kSecond), kEndOfTime);
  EXPECT_EQ(s.source.last_finite(), 120 * kSecond);
}

TEST(Watermark, RevokedPartitionsDoNotCount) {
  Source s({0, 86'400 * kSecond, 30 * kSecond}, 2);
  s.Read(0, 100 * kSecond, 100 * kSecond);
  s.Read(1, 10 * kSecond, 100 * kSecond);
  EXPECT_EQ(s.Advance(100 * kSecond), 10 * kSecond);
  s.times[1].assigned = false;
  EXPECT_EQ(s.Advance(100 * kSecond), 100 * kSecond);
  s.times[0].assigned = false;
  EXPECT_EQ(s.Advance(900 * kSecond), 100 * kSecond) << "without partitions it stays";
}

}  // namespace
}  // namespace streamc::rt::time
