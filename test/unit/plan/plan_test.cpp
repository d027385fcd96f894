#include "compiler/plan/plan.h"

#include <gmock/gmock.h>

#include "compiler/plan/expr.h"
#include "test/unit/plan/compile_text.h"

namespace streamc::plan {
namespace {

using streamc::testing::CompiledText;
using streamc::testing::kPrograms;
using streamc::testing::kTweets;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> Words(const Plan& plan) {
  std::vector<std::string> words;
  for (const Op& op : plan.ops) words.emplace_back(Word(op));
  return words;
}

TEST(BuildPlan, FollowsTheStepsOfTheProgram) {
  const CompiledText text(kPrograms[0]);
  const Plan plan = text.Plan();
  EXPECT_THAT(Words(plan), ElementsAre("scan", "filter", "expand", "filter", "aggregate", "top", "project", "sink"));
  EXPECT_TRUE(plan.ops[6].materialise);
  EXPECT_TRUE(plan.ops[4].has_time);
  const std::string printed = PrintPlan(plan);
  EXPECT_THAT(printed, HasSubstr("filter lang == \"en\""));
  EXPECT_THAT(printed, HasSubstr("expand word in words(lower(text))"));
  EXPECT_THAT(printed,
              HasSubstr("aggregate trending/aggregate: n = count(), reach = sum(user.followers) by word window tumbling(1m)"));
  EXPECT_THAT(printed, HasSubstr("top trending/top: 20 by n per window"));
}

TEST(BuildPlan, EveryProgramGivesASoundPlan) {
  for (const std::string& program : kPrograms) {
    const CompiledText text(program);
    const Plan plan = text.Plan();
    EXPECT_THAT(VerifyPlan(plan), IsEmpty()) << PrintPlan(plan);
    EXPECT_EQ(PrintPlan(plan), PrintPlan(text.Plan()));
  }
}

TEST(BuildPlan, BuildsOnlyWhatReachesASinkOrACapture) {
  const CompiledText text(kTweets + R"(
stream used = tweets |> where id > 1
stream unused = tweets |> where id > 2
sink used to kafka("used")
)");
  EXPECT_THAT(Words(text.Plan()), ElementsAre("scan", "filter", "sink"));
  PlanOptions options;
  options.captures = {"unused"};
  const Plan plan = text.Plan(options);
  EXPECT_THAT(Words(plan), ElementsAre("scan", "filter", "sink", "filter", "capture"));
  EXPECT_EQ(plan.ops[3].inputs[0].op, 0);
}

TEST(BuildPlan, AStreamWithTwoConsumersIsBuiltOnce) {
  const CompiledText text(kPrograms[1]);
  const Plan plan = text.Plan();
  int checks = 0;
  for (const Op& op : plan.ops) checks += As<Check>(op) ? 1 : 0;
  EXPECT_EQ(checks, 1);
}

TEST(BuildPlan, LateRowsComeFromSecondPortsAndBadRowsFromAnOperatorOfTheirOwn) {
  const CompiledText late(kPrograms[4]);
  const std::string late_plan = PrintPlan(late.Plan());
  EXPECT_THAT(late_plan, HasSubstr(" late"));
  const CompiledText bad(kPrograms[5]);
  EXPECT_THAT(Words(bad.Plan()), ::testing::IsSupersetOf({"scan", "bad rows"}));
}

TEST(UncheckedColumns, EndWhereRowsAreCombined) {
  const CompiledText text(kPrograms[0]);
  const Plan plan = text.Plan();
  const std::vector<ColumnSet> unchecked = UncheckedColumns(plan);
  EXPECT_EQ(unchecked[0].size(), 7u);
  EXPECT_EQ(unchecked[3].size(), 7u);
  EXPECT_TRUE(unchecked[4].empty());
}

TEST(VerifyPlan, SeesWhatIsWrong) {
  const CompiledText text(kPrograms[0]);
  const Plan sound = text.Plan();

  Plan missing = sound;
  missing.ops[0].columns.erase(missing.ops[0].columns.begin() + 2);
  EXPECT_THAT(VerifyPlan(missing), Contains(HasSubstr("column `text` comes from nowhere")));

  Plan order = sound;
  order.ops[1].inputs[0].op = 5;
  EXPECT_THAT(VerifyPlan(order), Contains(HasSubstr("input is not an earlier operator")));

  Plan condition = sound;
  As<Filter>(condition.ops[1])->condition = As<Expand>(condition.ops[2])->list;
  EXPECT_THAT(VerifyPlan(condition), Contains(HasSubstr("condition is no bool")));

  Plan kinds = sound;
  kinds.ops[6].rows.changing = true;
  EXPECT_THAT(VerifyPlan(kinds), Not(IsEmpty()));

  Plan twice = sound;
  twice.ops[0].columns.push_back(twice.ops[0].columns[0]);
  EXPECT_THAT(VerifyPlan(twice), Contains(HasSubstr("is given twice")));
}

}  // namespace
}  // namespace streamc::plan
