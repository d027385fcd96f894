// The Kafka reader against a real broker: what is handed out, where it starts and ends, and what a group does.
#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <set>
#include <thread>

#include "runtime/connector/kafka/reader.h"
#include "test/integration/harness.h"

namespace streamc::test {
namespace {

using namespace rt;             // NOLINT: the test speaks of little else
using namespace rt::connector;  // NOLINT
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Got {
  int32_t partition = 0;
  int64_t offset = 0, timestamp = 0;
  std::optional<std::string> key, value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

// A reader as the engine uses one: polls, keeps what came, commits what it has.
class Member : public RevokeListener {
 public:
  Member(const std::string& topic, ReaderConfig config) {
    config.brokers = Brokers();
    config.listener = this;
    Binding binding{.name = "tweets", .connector = "kafka", .args = {topic}, .options = {}};
    status = kafka::MakeReader(binding, config, &reader);
    if (status.ok()) status = reader->Open();
  }

  void Poll(PollLimits limits = {}) {
    std::vector<RawRecords> batches;
    status = reader->Poll(limits, &batches);
    ASSERT_TRUE(status.ok()) << status.message;
    ++polls;
    std::set<int32_t> slots;
    for (const RawRecords& batch : batches) {
      EXPECT_TRUE(slots.insert(batch.slot).second) << "a slot twice in one poll";
      const PartitionInfo& info = reader->partitions()[batch.slot];
      EXPECT_TRUE(info.assigned);
      EXPECT_EQ(batch.next_offset, info.position);
      for (size_t i = 0; i < batch.size(); ++i) {
        Got& got = records.emplace_back();
        got.partition = info.id.partition;
        got.offset = batch.offset[i];
        got.timestamp = batch.timestamp[i];
        if (batch.key[i]) got.key.emplace(batch.key[i], batch.key_len[i]);
        if (batch.value[i]) got.value.emplace(batch.value[i], batch.value_len[i]);
        std::vector<Header> headers;
        reader->Headers(batch, i, &headers);
        for (const Header& header : headers) {
          got.headers.emplace_back(header.key, header.value ? std::optional<std::string>(*header.value) : std::nullopt);
        }
      }
    }
    reader->Release();
  }

  void PollUntil(const std::string& what, const std::function<bool()>& condition) {
    WaitUntil(what, [&] {
      Poll();
      return condition() || testing::Test::HasFatalFailure();
    });
  }

  bool AllEnded() const {
    if (!reader->joined()) return false;
    for (const PartitionInfo& info : reader->partitions()) {
      if (info.assigned && info.state != PartitionState::Ended) return false;
    }
    return true;
  }

  int Assigned() const {
    int count = 0;
    for (const PartitionInfo& info : reader->partitions()) count += info.assigned;
    return count;
  }

  Status Commit() {
    std::vector<Position> positions;
    for (size_t i = 0; i < reader->partitions().size(); ++i) {
      if (reader->partitions()[i].assigned) positions.push_back({static_cast<int32_t>(i), reader->partitions()[i].position, ""});
    }
    return reader->Commit(positions);
  }

  void OnRevoke(const std::vector<int32_t>& slots, bool lost) override {
    revoked += slots.size();
    for (const int32_t slot : slots) EXPECT_TRUE(reader->partitions()[slot].assigned);
    if (!lost && commit_on_revoke) {
      EXPECT_TRUE(Commit().ok());
    }
  }

  std::vector<std::string> Values() const {
    std::vector<std::string> values;
    for (const Got& got : records) values.push_back(got.value.value_or("(null)"));
    return values;
  }

  std::unique_ptr<Reader> reader;
  Status status;
  std::vector<Got> records;
  size_t revoked = 0;
  int64_t polls = 0;
  bool commit_on_revoke = true;
};

ReaderConfig Config(const std::string& group) {
  ReaderConfig config;
  config.group = group;
  return config;
}

ReaderConfig Bounded(const std::string& group) {
  ReaderConfig config = Config(group);
  config.until_end = true;
  return config;
}

std::vector<std::string> Numbers(int from, int to) {
  std::vector<std::string> values;
  for (int i = from; i < to; ++i) values.push_back(std::to_string(i));
  return values;
}

TEST(KafkaReader, RecordsAreWholeAndInOrder) {
  const std::string topic = UniqueName("whole");
  CreateTopic(topic, 2);
  Record full;
  full.partition = 1;
  full.key = "k";
  full.value = std::string("a\0b", 3);
  full.headers = {{"h", "1"}, {"h", "2"}};
  full.timestamp_ms = 1234;
  Record tombstone, empty;
  tombstone.partition = empty.partition = 1;
  tombstone.key = "k";
  empty.key = "";
  empty.value = "";
  Produce(topic, {full, tombstone, empty});
  ProduceLines(topic, Numbers(0, 5000), 0);

  Member member(topic, Bounded(UniqueName("group")));
  ASSERT_TRUE(member.status.ok()) << member.status.message;
  member.PollUntil("the end", [&] { return member.AllEnded(); });
  std::map<int, std::vector<Got>> by_partition;
  for (Got& got : member.records) by_partition[got.partition].push_back(std::move(got));
  ASSERT_EQ(by_partition[0].size(), 5000u);
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(by_partition[0][i].value, std::to_string(i));
    ASSERT_EQ(by_partition[0][i].offset, i);
  }
  const auto& other = by_partition[1];
  ASSERT_EQ(other.size(), 3u);
  EXPECT_EQ(other[0].key, "k");
  EXPECT_EQ(other[0].value, full.value);
  EXPECT_EQ(other[0].timestamp, 1234000);
  ASSERT_EQ(other[0].headers.size(), 2u);
  EXPECT_EQ(other[0].headers[1].first, "h");
  EXPECT_EQ(other[0].headers[1].second, "2");
  EXPECT_FALSE(other[1].value);
  EXPECT_EQ(other[2].value, "");
  EXPECT_EQ(other[2].key, "");
  EXPECT_FALSE(by_partition[0][0].key);
}

TEST(KafkaReader, LimitsHold) {
  const std::string topic = UniqueName("limits");
  CreateTopic(topic, 1);
  ProduceLines(topic, Numbers(0, 500));
  Member member(topic, Config(UniqueName("group")));
  ASSERT_TRUE(member.status.ok()) << member.status.message;
  PollLimits limits;
  limits.max_records = 7;
  WaitUntil("some records", [&] {
    const size_t before = member.records.size();
    member.Poll(limits);
    EXPECT_LE(member.records.size() - before, 7u);
    return member.records.size() >= 500;
  });
  EXPECT_EQ(member.Values(), Numbers(0, 500));
  // Caught up, and the lag is known to be none.
  member.PollUntil("caught up", [&] { return member.reader->partitions()[0].state == PartitionState::CaughtUp; });
  EXPECT_EQ(member.reader->partitions()[0].end, 500);
  ProduceLines(topic, {"more"});
  member.PollUntil("more", [&] { return member.records.size() == 501; });
}

TEST(KafkaReader, ARestartGoesOnWhereTheGroupCommitted) {
  const std::string topic = UniqueName("restart"), group = UniqueName("group");
  CreateTopic(topic, 1);
  ProduceLines(topic, Numbers(0, 10));
  {
    Member member(topic, Config(group));
    ASSERT_TRUE(member.status.ok()) << member.status.message;
    member.PollUntil("records", [&] { return member.records.size() == 10; });
    ASSERT_TRUE(member.reader->Commit({{0, 4, ""}}).ok());
    EXPECT_THAT(CommittedOffsets(group, topic, 1), ElementsAre(4));
    member.commit_on_revoke = false;
  }
  ReaderConfig config = Bounded(group);
  config.start = StartFrom::Latest;  // for first starts only
  Member again(topic, config);
  ASSERT_TRUE(again.status.ok()) << again.status.message;
  again.PollUntil("the end", [&] { return again.AllEnded(); });
  EXPECT_EQ(again.Values(), Numbers(4, 10));
}

TEST(KafkaReader, StartsAtTheEndAndRemembersIt) {
  const std::string topic = UniqueName("latest"), group = UniqueName("group");
  CreateTopic(topic, 2);
  ProduceLines(topic, {"old"}, 0);
  ReaderConfig config = Config(group);
  config.start = StartFrom::Latest;
  {
    Member member(topic, config);
    ASSERT_TRUE(member.status.ok()) << member.status.message;
    member.PollUntil("partitions", [&] { return member.Assigned() == 2; });
    EXPECT_THAT(CommittedOffsets(group, topic, 2), ElementsAre(1, 0));
    member.commit_on_revoke = false;
  }
  // Written while nobody reads, after the first start: not skipped.
  ProduceLines(topic, {"new"}, 1);
  Member again(topic, config);
  ASSERT_TRUE(again.status.ok()) << again.status.message;
  again.PollUntil("the record", [&] { return !again.records.empty(); });
  EXPECT_THAT(again.Values(), ElementsAre("new"));
}

TEST(KafkaReader, StartsAtATime) {
  const std::string topic = UniqueName("at");
  CreateTopic(topic, 2);
  std::vector<Record> records;
  for (int i = 0; i < 10; ++i) {
    Record& record = records.emplace_back();
    record.value = std::to_string(i);
    record.timestamp_ms = 1000 + 100 * i;
  }
  Produce(topic, records);
  Record early;
  early.partition = 1;
  early.value = "early";
  early.timestamp_ms = 5;
  Produce(topic, {early});
  ReaderConfig config = Bounded(UniqueName("group"));
  config.start = StartFrom::At;
  config.start_at = 1399'001;  // just after the fourth record's millisecond
  Member member(topic, config);
  ASSERT_TRUE(member.status.ok()) << member.status.message;
  member.PollUntil("the end", [&] { return member.AllEnded(); });
  EXPECT_EQ(member.Values(), Numbers(4, 10));
}

TEST(KafkaReader, ABoundedRunEndsWhereTheTopicEndedAtItsStart) {
  const std::string topic = UniqueName("bounded");
  CreateTopic(topic, 3);
  ProduceLines(topic, Numbers(0, 100), 0);
  Member member(topic, Bounded(UniqueName("group")));
  ASSERT_TRUE(member.status.ok()) << member.status.message;
  ProduceLines(topic, Numbers(100, 200), 0);
  ProduceLines(topic, {"late"}, 2);
  member.PollUntil("the end", [&] { return member.AllEnded(); });
  EXPECT_EQ(member.Values(), Numbers(0, 100));
  for (const PartitionInfo& info : member.reader->partitions()) {
    EXPECT_EQ(info.position, info.id.partition == 0 ? 100 : 0);
    EXPECT_EQ(info.end, info.position);
  }
}

// Writes a transaction of three records per call.
class Transactions {
 public:
  explicit Transactions(const std::string& topic) : topic_(topic) {
    char text[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", Brokers().c_str(), text, sizeof text);
    rd_kafka_conf_set(conf, "transactional.id", UniqueName("txn").c_str(), text, sizeof text);
    rd_kafka_conf_set(conf, "retry.backoff.ms", "1", text, sizeof text);
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    Check(rd_kafka_init_transactions(client_, 30000));
  }
  ~Transactions() { rd_kafka_destroy(client_); }
  void Write(const std::string& value) {
    Check(rd_kafka_begin_transaction(client_));
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(rd_kafka_producev(client_, RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(0),
                                  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                  RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END),
                RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    ASSERT_EQ(rd_kafka_flush(client_, 30000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void Commit(const std::string& value) {
    Write(value);
    Check(rd_kafka_commit_transaction(client_, 30000));
  }
  void Abort(const std::string& value) {
    Write(value);
    Check(rd_kafka_abort_transaction(client_, 30000));
  }

 private:
  static void Check(rd_kafka_error_t* error) {
    if (!error) return;
    ADD_FAILURE() << rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
  }
  const std::string topic_;
  rd_kafka_t* client_ = nullptr;
};

TEST(KafkaReader, TransactionsReadCommittedAndEndAtTheirMarkers) {
  const std::string topic = UniqueName("markers"), group = UniqueName("group");
  CreateTopic(topic, 1);
  Transactions transactions(topic);
  transactions.Commit("a");
  transactions.Abort("b");
  transactions.Commit("c");
  transactions.Abort("d");
  // 4 transactions of 3 records and a marker: the last offsets hold nothing a reader is given.
  {
    Member member(topic, Bounded(group));
    ASSERT_TRUE(member.status.ok()) << member.status.message;
    member.PollUntil("the end", [&] { return member.AllEnded(); });
    EXPECT_THAT(member.Values(), ElementsAre("a", "a", "a", "c", "c", "c"));
    EXPECT_EQ(member.reader->partitions()[0].position, 16);
    EXPECT_TRUE(member.Commit().ok());
  }
  EXPECT_THAT(CommittedOffsets(group, topic, 1), ElementsAre(16));
  // An open transaction: a bounded run ends before it instead of waiting for its outcome.
  transactions.Write("e");
  Member member(topic, Bounded(group));
  ASSERT_TRUE(member.status.ok()) << member.status.message;
  member.PollUntil("the end", [&] { return member.AllEnded(); });
  EXPECT_THAT(member.records, IsEmpty());
}

TEST(KafkaReader, ABoundedRunEndsUnderNewAbortedTransactions) {
  const std::string topic = UniqueName("aborted");
  CreateTopic(topic, 1);
  Transactions transactions(topic);
  transactions.Commit("a");
  transactions.Abort("b");
  Member member(topic, Bounded(UniqueName("group")));
  ASSERT_TRUE(member.status.ok()) << member.status.message;
  member.PollUntil("the end", [&] {
    if (!member.AllEnded()) transactions.Abort("later");
    return member.AllEnded();
  });
  EXPECT_THAT(member.Values(), ElementsAre("a", "a", "a"));
}

TEST(KafkaReader, MembersShareThePartitionsAndLoseNothing) {
  const std::string topic = UniqueName("share"), group = UniqueName("group");
  CreateTopic(topic, 4);
  constexpr int kPerPartition = 20000;
  for (int partition = 0; partition < 4; ++partition) ProduceLines(topic, Numbers(0, kPerPartition), partition);
  PollLimits small;
  small.max_records = 100;

  Member first(topic, Config(group));
  ASSERT_TRUE(first.status.ok()) << first.status.message;
  first.PollUntil("partitions", [&] { return first.Assigned() == 4; });
  first.Poll(small);
  auto second = std::make_unique<Member>(topic, Config(group));
  ASSERT_TRUE(second->status.ok()) << second->status.message;
  WaitUntil("half the partitions each", [&] {
    first.Poll(small);
    second->Poll(small);
    return first.Assigned() == 2 && second->Assigned() == 2;
  });
  EXPECT_EQ(first.revoked, 4u);
  EXPECT_TRUE(second->Commit().ok());
  // The second goes without a word about what it read since.
  second->Poll(small);
  second->commit_on_revoke = false;
  std::vector<Got> all = std::move(second->records);
  second.reset();

  std::set<std::pair<int, int64_t>> seen;
  const auto count = [&] {
    for (const Got& got : first.records) seen.emplace(got.partition, got.offset);
    all.insert(all.end(), first.records.begin(), first.records.end());
    first.records.clear();
    return seen.size();
  };
  for (const Got& got : all) seen.emplace(got.partition, got.offset);
  first.PollUntil("everything", [&] { return count() == 4 * kPerPartition; });
  EXPECT_EQ(first.Assigned(), 4);
  // At least once: what was read twice was read by the second after its last commit.
  EXPECT_GE(all.size(), seen.size());
  EXPECT_LE(all.size(), seen.size() + 4 * kPerPartition);
}

TEST(KafkaReader, PartitionsStayUntilTheTurnIsFinished) {
  const std::string topic = UniqueName("turn"), group = UniqueName("group");
  CreateTopic(topic, 2);
  for (int partition = 0; partition < 2; ++partition) ProduceLines(topic, Numbers(0, 10), partition);
  Member first(topic, Config(group));
  ASSERT_TRUE(first.status.ok()) << first.status.message;
  first.PollUntil("the records", [&] { return first.records.size() == 20; });
  ProduceLines(topic, {"last"});
  std::vector<RawRecords> turn;
  WaitUntil("a record in use", [&] {
    EXPECT_TRUE(first.reader->Poll({}, &turn).ok());
    return !turn.empty();
  });
  Member second(topic, Config(group));
  ASSERT_TRUE(second.status.ok()) << second.status.message;
  const int64_t polls = second.polls;
  WaitUntil("a rebalance in vain", [&] {
    EXPECT_TRUE(first.reader->Poll({}, &turn).ok());
    second.Poll();
    return second.polls > polls + 200;
  });
  EXPECT_EQ(first.revoked, 0u);
  EXPECT_EQ(std::string(turn[0].value[0], turn[0].value_len[0]), "last");
  first.reader->Release();
  WaitUntil("one partition each", [&] {
    first.Poll();
    second.Poll();
    return first.Assigned() == 1 && second.Assigned() == 1;
  });
  EXPECT_EQ(first.revoked, 2u);
  // Committed while the partitions were still its own, so nothing comes twice.
  EXPECT_THAT(CommittedOffsets(group, topic, 2), ElementsAre(11, 10));
  EXPECT_EQ(first.records.size() + second.records.size(), 20u);
}

TEST(KafkaReader, TwoWorkersOfOneProcess) {
  const std::string topic = UniqueName("workers"), group = UniqueName("group");
  CreateTopic(topic, 4);
  for (int partition = 0; partition < 4; ++partition) ProduceLines(topic, Numbers(0, 10), partition);
  ReaderConfig config = Config(group);
  config.workers = 2;
  cpu_set_t before, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  Member first(topic, config);
  config.worker = 1;
  Member second(topic, config);
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
  ASSERT_TRUE(first.status.ok() && second.status.ok()) << first.status.message << second.status.message;
  WaitUntil("all records", [&] {
    first.Poll();
    second.Poll();
    return first.Assigned() == 2 && second.Assigned() == 2 && first.records.size() + second.records.size() >= 40;
  });
}

TEST(KafkaReader, MoreMembersThanPartitions) {
  const std::string topic = UniqueName("spare"), group = UniqueName("group");
  CreateTopic(topic, 1);
  Member first(topic, Bounded(group));
  Member second(topic, Bounded(group));
  ASSERT_TRUE(first.status.ok() && second.status.ok()) << first.status.message << second.status.message;
  WaitUntil("both ended", [&] {
    first.Poll();
    second.Poll();
    return first.AllEnded() && second.AllEnded() && first.Assigned() + second.Assigned() == 1;
  });
}

TEST(KafkaReader, PausedGivesNothingAndStaysAMember) {
  const std::string topic = UniqueName("paused");
  CreateTopic(topic, 1);
  ProduceLines(topic, Numbers(0, 5));
  Member member(topic, Config(UniqueName("group")));
  ASSERT_TRUE(member.status.ok()) << member.status.message;
  member.reader->SetPaused(true);
  member.PollUntil("the partition", [&] { return member.Assigned() == 1; });
  const int64_t polls = member.polls;
  member.PollUntil("fifty polls", [&] { return member.polls > polls + 50; });
  EXPECT_THAT(member.records, IsEmpty());
  member.reader->SetPaused(false);
  member.PollUntil("the records", [&] { return member.records.size() == 5; });
  member.reader->SetPaused(true);
  member.reader->SetPaused(false);
  ProduceLines(topic, Numbers(5, 8));
  member.PollUntil("the rest", [&] { return member.records.size() == 8; });
  EXPECT_EQ(member.Values(), Numbers(0, 8));
}

// The library keeps a partition paused when it is given up.
TEST(KafkaReader, PausedWhenGivenUpReadsWhenItComesBack) {
  const std::string topic = UniqueName("pause-kept"), group = UniqueName("group");
  CreateTopic(topic, 2);
  Member first(topic, Config(group));
  ASSERT_TRUE(first.status.ok()) << first.status.message;
  first.reader->SetPaused(true);
  first.PollUntil("both partitions", [&] { return first.Assigned() == 2; });
  Member second(topic, Config(group));
  ASSERT_TRUE(second.status.ok()) << second.status.message;
  first.PollUntil("a rebalance", [&] {
    second.Poll();
    return first.Assigned() == 0;
  });
  first.reader->SetPaused(false);
  first.PollUntil("one each", [&] {
    second.Poll();
    return first.Assigned() == 1 && second.Assigned() == 1;
  });
  ProduceLines(topic, Numbers(0, 5), 0);
  ProduceLines(topic, Numbers(0, 5), 1);
  first.PollUntil("five records each", [&] {
    second.Poll();
    return first.records.size() == 5 && second.records.size() == 5;
  });
}

// The error Poll ends with.
Status AwaitError(const std::string& topic, const ReaderConfig& config) {
  Member member(topic, config);
  WaitUntil("the error", [&] {
    std::vector<RawRecords> batches;
    if (member.status.ok()) member.status = member.reader->Poll({}, &batches);
    return !member.status.ok();
  });
  return member.status;
}

TEST(KafkaReader, DeletedRecordsAreNotSkippedSilently) {
  const std::string topic = UniqueName("recreated"), group = UniqueName("group");
  CreateTopic(topic, 1);
  ProduceLines(topic, Numbers(0, 3));
  {
    Member member(topic, Config(group));
    member.PollUntil("the partition", [&] { return member.Assigned() == 1; });
    ASSERT_TRUE(member.reader->Commit({{0, 99, ""}}).ok());
    member.commit_on_revoke = false;
  }
  Status status = AwaitError(topic, Config(group));
  EXPECT_EQ(status.code, Exit::Incompatible);
  EXPECT_THAT(status.message, HasSubstr("is at offset 99 of " + topic + "[0], which now holds 0 to 3"));
  status = AwaitError(topic, Bounded(group));
  EXPECT_EQ(status.code, Exit::Incompatible);
  EXPECT_THAT(status.message, HasSubstr("it was made anew"));
}

TEST(KafkaReader, UnknownTopic) {
  const std::string topic = UniqueName("missing");
  Member member(topic, Config("group"));
  EXPECT_EQ(member.status.code, Exit::Incompatible);
  EXPECT_THAT(member.status.message, HasSubstr("`tweets`: there is no topic " + topic));
}

Status OpenAgainst(const std::string& brokers, std::map<std::string, std::string> overrides,
                   std::map<std::string, std::string> options = {}) {
  ReaderConfig config = Config("group");
  config.brokers = brokers;
  config.kafka = std::move(overrides);
  Binding binding{.name = "tweets", .connector = "kafka", .args = {"topic"}, .options = std::move(options)};
  std::unique_ptr<Reader> reader;
  Status status = kafka::MakeReader(binding, config, &reader);
  return status.ok() ? reader->Open() : status;
}

TEST(KafkaReader, NoBroker) {
  const auto start = std::chrono::steady_clock::now();
  const Status status = OpenAgainst("127.0.0.1:1", {{"streamc.connect.timeout.ms", "1500"}});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(status.code, Exit::Unreachable);
  EXPECT_THAT(status.message, HasSubstr("`tweets`: no Kafka broker answers at 127.0.0.1:1"));
}

TEST(KafkaReader, ABrokerThatSpeaksAnotherProtocol) {
  const auto start = std::chrono::steady_clock::now();
  const Status status = OpenAgainst(Brokers(), {{"security.protocol", "ssl"}});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));
  EXPECT_EQ(status.code, Exit::Unreachable);
  EXPECT_THAT(status.message, HasSubstr("does not let the job in"));
}

TEST(KafkaReader, WhatCannotBeAskedFor) {
  const auto message = [](const Status& status) {
    return status.code == Exit::Usage ? status.message : "exit " + std::to_string(static_cast<int>(status.code));
  };
  EXPECT_THAT(message(OpenAgainst("", {})), HasSubstr("--brokers HOST:PORT"));
  EXPECT_THAT(message(OpenAgainst("b:1", {{"group.id", "x"}})), HasSubstr("--group NAME"));
  EXPECT_THAT(message(OpenAgainst("b:1", {{"fetch.maxbytes", "1"}})), HasSubstr("no Kafka property fetch.maxbytes"));
  EXPECT_THAT(message(OpenAgainst("b:1", {{"fetch.max.bytes", "many"}})), HasSubstr("fetch.max.bytes"));
  EXPECT_THAT(message(OpenAgainst("b:1", {}, {{"linger.ms", "1"}})), HasSubstr("belongs to a sink"));
  EXPECT_THAT(message(OpenAgainst("b:1", {{"sasl.password", "hunter2"}})),
              testing::AllOf(HasSubstr("=env:NAME"), testing::Not(HasSubstr("hunter2"))));
  EXPECT_THAT(message(OpenAgainst("b:1", {{"sasl.password", "env:STREAMC_NO_SUCH"}})), HasSubstr("STREAMC_NO_SUCH"));
  EXPECT_THAT(message(OpenAgainst("b:1", {{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanism", "plain"}})),
              HasSubstr("unencrypted"));
}

}  // namespace
}  // namespace streamc::test
