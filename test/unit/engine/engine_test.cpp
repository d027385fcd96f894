// The engine turn by turn, over hand-written jobs (word_job.h) and memory logs.
#include "runtime/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "runtime/connector/memory/memory_log.h"
#include "runtime/observe/process_memory.h"
#include "test/unit/engine/word_job.h"

namespace streamc::rt::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

abi::BoundSpec Tumbling(int64_t seconds, int64_t late = 0, abi::EmitKind emit = abi::EmitKind::Final) {
  abi::BoundSpec bound;
  bound.window = abi::WindowKind::Tumbling;
  bound.size = Micros(seconds * kSecond);
  bound.late = Micros(late * kSecond);
  bound.emit = emit;
  return bound;
}
abi::BoundSpec Hopping(int64_t size, int64_t every) {
  abi::BoundSpec bound = Tumbling(size);
  bound.window = abi::WindowKind::Hopping;
  bound.every = Micros(every * kSecond);
  return bound;
}
abi::BoundSpec Keep(int64_t seconds) {
  abi::BoundSpec bound;
  bound.keep_forever = seconds == 0;
  if (seconds > 0) bound.keep = Micros(seconds * kSecond);
  return bound;
}
EngineOptions BatchOf(int64_t records, int threads = 1) {
  EngineOptions options;
  options.batch_records = records;
  options.threads = threads;
  return options;
}

const std::vector<std::string> kCounts = {"window.end", "k", "n", "s"};
const std::vector<std::string> kChanges = {"k", "n", "$sign"};

TEST(Engine, AWindowIsAnsweredOnceWhenTheWatermarkReachesItsEnd) {
  WordJob job(Tumbling(60), false);
  int32_t capture = job.AddCapture(job.aggregate), late = job.AddCapture(job.aggregate, 1);
  Harness h(job);
  h.SetClock(0);
  h.Feed("kafka", 1, 0);
  h.Feed("kafka", 2, 59);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kCounts), IsEmpty());
  h.SetClock(75);
  h.Feed("stream", 5, 75);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kCounts), ElementsAre("60 kafka 2 3"));
  h.Feed("late", 7, 5);
  h.Settle();
  EXPECT_THAT(h.Take(late, {"k", "v"}), ElementsAre("late 7"));
  EXPECT_EQ(h.engine().counters().OfNode(1, &observe::NodeCounters::late), 1);
  // Silence closes the rest: 30 s until the source counts as idle, counted from the last read.
  h.SetClock(119);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kCounts), IsEmpty());
  h.SetClock(135);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kCounts), ElementsAre("120 stream 1 5"));
}

TEST(Engine, TheEndOfTheInputClosesAllWindows) {
  WordJob job(Tumbling(60), false);
  int32_t capture = job.AddCapture(job.aggregate);
  Harness h(job);
  h.Feed("a", 1, 10);
  h.Feed("a", 1, 70);
  h.Finish();
  h.Settle();
  EXPECT_THAT(h.Take(capture, kCounts), ElementsAre("120 a 1 1", "60 a 1 1"));
}

TEST(Engine, BadRecordsAreRejectedOnceWithTheirPlace) {
  WordJob job(Tumbling(60), false);
  job.spec.sources[0].on_bad.kind = abi::ActionKind::DeadLetter;
  job.spec.sources[0].on_bad.topic = Constant({std::string("words.bad")});
  EngineOptions options;
  options.log_rejections = true;
  options.bindings["bad"] = {"bad", "memory", {"dead"}, {}};
  Harness h(job, options);
  h.FeedRaw("{broken");
  h.FeedRaw("{\"k\":\"a\",\"at\":1}");
  h.FeedRaw("{\"k\":\"a\",\"v\":1}");
  h.Feed("future", 1, 90'000);
  h.Feed("good", 1, 1);
  h.Settle();
  std::vector<std::string> codes;
  for (const RejectionReport& report : h.engine().rejection_log())
    codes.push_back(report.code + " at " + std::to_string(report.offset) + " " + report.place);
  EXPECT_THAT(codes, ElementsAre("json.syntax at 0 source words", "missing at 1 words.sdl:9:6 aggregate",
                                 "missing at 2 source words", "time.future at 3 source words"));
  EXPECT_EQ(h.engine().counters().OfSource(0, &observe::SourceCounters::bad), 4);
  EXPECT_EQ(h.engine().counters().OfSource(0, &observe::SourceCounters::records), 5);
  connector::MemoryLog& dead = connector::MemoryLog::Get("dead");
  ASSERT_EQ(dead.end(0), 4);
  const connector::MemoryRecord& letter = dead.At(0, 0);
  EXPECT_EQ(letter.value, "{broken");
  EXPECT_EQ(letter.key, "key");
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : letter.headers) headers[name] = value.value_or("");
  EXPECT_EQ(headers["origin"], "test") << "the record's own headers stay";
  EXPECT_EQ(headers["streamc.error.code"], "json.syntax");
  EXPECT_EQ(headers["streamc.offset"], "0");
}

