#include "runtime/engine/memory_budget.h"

#include <gmock/gmock.h>

namespace streamc::rt::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kMega = 1 << 20;

TEST(MemoryBudget, WithoutOneEverythingFits) {
  MemoryBudget budget(0);
  EXPECT_TRUE(budget.Begin(int64_t{1} << 40).ok());
  EXPECT_TRUE(budget.Fits(int64_t{1} << 40, int64_t{1} << 40));
  EXPECT_EQ(budget.for_clients(), 0);
  EXPECT_EQ(budget.shift(), 0);
}

TEST(MemoryBudget, TooLittleToBeginWithIsRefusedWithWhatWouldDo) {
  MemoryBudget budget(64 * kMega);
  const Status status = budget.Begin(60 * kMega);
  EXPECT_EQ(status.code, Exit::Usage);
  EXPECT_THAT(status.message, HasSubstr("64.0 MB is too small: the job holds 60.0 MB"));
  EXPECT_THAT(status.message, HasSubstr("at least 103MB"));
  EXPECT_TRUE(MemoryBudget(103 * kMega).Begin(60 * kMega).ok());
}

TEST(MemoryBudget, TurnsBecomeSmallerFirstAndGrowAgain) {
  MemoryBudget budget(800 * kMega);
  ASSERT_TRUE(budget.Begin(50 * kMega).ok());
  EXPECT_EQ(budget.for_clients(), 200 * kMega);
  EXPECT_EQ(budget.for_turn(), 100 * kMega);
  EXPECT_TRUE(budget.Fits(100 * kMega, 200 * kMega));
  EXPECT_EQ(budget.shift(), 0);
  EXPECT_TRUE(budget.Fits(460 * kMega, 600 * kMega)) << "more than fits beside full turns";
  EXPECT_EQ(budget.for_turn(), 50 * kMega);
  EXPECT_TRUE(budget.Fits(100 * kMega, 790 * kMega)) << "and so it does when the process holds more than is known of";
  EXPECT_EQ(budget.for_turn(), 25 * kMega);
  EXPECT_TRUE(budget.Fits(100 * kMega, 200 * kMega));
  EXPECT_EQ(budget.for_turn(), 50 * kMega);
}

TEST(MemoryBudget, TheEndIsRefusedWithWhatGrew) {
  MemoryBudget budget(800 * kMega);
  ASSERT_TRUE(budget.Begin(50 * kMega).ok());
  budget.Remember({{"small/count", kMega, 10}, {"users/keep", 100 * kMega, 1000}, {"still/top", 5 * kMega, 5}});
  int checks = 0;
  while (budget.Fits(600 * kMega, 700 * kMega)) ++checks;
  EXPECT_EQ(checks, 4);
  const Status status =
      budget.Refusal({{"small/count", 3 * kMega, 20}, {"users/keep", 590 * kMega, 6000}, {"still/top", 5 * kMega, 5}}, 700 * kMega);
  EXPECT_EQ(status.code, Exit::TryAgain);
  EXPECT_THAT(status.message, HasSubstr("budget of 800 MB: it holds 700 MB, its state takes 598 MB"));
  EXPECT_THAT(status.message, HasSubstr("users/keep grew by 490 MB to 590 MB (6000 rows), small/count grew by 2.0 MB"));
  EXPECT_THAT(status.message, Not(HasSubstr("still/top")));
}

}  // namespace
}  // namespace streamc::rt::engine
