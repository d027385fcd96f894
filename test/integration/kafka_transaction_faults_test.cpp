// The durable log against a broker that answers with errors on command (the client library's mock cluster): every request of a
// transaction's way, every kind of error. That a turn ends soon, as what it should, and that the next one is committed; that
// nothing is lost or doubled only a real broker can show.
#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "runtime/connector/kafka/durable_log.h"
#include "runtime/connector/kafka/reader.h"
#include "test/integration/harness.h"

namespace streamc::test {
namespace {

using namespace rt;             // NOLINT: the test speaks of little else
using namespace rt::connector;  // NOLINT
using testing::HasSubstr;

constexpr int16_t kProduce = 0, kFindCoordinator = 10, kInitProducerId = 22, kAddPartitions = 24, kAddOffsets = 25,
                  kEndTxn = 26, kTxnOffsetCommit = 28;

class KafkaTransactionFaults : public testing::Test {
 protected:
  void SetUp() override {
    char text[512];
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text);
    ASSERT_TRUE(client_) << text;
    cluster_ = rd_kafka_mock_cluster_new(client_, 1);
    rd_kafka_mock_topic_create(cluster_, "in", 1, 1);
    rd_kafka_mock_topic_create(cluster_, "out", 1, 1);
    config_.group = "group";
    config_.brokers = rd_kafka_mock_cluster_bootstraps(cluster_);
    config_.exactly_once = true;
    config_.stop = &stop_;
    config_.kafka = {{"transaction.timeout.ms", "4000"}, {"session.timeout.ms", "6000"}};
    ASSERT_TRUE(MakeDurableLog("kafka", config_, &log_).ok());
  }
  void TearDown() override {
    if (reader_) reader_->Close();
    if (writer_) writer_->Close();
    log_->Close();
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(client_);
  }
  void Open() {
    Status status = log_->Open();
    ASSERT_TRUE(status.ok()) << status.message;
    Binding sink{.name = "out", .connector = "kafka", .args = {"out"}, .options = {}};
    ASSERT_TRUE(log_->MakeWriter(sink, {}, &writer_).ok());
    ASSERT_TRUE(writer_->Open().ok());
    ReaderConfig reading;
    reading.group = config_.group;
    reading.brokers = config_.brokers;
    reading.kafka = config_.kafka;
    Binding source{.name = "in", .connector = "kafka", .args = {"in"}, .options = {}};
    ASSERT_TRUE(kafka::MakeReader(source, reading, &reader_).ok());
    ASSERT_TRUE(reader_->Open().ok());
    WaitUntil("partitions", [&] {
      Poll();
      return reader_->joined();
    });
  }
  void Poll() {
    std::vector<RawRecords> batches;
    const Status status = reader_->Poll({}, &batches);
    EXPECT_TRUE(status.ok()) << status.message;
    reader_->Release();
  }
  struct Turn {
    Status status;
    CommitOutcome outcome = CommitOutcome::Aborted;
    int64_t millis = 0;
  };
  Turn Run() {
    Turn turn;
    const auto start = std::chrono::steady_clock::now();
    OutRecords out;
    out.value = {"value"};
    out.key = {std::string_view()};
    turn.status = log_->Begin();
    if (turn.status.ok()) turn.status = writer_->Write(out);
    if (turn.status.ok()) turn.status = log_->SendPositions(*reader_, Positions());
    if (turn.status.ok()) turn.status = log_->Commit(&turn.outcome);
    turn.millis = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
    return turn;
  }
  std::vector<Position> Positions() const {
    std::vector<Position> positions;
    for (size_t i = 0; i < reader_->partitions().size(); ++i) {
      if (reader_->partitions()[i].assigned) positions.push_back({static_cast<int32_t>(i), 1, "note"});
    }
    return positions;
  }
  void Push(int16_t request, rd_kafka_resp_err_t error, int times = 1) {
    const std::vector<rd_kafka_resp_err_t> errors(static_cast<size_t>(times), error);
    rd_kafka_mock_push_request_errors_array(cluster_, request, errors.size(), errors.data());
  }

