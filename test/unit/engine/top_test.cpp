// The groups of a top: their records, what a fresh one answers from them, and which rows go to which group.
#include "runtime/engine/top_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include "runtime/abi/layout.h"

namespace streamc::rt::engine::testing {
namespace {

using abi::Logical;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using time::kEndOfTime;
using time::kNoTime;

abi::TypeSpec Type(Logical logical) {
  abi::TypeSpec type;
  type.logical = logical;
  return type;
}
abi::ValueSpec Constant(int64_t value) {
  abi::ValueSpec spec;
  spec.constant = {value};
  return spec;
}
abi::BoundSpec Tumbling(int64_t size, int64_t late = 0, abi::EmitKind emit = abi::EmitKind::Final) {
  abi::BoundSpec bound;
  bound.window = abi::WindowKind::Tumbling;
  bound.size = Constant(size);
  bound.late = Constant(late);
  bound.emit = emit;
  return bound;
}
abi::BoundSpec Keep(int64_t keep) {
  abi::BoundSpec bound;
  bound.keep_forever = keep == 0;
  if (keep > 0) bound.keep = Constant(keep);
  return bound;
}

// Rows of team, name, points, event time, the partition's watermark, sign.
struct Row {
  std::string team, name;
  int64_t points, time = 0, watermark = kNoTime, sign = 1;
};

enum Column : int32_t { kTeam, kName, kPoints, kTime, kWatermark, kSign };

// The best `limit` by points per team.
abi::TopSpec Best(int64_t limit) {
  abi::TopSpec top;
  top.limit = Constant(limit);
  top.order = {{kPoints, true}};
  top.per = {kTeam};
  top.kept = 3;
  top.has_bound = true;
  top.time = kTime;
  top.watermark = kWatermark;
  return top;
}

class Job {
 public:
  explicit Job(const abi::TopSpec& top) {
    abi::JobSpec spec;
    spec.name = "best";
    spec.key_groups = 8;
    abi::NodeSpec node;
    node.kind = abi::NodeKind::Top;
    node.index = 0;
    node.work.columns = {{"team", Type(Logical::String), false},  {"name", Type(Logical::String), false},
                         {"points", Type(Logical::Int), false},   {"meta.time", Type(Logical::Timestamp), true},
                         {"$wm", Type(Logical::Timestamp), true}, {"$sign", Type(Logical::Int), true}};
    node.output.columns = {
        node.work.columns[kTeam], node.work.columns[kName], node.work.columns[kPoints], {"rank", Type(Logical::Int), true}};
    if (top.bound.window != abi::WindowKind::None) {
      node.output.columns.push_back({"window.end", Type(Logical::Timestamp), true});
      node.output.columns.push_back({"window.pane", Type(Logical::Int), true});
    }
    if (top.changing_output) node.output.columns.push_back({"$sign", Type(Logical::Int), true});
    spec.tops = {top};
    spec.nodes = {node};
    std::shared_ptr<const Plan> plan;
    Status status = Plan::Make(std::move(spec), &job_, &plan);
    EXPECT_TRUE(status.ok()) << status.message;
    shared_.plan = plan;
    status = shared_.params.Resolve(plan->spec(), {});
    EXPECT_TRUE(status.ok()) << status.message;
  }
  const Shared& shared() const { return shared_; }
  const NodePlan& node() const { return shared_.plan->node(0); }

 private:
  ScJob job_{STREAMC_ABI_VERSION, 0, nullptr, nullptr, 0};
  Shared shared_;
};

// A step with a changelog, answers as text: `name points rank [end pane] [sign]` of all groups, by group.
class Step {
 public:
  Step(const Job& job, bool durable = true) : job_(job), step_(job.shared(), job.node(), 7, durable) {
    for (int32_t g = 0; durable && g < 8; ++g) step_.Own(g);
  }

