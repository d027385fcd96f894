// The log's class, for its three files: durable_log.cpp opens and writes, transaction.cpp ends turns, changelog.cpp restores.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/connector/kafka/durable_log.h"
#include "runtime/connector/kafka/home.h"
#include "runtime/connector/kafka/producer.h"
#include "runtime/connector/kafka/reader_impl.h"
#include "runtime/connector/kafka/topics.h"

namespace streamc::rt::connector::kafka {

class KafkaLog final : public DurableLog {
 public:
  explicit KafkaLog(DurableLogConfig config) : config_(std::move(config)) {}
  ~KafkaLog() override { Close(); }

  Status Open() override;
  Status MakeWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer) override;
  Status MakeGroupReader(RevokeListener* listener, std::unique_ptr<Reader>* reader) override;
  Status Begin() override;
  Status Write(InternalTopic topic, const GroupRecords& records) override;
  Status SendPositions(Reader& reader, const std::vector<Position>& positions) override;
  Status Commit(CommitOutcome* outcome) override;
  Status Abort() override;
  bool confirmed() const override { return confirmed_; }
  Status Ends(InternalTopic topic, const std::vector<int32_t>& groups, std::vector<int64_t>* ends) override;
  Status ReadChangelog(const std::vector<int32_t>& groups, const std::vector<int64_t>& from, const TakeRecord& take,
                       const std::function<void(size_t i)>& restart,
                       const std::function<void(const RestoreProgress&)>& progress, std::vector<int64_t>* next) override;
  Status ReadUnmerged(const std::function<void(int32_t group, std::string_view value)>& take) override;
  Status Members(int32_t* members) override;
  void Close() override;
  const DurableLogCounters& counters() const override { return home_ ? home_->counters() : none_; }

 private:
  // What a turn's end needs of the library's error objects. `again`: the same call may succeed.
  struct Outcome {
    bool ok = true, again = false, abort = false, fatal = false;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string text;
  };

  Status MakeProducerConfig();
  Status NewProducer(int64_t limit_ms);
  Status InitTransactions(Patience* patience, bool* again);
  // `reason`: for the operator.
  Status Recycle(const std::string& reason);
  void RecycleFor(std::string reason);
  Outcome Take(rd_kafka_error_t* error) const;
  Status Refused(const Outcome& outcome) const;
  void Doom(const Outcome& outcome);
  bool SendOffsets(const std::shared_ptr<PartitionList>& offsets, const std::shared_ptr<GroupMetadata>& group,
                   Patience* patience, Outcome* outcome);
  Status TakeRecordsBack();
  Status CommitPlain();
  Status EndAborted();
  Status Undone();
  Status AfterCommit();
  // As ReadChangelog, of either topic.
  Status ReadLog(InternalTopic which, const std::vector<int32_t>& groups, const std::vector<int64_t>& from, const TakeRecord& take,
                 const std::function<void(size_t i)>& restart, const std::function<void(const RestoreProgress&)>& progress,
                 std::vector<int64_t>* next);
  Status QueryOffsets(rd_kafka_topic_partition_list_t* list, int64_t query);
  std::string Who() const { return "`" + config_.group + "`: "; }

  const DurableLogConfig config_;
  std::shared_ptr<Home> home_;
  std::map<std::string, std::string> sink_options_;  // of all sinks together; one producer serves them
  std::map<std::string, std::string> option_owner_;
  ClientConfig producer_config_;
  bool config_changed_ = false;  // the producer has another one
  bool suspicious_ = false;      // the last commit took longer than a request may
  int transaction_timeout_ms_ = 0, socket_timeout_ms_ = 0;
  std::shared_ptr<ProducerSlot> slot_ = std::make_shared<ProducerSlot>();

  // Of the turn.
  bool begun_ = false, doomed_ = false, recycle_ = false, confirmed_ = false;
  bool stray_ = false;     // a thread is in the producer and may stay there: it cannot be destroyed by this log
  Status failure_;         // ends the job once the turn is aborted
  std::string doom_text_, recycle_text_;  // why the turn cannot be committed; why the producer is no longer trusted
  std::vector<std::pair<Reader*, std::vector<Position>>> positions_;  // of this turn
  std::map<int32_t, int64_t> turn_purge_;  // positions of the repartition topic

  std::chrono::steady_clock::time_point last_end_;
  int64_t aborts_in_row_ = 0, first_abort_ms_ = 0, next_check_ms_ = 0;
  Deliveries* internal_ = nullptr;
  int64_t internal_serial_ = 0;
  std::map<int32_t, int64_t> purgeable_;
  Purge purge_;
  DurableLogCounters none_;
};

}  // namespace streamc::rt::connector::kafka
