// The durable log against a real broker: what a turn wrote is there when it is committed and not otherwise, whatever happened
// to the process, the producer or the members meanwhile.
#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

#include <signal.h>
#include <unistd.h>

#include <deque>
#include <memory>
#include <thread>

#include "runtime/connector/kafka/durable_log.h"
#include "runtime/connector/kafka/reader.h"
#include "runtime/connector/kafka/topics.h"
#include "test/integration/harness.h"

namespace streamc::test {
namespace {

using namespace rt;             // NOLINT: the test speaks of little else
using namespace rt::connector;  // NOLINT
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int32_t kGroups = 4;

// Adds the values of what one Poll gives.
void PollValues(Reader& reader, std::vector<std::string>* values) {
  std::vector<RawRecords> batches;
  const Status polled = reader.Poll({}, &batches);
  if (!polled.ok()) throw std::runtime_error(polled.message);
  for (const auto& batch : batches) {
    for (size_t i = 0; i < batch.size(); ++i) values->emplace_back(batch.value[i], static_cast<size_t>(batch.value_len[i]));
  }
  reader.Release();
}

// One instance of a job: a log, a source, a sink.
struct Instance {
  Instance(const std::string& group, const std::string& topic, const std::string& out, const std::string& id,
           std::map<std::string, std::string> kafka = {}, bool exactly_once = true, bool keyed = true) {
    config.group = group;
    config.brokers = Brokers();
    config.instance_id = id;
    config.kafka = std::move(kafka);
    config.kafka.emplace("session.timeout.ms", "2000");
    config.exactly_once = exactly_once;
    config.keyed = keyed;
    config.key_groups = kGroups;
    status = MakeDurableLog("kafka", config, &log);
    if (status.ok()) status = log->Open();
    if (!status.ok()) return;
    Binding sink{.name = "out", .connector = "kafka", .args = {out}, .options = {}};
    status = log->MakeWriter(sink, {}, &writer);
    if (status.ok()) status = writer->Open();
    if (!status.ok()) return;
    ReaderConfig reading;
    reading.group = group;
    reading.brokers = config.brokers;
    reading.instance_id = id;
    reading.kafka = config.kafka;
    Binding source{.name = "in", .connector = "kafka", .args = {topic}, .options = {}};
    status = MakeReader(source, reading, &reader);
    if (status.ok()) status = reader->Open();
  }
  ~Instance() {
    if (reader) reader->Close();
    if (writer) writer->Close();
    if (log) log->Close();
  }

  // Reads until `count` records have come; their values.
  std::vector<std::string> Read(size_t count) {
    std::vector<std::string> values;
    WaitUntil("records", [&] {
      PollValues(*reader, &values);
      return values.size() >= count && reader->joined();
    });
    return values;
  }
  std::vector<Position> Positions(const std::string& note = "") {
    std::vector<Position> positions;
    for (size_t i = 0; i < reader->partitions().size(); ++i) {
      const PartitionInfo& info = reader->partitions()[i];
      if (info.assigned) positions.push_back({static_cast<int32_t>(i), info.position, note});
    }
    return positions;
  }
  void Write(const std::vector<std::string>& values) {
    OutRecords out;
    // A log's writer leaves values where they are until the turn has ended.
    for (const std::string& value : values) out.value.push_back(kept_.emplace_back(value)), out.key.emplace_back();
    const Status written = writer->Write(out);
    ASSERT_TRUE(written.ok()) << written.message;
  }
  void WriteState(const std::vector<std::array<std::string, 2>>& rows, int32_t key_group = 0) {
    GroupRecords records;
    for (const auto& [key, value] : rows) {
      records.group.push_back(key_group);
      records.key.push_back(kept_.emplace_back(key));
      records.value.push_back(value == "-" ? std::string_view() : std::string_view(kept_.emplace_back(value)));
    }
    const Status written = log->Write(InternalTopic::Changelog, records);
    ASSERT_TRUE(written.ok()) << written.message;
  }
  CommitOutcome Commit() {
    CommitOutcome outcome = CommitOutcome::Aborted;
    const Status committed = log->Commit(&outcome);
    EXPECT_TRUE(committed.ok()) << committed.message;
    return outcome;
  }
  // A turn that reads what there is (at least `count`) and writes it on.
  CommitOutcome Echo(size_t count, const std::string& note = "") {
    const auto values = Read(count);
    EXPECT_TRUE(log->Begin().ok());
    Write(values);
    EXPECT_TRUE(log->SendPositions(*reader, Positions(note)).ok());
    return Commit();
  }
  std::vector<std::string> State(const std::vector<int64_t>& from = {0, 0, 0, 0}, std::vector<int64_t>* next = nullptr) {
    std::vector<std::string> rows;
    std::vector<int64_t> ignored;
    const Status restored = log->ReadChangelog(
        {0, 1, 2, 3}, from,
        [&](size_t i, std::string_view key, std::string_view value, int64_t) {
          rows.push_back(std::to_string(i) + ":" + std::string(key) + "=" + (value.data() ? std::string(value) : "-"));
          return true;
        },
        [&](size_t i) { rows.push_back(std::to_string(i) + ":restart"); }, [](const RestoreProgress&) {},
        next ? next : &ignored);
    EXPECT_TRUE(restored.ok()) << restored.message;
    return rows;
  }