TEST(Engine, StopEndsTheJobAndNamesTheRecord) {
  WordJob job(Tumbling(60), false);
  job.spec.sources[0].on_bad.kind = abi::ActionKind::Stop;
  Harness h(job);
  h.Feed("good", 1, 1);
  h.FeedRaw("{broken");
  Status status = h.Turns();
  EXPECT_EQ(status.code, Exit::BadInput);
  EXPECT_THAT(status.message, HasSubstr("json.syntax"));
  EXPECT_THAT(status.message, HasSubstr("offset 1"));
  EXPECT_FALSE(connector::MemoryLog::Get("words").committed("words", 0).offset >= 0)
      << "positions of a failed turn are not committed";
}

TEST(Engine, AResultThatFailsTakesTheJobsRouteAsJson) {
  WordJob job(Tumbling(60), false);
  int32_t capture = job.AddCapture(job.aggregate);
  EngineOptions options;
  options.log_rejections = true;
  Harness h(job, options);
  h.Feed("a", 1, 1);
  h.Feed("unlucky", 13, 1);
  h.Feed("b", 2, 1);
  h.Finish();
  h.Settle();
  EXPECT_THAT(h.Take(capture, {"k", "s"}), ElementsAre("a 1", "b 2"));
  ASSERT_EQ(h.engine().rejection_log().size(), 1u);
  EXPECT_EQ(h.engine().rejection_log()[0].code, "overflow");
  EXPECT_EQ(h.engine().rejection_log()[0].value, "{\"k\":\"unlucky\"}");
}

TEST(Engine, PositionsAreCommittedAfterTheOutputIsWritten) {
  WordJob job(Tumbling(60), false);
  job.AddSink(job.aggregate, false);
  Harness h(job);
  h.Feed("a", 1, 1);
  h.Feed("b", 2, 70);
  h.Settle();
  EXPECT_THAT(h.Sunk("out"), ElementsAre("a {\"k\":\"a\",\"n\":1,\"s\":1}"));
  EXPECT_EQ(connector::MemoryLog::Get("words").committed("words", 0).offset, 2);
}

// --- changes ----------------------------------------------------------------------------------------------------

TEST(Engine, KeepForeverEmitsOneNetChangePerKeyAndTurn) {
  WordJob job(Keep(0), true);
  int32_t capture = job.AddCapture(job.aggregate);
  Harness h(job);
  h.Feed("a", 1, 1);
  h.Feed("a", 1, 2);
  h.Feed("b", 0, 3);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kChanges, false), ElementsAre("a 2 1", "b 1 1"));
  h.Feed("a", 1, 4);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kChanges, false), ElementsAre("a 2 -1", "a 3 1")) << "old before new, next to each other";
}

TEST(Engine, KeepRemovesAKeyAfterItsTime) {
  WordJob job(Keep(60), true);
  int32_t capture = job.AddCapture(job.aggregate);
  Harness h(job);
  h.SetClock(1000);
  h.Feed("a", 1, 0);
  h.Feed("b", 1, 30);
  h.Settle();
  h.Take(capture, kChanges);
  h.Feed("b", 1, 60);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kChanges, false), ElementsAre("b 1 -1", "b 2 1", "a 1 -1"));
  h.Feed("a", 1, 70);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kChanges), ElementsAre("a 1 1")) << "it starts anew";
}

