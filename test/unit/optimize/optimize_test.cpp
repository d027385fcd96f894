#include "compiler/optimize/optimize.h"

#include <gmock/gmock.h>

#include "compiler/plan/expr.h"
#include "test/unit/plan/compile_text.h"

namespace streamc::optimize {
namespace {

using streamc::testing::CompiledText;
using streamc::testing::kPrograms;
using streamc::testing::kTweets;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The steps of one stream `s` over tweets, written to a sink, after only the named rules.
std::string Optimized(const std::string& steps, const std::vector<std::string>& only) {
  const CompiledText text(kTweets + "stream s = tweets " + steps + "\nsink s to kafka(\"s\")\n");
  plan::Plan plan = text.Plan();
  OptimizeOptions options;
  options.only = only;
  options.verify = true;
  std::vector<std::string> faults;
  OptimizePlan(plan, options, &faults);
  EXPECT_THAT(faults, IsEmpty()) << plan::PrintPlan(plan);
  return plan::PrintPlan(plan);
}

TEST(OptimizePlan, EveryRuleAloneAndAllTogetherKeepPlansSound) {
  std::vector<std::vector<std::string>> choices{{}};
  for (const std::string& name : RuleNames()) choices.push_back({name});
  for (const std::string& program : kPrograms) {
    const CompiledText text(program);
    for (const auto& only : choices) {
      plan::Plan plan = text.Plan();
      OptimizeOptions options;
      options.only = only;
      options.verify = true;
      std::vector<std::string> faults;
      OptimizePlan(plan, options, &faults);
      EXPECT_THAT(faults, IsEmpty()) << plan::PrintPlan(plan);
    }
  }
}

TEST(OptimizePlan, RunsWhatTheOptionsSay) {
  const CompiledText text(kPrograms[0]);
  plan::Plan plan = text.Plan();
  OptimizeOptions options;
  options.enabled = false;
  EXPECT_THAT(OptimizePlan(plan, options), IsEmpty());
  options.enabled = true;
  options.disabled = {"prune_columns"};
  const std::vector<RuleReport> reports = OptimizePlan(plan, options);
  EXPECT_EQ(reports.size(), RuleNames().size() - 1);
  for (const RuleReport& report : reports) EXPECT_NE(report.name, "prune_columns");
}

TEST(OptimizePlan, ASecondRunFindsNothingToDo) {
  for (const std::string& program : kPrograms) {
    const CompiledText text(program);
    plan::Plan plan = text.Plan();
    OptimizePlan(plan);
    const std::string once = plan::PrintPlan(plan);
    OptimizeOptions options;
    // What the scan already tests would be listed again.
    options.disabled = {"push_filter_to_scan"};
    for (const RuleReport& report : OptimizePlan(plan, options)) {
      const bool undone = report.name == "split_conjunctions" || report.name == "merge_filters";
      EXPECT_TRUE(undone || !report.changed) << report.name << "\n" << once;
    }
    EXPECT_EQ(plan::PrintPlan(plan), once);
  }
}

TEST(FoldConstants, KeepsRunTimeErrors) {
  EXPECT_THAT(Optimized("|> where id > 1 + 2 * 3", {"fold_constants"}), HasSubstr("filter id > 7"));
  EXPECT_THAT(Optimized("|> where id > 9223372036854775807 + 1", {"fold_constants"}), HasSubstr("9223372036854775807 + 1"));
  EXPECT_THAT(Optimized("|> where id > 7 % 0", {"fold_constants"}), HasSubstr("7 % 0"));
  EXPECT_THAT(Optimized("|> where score > 1.0 / 0.0", {"fold_constants"}), HasSubstr("1.0 / 0.0"));
  EXPECT_THAT(Optimized("|> where 1h + 30m > 1h and id > 1", {"fold_constants", "simplify_expressions"}),
              HasSubstr("filter id > 1"));
}

TEST(SimplifyExpressions, KeepsWhatMayReject) {
  EXPECT_THAT(Optimized("|> where true and id > 1", {"simplify_expressions"}), HasSubstr("filter id > 1"));
  EXPECT_THAT(Optimized("|> where id + 1 > 2 and false", {"simplify_expressions"}), HasSubstr("filter id + 1 > 2 and false"));
  EXPECT_THAT(Optimized("|> where not not (id > 1)", {"simplify_expressions"}), HasSubstr("filter id > 1"));
  EXPECT_THAT(Optimized("|> where not (lang == \"en\")", {"simplify_expressions"}), HasSubstr("filter lang != \"en\""));
  EXPECT_THAT(Optimized("|> where true", {"simplify_expressions"}), Not(HasSubstr("filter")));
}

TEST(PushFilterToScan, StopsAtTheFirstStepThatCanReject) {
  const std::vector<std::string> rules = {"split_conjunctions", "push_filter_to_scan"};
  const std::string simple = Optimized("|> where lang == \"en\" and 3 < id and user.followers in [1, 2]", rules);
  EXPECT_THAT(simple, HasSubstr("only lang == \"en\""));
  EXPECT_THAT(simple, HasSubstr("only id > 3"));
  EXPECT_THAT(simple, HasSubstr("only user.followers in [1, 2]"));
  EXPECT_THAT(simple, HasSubstr("filter lang == \"en\""));
  const std::string checked = Optimized("|> check id > 0 else \"id\" |> where lang == \"en\"", rules);
  EXPECT_THAT(checked, Not(HasSubstr("only")));
  const std::string computed = Optimized("|> where length(text) > 3 |> where lang == \"en\"", rules);
  EXPECT_THAT(computed, Not(HasSubstr("only")));
  EXPECT_THAT(Optimized("|> where meta.partition == 1 |> where lang == \"en\"", rules), HasSubstr("only lang == \"en\""));
  EXPECT_THAT(Optimized("|> where place?.city == \"Lund\"", rules), Not(HasSubstr("only")));
}

TEST(PushFilterBelowProject, NeverPassesAStepThatCanReject) {
  const std::vector<std::string> rules = {"push_filter_below_project"};
  const std::string rejecting = Optimized("|> set n = id + 1 |> where meta.partition == 1", rules);
  EXPECT_LT(rejecting.find("project"), rejecting.find("filter"));
  const std::string harmless = Optimized("|> set n = meta.offset |> where meta.partition == 1", rules);
  EXPECT_GT(harmless.find("project"), harmless.find("filter"));
  const std::string reading = Optimized("|> set n = meta.offset |> where n == 1", rules);
  EXPECT_LT(reading.find("project"), reading.find("filter"));
}

TEST(ShareSubexpressions, ComputesOnceWithoutMovingErrors) {
  const std::vector<std::string> rules = {"share_subexpressions"};
  const std::string shared = Optimized("|> where length(lower(text)) > 3 |> select t = lower(text)", rules);
  EXPECT_THAT(shared, HasSubstr("project $e1 = lower(text)"));
  EXPECT_THAT(shared, HasSubstr("filter length($e1) > 3"));
  // The division comes first and may reject, so the call must not be moved before it.
  const std::string after =
      Optimized("|> where score / 2.0 > 1.0 and length(lower(text)) > 3 |> where lower(text) == \"a\"", rules);
  EXPECT_THAT(after, Not(HasSubstr("$e1")));
  // Only some rows evaluate the first one.
  const std::string some = Optimized("|> where id > 3 or lower(text) == \"a\" |> select t = lower(text)", rules);
  EXPECT_THAT(some, Not(HasSubstr("$e1")));
}

TEST(PruneColumns, DecodesOnlyWhatIsUsed) {
  const std::string pruned = Optimized("|> where lang == \"en\" |> select id, name = user.name", {"prune_columns"});
  EXPECT_THAT(pruned, HasSubstr("decode id, lang, created_at, user.name"));
  EXPECT_THAT(pruned, Not(HasSubstr("meta.value")));
  EXPECT_THAT(pruned, HasSubstr("hidden $rec"));
  EXPECT_THAT(pruned, Not(HasSubstr("$wm")));
}

TEST(PruneColumns, KeepsComputationsThatCanReject) {
  const std::string pruned = Optimized("|> set a = id + 1, b = meta.offset |> select text", {"prune_columns"});
  EXPECT_THAT(pruned, HasSubstr("a = id + 1"));
  EXPECT_THAT(pruned, Not(HasSubstr("b = meta.offset")));
}

TEST(PruneColumns, DropsAggregatesNobodyReads) {
  const std::string pruned = Optimized(
      "|> aggregate n = count(), first_text = first(text), m = max(id) by lang = lang ?? \"\" window tumbling(1m) |> select n, "
      "m",
      {"prune_columns"});
  // `first(text)` stays: reading `text` may make its record bad.
  EXPECT_THAT(pruned, HasSubstr("aggregate s/aggregate: n = count(), m = max(id)"));
  EXPECT_THAT(pruned, HasSubstr("hidden meta.time, $rec, $wm, $order"));
}

TEST(FuseRowSteps, KeepsStreamsWithSeveralConsumers) {
  const CompiledText text(kPrograms[1]);
  plan::Plan plan = text.Plan();
  int before = 0, after = 0;
  for (const plan::Op& op : plan.ops) before += op.materialise;
  OptimizePlan(plan);
  for (const plan::Op& op : plan.ops) after += op.materialise;
  EXPECT_EQ(before, 3);
  EXPECT_EQ(after, 1);
}

}  // namespace
}  // namespace streamc::optimize