  std::deque<std::string> kept_;
  DurableLogConfig config;
  Status status;
  std::unique_ptr<DurableLog> log;
  std::unique_ptr<Writer> writer;
  std::unique_ptr<Reader> reader;
};

class KafkaDurableLog : public testing::Test {
 protected:
  void SetUp() override {
    CreateTopic(in_, 2);
    CreateTopic(out_, 1);
  }
  std::unique_ptr<Instance> Start(const std::string& id, std::map<std::string, std::string> kafka = {},
                                  bool exactly_once = true) {
    auto instance = std::make_unique<Instance>(group_, in_, out_, id, std::move(kafka), exactly_once);
    EXPECT_TRUE(instance->status.ok()) << instance->status.message;
    return instance;
  }
  // A commit is decided before it shows: its markers are written afterwards.
  std::vector<std::string> Written() const {
    WaitUntil("no open transaction", [&] { return EndOffsets(out_, true) == EndOffsets(out_, false); });
    return ReadValues(out_);
  }
  std::vector<int64_t> Committed() const {
    Written();
    return CommittedOffsets(group_, in_, 2);
  }
  const std::string group_ = UniqueName("job"), in_ = UniqueName("in"), out_ = UniqueName("out");
};

TEST_F(KafkaDurableLog, ACommittedTurnIsVisibleAnAbortedOneIsNot) {
  auto job = Start("");
  ProduceLines(in_, {"a", "b"});
  EXPECT_EQ(job->Echo(2, "w=7"), CommitOutcome::Committed);
  EXPECT_THAT(Written(), ElementsAre("a", "b"));
  EXPECT_THAT(Committed(), ElementsAre(2, 0));

  ProduceLines(in_, {"c"});
  EXPECT_THAT(job->Read(1), ElementsAre("c"));
  ASSERT_TRUE(job->log->Begin().ok());
  job->Write({"c"});
  ASSERT_TRUE(job->log->SendPositions(*job->reader, job->Positions()).ok());
  ASSERT_TRUE(job->log->Abort().ok());
  EXPECT_THAT(Written(), ElementsAre("a", "b"));
  EXPECT_THAT(Committed(), ElementsAre(2, 0));

  // Back to what is committed: the record comes again, and the note with it.
  ASSERT_TRUE(job->reader->Rewind().ok());
  std::vector<std::string> notes;
  for (const auto& info : job->reader->partitions()) {
    if (info.assigned) notes.push_back(info.note);
  }
  EXPECT_THAT(notes, ElementsAre("w=7", "w=7"));
  EXPECT_EQ(job->Echo(1), CommitOutcome::Committed);
  EXPECT_THAT(Written(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(job->log->counters().committed, 2);
  EXPECT_EQ(job->log->counters().aborted, 1);
  EXPECT_EQ(job->log->counters().recycled, 0);
}

TEST_F(KafkaDurableLog, WhatTheGroupHasCommittedOfAllPartitions) {
  auto job = Start("");
  ProduceLines(in_, {"a"}, 1);
  EXPECT_EQ(job->Echo(1, "t=mine;and more"), CommitOutcome::Committed);
  std::vector<CommittedPosition> all;
  ASSERT_TRUE(job->reader->Committed(&all).ok());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].offset, 0);
  EXPECT_EQ(all[1].offset, 1);
  EXPECT_EQ(all[1].note, "t=mine;and more");
}

TEST_F(KafkaDurableLog, AtLeastOnceCommitsWithoutATransaction) {
  auto job = Start("", {}, false);
  ProduceLines(in_, {"a"});
  EXPECT_EQ(job->Echo(1, "t=mine;"), CommitOutcome::Committed);
  EXPECT_THAT(Committed(), ElementsAre(1, 0));
  EXPECT_THAT(EndOffsets(out_, false), ElementsAre(1));  // no marker
  std::vector<CommittedPosition> all;
  ASSERT_TRUE(job->reader->Committed(&all).ok());
  EXPECT_EQ(all[0].note, "t=mine;");
}

TEST_F(KafkaDurableLog, StateComesBackAsItWasCommitted) {
  auto job = Start("");
  EXPECT_THAT(job->State(), IsEmpty());
  ASSERT_TRUE(job->log->Begin().ok());
  job->WriteState({{"k", "1"}, {"l", "1"}});
  job->WriteState({{"m", ""}}, 3);
  EXPECT_EQ(job->Commit(), CommitOutcome::Committed);
  ASSERT_TRUE(job->log->Begin().ok());
  job->WriteState({{"k", "aborted"}});
  ASSERT_TRUE(job->log->Abort().ok());
  ASSERT_TRUE(job->log->Begin().ok());
  job->WriteState({{"k", "2"}, {"l", "-"}});
  EXPECT_EQ(job->Commit(), CommitOutcome::Committed);
  // Nothing but a marker behind the last record.
  std::vector<int64_t> next, ends;
  EXPECT_THAT(job->State({0, 0, 0, 0}, &next), testing::UnorderedElementsAre("0:k=1", "0:l=1", "0:k=2", "0:l=-", "3:m="));
  EXPECT_THAT(job->State(next), IsEmpty());
  // The aborted record was on its way already, then a marker follows it; or only its partition had been added, then there is a marker
  // alone; or nothing was sent.
  const auto whole = ElementsAre(testing::AnyOf(6, 7, 8), 0, 0, 2);
  WaitUntil("markers", [&] { return testing::Value(EndOffsets(group_ + "-changelog", true), whole); });
  ASSERT_TRUE(job->log->Ends(InternalTopic::Changelog, {0, 1, 2, 3}, &ends).ok());
  EXPECT_THAT(ends, whole);
  EXPECT_THAT(job->State({0, 0, 0, 0}, &next), testing::SizeIs(5));
  EXPECT_EQ(next, ends);
  // A position of another life of the topic.
  EXPECT_THAT(job->State({1000, 0, 0, next[3]}), ElementsAre("0:restart", "0:k=1", "0:l=1", "0:k=2", "0:l=-"));
}

TEST_F(KafkaDurableLog, AnEarlierProducerOfTheIdIsFenced) {
  auto zombie = Start("a");
  ProduceLines(in_, {"x"});
  EXPECT_THAT(zombie->Read(1), ElementsAre("x"));
  ASSERT_TRUE(zombie->log->Begin().ok());
  zombie->Write({"of the zombie"});
  ASSERT_TRUE(zombie->writer->Flush().ok());
  DurableLogConfig config = zombie->config;
  std::unique_ptr<DurableLog> heir;
  ASSERT_TRUE(MakeDurableLog("kafka", config, &heir).ok());
  ASSERT_TRUE(heir->Open().ok());
  ASSERT_TRUE(zombie->log->SendPositions(*zombie->reader, zombie->Positions()).ok());
  EXPECT_EQ(zombie->Commit(), CommitOutcome::Aborted);
  EXPECT_EQ(zombie->log->counters().recycled, 1);
  EXPECT_THAT(Written(), IsEmpty());
  EXPECT_THAT(Committed(), ElementsAre(-1, -1));
  heir->Close();
}

// A process of its own that stops in the middle of a turn, to be killed there. Started by the tests below.
TEST(DISABLED_Victim, HoldsATransactionOpen) {
  const auto env = [](const char* name) { return std::string(getenv(name) ? getenv(name) : ""); };
  Instance job(env("VICTIM_GROUP"), env("VICTIM_IN"), env("VICTIM_OUT"), env("VICTIM_ID"));
  ASSERT_TRUE(job.status.ok()) << job.status.message;
  EXPECT_EQ(job.Echo(1), CommitOutcome::Committed);
  const auto values = job.Read(1);
  ASSERT_TRUE(job.log->Begin().ok());
  job.Write(values);
  job.WriteState({{"k", "of the dead"}});
  ASSERT_TRUE(job.writer->Flush().ok());
  ASSERT_TRUE(job.log->SendPositions(*job.reader, job.Positions()).ok());
  puts("open");
  fflush(stdout);
  pause();
}

class KafkaTakeover : public KafkaDurableLog {
 protected:
  std::unique_ptr<Process> StartVictim(const std::string& id) {
    setenv("VICTIM_GROUP", group_.c_str(), 1);
    setenv("VICTIM_IN", in_.c_str(), 1);
    setenv("VICTIM_OUT", out_.c_str(), 1);
    setenv("VICTIM_ID", id.c_str(), 1);
    ProduceLines(in_, {"first"});
    auto victim = std::make_unique<Process>(
        std::vector<std::string>{"/proc/self/exe", "--gtest_also_run_disabled_tests", "--gtest_filter=DISABLED_Victim.*"});
    WaitUntil("the first turn", [&] { return CommittedOffsets(group_, in_, 2)[0] == 1; });
    ProduceLines(in_, {"second"});
    WaitUntil("an open transaction", [&] { return victim->output().find("open") != std::string::npos; });
    EXPECT_THAT(ReadValues(out_), ElementsAre("first"));
    return victim;
  }
  static int64_t MillisSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
  }
};

// The transaction of a dead process would hold its records and offsets back for ten seconds and more.
TEST_F(KafkaTakeover, ASurvivorFencesTheDead) {
  const auto victim = StartVictim("");
  // Members of a group are made to wait for one that does not answer until its session ends.
  victim->Signal(SIGKILL);
  const auto killed = std::chrono::steady_clock::now();
  auto survivor = Start("");
  EXPECT_EQ(survivor->Echo(1), CommitOutcome::Committed);
  EXPECT_LT(MillisSince(killed), 2000 + 2000);  // the session, and the goal
  EXPECT_EQ(survivor->log->counters().fenced, 1);
  EXPECT_THAT(survivor->State(), IsEmpty());
  EXPECT_LT(MillisSince(killed), 2000 + 2500);
  EXPECT_THAT(Written(), ElementsAre("first", "second"));
}

TEST_F(KafkaTakeover, TheSameInstanceGoesOnAtOnce) {
  const auto victim = StartVictim("node-1");
  victim->Signal(SIGKILL);
  const auto killed = std::chrono::steady_clock::now();
  auto again = Start("node-1");
  EXPECT_EQ(again->Echo(1), CommitOutcome::Committed);
  EXPECT_LT(MillisSince(killed), 3000);
  EXPECT_EQ(again->log->counters().fenced, 0);
  EXPECT_THAT(Written(), ElementsAre("first", "second"));
}

TEST_F(KafkaTakeover, WhoLeavesInOrderIsNotWaitedFor) {
  auto first = Start("");
  ProduceLines(in_, {"a"});
  EXPECT_EQ(first->Echo(1), CommitOutcome::Committed);
  first.reset();
  const auto left = std::chrono::steady_clock::now();
  ProduceLines(in_, {"b"});
  auto second = Start("");
  EXPECT_EQ(second->Echo(1), CommitOutcome::Committed);
  EXPECT_LT(MillisSince(left), 2000);
  EXPECT_THAT(Written(), ElementsAre("a", "b"));
}

// Members join and go while others are in the middle of turns.
TEST_F(KafkaTakeover, TheLivingAreNotFenced) {
  auto one = Start("one");
  ProduceLines(in_, {"a"}, 0);
  EXPECT_EQ(one->Echo(1), CommitOutcome::Committed);
  ProduceLines(in_, {"b"}, 0);
  const auto values = one->Read(1);
  ASSERT_TRUE(one->log->Begin().ok());
  one->Write(values);
  ASSERT_TRUE(one->log->SendPositions(*one->reader, one->Positions()).ok());
  std::thread joining([&] {
    auto two = Start("two");
    two->Read(0);
    EXPECT_EQ(two->log->counters().fenced, 0);
  });
  EXPECT_EQ(one->Commit(), CommitOutcome::Committed);
  const auto poll = [&] {
    std::vector<RawRecords> none;
    EXPECT_TRUE(one->reader->Poll({}, &none).ok());
    one->reader->Release();
  };
  WaitUntil("the other one's turn", [&] {
    poll();
    return one->log->counters().rebalances >= 2;
  });
  joining.join();
  EXPECT_EQ(one->log->counters().fenced, 0);
  EXPECT_EQ(one->log->counters().recycled, 0);
  EXPECT_THAT(Written(), ElementsAre("a", "b"));
}

TEST_F(KafkaDurableLog, TopicsAreMadeOnceHoweverManyStart) {
  std::vector<std::thread> starting;
  for (const char* id : {"a", "b", "c"}) {
    starting.emplace_back([this, id] { Start(id); });
  }
  for (std::thread& each : starting) each.join();
  EXPECT_EQ(PartitionCount(group_ + "-changelog"), kGroups);
  EXPECT_EQ(PartitionCount(group_ + "-repartition"), kGroups);
}

TEST_F(KafkaDurableLog, TopicsThatDoNotFitAreRefused) {
  const auto refused = [&](const std::string& stem, int partitions, std::map<std::string, std::string> settings) {
    const std::string group = UniqueName("refused");
    CreateTopic(group + stem, partitions, settings);
    const Instance job(group, in_, out_, "");
    EXPECT_EQ(job.status.code, Exit::Incompatible);
    return job.status.message;
  };
  EXPECT_THAT(refused("-changelog", 3, {{"cleanup.policy", "compact"}}),
              testing::AllOf(HasSubstr("has 3 partitions"), HasSubstr("4 groups"), HasSubstr("key_groups 3")));
  EXPECT_THAT(refused("-changelog", kGroups, {{"cleanup.policy", "compact,delete"}}),
              HasSubstr("needs cleanup.policy=compact"));
  EXPECT_THAT(refused("-repartition", kGroups, {{"retention.ms", "1000"}}), HasSubstr("needs retention.ms=-1"));
}

// A client that asks for what no other test helper does.
struct Client {
  Client() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    char text[512];
    rd_kafka_conf_set(conf, "bootstrap.servers", Brokers().c_str(), text, sizeof text);
    handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  }
  ~Client() { rd_kafka_destroy(handle); }
  rd_kafka_t* handle;
};

