// The reader's class, for its two files: reader.cpp reads, membership.cpp takes and gives up partitions and commits.
#pragma once

#include <array>
#include <deque>

#include "runtime/connector/kafka/client.h"
#include "runtime/connector/kafka/reader.h"

namespace streamc::rt::connector::kafka {

constexpr int kReadChunk = 1000;  // messages per call of the library: what is in flight stays in the cache
constexpr int64_t kCountFirstMs = 1000, kCountEveryMs = 5000;  // looks at the number of partitions after an assignment
constexpr int kRequestMs = 5000;  // one question to a broker

class KafkaReader final : public Reader {
 public:
  KafkaReader(std::string name, std::string topic, ReaderConfig config, ClientConfig client_config)
      : name_(std::move(name)),
        topic_(std::move(topic)),
        config_(std::move(config)),
        client_config_(std::move(client_config)) {}
  ~KafkaReader() override { Close(); }

  Status Open() override;
  Status Poll(const PollLimits& limits, std::vector<RawRecords>* out) override;
  void Release() override;
  void DropViews() override;
  void Headers(const RawRecords& records, size_t index, std::vector<Header>* out) const override;
  const std::vector<PartitionInfo>& partitions() const override { return partitions_; }
  bool joined() const override { return joined_ && !joining_; }
  Status Commit(const std::vector<Position>& positions) override;
  Status Rewind() override;
  Status Committed(std::vector<CommittedPosition>* all) override;
  void SetPaused(bool paused) override;
  bool Leave() override;
  void Close() override;

  // For the log. The number of partitions the topic must keep; before Open.
  void ExpectPartitions(int32_t count) { expected_partitions_ = count; }
  // The positions as offsets to commit under a transactional id, if all of them are still this member's; null otherwise.
  // `group`: what the group has to know of the member, freed by the caller.
  PartitionList ToCommit(const std::vector<Position>& positions, const std::string& transactional_id,
                         rd_kafka_consumer_group_metadata_t** group);
  // These positions are committed for good.
  void NoteCommitted(const std::vector<Position>& positions);
  // The group refused the last Commit: it went on without this member.
  bool refused() const { return refused_; }
  const std::string& topic() const { return topic_; }
  const std::vector<PartitionInfo>& slots() const { return partitions_; }

 private:
  struct Rebalance {
    bool assign = false, lost = false;
    PartitionList list;
  };

  Status Connect();
  Status Subscribe();
  Status Fenced();
  Status Reopen();
  static void RebalanceCallback(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list,
                                void* opaque);
  Status QueryOffsets(rd_kafka_topic_partition_list_t* list, int64_t query);
  Status ReadEnds();
  Status ApplyRebalances();
  Status Assign(rd_kafka_topic_partition_list_t* list);
  Status StartAt(rd_kafka_topic_partition_list_t* list);
  Status FetchPartitionCount(int32_t* count);
  Status SeeWhoReads();
  bool Stalled(int64_t now);
  bool Overtaken(int32_t partition, int64_t first);
  void Revoke(bool lost);
  void AnswerRevoke();
  Status ResolveStart(rd_kafka_topic_partition_list_t* list);
  Status CommitList(rd_kafka_topic_partition_list_t* list);
  Status Take(rd_kafka_message_t* message, std::vector<RawRecords>* out, int64_t* bytes);
  Status OnErrorMessage(const rd_kafka_message_t& message);
  void AdvanceTo(int32_t slot, int64_t position);
  void UpdatePositions();
  void UpdateEnds();
  void PauseSlots(bool pause, const std::vector<int32_t>& slots);
  std::vector<int32_t> ActiveSlots() const;
  PartitionList ListOf(const std::vector<int32_t>& slots) const;
  int32_t SlotOf(int32_t partition) const;
  std::string Who() const { return "`" + name_ + "`: "; }
  std::string Place(int32_t partition) const { return topic_ + "[" + std::to_string(partition) + "]"; }

  const std::string name_, topic_;
  const ReaderConfig config_;
  const ClientConfig client_config_;
  ClientEvents events_;
  rd_kafka_t* client_ = nullptr;
  QueueHandle queue_, leaving_;
  int64_t leave_until_ms_ = 0;
  std::deque<Rebalance> rebalances_;  // seen by the callback, not yet acted upon
  std::vector<PartitionInfo> partitions_;
  std::vector<int32_t> slot_of_partition_;  // -1: not ours
  std::vector<size_t> batch_of_slot_;       // index into Poll's `out`, valid while batch_serial_ says so
  std::vector<uint64_t> batch_serial_;
  uint64_t poll_serial_ = 0;
  std::vector<int64_t> bounds_;   // per partition: where a bounded run ends
  int32_t known_partitions_ = 0;  // at Open
  std::set<int32_t> committed_;   // partitions whose position the group has: it does not lose them by itself
  std::vector<rd_kafka_message_t*> held_;
  std::array<rd_kafka_message_t*, kReadChunk> chunk_{};
  int64_t next_lag_ms_ = 0;
  int64_t next_look_ms_ = 0, next_count_ms_ = 0;  // at the group, at the topic's partitions
  int64_t count_again_ms_ = kCountEveryMs;
  int32_t partitions_read_ = 0;   // so many of them are known to have a reader
  int64_t rejoins_ = 0;           // of those the process's readers were asked for, seen so far
  int32_t expected_partitions_ = 0;  // 0: any
  int64_t reopened_ms_ = 0;
  int64_t read_then_ = 0, next_stall_ms_ = 0;  // positions at the last look whether the client reads what there is
  int stalled_looks_ = 0;
  bool rejoin_ = false;  // this member is not what it takes itself for
  bool reopen_ = false;  // the client cannot go on: another takes its place before the next records
  int32_t generation_ = -1;          // of the group, when the partitions were assigned
  bool handed_out_ = false;  // records are out since the last Release
  bool joining_ = false;     // on its way into the group
  bool revoked_ = false;     // the library waits for an answer to a revocation
  bool joined_ = false, paused_ = false, closing_ = false, refused_ = false;
};

}  // namespace streamc::rt::connector::kafka