  rd_kafka_t* client_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  std::atomic<bool> stop_{false};
  DurableLogConfig config_;
  std::unique_ptr<DurableLog> log_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Reader> reader_;
};

TEST_F(KafkaTransactionFaults, EveryRequestEveryError) {
  ASSERT_NO_FATAL_FAILURE(Open());
  struct Case {
    rd_kafka_resp_err_t error;
    std::vector<int16_t> requests;
    enum { Committed, Aborted, Either } outcome;  // of the turn it hits
  };
  const std::vector<int16_t> all = {kProduce, kAddPartitions, kAddOffsets, kTxnOffsetCommit, kEndTxn};
  const std::vector<int16_t> coordinator = {kAddPartitions, kAddOffsets, kTxnOffsetCommit, kEndTxn};
  const Case cases[] = {
      {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, coordinator, Case::Committed},
      {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, coordinator, Case::Committed},
      {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, coordinator, Case::Committed},
      {RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, {kAddPartitions, kAddOffsets}, Case::Committed},
      {RD_KAFKA_RESP_ERR__TRANSPORT, all, Case::Either},
      {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, {kProduce}, Case::Committed},
      {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, {kProduce}, Case::Committed},
      {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, {kProduce}, Case::Either},
      {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, {kAddPartitions}, Case::Either},
      {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, {kTxnOffsetCommit}, Case::Aborted},
      {RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, {kTxnOffsetCommit}, Case::Aborted},
      {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, {kTxnOffsetCommit}, Case::Aborted},
      {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, all, Case::Aborted},
      {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, coordinator, Case::Aborted},
      {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, coordinator, Case::Aborted},
      {RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, coordinator, Case::Aborted},
      {RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, {kProduce}, Case::Either},
      {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, {kProduce}, Case::Either},
      {RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, {kProduce}, Case::Committed},
      {RD_KAFKA_RESP_ERR_UNKNOWN, {kAddPartitions, kAddOffsets, kEndTxn}, Case::Either},
  };
  for (const Case& each : cases) {
    for (const int16_t request : each.requests) {
      // Several in a row where that is another way: a second connection, a second coordinator.
      const bool several = each.error == RD_KAFKA_RESP_ERR__TRANSPORT || each.error == RD_KAFKA_RESP_ERR_NOT_COORDINATOR;
      for (const int times : several ? std::vector<int>{1, 3} : std::vector<int>{1}) {
        SCOPED_TRACE(std::string(rd_kafka_err2name(each.error)) + " for request " + std::to_string(request) + " x " +
                     std::to_string(times));
        rd_kafka_mock_clear_request_errors(cluster_, request);
        Push(request, each.error, times);
        const Turn turn = Run();
        EXPECT_TRUE(turn.status.ok()) << turn.status.message;
        if (each.outcome != Case::Either) {
          EXPECT_EQ(turn.outcome, each.outcome == Case::Committed ? CommitOutcome::Committed : CommitOutcome::Aborted);
        }
        EXPECT_LT(turn.millis, 10000);
        rd_kafka_mock_clear_request_errors(cluster_, request);
        const Turn next = Run();
        EXPECT_TRUE(next.status.ok()) << next.status.message;
        EXPECT_EQ(next.outcome, CommitOutcome::Committed);
        if (!next.status.ok()) return;
      }
    }
  }
}

TEST_F(KafkaTransactionFaults, ALostConnectionCostsTheProducer) {
  ASSERT_NO_FATAL_FAILURE(Open());
  EXPECT_EQ(Run().outcome, CommitOutcome::Committed);
  EXPECT_EQ(log_->counters().recycled, 0);
  int64_t recycled = 0;
  for (const int16_t request : {kProduce, kAddPartitions, kAddOffsets, kTxnOffsetCommit, kEndTxn}) {
    Push(request, RD_KAFKA_RESP_ERR__TRANSPORT);
    Run();
    EXPECT_EQ(Run().outcome, CommitOutcome::Committed);
    EXPECT_EQ(log_->counters().recycled, ++recycled) << "request " << request;
  }
}

// Each new producer's first turns are slow: to take slowness for trouble would make a new one each turn.
TEST_F(KafkaTransactionFaults, SlowAnswersAreAnswers) {
  ASSERT_NO_FATAL_FAILURE(Open());
  for (const int16_t request : {kProduce, kEndTxn}) {
    rd_kafka_mock_broker_push_request_error_rtts(cluster_, 1, request, 1, RD_KAFKA_RESP_ERR_NO_ERROR, 1500);
    const Turn turn = Run();
    EXPECT_EQ(turn.outcome, CommitOutcome::Committed);
    EXPECT_GE(turn.millis, 1500);
    EXPECT_EQ(Run().outcome, CommitOutcome::Committed);
    EXPECT_EQ(log_->counters().recycled, 0) << "request " << request;
  }
}

TEST_F(KafkaTransactionFaults, ACommitWithoutAnAnswerIsNotCommitted) {
  ASSERT_NO_FATAL_FAILURE(Open());
  // Longer than the transaction may last.
  rd_kafka_mock_broker_push_request_error_rtts(cluster_, 1, kEndTxn, 2, RD_KAFKA_RESP_ERR_NO_ERROR, 20000,
                                               RD_KAFKA_RESP_ERR_NO_ERROR, 20000);
  const Turn turn = Run();
  EXPECT_TRUE(turn.status.ok()) << turn.status.message;
  EXPECT_EQ(turn.outcome, CommitOutcome::Aborted);
  EXPECT_LT(turn.millis, 10000);
  EXPECT_EQ(log_->counters().recycled, 1);
  EXPECT_EQ(Run().outcome, CommitOutcome::Committed);
}

// The library asks for the group's coordinator in a producer's first transaction. Three such answers in a row, and the call that sends
// positions never returns: the turn has to.
TEST_F(KafkaTransactionFaults, ACallThatNeverComesBackCostsTheProducer) {
  ASSERT_NO_FATAL_FAILURE(Open());
  Push(kFindCoordinator, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, 3);
  const Turn turn = Run();
  EXPECT_TRUE(turn.status.ok()) << turn.status.message;
  EXPECT_EQ(turn.outcome, CommitOutcome::Aborted);
  EXPECT_LT(turn.millis, 10000);
  EXPECT_EQ(log_->counters().recycled, 1);
  EXPECT_EQ(Run().outcome, CommitOutcome::Committed);
  EXPECT_EQ(log_->counters().recycled, 1);
}

TEST_F(KafkaTransactionFaults, AStopEndsTheWaitForACallThatNeverComesBack) {
  ASSERT_NO_FATAL_FAILURE(Open());
  Push(kFindCoordinator, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, 3);
  stop_ = true;
  const Turn turn = Run();
  EXPECT_TRUE(turn.status.ok()) << turn.status.message;
  EXPECT_EQ(turn.outcome, CommitOutcome::Aborted);
  EXPECT_LT(turn.millis, 10000);
}

TEST_F(KafkaTransactionFaults, WhoMayNotIsTold) {
  ASSERT_NO_FATAL_FAILURE(Open());
  Push(kTxnOffsetCommit, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  const Turn turn = Run();
  EXPECT_EQ(turn.status.code, Exit::Unreachable);
  EXPECT_THAT(turn.status.message, HasSubstr("may not write in transactions of group-"));
}

TEST_F(KafkaTransactionFaults, ARefusedTransactionalIdIsTold) {
  Push(kInitProducerId, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  const Status status = log_->Open();
  EXPECT_EQ(status.code, Exit::Unreachable);
  EXPECT_THAT(status.message, HasSubstr("may not write in transactions of group-"));
}

TEST_F(KafkaTransactionFaults, AStopEndsTheWaitForBrokers) {
  ASSERT_NO_FATAL_FAILURE(Open());
  rd_kafka_mock_broker_set_down(cluster_, 1);
  const auto start = std::chrono::steady_clock::now();
  stop_ = true;
  const Turn turn = Run();
  EXPECT_EQ(turn.status.code, Exit::Unreachable) << turn.status.message;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  rd_kafka_mock_broker_set_up(cluster_, 1);
}

TEST_F(KafkaTransactionFaults, BrokersThatComeBackAreWaitedFor) {
  ASSERT_NO_FATAL_FAILURE(Open());
  rd_kafka_mock_broker_set_down(cluster_, 1);
  std::thread back([&] {
    WaitUntil("an aborted turn", [&] { return log_->counters().aborted > 0; });
    rd_kafka_mock_broker_set_up(cluster_, 1);
  });
  const Turn turn = Run();
  back.join();
  EXPECT_TRUE(turn.status.ok()) << turn.status.message;
  EXPECT_EQ(turn.outcome, CommitOutcome::Aborted);
  EXPECT_EQ(Run().outcome, CommitOutcome::Committed);
}

}  // namespace
}  // namespace streamc::test