TEST_F(KafkaDurableLog, MorePartitionsOfAStateTopicEndTheJob) {
  auto job = Start("");
  Client client;
  char text[512];
  rd_kafka_NewPartitions_t* more = rd_kafka_NewPartitions_new((group_ + "-changelog").c_str(), kGroups + 2, text, sizeof text);
  rd_kafka_queue_t* replies = rd_kafka_queue_new(client.handle);
  rd_kafka_CreatePartitions(client.handle, &more, 1, nullptr, replies);
  rd_kafka_event_destroy(rd_kafka_queue_poll(replies, 10000));
  rd_kafka_queue_destroy(replies);
  rd_kafka_NewPartitions_destroy(more);
  WaitUntil("more partitions", [&] { return PartitionCount(group_ + "-changelog") == kGroups + 2; });
  ASSERT_TRUE(job->log->Begin().ok());
  job->WriteState({{"k", "1"}});
  CommitOutcome outcome = CommitOutcome::Aborted;
  const Status status = job->log->Commit(&outcome);
  EXPECT_EQ(status.code, Exit::Incompatible);
  EXPECT_THAT(status.message, HasSubstr("has 6 partitions"));
}

TEST_F(KafkaDurableLog, WhatIsCommittedOfTheRepartitionTopicIsDeleted) {
  auto job = Start("");
  GroupRecords records;
  for (const char* value : {"a", "b", "c"})
    records.group.push_back(1), records.key.emplace_back(), records.value.emplace_back(value);
  ASSERT_TRUE(job->log->Begin().ok());
  ASSERT_TRUE(job->log->Write(InternalTopic::Repartition, records).ok());
  EXPECT_EQ(job->Commit(), CommitOutcome::Committed);
  const std::string topic = group_ + "-repartition";
  WaitUntil("markers", [&] { return ReadValues(topic).size() == 3; });
  Client client;
  {
    kafka::Purge purge(0);
    for (int i = 0; i < 2; ++i) purge.Run(client.handle, topic, {{1, 2}});
    WaitUntil("deletion", [&] { return ReadValues(topic).size() == 1; });
  }
  EXPECT_THAT(ReadValues(topic), ElementsAre("c"));
}

