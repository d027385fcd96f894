// The Kafka writer against a real broker: what Flush calls written stands in the topics, and what cannot be written is an
// error.
#include <gmock/gmock.h>

#include <memory>

#include "runtime/connector/kafka/writer.h"
#include "test/integration/harness.h"

namespace streamc::test {
namespace {

using namespace rt;             // NOLINT: the test speaks of little else
using namespace rt::connector;  // NOLINT
using testing::ElementsAre;
using testing::HasSubstr;

struct Sink {
  explicit Sink(const std::string& topic, std::map<std::string, std::string> options = {}, std::string brokers = Brokers()) {
    WriterConfig config;
    config.brokers = std::move(brokers);
    Binding binding{.name = "trending", .connector = "kafka", .args = {topic}, .options = std::move(options)};
    status = kafka::MakeWriter(binding, config, &writer);
    if (status.ok()) status = writer->Open();
  }
  Status status;
  std::unique_ptr<Writer> writer;
};

void Add(OutRecords* out, std::string_view value, std::string_view key = {}) {
  out->value.push_back(value);
  out->key.push_back(key);
}

TEST(KafkaWriter, RecordsArriveWhole) {
  const std::string topic = UniqueName("whole"), other = UniqueName("other");
  CreateTopic(topic, 2);
  CreateTopic(other, 1);
  Sink sink(topic);
  ASSERT_TRUE(sink.status.ok()) << sink.status.message;
  OutRecords out;
  Add(&out, "v", "k");
  Add(&out, {}, "k");  // a tombstone
  Add(&out, "", "");
  Add(&out, "elsewhere");
  out.topic = {topic, topic, topic, other};
  out.partition = {1, 1, 1, -1};
  out.timestamp = {1234567, -1, 2000, 3000};
  out.headers = {{{"h", "1"}, {"n", std::nullopt}}, {}, {}, {{"only", ""}}};
  ASSERT_TRUE(sink.writer->Write(out).ok());
  ASSERT_TRUE(sink.writer->Flush().ok());

  const auto records = ReadTopic(topic);
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].partition, 1);
  EXPECT_EQ(records[0].key, "k");
  EXPECT_EQ(records[0].value, "v");
  EXPECT_EQ(records[0].timestamp_ms, 1234);
  EXPECT_THAT(records[0].headers,
              ElementsAre(std::pair<std::string, std::string>("h", "1"), std::pair<std::string, std::string>("n", "")));
  EXPECT_FALSE(records[1].value);
  EXPECT_GT(records[1].timestamp_ms, 1'500'000'000'000);
  EXPECT_EQ(records[2].value, "");
  EXPECT_EQ(records[2].key, "");
  const auto elsewhere = ReadTopic(other);
  ASSERT_EQ(elsewhere.size(), 1u);
  EXPECT_EQ(elsewhere[0].value, "elsewhere");
  EXPECT_FALSE(elsewhere[0].key);
}

// Kafka's murmur2 of "a", "b", "c" over 3 partitions, as its Java client computes them, decides where a key goes.
TEST(KafkaWriter, KeysGoWhereTheJavaClientSendsThem) {
  const std::string topic = UniqueName("keys");
  CreateTopic(topic, 3);
  const auto murmur2 = [](std::string_view key) {
    uint32_t h = 0x9747b28c ^ static_cast<uint32_t>(key.size());
    size_t i = 0;
    for (; i + 4 <= key.size(); i += 4) {
      uint32_t k = 0;
      for (size_t j = 0; j < 4; ++j) k |= static_cast<uint32_t>(static_cast<unsigned char>(key[i + j])) << (8 * j);
      k *= 0x5bd1e995;
      k ^= k >> 24;
      h = (h * 0x5bd1e995) ^ (k * 0x5bd1e995);
    }
    const size_t left = key.size() - i;
    if (left >= 3) h ^= static_cast<uint32_t>(static_cast<unsigned char>(key[i + 2])) << 16;
    if (left >= 2) h ^= static_cast<uint32_t>(static_cast<unsigned char>(key[i + 1])) << 8;
    if (left >= 1) h = (h ^ static_cast<unsigned char>(key[i])) * 0x5bd1e995;
    h ^= h >> 13;
    h *= 0x5bd1e995;
    h ^= h >> 15;
    return static_cast<int32_t>(h & 0x7fffffff);
  };
  // The check value of Kafka's own test of its hash.
  ASSERT_EQ(murmur2("21"), (-973932308) & 0x7fffffff);
  Sink sink(topic);
  ASSERT_TRUE(sink.status.ok()) << sink.status.message;
  const std::vector<std::string> keys = {"a", "b", "c", "ab", "abc", "abcd", "abcde", "key-0000001"};
  OutRecords out;
  for (const std::string& key : keys) Add(&out, key, key);
  ASSERT_TRUE(sink.writer->Write(out).ok());
  ASSERT_TRUE(sink.writer->Flush().ok());
  const auto records = ReadTopic(topic);
  ASSERT_EQ(records.size(), keys.size());
  for (const Record& record : records) EXPECT_EQ(record.partition, murmur2(*record.key) % 3) << *record.key;
}