  void Add(const std::vector<Row>& rows, int64_t now = 0) {
    batch::Batch batch(job_.node().work.leaves);
    batch.Resize(static_cast<int64_t>(rows.size()));
    for (size_t i = 0; i < rows.size(); ++i) {
      int64_t at = static_cast<int64_t>(i);
      auto text = [&](Column leaf, const std::string& value) {
        *static_cast<ScStr*>(batch.value(leaf, at)) = {value.data(), static_cast<int64_t>(value.size())};
      };
      auto number = [&](Column leaf, int64_t value) { *static_cast<int64_t*>(batch.value(leaf, at)) = value; };
      text(kTeam, rows[i].team);
      text(kName, rows[i].name);
      number(kPoints, rows[i].points);
      number(kTime, rows[i].time);
      number(kWatermark, rows[i].watermark);
      number(kSign, rows[i].sign);
    }
    auto late = [&](const ScBatch&, int64_t row) { late_.push_back(rows[static_cast<size_t>(row)].name); };
    auto away = [&](int32_t group, std::string row) { away_.push_back({group, std::move(row)}); };
    step_.Add(*batch.view(), now, late, away);
  }
  std::vector<std::string> Advance(int64_t watermark, int64_t now = 0) {
    std::vector<std::string> rows;
    AdvanceContext turn;
    turn.watermark = turn.last_finite = watermark;
    turn.finish = watermark == kEndOfTime;
    turn.now = now;
    turn.emit = [&](const ScBatch& batch) { Append(batch, &rows); };
    step_.ForEachGroup([&](int32_t, Top& group) { group.Advance(turn); });
    return rows;
  }
  // Writes what changed to the changelog; returns the number of records.
  size_t Commit() {
    StateRecords records;
    step_.ForEachGroup([&](int32_t, Top& group) { group.WriteChanges(&records); });
    connector::GroupRecords log;
    records.AppendTo(&log);
    for (size_t i = 0; i < log.group.size(); ++i) {
      changelog_[{log.group[i], std::string(log.key[i])}] = std::string(log.value[i]);
      if (log.value[i].data() == nullptr) changelog_.erase({log.group[i], std::string(log.key[i])});
    }
    return log.group.size();
  }
  // Another instance that starts from the changelog, as of windows answered up to `answered`.
  std::unique_ptr<Step> Restart(int64_t answered = kNoTime) const {
    auto fresh = std::make_unique<Step>(job_);
    fresh->changelog_ = changelog_;
    for (const auto& [at, value] : changelog_) {
      RecordKey key;
      EXPECT_TRUE(ReadRecordKey(at.second, &key));
      EXPECT_EQ(key.step, 7);
      EXPECT_TRUE(fresh->step_.group(at.first)->Load(key, value));
    }
    fresh->step_.ForEachGroup([&](int32_t, Top& group) { group.Loaded(answered, group.last_emit()); });
    return fresh;
  }
  std::vector<std::string> TakeLate() { return std::exchange(late_, {}); }
  std::vector<std::pair<int32_t, std::string>> TakeAway() { return std::exchange(away_, {}); }
  size_t stored() const { return changelog_.size(); }
  TopStep& step() { return step_; }

 private:
  void Append(const ScBatch& batch, std::vector<std::string>* rows) const {
    const Columns& output = job_.node().output;
    for (int64_t row = 0; row < batch.rows; ++row) {
      std::string text;
      for (size_t leaf = 1; leaf < output.leaves.size(); ++leaf) {
        if (!text.empty()) text += ' ';
        if (output.leaves[leaf].kind == abi::LeafKind::Str) {
          ScStr value = static_cast<const ScStr*>(batch.columns[leaf].data)[row];
          text.append(value.ptr, static_cast<size_t>(value.len));
        } else {
          text += std::to_string(static_cast<const int64_t*>(batch.columns[leaf].data)[row]);
        }
      }
      rows->push_back(text);
    }
  }