TEST(Engine, ForgettingDependsOnTheDataNotOnTheBatches) {
  auto table = [](int64_t batch) {
    WordJob job(Keep(60), true);
    int32_t capture = job.AddCapture(job.aggregate);
    Harness h(job, BatchOf(batch));
    h.SetClock(100'000);
    std::mt19937 random(5);
    int64_t t = 0;
    for (int i = 0; i < 2000; ++i) {
      t += static_cast<int64_t>(random() % 20);
      h.Feed("w" + std::to_string(random() % 12), 1, t - static_cast<int64_t>(random() % 3));
    }
    h.Settle();
    std::map<std::string, int64_t> now;
    for (const std::string& row : h.Take(capture, {"k", "n", "s", "$sign"}, false)) {
      size_t space = row.rfind(' ');
      now[row.substr(0, space)] += std::stoll(row.substr(space));
    }
    std::erase_if(now, [](const auto& entry) { return entry.second == 0; });
    return now;
  };
  auto expected = table(4096);
  EXPECT_FALSE(expected.empty());
  for (const auto& [row, count] : expected) EXPECT_EQ(count, 1) << row << ": changes add up to a table";
  EXPECT_EQ(table(1), expected);
  EXPECT_EQ(table(7), expected);
}

TEST(Engine, EarlyResultsFinalOnesAndLateCorrections) {
  WordJob job(Tumbling(60, 30, abi::EmitKind::Changes), true);
  int32_t capture = job.AddCapture(job.aggregate), late = job.AddCapture(job.aggregate, 1);
  const std::vector<std::string> panes = {"k", "n", "window.pane", "$sign"};
  Harness h(job);
  h.SetClock(1000);
  h.Feed("a", 1, 10);
  h.Settle();
  EXPECT_THAT(h.Take(capture, panes, false), ElementsAre("a 1 0 1"));
  h.Feed("x", 1, 61);
  h.Settle();
  EXPECT_THAT(h.Take(capture, panes, false), ElementsAre("a 1 0 -1", "a 1 1 1", "x 1 0 1"));
  h.Feed("a", 1, 20);
  h.Settle();
  EXPECT_THAT(h.Take(capture, panes, false), ElementsAre("a 1 1 -1", "a 2 2 1"));
  h.Feed("a", 1, 21);
  h.Settle();
  EXPECT_THAT(h.Take(capture, panes, false), ElementsAre("a 2 2 -1", "a 3 2 1"));
  h.Feed("x", 1, 90);
  h.Settle();
  h.Take(capture, panes);
  h.Feed("a", 1, 22);
  h.Settle();
  EXPECT_THAT(h.Take(capture, panes), IsEmpty());
  EXPECT_THAT(h.Take(late, {"k"}), ElementsAre("a"));
}

TEST(Engine, LateWithFinalResultsSaysNothingBeforeTheWindowCloses) {
  WordJob job(Tumbling(60, 30), true);
  int32_t capture = job.AddCapture(job.aggregate);
  Harness h(job);
  h.SetClock(1000);
  h.Feed("a", 1, 10);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kChanges), IsEmpty());
  h.Feed("x", 1, 70);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kChanges), ElementsAre("a 1 1"));
  h.Feed("b", 1, 11);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kChanges), ElementsAre("b 1 1"));
}

TEST(Engine, EmitEveryWaitsForTheClock) {
  abi::BoundSpec bound = Keep(0);
  bound.emit_every = Micros(10 * kSecond);
  WordJob job(bound, true);
  int32_t capture = job.AddCapture(job.aggregate);
  Harness h(job);
  h.SetClock(101);
  h.Feed("a", 1, 101);
  h.Settle();
  h.Feed("a", 1, 102);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kChanges), IsEmpty());
  h.SetClock(110);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kChanges), ElementsAre("a 2 1"));
}

TEST(Engine, ARemovableAggregateFollowsChanges) {
  WordJob job(Keep(0), true);
  int32_t spread = job.AddCountOfCounts(job.aggregate);
  int32_t capture = job.AddCapture(spread);
  Harness h(job);
  h.Feed("a", 1, 1);
  h.Feed("b", 1, 1);
  h.Settle();
  EXPECT_THAT(h.Take(capture, {"n", "words", "$sign"}, false), ElementsAre("1 2 1"));
  h.Feed("a", 1, 2);
  h.Settle();
  EXPECT_THAT(h.Take(capture, {"n", "words", "$sign"}, false), ElementsAre("1 2 -1", "1 1 1", "2 1 1"));
  h.Feed("b", 1, 3);
  h.Settle();
  EXPECT_THAT(h.Take(capture, {"n", "words", "$sign"}, false), ElementsAre("1 1 -1", "2 1 -1", "2 2 1"))
      << "an empty group is removed";
}