TEST_F(KafkaDurableLog, WhoSleptWhileOthersReadOnJoinsAgain) {
  auto job = Start("");
  std::unique_ptr<Reader> groups;
  ASSERT_TRUE(job->log->MakeGroupReader(nullptr, &groups).ok());
  ASSERT_TRUE(groups->Open().ok());
  std::vector<std::string> values;
  const auto poll = [&] {
    for (Reader* reader : {job->reader.get(), groups.get()}) PollValues(*reader, &values);
  };
  const auto assigned = [&] {
    return std::ranges::count_if(groups->partitions(), [](const PartitionInfo& info) { return info.assigned; });
  };
  const auto write = [&](std::string_view value) {
    GroupRecords records;
    records.group.push_back(1), records.key.emplace_back(), records.value.push_back(value);
    EXPECT_TRUE(job->log->Begin().ok());
    EXPECT_TRUE(job->log->Write(InternalTopic::Repartition, records).ok());
    EXPECT_EQ(job->Commit(), CommitOutcome::Committed);
  };
  WaitUntil("the groups", [&] { return poll(), assigned() == 4; });
  const size_t slots = groups->partitions().size();
  int32_t slot = 0;
  for (size_t i = 0; i < slots; ++i) {
    if (groups->partitions()[i].assigned && groups->partitions()[i].id.partition == 1) slot = static_cast<int32_t>(i);
  }
  groups->SetPaused(true);
  write("a");
  const std::string topic = group_ + "-repartition";
  WaitUntil("the record", [&] { return ReadValues(topic).size() == 1; });
  // As if another member had it meanwhile: behind the record and its marker.
  ASSERT_TRUE(groups->Commit({{slot, 2, ""}}).ok());
  TruncateTopic(topic);
  groups->SetPaused(false);
  WaitUntil("another assignment", [&] { return poll(), groups->partitions().size() > slots && assigned() == 4; });
  write("b");
  WaitUntil("the next record", [&] { return poll(), !values.empty(); });
  EXPECT_THAT(values, ElementsAre("b"));
  groups->Close();
}