  const Job& job_;
  TopStep step_;
  std::vector<std::string> late_;
  std::vector<std::pair<int32_t, std::string>> away_;
  std::map<std::pair<int32_t, std::string>, std::string> changelog_;
};

abi::TopSpec OwnWindow(int64_t limit, const abi::BoundSpec& bound) {
  abi::TopSpec top = Best(limit);
  top.bound = bound;
  top.changing_output = bound.emit == abi::EmitKind::Changes || bound.late.constant != abi::DatumSpec{int64_t{0}};
  return top;
}
abi::TopSpec Kept(int64_t limit, int64_t keep, bool changing_input = false) {
  abi::TopSpec top = Best(limit);
  top.bound = Keep(keep);
  top.changing_input = changing_input;
  top.changing_output = true;
  return top;
}

TEST(DurableTop, AWindowIsAnsweredFromTheChangelogAsIfNothingHadHappened) {
  Job job(OwnWindow(2, Tumbling(10)));
  Step step(job);
  step.Add({{"red", "ann", 5, 1}, {"red", "bob", 7, 2}, {"red", "cy", 6, 3}, {"blue", "dan", 1, 4}, {"red", "eve", 9, 11}});
  EXPECT_THAT(step.Advance(5), IsEmpty());
  // Ann has been pushed out before anything was written.
  EXPECT_EQ(step.Commit(), 4u);
  EXPECT_EQ(step.Commit(), 0u);
  auto again = step.Restart(5);
  again->Add({{"red", "flo", 8, 5, 5}});
  EXPECT_EQ(again->Commit(), 2u);  // flo comes, cy goes
  again = again->Restart(5);
  EXPECT_EQ(again->step().rows(), 4);
  std::vector<std::string> answer = again->Advance(10);
  EXPECT_THAT(answer, ::testing::UnorderedElementsAre("flo 8 1 10 1", "bob 7 2 10 1", "dan 1 1 10 1"));
  EXPECT_EQ(again->Commit(), 3u);
  EXPECT_EQ(again->stored(), 1u);
  EXPECT_THAT(again->Restart(10)->Advance(kEndOfTime), ElementsAre("eve 9 1 20 1"));
}

TEST(DurableTop, EqualRowsAreCountedHoweverTheyCame) {
  Job job(OwnWindow(3, Tumbling(10)));
  Step step(job);
  step.Add({{"red", "ann", 5, 1, 0}, {"red", "ann", 5, 1, 1}});
  EXPECT_EQ(step.Commit(), 1u);
  step.Add({{"red", "ann", 5, 1, 2}, {"red", "bob", 9, 1, 2}});
  EXPECT_EQ(step.Commit(), 1u);  // bob; the third ann came and was pushed out
  EXPECT_EQ(step.stored(), 2u);
  auto again = step.Restart();
  EXPECT_EQ(again->step().rows(), 3);
  EXPECT_THAT(again->Advance(10), ElementsAre("bob 9 1 10 1", "ann 5 2 10 1", "ann 5 3 10 1"));
}

TEST(DurableTop, WhatHasBeenSentIsTakenBackAfterARestart) {
  Job job(Kept(1, 0, true));
  Step step(job);
  step.Add({{"red", "ann", 5}, {"red", "bob", 3}});
  EXPECT_THAT(step.Advance(0), ElementsAre("ann 5 1 1"));
  EXPECT_EQ(step.Commit(), 3u);  // two rows, what was sent
  auto again = step.Restart(0);
  EXPECT_THAT(again->Advance(0), IsEmpty());
  EXPECT_EQ(again->Commit(), 0u);
  again->Add({{"red", "ann", 5, 0, kNoTime, -1}, {"red", "ann", 2, 0, kNoTime, 1}});
  EXPECT_THAT(again->Advance(0), ElementsAre("ann 5 1 -1", "bob 3 1 1"));
  EXPECT_EQ(again->Commit(), 3u);
  again = again->Restart(0);
  again->Add({{"red", "ann", 2, 0, kNoTime, -1}, {"red", "bob", 3, 0, kNoTime, -1}});
  EXPECT_THAT(again->Advance(0), ElementsAre("bob 3 1 -1"));
  EXPECT_EQ(again->Commit(), 3u);
  EXPECT_EQ(again->stored(), 0u);
  EXPECT_EQ(again->step().rows(), 0);
}

TEST(DurableTop, ARowThatComesAndGoesBetweenCommitsIsNotWritten) {
  Job job(Kept(1, 0, true));
  Step step(job);
  step.Add({{"red", "ann", 5}});
  step.Advance(0);
  step.Commit();
  step.Add({{"red", "bob", 3}, {"red", "ann", 5, 0, kNoTime, -1}});
  step.Advance(0);
  step.Add({{"red", "bob", 3, 0, kNoTime, -1}, {"red", "ann", 5}});
  EXPECT_THAT(step.Advance(0), ElementsAre("bob 3 1 -1", "ann 5 1 1"));
  EXPECT_EQ(step.Commit(), 1u);  // only what was sent, which is as before
  EXPECT_EQ(step.stored(), 2u);
}

TEST(DurableTop, RowsNotYetAnsweredAreAnsweredAfterARestart) {
  abi::TopSpec spec = Kept(1, 0);
  spec.bound.emit = abi::EmitKind::Changes;
  spec.bound.emit_every = Constant(10);
  Job job(spec);
  Step step(job);
  step.Add({{"red", "ann", 5, 1}});
  EXPECT_THAT(step.Advance(1, 5), IsEmpty());
  EXPECT_THAT(step.Advance(1, 12), ElementsAre("ann 5 1 1"));
  step.Add({{"red", "bob", 7, 2}});
  EXPECT_THAT(step.Advance(2, 14), IsEmpty()) << "kept rows wait for the clock, whatever the watermark";
  EXPECT_EQ(step.Commit(), 2u);  // bob and what was sent: ann was pushed out before
  auto again = step.Restart(2);
  EXPECT_THAT(again->Advance(2, 15), IsEmpty());
  EXPECT_THAT(again->Advance(2, 21), ElementsAre("ann 5 1 -1", "bob 7 1 1"));
}

TEST(DurableTop, KeptGroupsAreForgottenAtTheSameTimeAfterARestart) {
  Job job(Kept(2, 100));
  Step step(job);
  step.Add({{"red", "ann", 5, 10, 0}});
  EXPECT_THAT(step.Advance(10), ElementsAre("ann 5 1 1"));
  step.Commit();
  step.Add({{"red", "bob", 1, 40, 10}});
  EXPECT_THAT(step.Advance(40), ElementsAre("bob 1 2 1"));
  step.Commit();
  auto again = step.Restart(40);
  EXPECT_THAT(again->Advance(139), IsEmpty());
  EXPECT_THAT(again->Advance(140), ElementsAre("ann 5 1 -1", "bob 1 2 -1"));
  again->Commit();
  EXPECT_EQ(again->stored(), 0u);
  // A row beyond the time begins anew; what was sent is taken back.
  again = step.Restart(40);
  again->Add({{"red", "cy", 3, 150, 145}});
  EXPECT_THAT(again->Advance(145), ElementsAre("ann 5 1 -1", "cy 3 1 1", "bob 1 2 -1"));
  again->Commit();
  EXPECT_EQ(again->stored(), 2u);
}

TEST(DurableTop, CorrectionsOfAnsweredWindowsAreMarkedLateAfterARestart) {
  Job job(OwnWindow(2, Tumbling(10, 20)));
  Step step(job);
  step.Add({{"red", "ann", 5, 1, 0}});
  EXPECT_THAT(step.Advance(12), ElementsAre("ann 5 1 10 1 1"));
  step.Commit();
  auto again = step.Restart(12);
  EXPECT_EQ(again->step().group(0)->answered(), 12);
  again->Add({{"red", "bob", 7, 2, 12}});
  EXPECT_THAT(again->Advance(13), ElementsAre("ann 5 1 10 1 -1", "bob 7 1 10 2 1", "ann 5 2 10 2 1"));
  again->Commit();
  again = again->Restart(13);
  EXPECT_THAT(again->Advance(30), IsEmpty());
  again->Commit();
  EXPECT_EQ(again->stored(), 0u);
}

// Whatever is fed: committing and starting anew between any two turns changes no answer.
TEST(DurableTop, RestartsChangeNoAnswer) {
  abi::TopSpec every_five = Kept(2, 40);
  every_five.bound.emit = abi::EmitKind::Changes;
  every_five.bound.emit_every = Constant(5);
  const std::vector<abi::TopSpec> specs = {OwnWindow(2, Tumbling(10)),
                                           OwnWindow(2, Tumbling(10, 15)),
                                           OwnWindow(2, Tumbling(10, 15, abi::EmitKind::Changes)),
                                           Kept(2, 0, true),
                                           Kept(2, 30),
                                           Kept(2, 30, true),
                                           every_five};
  for (size_t s = 0; s < specs.size(); ++s) {
    Job job(specs[s]);
    for (unsigned seed = 0; seed < 20; ++seed) {
      SCOPED_TRACE("spec " + std::to_string(s) + " seed " + std::to_string(seed));
      std::mt19937 random(seed);
      auto below = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint32_t>(n)); };
      Step plain(job, false), steady(job);
      auto moving = std::make_unique<Step>(job);
      std::vector<Row> live;
      int64_t watermark = 0;
      for (int turn = 0; turn < 60; ++turn) {
        std::vector<Row> rows;
        for (int64_t n = below(6); n > 0; --n) {
          Row row{std::string(1, static_cast<char>('a' + below(3))),
                  std::string(1, static_cast<char>('p' + below(3))),
                  below(4),
                  std::max<int64_t>(0, watermark + below(30) - 12),
                  watermark,
                  1};
          if (specs[s].changing_input && !live.empty() && below(2) == 0) {
            size_t at = static_cast<size_t>(below(static_cast<int64_t>(live.size())));
            row = live[at];
            row.watermark = watermark;
            row.sign = -1;
            live.erase(live.begin() + static_cast<std::ptrdiff_t>(at));
          } else {
            live.push_back(row);
          }
          rows.push_back(row);
        }
        for (Step* step : {&plain, &steady, moving.get()}) step->Add(rows, turn);
        watermark += below(3) == 0 ? below(25) : 0;
        std::vector<std::string> expected = plain.Advance(watermark, turn);
        std::sort(expected.begin(), expected.end());
        ASSERT_THAT(steady.Advance(watermark, turn), ::testing::UnorderedElementsAreArray(expected)) << "turn " << turn;
        ASSERT_THAT(moving->Advance(watermark, turn), ::testing::UnorderedElementsAreArray(expected)) << "turn " << turn;
        ASSERT_EQ(steady.step().rows(), moving->step().rows());
        if (below(3) == 0) moving->Commit();
        // With a clock of its own, a restart may move an answer to the next tick.
        if (specs[s].bound.emit_every.is_set()) continue;
        if (below(4) == 0) {
          moving->Commit();
          moving = moving->Restart(watermark);
        }
      }
      plain.Advance(kEndOfTime, 1000);
      steady.Advance(kEndOfTime, 1000);
      std::vector<std::string> late = steady.TakeLate();
      EXPECT_EQ(plain.TakeLate(), late);
    }
  }
}

