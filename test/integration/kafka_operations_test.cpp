// What the person who runs durable jobs sees and does: readiness, restore progress, metrics, memory, stopping when it is inconvenient.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <regex>

#include "test/integration/harness.h"

namespace streamc::test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Lt;
using testing::MatchesRegex;
using testing::Not;

constexpr int kPartitions = 2;

class KafkaOperations : public testing::Test {
 protected:
  void SetUp() override {
    CreateTopics({in_, out_}, kPartitions);
    binary_ = CompileJob("job kept { delivery exactly_once  key_groups 4  commit every 50ms  on bad stop }\n"
                         "source events: { user: string  n: int = 0 } from kafka(\"" + in_ + "\") format json\n"
                         "stream users = events |> aggregate@people count = count() by user keep forever\n"
                         "sink users to kafka(\"" + out_ + "\") key user\n");
  }
  // Users `from` .. `to`, each once, with names that are longer by `more` bytes.
  void Feed(int from, int to, size_t more = 0) {
    const std::string name = "somebody whose name is not short" + std::string(more, '.');
    std::vector<Record> records;
    for (int i = from; i < to; ++i) {
      Record& record = records.emplace_back();
      record.partition = i % kPartitions;
      record.value = "{\"user\":\"" + name + ", number " + std::to_string(i) + "\"}";
    }
    Produce(in_, records);
    fed_ += to - from;
  }
  std::unique_ptr<Process> Start(std::vector<std::string> arguments = {}) const {
    for (const char* each : {"--group", in_.c_str(), "--kafka", "session.timeout.ms=6000", "--metrics", "127.0.0.1:0"}) {
      arguments.emplace_back(each);
    }
    return std::make_unique<Process>(JobCommand(binary_, arguments));
  }
  int64_t Read() const {
    int64_t read = 0;
    for (const int64_t offset : CommittedOffsets(in_, in_, kPartitions)) read += std::max<int64_t>(0, offset);
    return read;
  }
  void AwaitAnswer(Process& job, const std::string& path, const std::string& text) const {
    WaitUntil(path + " says " + text, [&] {
      if (!job.Running()) throw std::runtime_error("the job has ended:\n" + job.errors());
      return AskJob(job, path).find(text) != std::string::npos;
    });
  }
  void AwaitRead(Process& job) const {
    WaitUntil("all is read", [&] {
      if (!job.Running()) throw std::runtime_error("the job has ended:\n" + job.errors());
      return Read() == fed_;
    });
  }
  // Asks it to end, and says how long that took.
  static double StopSeconds(Process& job, int* code) {
    const auto start = steady_clock::now();
    job.Signal(SIGTERM);
    *code = job.Wait(seconds(30));
    return std::chrono::duration<double>(steady_clock::now() - start).count();
  }

  const std::string in_ = UniqueName("in"), out_ = UniqueName("out");
  std::string binary_;
  int64_t fed_ = 0;
};

// Read so slowly that there is time to look: a few records per fetch, and a queue that is full at once.
const std::vector<std::string> kSlowly = {"--kafka", "fetch.message.max.bytes=2000", "--kafka", "queued.max.messages.kbytes=1", "--kafka",
                                          "queued.min.messages=1"};