TEST_F(KafkaDurableLog, TwoProcessesOfOneInstance) {
  auto one = Start("same");
  one->Read(0);
  auto two = Start("same");
  two->Read(0);
  Status status;
  WaitUntil("the end of the first", [&] {
    std::vector<RawRecords> none;
    status = one->reader->Poll({}, &none);
    one->reader->Release();
    return !status.ok();
  });
  EXPECT_EQ(status.code, Exit::Usage);
  EXPECT_THAT(status.message, HasSubstr("another process runs with the same --instance same"));
}

TEST_F(KafkaDurableLog, SinksThatDisagreeAreRefused) {
  auto job = Start("");
  std::unique_ptr<Writer> writer;
  Binding sink{.name = "one", .connector = "kafka", .args = {out_}, .options = {{"compression.type", "lz4"}}};
  ASSERT_TRUE(job->log->MakeWriter(sink, {}, &writer).ok());
  ASSERT_TRUE(writer->Open().ok());
  sink.name = "two";
  sink.options = {{"compression.codec", "zstd"}};
  std::unique_ptr<Writer> other;
  const Status status = job->log->MakeWriter(sink, {}, &other);
  EXPECT_EQ(status.code, Exit::Usage);
  EXPECT_THAT(status.message, HasSubstr("`two` and `one` set compression.codec differently"));
}

TEST_F(KafkaDurableLog, ARecordThatIsTooLargeAbortsTheTurnAndEndsTheJob) {
  auto job = Start("");
  ProduceLines(in_, {"a"});
  const auto values = job->Read(1);
  ASSERT_TRUE(job->log->Begin().ok());
  job->Write(values);
  OutRecords out;
  const std::string large(2 << 20, 'x');
  out.value = {large};
  const Status written = job->writer->Write(out);
  EXPECT_EQ(written.code, Exit::BadInput);
  EXPECT_THAT(written.message, HasSubstr("larger than message.max.bytes"));
  EXPECT_TRUE(job->log->SendPositions(*job->reader, job->Positions()).ok());
  CommitOutcome outcome = CommitOutcome::Committed;
  EXPECT_EQ(job->log->Commit(&outcome).code, Exit::BadInput);
  EXPECT_EQ(outcome, CommitOutcome::Aborted);
  EXPECT_THAT(Written(), IsEmpty());
  EXPECT_EQ(EndOffsets(out_, true), EndOffsets(out_, false));  // nothing is left open
}

}  // namespace
}  // namespace streamc::test