TEST(DurableTop, ARowIsLateByItsOwnWatermarkOnly) {
  Job job(OwnWindow(2, Tumbling(10)));
  Step step(job);
  step.Advance(50);
  step.Add({{"red", "ann", 5, 1, 9}, {"red", "bob", 5, 2, 10}});
  EXPECT_THAT(step.TakeLate(), ElementsAre("bob"));
  EXPECT_EQ(step.step().rows(), 1);
  Step plain(job, false);
  plain.Advance(50);
  plain.Add({{"red", "ann", 5, 1, 9}, {"red", "bob", 5, 2, 10}});
  EXPECT_THAT(plain.TakeLate(), ElementsAre("ann", "bob"));
}

TEST(DurableTop, RowsOfOtherGroupsCrossInTheirOrder) {
  Job job(Kept(1, 0, true));
  Step from(job), to(job);
  from.Add({{"red", "ann", 5, 1, 0}});
  int32_t home = -1;
  from.step().ForEachGroup([&](int32_t g, Top& group) {
    if (group.rows() > 0) home = g;
  });
  ASSERT_GE(home, 0);
  from.step().Drop(home);
  from.Add({{"red", "ann", 5, 1, 0}, {"red", "ann", 5, 1, 2, -1}, {"red", "ann", 6, 1, 2}});
  auto rows = from.TakeAway();
  ASSERT_EQ(rows.size(), 3u);
  for (const auto& [group, row] : rows) {
    EXPECT_EQ(group, home);
    EXPECT_TRUE(to.step().AddEncoded(group, row, 0));
  }
  EXPECT_THAT(to.Advance(1), ElementsAre("ann 6 1 1"));
  EXPECT_EQ(from.step().group(home), nullptr);
  EXPECT_FALSE(to.step().AddEncoded(home, rows[0].second + "x", 0));
  EXPECT_FALSE(to.step().AddEncoded(home, rows[0].second.substr(1), 0));
}