TEST(Engine, AnUpsertSinkWritesNewRowsAndNullForRemovals) {
  WordJob job(Keep(60), true);
  job.AddSink(job.aggregate, true);
  Harness h(job);
  h.SetClock(1000);
  h.Feed("a", 1, 0);
  h.Settle();
  h.Feed("b", 1, 30);
  h.Feed("a", 2, 31);
  h.Settle();
  h.Feed("b", 1, 95);
  h.Settle();
  EXPECT_THAT(h.Sunk("out"), ElementsAre("a {\"k\":\"a\",\"n\":1,\"s\":1}", "b {\"k\":\"b\",\"n\":1,\"s\":1}",
                                         "a {\"k\":\"a\",\"n\":2,\"s\":3}", "b {\"k\":\"b\",\"n\":2,\"s\":2}", "a null"));
}

TEST(Engine, ChangesAsRowsSayWhatHappened) {
  WordJob job(Keep(60), true);
  int32_t rows = job.AddAsRows(job.aggregate);
  int32_t capture = job.AddCapture(rows);
  const std::vector<std::string> kinds = {"change.kind", "k", "n"};
  Harness h(job);
  h.SetClock(1000);
  h.Feed("a", 1, 0);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kinds, false), ElementsAre("insert a 1"));
  h.Feed("a", 1, 1);
  h.Feed("b", 1, 1);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kinds, false), ElementsAre("update a 2", "insert b 1"));
  h.Feed("c", 1, 100);
  h.Settle();
  EXPECT_THAT(h.Take(capture, kinds), ElementsAre("delete a 2", "delete b 1", "insert c 1"));
}

// --- windows against a recount ----------------------------------------------------------------------------------

struct Row {
  std::string k;
  int64_t v, t;
  int32_t partition;
};

// Rows with out-of-order times; some are late.
std::vector<Row> RandomRows(int n, int partitions, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int64_t> now(static_cast<size_t>(partitions), 0);
  std::vector<Row> rows;
  for (int i = 0; i < n; ++i) {
    int32_t p = static_cast<int32_t>(random() % static_cast<uint32_t>(partitions));
    int64_t& t = now[static_cast<size_t>(p)];
    t += static_cast<int64_t>(random() % 4);
    rows.push_back(
        {"w" + std::to_string(random() % 20), static_cast<int64_t>(random() % 10), t - static_cast<int64_t>(random() % 40), p});
    if (rows.back().t < 0) rows.back().t = 0;
  }
  return rows;
}