TEST_F(KafkaOperations, ARestoreIsShownAndMayBeStopped) {
  Feed(0, 40'000);
  auto job = Start();
  AwaitRead(*job);
  AwaitAnswer(*job, "/ready", "200 OK");
  const std::string metrics = AskJob(*job, "/metrics");
  EXPECT_THAT(metrics, HasSubstr("streamc_step_state_rows{step=\"users/people\"} 40000\n"));
  EXPECT_THAT(metrics, HasSubstr("streamc_key_groups 4\n"));
  EXPECT_THAT(metrics, Not(HasSubstr("streamc_transactions_committed_total 0\n")));
  // The lag follows a moment after the commit.
  AwaitAnswer(*job, "/metrics", "streamc_partition_lag_records{source=\"events\",topic=\"" + in_ + "\",partition=\"1\"} 0\n");
  int code = -1;
  EXPECT_THAT(StopSeconds(*job, &code), Lt(5));
  EXPECT_EQ(code, 0) << job->errors();

  auto slow = Start(kSlowly);
  AwaitAnswer(*slow, "/ready", "restoring 4 key groups");
  EXPECT_THAT(AskJob(*slow, "/ready"), HasSubstr("503"));
  EXPECT_THAT(AskJob(*slow, "/live"), HasSubstr("200 OK"));
  EXPECT_THAT(AskJob(*slow, "/status"), HasSubstr("\"ready\": false"));
  WaitUntil("the log tells of it", [&] { return slow->errors().find("event=restoring") != std::string::npos; });
  EXPECT_TRUE(std::regex_search(slow->errors(), std::regex("event=restoring groups=4 rows=[0-9]+ .* % done, about [0-9]+ s left"))) << slow->errors();
  EXPECT_THAT(StopSeconds(*slow, &code), Lt(10));
  EXPECT_EQ(code, 0) << slow->errors();

  // It left nothing behind that the next start would fall over.
  Feed(0, 10);
  auto again = Start();
  AwaitRead(*again);
  AwaitAnswer(*again, "/metrics", "streamc_step_state_rows{step=\"users/people\"} 40000\n");
  EXPECT_EQ(again->Stop(), 0) << again->errors();
  const std::vector<std::string> values = ReadValues(out_);
  EXPECT_EQ(std::count_if(values.begin(), values.end(), [](const std::string& value) { return value.find("\"count\":2") != std::string::npos; }), 10);
}

// A rebalance takes all key groups away and gives most of them back.
TEST_F(KafkaOperations, WhatAnInstanceKeepsItDoesNotReadAgain) {
  Feed(0, 4000);
  auto job = Start();
  AwaitRead(*job);
  int64_t rounds = 0;
  // A member that is late for a generation knows nothing of it, and reads all.
  for (bool kept = false; !kept && rounds < 10;) {
    auto other = Start();
    AwaitAnswer(*job, "/metrics", "streamc_key_groups 2\n");
    AwaitAnswer(*other, "/metrics", "streamc_key_groups 2\n");
    Feed(0, 10);
    AwaitRead(*job);
    EXPECT_EQ(other->Stop(), 0) << other->errors();
    AwaitAnswer(*job, "/metrics", "streamc_key_groups 4\n");
    Feed(0, 10);
    AwaitRead(*job);
    ++rounds;
    kept = job->errors().find(" kept=2 ") != std::string::npos;
    EXPECT_TRUE(kept || rounds < 10) << job->errors();
  }
  EXPECT_EQ(job->Stop(), 0) << job->errors();
  WaitUntil("markers", [&] { return EndOffsets(out_, true) == EndOffsets(out_, false); });
  // What two instances send for a key within one turn of its owner is one result; none comes twice.
  std::vector<std::string> values = ReadValues(out_);
  std::sort(values.begin(), values.end());
  EXPECT_EQ(std::adjacent_find(values.begin(), values.end()), values.end());
  const std::string last = "\"count\":" + std::to_string(1 + 2 * rounds) + "}";
  EXPECT_EQ(std::count_if(values.begin(), values.end(), [&](const std::string& value) { return value.find(last) != std::string::npos; }), 10);
}

TEST_F(KafkaOperations, AStateThatGrowsEndsTheJobCommitted) {
  Feed(0, 120'000, 400);
  auto job = Start({"--memory", "64MB"});
  EXPECT_EQ(job->Wait(seconds(120)), 75) << job->errors();
  EXPECT_THAT(job->errors(), HasSubstr("does not fit into its memory budget of 64.0 MB"));
  EXPECT_THAT(job->errors(), HasSubstr("users/people grew by"));
  const int64_t read = Read();
  EXPECT_GT(read, 0);
  EXPECT_LT(read, fed_);
  EXPECT_EQ(static_cast<int64_t>(ReadValues(out_).size()), read) << "what was read is committed, and nothing else";
  // With the same budget it ends while it restores, or soon after; with more it goes on.
  auto more = Start({"--memory", "1GB", "--until", "end"});
  EXPECT_EQ(more->Wait(seconds(120)), 0) << more->errors();
  EXPECT_EQ(static_cast<int64_t>(ReadValues(out_).size()), fed_);
}

TEST_F(KafkaOperations, ABudgetIsCheckedAtTheStart) {
  auto job = Start({"--memory", "10MB"});
  EXPECT_EQ(job->Wait(), 64);
  EXPECT_THAT(job->errors(), HasSubstr("give --memory at least"));
}

class KafkaOperationsOutage : public KafkaOperations {
 protected:
  void SetUp() override {
    broker_ = std::make_unique<OwnBroker>();
    KafkaOperations::SetUp();
  }
  std::unique_ptr<OwnBroker> broker_;
};

TEST_F(KafkaOperationsOutage, AStopNeedsNoBrokers) {
  Feed(0, 1000);
  auto job = Start();
  AwaitRead(*job);
  AwaitAnswer(*job, "/ready", "200 OK");
  broker_->Kill();
  EXPECT_THAT(AskJob(*job, "/live"), HasSubstr("200 OK"));
  int code = -1;
  EXPECT_THAT(StopSeconds(*job, &code), Lt(10));
  EXPECT_TRUE(code == 0 || code == 75) << code << "\n" << job->errors();

  // The same while it would restore.
  broker_->Start();
  Feed(1000, 20'000);
  auto full = Start();
  AwaitRead(*full);
  EXPECT_EQ(full->Stop(), 0) << full->errors();
  auto slow = Start(kSlowly);
  AwaitAnswer(*slow, "/ready", "restoring");
  broker_->Kill();
  EXPECT_THAT(StopSeconds(*slow, &code), Lt(10));
  EXPECT_TRUE(code == 0 || code == 75) << code << "\n" << slow->errors();

  broker_->Start();
  auto again = Start();
  Feed(0, 1);
  AwaitRead(*again);
  EXPECT_EQ(again->Stop(), 0) << again->errors();
  const std::vector<std::string> values = ReadValues(out_);
  EXPECT_EQ(values.size(), 20'001u);
  EXPECT_EQ(std::count_if(values.begin(), values.end(), [](const std::string& value) { return value.find("\"count\":2") != std::string::npos; }), 1);
}

}  // namespace
}  // namespace streamc::test