TEST(DurableTop, LateRowsOfOtherGroupsAreFoundBeforeTheyCross) {
  Job job(OwnWindow(1, Tumbling(10)));
  Step step(job);
  for (int32_t g = 0; g < 8; ++g) step.step().Drop(g);
  step.Add({{"red", "ann", 5, 1, 10}, {"red", "bob", 5, 2, 9}});
  EXPECT_THAT(step.TakeLate(), ElementsAre("ann"));
  EXPECT_EQ(step.TakeAway().size(), 1u);
}

TEST(DurableTop, WithoutPerAllRowsAreOfOneGroup) {
  abi::TopSpec spec = OwnWindow(3, Tumbling(10));
  spec.per.clear();
  Job job(spec);
  Step step(job);
  step.Add({{"red", "ann", 5, 1}, {"blue", "bob", 7, 2}, {"green", "cy", 6, 3}});
  step.Commit();
  EXPECT_THAT(step.Restart()->Advance(10), ElementsAre("bob 7 1 10 1", "cy 6 2 10 1", "ann 5 3 10 1"));
}

TEST(DurableTop, RefusesRecordsOfAnotherFormat) {
  Job job(Kept(1, 0));
  Step step(job);
  Top& group = *step.step().group(0);
  EXPECT_FALSE(group.Load({7, RecordKind::TopRow, {}, "short"}, "12345678"));
  EXPECT_FALSE(group.Load({7, RecordKind::Kept, {}, std::string(64, '\0')}, "12345678"));
  step.Add({{"red", "ann", 5}});
  step.Advance(0);
  StateRecords records;
  step.step().ForEachGroup([&](int32_t, Top& top) { top.WriteChanges(&records); });
  connector::GroupRecords log;
  records.AppendTo(&log);
  ASSERT_EQ(log.group.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    RecordKey key;
    ASSERT_TRUE(ReadRecordKey(log.key[i], &key));
    EXPECT_FALSE(group.Load(key, std::string(log.value[i]) + "x"));
    EXPECT_FALSE(group.Load(key, log.value[i].substr(1)));
    key.row.remove_suffix(1);
    EXPECT_FALSE(group.Load(key, log.value[i]));
  }
}

}  // namespace
}  // namespace streamc::rt::engine::testing