// The definition: a row counts for each window of its time that its own partition has not answered for.
std::vector<std::string> Recount(const std::vector<Row>& rows, int partitions, int64_t size, int64_t every, int64_t* late) {
  std::map<std::pair<int64_t, std::string>, std::pair<int64_t, int64_t>> counts;
  std::vector<int64_t> watermark(static_cast<size_t>(partitions), INT64_MIN);
  *late = 0;
  for (const Row& row : rows) {
    int64_t& w = watermark[static_cast<size_t>(row.partition)];
    bool counted = false;
    for (int64_t start = row.t / every * every; start > row.t - size; start -= every) {
      int64_t end = start + size;
      if (end <= w) continue;
      auto& [n, s] = counts[{end, row.k}];
      ++n, s += row.v;
      counted = true;
    }
    *late += counted ? 0 : 1;
    w = std::max(w, row.t);
  }
  std::vector<std::string> lines;
  for (const auto& [key, sums] : counts) {
    if (sums.second == 13) continue;  // the job's result function fails for that sum
    lines.push_back(std::to_string(key.first) + " " + key.second + " " + std::to_string(sums.first) + " " +
                    std::to_string(sums.second));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

void CheckRecount(const abi::BoundSpec& bound, int64_t size, int64_t every, int partitions, int64_t batch, int threads) {
  std::vector<Row> rows = RandomRows(3000, partitions, 11);
  WordJob job(bound, false);
  int32_t capture = job.AddCapture(job.aggregate);
  Harness h(job, BatchOf(batch, threads), partitions);
  h.SetClock(100'000);
  for (const Row& row : rows) h.Feed(row.k, row.v, row.t, row.partition);
  h.Finish();
  h.Settle();
  int64_t late = 0;
  EXPECT_EQ(h.Take(capture, kCounts), Recount(rows, partitions, size, every, &late))
      << "batch " << batch << " threads " << threads;
  EXPECT_GT(late, 0);
  EXPECT_EQ(h.engine().counters().OfNode(1, &observe::NodeCounters::late), late);
}

TEST(Engine, TumblingWindowsAgreeWithARecountWhateverTheBatches) {
  for (int64_t batch : {1, 7, 4096}) CheckRecount(Tumbling(10), 10, 10, 1, batch, 1);
  for (int64_t batch : {1, 7, 4096}) CheckRecount(Tumbling(10), 10, 10, 3, batch, 1);
}

TEST(Engine, HoppingWindowsAgreeWithARecountWhateverTheBatches) {
  for (int64_t batch : {1, 7, 4096}) CheckRecount(Hopping(30, 10), 30, 10, 1, batch, 1);
  for (int64_t batch : {7, 4096}) CheckRecount(Hopping(25, 10), 25, 10, 3, batch, 1);
}

TEST(Engine, ThreadsChangeNothing) {
  for (int threads : {2, 4}) CheckRecount(Hopping(30, 10), 30, 10, 5, 64, threads);
  CheckRecount(Tumbling(10), 10, 10, 2, 1000, 3);
}

// --- top --------------------------------------------------------------------------------------------------------

abi::TopSpec BestByCount(int64_t limit) {
  abi::TopSpec top;
  top.limit = Constant({limit});
  top.order = {{1, true}};
  return top;
}

TEST(Top, PerWindowAnswersWithTheWindowAndBreaksTiesByTheOtherColumns) {
  WordJob job(Tumbling(60), false);
  abi::TopSpec spec = BestByCount(2);
  spec.per_window = true;
  spec.window_start = 3;
  spec.window_end = 4;
  int32_t top = job.AddTop(spec, job.aggregate, false);
  int32_t capture = job.AddCapture(top);
  Harness h(job);
  for (const char* word : {"c", "b", "a", "d", "d", "d"}) h.Feed(word, 1, 5);
  h.Feed("z", 1, 65);
  h.Settle();
  EXPECT_THAT(h.Take(capture, {"rank", "k", "n"}, false), ElementsAre("1 d 3", "2 a 1"));
}

TEST(Top, WithTiesShowsAllRowsOfTheLastRank) {
  WordJob job(Tumbling(60), false);
  abi::TopSpec spec = BestByCount(2);
  spec.per_window = true;
  spec.window_start = 3;
  spec.window_end = 4;
  spec.with_ties = true;
  int32_t capture = job.AddCapture(job.AddTop(spec, job.aggregate, false));
  Harness h(job);
  for (const char* word : {"c", "b", "a", "a", "d", "d", "d"}) h.Feed(word, 1, 5);
  h.Finish();
  h.Settle();
  EXPECT_THAT(h.Take(capture, {"rank", "k"}, false), ElementsAre("1 d", "2 a"));
  WordJob again(Tumbling(60), false);
  spec.limit = Constant({int64_t{3}});
  capture = again.AddCapture(again.AddTop(spec, again.aggregate, false));
  Harness g(again);
  for (const char* word : {"c", "b", "a", "a", "d", "d", "d"}) g.Feed(word, 1, 5);
  g.Finish();
  g.Settle();
  EXPECT_THAT(g.Take(capture, {"rank", "k"}, false), ElementsAre("1 d", "2 a", "3 b", "3 c"));
}

TEST(Top, OverChangesEmitsOnlyTheRanksThatMoved) {
  WordJob job(Keep(0), true);
  abi::TopSpec spec = BestByCount(2);
  spec.changing_input = true;
  spec.has_bound = true;
  spec.bound = Keep(0);
  int32_t capture = job.AddCapture(job.AddTop(spec, job.aggregate, true));
  const std::vector<std::string> ranks = {"rank", "k", "n", "$sign"};
  Harness h(job);
  for (const char* word : {"a", "a", "b", "c"}) h.Feed(word, 1, 1);
  h.Settle();
  EXPECT_THAT(h.Take(capture, ranks, false), ElementsAre("1 a 2 1", "2 b 1 1"));
  h.Feed("c", 1, 1);
  h.Settle();
  EXPECT_THAT(h.Take(capture, ranks, false), ElementsAre("2 b 1 -1", "2 c 2 1"));
  h.Feed("b", 1, 1);
  h.Feed("b", 1, 1);
  h.Settle();
  EXPECT_THAT(h.Take(capture, ranks, false), ElementsAre("1 a 2 -1", "1 b 3 1", "2 c 2 -1", "2 a 2 1"));
}

TEST(Top, OfPlainRowsInAnOwnWindowReportsLateRows) {
  WordJob job(Tumbling(60), false);
  abi::TopSpec spec = BestByCount(2);  // by v
  spec.has_bound = true;
  spec.bound = Tumbling(10);
  spec.watermark = 3;
  spec.time = 4;
  int32_t top = job.AddTop(spec, job.source, false);
  int32_t capture = job.AddCapture(top);
  Harness h(job);
  h.SetClock(1000);
  h.Feed("a", 5, 1);
  h.Feed("b", 9, 2);
  h.Feed("c", 7, 3);
  h.Feed("d", 1, 12);
  h.Feed("late", 99, 4);
  h.Settle();
  EXPECT_THAT(h.Take(capture, {"window.end", "rank", "k", "v"}, false), ElementsAre("10 1 b 9", "10 2 c 7"));
  EXPECT_EQ(h.engine().counters().OfNode(static_cast<size_t>(top), &observe::NodeCounters::late), 1);
}

// --- start ------------------------------------------------------------------------------------------------------

TEST(Engine, RefusesUnknownBindingsAndMissingBrokers) {
  WordJob job(Tumbling(60), false);
  ScJob descriptor{STREAMC_ABI_VERSION, kFnCount, nullptr, nullptr, 0};
  std::shared_ptr<const Plan> plan;
  ASSERT_TRUE(Plan::Make(job.spec, &descriptor, &plan).ok());
  EngineOptions options;
  options.bindings["wrods"] = {"wrods", "memory", {}, {}};
  Status status = Engine(plan, options).Open(true);
  EXPECT_EQ(status.code, Exit::Usage);
  EXPECT_THAT(status.message, HasSubstr("it has: words"));
  job.spec.sources[0].connector.connector = "kafka";
  ASSERT_TRUE(Plan::Make(job.spec, &descriptor, &plan).ok());
  status = Engine(plan, {}).Open(true);
  EXPECT_EQ(status.code, Exit::Usage);
  EXPECT_THAT(status.message, HasSubstr("--brokers"));
}

TEST(Engine, RefusesToWriteTheFileItReads) {
  WordJob job(Tumbling(60), false);
  job.spec.sources[0].on_bad.kind = abi::ActionKind::DeadLetter;
  job.spec.sources[0].on_bad.topic = Constant({std::string("words.bad")});
  ScJob descriptor{STREAMC_ABI_VERSION, kFnCount, nullptr, nullptr, 0};
  std::shared_ptr<const Plan> plan;
  ASSERT_TRUE(Plan::Make(job.spec, &descriptor, &plan).ok());
  EngineOptions options;
  options.bindings["words"] = {"words", "file", {"same.jsonl"}, {}};
  options.bindings["bad"] = {"bad", "file", {"same.jsonl"}, {}};
  Status status = Engine(plan, options).Open(true);
  EXPECT_EQ(status.code, Exit::Usage);
  EXPECT_THAT(status.message, HasSubstr("bad would write same.jsonl, which words reads"));
}

TEST(Engine, AWindowOfNoLengthIsRefusedAtTheStart) {
  WordJob job(Tumbling(0), false);
  ScJob descriptor{STREAMC_ABI_VERSION, kFnCount, nullptr, nullptr, 0};
  std::shared_ptr<const Plan> plan;
  ASSERT_TRUE(Plan::Make(job.spec, &descriptor, &plan).ok());
  Status status = Engine(plan, {}).Open(true);
  EXPECT_EQ(status.code, Exit::Usage);
  EXPECT_THAT(status.message, HasSubstr("counts/aggregate"));
}

TEST(Engine, EndsCommittedWhenTheStateOutgrowsItsMemory) {
  WordJob job(Keep(0), true);
  EngineOptions options;
  // A quarter is the clients', an eighth the turns'; this leaves a few megabytes beside what the test holds.
  options.memory = observe::ResidentBytes() * 8 / 5 + (16 << 20);
  options.batch_records = 1000;
  Harness h(job, options);
  int fed = 0;
  Status status;
  for (; status.ok() && fed < 3'000'000; fed += 1000) {
    for (int i = fed; i < fed + 1000; ++i) h.Feed("a word that is kept, number " + std::to_string(i), 1, 1);
    status = h.Turns();
  }
  EXPECT_EQ(status.code, Exit::TryAgain);
  EXPECT_THAT(status.message, HasSubstr("does not fit into its memory budget of"));
  EXPECT_THAT(status.message, HasSubstr("counts/aggregate grew by"));
  const observe::JobCounters& counters = h.engine().counters();
  EXPECT_EQ(counters.steps[static_cast<size_t>(job.aggregate)].state_rows.get(), counters.state_slots.get());
  EXPECT_EQ(counters.OfSource(0, &observe::SourceCounters::records), connector::MemoryLog::Get("words").committed("words", 0).offset)
      << "everything that was read is committed";
}

}  // namespace
}  // namespace streamc::rt::engine::testing