TEST(KafkaWriter, ManyRecordsKeepTheirOrderUnderBackPressure) {
  const std::string topic = UniqueName("many");
  CreateTopic(topic, 1);
  Sink sink(topic, {{"queue.buffering.max.messages", "1000"}});
  ASSERT_TRUE(sink.status.ok()) << sink.status.message;
  constexpr int kCount = 100000;
  std::vector<std::string> values;
  for (int i = 0; i < kCount; ++i) values.push_back(std::to_string(i));
  OutRecords out;
  for (const std::string& value : values) Add(&out, value);
  ASSERT_TRUE(sink.writer->Write(out).ok());
  ASSERT_TRUE(sink.writer->Flush().ok());
  EXPECT_EQ(ReadValues(topic), values);
}

TEST(KafkaWriter, SeveralSinksShareOneProducer) {
  const std::string one = UniqueName("one"), two = UniqueName("two");
  CreateTopic(one, 1);
  CreateTopic(two, 1);
  Sink first(one), second(two);
  ASSERT_TRUE(first.status.ok() && second.status.ok());
  OutRecords out;
  for (int i = 0; i < 1000; ++i) Add(&out, "x");
  ASSERT_TRUE(first.writer->Write(out).ok());
  ASSERT_TRUE(second.writer->Write(out).ok());
  ASSERT_TRUE(first.writer->Flush().ok());
  ASSERT_TRUE(second.writer->Flush().ok());
  first.writer->Close();
  ASSERT_TRUE(second.writer->Write(out).ok());
  ASSERT_TRUE(second.writer->Flush().ok());
  EXPECT_EQ(ReadTopic(one).size(), 1000u);
  EXPECT_EQ(ReadTopic(two).size(), 2000u);
}

TEST(KafkaWriter, FlushDoesNotWaitForLinger) {
  const std::string topic = UniqueName("linger");
  CreateTopic(topic, 1);
  Sink sink(topic, {{"linger.ms", "30000"}});
  ASSERT_TRUE(sink.status.ok()) << sink.status.message;
  OutRecords out;
  Add(&out, "x");
  ASSERT_TRUE(sink.writer->Write(out).ok());
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(sink.writer->Flush().ok());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));
}

TEST(KafkaWriter, TooLargeForTheClientOrTheTopic) {
  const std::string topic = UniqueName("large");
  CreateTopic(topic, 1, {{"max.message.bytes", "5000"}});
  {
    Sink sink(topic);
    const std::string value(1'000'001, 'x');
    OutRecords out;
    Add(&out, value);
    const Status status = sink.writer->Write(out);
    EXPECT_EQ(status.code, Exit::BadInput);
    EXPECT_THAT(status.message, HasSubstr("`trending`: a record of 1000001 bytes for " + topic +
                                          " is larger than message.max.bytes = 1000000"));
    EXPECT_EQ(sink.writer->Flush().code, Exit::BadInput);
  }
  Sink sink(topic);
  const std::string value(6000, 'x');
  OutRecords out;
  Add(&out, value);
  ASSERT_TRUE(sink.writer->Write(out).ok());
  const Status status = sink.writer->Flush();
  EXPECT_EQ(status.code, Exit::BadInput);
  EXPECT_THAT(status.message, HasSubstr("a record of 6000 bytes for " + topic + "[0] is larger than the topic allows"));
  EXPECT_EQ(sink.writer->Write(out).message, status.message);
}

TEST(KafkaWriter, WhatIsNotThere) {
  const std::string topic = UniqueName("here"), missing = UniqueName("missing");
  CreateTopic(topic, 2);
  Sink sink(missing);
  EXPECT_EQ(sink.status.code, Exit::Incompatible);
  EXPECT_THAT(sink.status.message, HasSubstr("`trending`: there is no topic " + missing));

  Sink rows(topic);
  ASSERT_TRUE(rows.status.ok()) << rows.status.message;
  OutRecords out;
  Add(&out, "x");
  out.partition = {7};
  Status status = rows.writer->Write(out);
  if (status.ok()) status = rows.writer->Flush();
  EXPECT_EQ(status.code, Exit::BadInput);
  EXPECT_THAT(status.message, HasSubstr("topic " + topic + " has no partition 7"));

  Sink names(topic);
  out.partition.clear();
  out.topic = {"not a topic"};
  status = names.writer->Write(out);
  EXPECT_EQ(status.code, Exit::BadInput);
  EXPECT_THAT(status.message, HasSubstr("\"not a topic\" is no name of a topic"));
}

TEST(KafkaWriter, ACompactedTopicWantsKeys) {
  const std::string topic = UniqueName("compacted");
  CreateTopic(topic, 1, {{"cleanup.policy", "compact"}});
  Sink sink(topic);
  ASSERT_TRUE(sink.status.ok()) << sink.status.message;
  OutRecords out;
  Add(&out, "x");
  ASSERT_TRUE(sink.writer->Write(out).ok());
  const Status status = sink.writer->Flush();
  EXPECT_EQ(status.code, Exit::BadInput);
  EXPECT_THAT(status.message, HasSubstr("only records with a key"));
}

TEST(KafkaWriter, NoBroker) {
  Sink sink("topic", {{"streamc.connect.timeout.ms", "1000"}}, "127.0.0.1:1");
  EXPECT_EQ(sink.status.code, Exit::Unreachable);
  EXPECT_THAT(sink.status.message, HasSubstr("`trending`: no Kafka broker answers at 127.0.0.1:1"));
}

}  // namespace
}  // namespace streamc::test
