// Reader and writer against a broker that answers with errors on command (the client library's mock cluster).
#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>

#include "runtime/connector/kafka/reader.h"
#include "runtime/connector/kafka/writer.h"
#include "test/integration/harness.h"

namespace streamc::test {
namespace {

using namespace rt;             // NOLINT: the test speaks of little else
using namespace rt::connector;  // NOLINT
using testing::HasSubstr;

constexpr int16_t kProduce = 0, kOffsetCommit = 8, kListOffsets = 2, kOffsetFetch = 9;

class KafkaFaults : public testing::Test {
 protected:
  void SetUp() override {
    char text[512];
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text);
    ASSERT_TRUE(client_) << text;
    cluster_ = rd_kafka_mock_cluster_new(client_, 1);
    brokers_ = rd_kafka_mock_cluster_bootstraps(cluster_);
    rd_kafka_mock_topic_create(cluster_, "topic", 2, 1);
  }
  void TearDown() override {
    writer_.reset();
    reader_.reset();
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(client_);
  }
  void OpenWriter(std::map<std::string, std::string> options = {}) {
    WriterConfig config;
    config.brokers = brokers_;
    Binding binding{.name = "out", .connector = "kafka", .args = {"topic"}, .options = std::move(options)};
    ASSERT_TRUE(kafka::MakeWriter(binding, config, &writer_).ok());
    ASSERT_TRUE(writer_->Open().ok());
  }
  Status WriteOne(std::string_view value) {
    OutRecords out;
    out.value = {value};
    out.key = {std::string_view()};
    out.partition = {0};
    Status status = writer_->Write(out);
    return status.ok() ? writer_->Flush() : status;
  }
  void OpenReader(bool until_end = false) {
    ReaderConfig config;
    config.group = "group";
    config.brokers = brokers_;
    config.until_end = until_end;
    Binding binding{.name = "in", .connector = "kafka", .args = {"topic"}, .options = {}};
    ASSERT_TRUE(kafka::MakeReader(binding, config, &reader_).ok());
    const Status status = reader_->Open();
    ASSERT_TRUE(status.ok()) << status.message;
    WaitUntil("partitions", [&] {
      Poll();
      return reader_->joined();
    });
  }
  void Poll() {
    std::vector<RawRecords> batches;
    const Status status = reader_->Poll({}, &batches);
    EXPECT_TRUE(status.ok()) << status.message;
    for (const auto& batch : batches) read_ += batch.size();
    reader_->Release();
  }
  template <class... Errors>
  void Push(int16_t request, Errors... errors) {
    rd_kafka_mock_push_request_errors(cluster_, request, sizeof...(errors), errors...);
  }

  rd_kafka_t* client_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  std::string brokers_;
  size_t read_ = 0;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Reader> reader_;
};

TEST_F(KafkaFaults, DeliveriesAreRetriedAndWrittenOnce) {
  OpenWriter();
  Push(kProduce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
  const Status status = WriteOne("x");
  ASSERT_TRUE(status.ok()) << status.message;
  OpenReader();
  WaitUntil("the end of both partitions", [&] {
    Poll();
    for (const PartitionInfo& info : reader_->partitions()) {
      if (info.state != PartitionState::CaughtUp) return false;
    }
    return true;
  });
  EXPECT_EQ(read_, 1u);
}

TEST_F(KafkaFaults, ADeliveryThatNeverSucceedsFailsInTime) {
  OpenWriter({{"message.timeout.ms", "1500"}});
  rd_kafka_mock_broker_set_down(cluster_, 1);
  const Status status = WriteOne("x");
  EXPECT_EQ(status.code, Exit::Unreachable);
  EXPECT_THAT(status.message, HasSubstr("`out`: records for topic[0] were not acknowledged within 1500 ms"));
  rd_kafka_mock_broker_set_up(cluster_, 1);
  EXPECT_EQ(WriteOne("y").message, status.message) << "a writer that failed stays failed";
}

TEST_F(KafkaFaults, ForbiddenTopic) {
  OpenWriter();
  Push(kProduce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const Status status = WriteOne("x");
  EXPECT_EQ(status.code, Exit::Unreachable);
  EXPECT_THAT(status.message, HasSubstr("`out`: this user may not write to topic topic"));
}

TEST_F(KafkaFaults, CommitsAreRetried) {
  OpenReader();
  // More often than the library itself tries again.
  Push(kOffsetCommit, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
       RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
  const Status status = reader_->Commit({{0, 5, ""}, {1, 0, ""}});
  EXPECT_TRUE(status.ok()) << status.message;
}

TEST_F(KafkaFaults, ACommitOfALostMembershipIsNoError) {
  OpenReader();
  for (const auto error :
       {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS}) {
    Push(kOffsetCommit, error);
    const Status status = reader_->Commit({{0, 5, ""}});
    EXPECT_TRUE(status.ok()) << status.message;
  }
}

TEST_F(KafkaFaults, AForbiddenCommitIsAnError) {
  OpenReader();
  Push(kOffsetCommit, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  const Status status = reader_->Commit({{0, 5, ""}});
  EXPECT_EQ(status.code, Exit::Unreachable);
  EXPECT_THAT(status.message, HasSubstr("cannot be committed for group group"));
}

TEST_F(KafkaFaults, OffsetsAreAskedForAgain) {
  Push(kListOffsets, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
  Push(kOffsetFetch, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
  OpenReader(true);
  WaitUntil("the end", [&] {
    Poll();
    for (const PartitionInfo& info : reader_->partitions()) {
      if (info.state != PartitionState::Ended) return false;
    }
    return true;
  });
}

}  // namespace
}  // namespace streamc::test
