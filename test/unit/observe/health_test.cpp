#include "runtime/observe/health.h"

#include <gmock/gmock.h>

#include "runtime/observe/heartbeat.h"
#include "runtime/observe/words.h"

namespace streamc::rt::observe {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

void SetPhase(JobCounters* counters, Phase phase) { counters->phase.Set(static_cast<int64_t>(phase)); }

TEST(Ready, OnlyWhenEverythingIsInPlace) {
  JobCounters counters;
  EXPECT_THAT(NotReady(counters), StartsWith("opening"));
  SetPhase(&counters, Phase::Joining);
  EXPECT_THAT(NotReady(counters), StartsWith("joining"));
  SetPhase(&counters, Phase::Restoring);
  counters.restore.taking.Set(12);
  EXPECT_THAT(NotReady(counters), StartsWith("restoring 12 key groups"));
  SetPhase(&counters, Phase::Draining);
  EXPECT_THAT(NotReady(counters), StartsWith("draining"));
  SetPhase(&counters, Phase::Reading);
  EXPECT_EQ(NotReady(counters), "");
  counters.stopping.Set(1);
  EXPECT_EQ(NotReady(counters), "stopping");
}

TEST(Restore, SaysRowsBytesAndTimeLeft) {
  JobCounters counters;
  counters.restore.since.Set(1'000'000);
  EXPECT_EQ(RestoreText(counters, 5'000'000), "0 rows, 0 bytes");
  counters.restore.rows.Set(1'000'000);
  counters.restore.bytes.Set(80 << 20);
  counters.restore.offsets.Set(2'000'000);
  counters.restore.all_offsets.Set(8'000'000);
  EXPECT_EQ(RestoreText(counters, 5'000'000), "1.00 M rows, 80.0 MB, 25 % done, about 12 s left");
  EXPECT_EQ(RestoreText(counters, 1'500'000), "1.00 M rows, 80.0 MB, 25 % done") << "too early to tell";
  counters.restore.offsets.Set(8'000'000);
  EXPECT_EQ(RestoreText(counters, 9'000'000), "1.00 M rows, 80.0 MB, 100 % done");
}

TEST(Liveness, TurnsAndWaitsAreSignsOfLife) {
  JobCounters counters;
  Liveness liveness;
  const int64_t hang = Liveness::kHang;
  EXPECT_TRUE(liveness.Live(counters, 0));
  EXPECT_TRUE(liveness.Live(counters, hang - 1));
  EXPECT_FALSE(liveness.Live(counters, hang));
  counters.turns.Add(1);
  EXPECT_TRUE(liveness.Live(counters, hang + 1));
  EXPECT_TRUE(liveness.Live(counters, 2 * hang));
  Beat();  // a turn that waits for its brokers
  EXPECT_TRUE(liveness.Live(counters, 2 * hang + 5));
  EXPECT_FALSE(liveness.Live(counters, 3 * hang + 5));
}

TEST(Words, Sizes) {
  EXPECT_EQ(ShortBytes(0), "0 bytes");
  EXPECT_EQ(ShortBytes(1536), "1.5 KB");
  EXPECT_EQ(ShortBytes(int64_t{3} << 30), "3.0 GB");
}

}  // namespace
}  // namespace streamc::rt::observe
