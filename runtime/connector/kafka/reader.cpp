#include "runtime/connector/kafka/reader.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <utility>

#include "runtime/connector/kafka/client.h"
#include "runtime/observe/log.h"

namespace streamc::rt::connector::kafka {
namespace {

using observe::Log;
using observe::LogLevel;

constexpr int kChunk = 1000;             // messages per call: what is in flight stays in the cache
constexpr int kRetryMs = 60000;          // offsets read or committed: how long brokers may be away
constexpr int kRequestMs = 5000;
constexpr int64_t kLagEveryMs = 100;
constexpr int64_t kCloseMs = 5000;

// Measured: small fetches and short queues keep records in the cache from socket to decoder and cost a third of the defaults.
const std::map<std::string, std::string> kDefaults = {
    {"fetch.message.max.bytes", "262144"},
    {"fetch.max.bytes", "1048576"},
    {"queued.min.messages", "10000"},
    {"queued.max.messages.kbytes", "4096"},
    {"check.crcs", "true"},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"enable.partition.eof", "true"},
    {"isolation.level", "read_committed"},
    {"partition.assignment.strategy", "range"},
    // Where to start is decided here, once; a position that is gone later means lost records and stops the job.
    {"auto.offset.reset", "error"},
    {"allow.auto.create.topics", "false"},
    {"topic.metadata.refresh.interval.ms", "30000"},
    {"reconnect.backoff.max.ms", "1000"},
};

// Binds the calling thread to one of the cores it may use, and back. Threads made meanwhile inherit the binding.
class CoreBinding {
 public:
  CoreBinding(int32_t worker, int32_t workers) {
    if (workers <= 1 || sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    const int usable = CPU_COUNT(&before_);
    int index = usable > 0 ? worker % usable : -1;
    for (int cpu = 0; cpu < CPU_SETSIZE && index >= 0; ++cpu) {
      if (!CPU_ISSET(cpu, &before_) || index-- != 0) continue;
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      bound_ = sched_setaffinity(0, sizeof one, &one) == 0;
    }
  }
  ~CoreBinding() {
    if (bound_) sched_setaffinity(0, sizeof before_, &before_);
  }
  CoreBinding(const CoreBinding&) = delete;
  CoreBinding& operator=(const CoreBinding&) = delete;

 private:
  cpu_set_t before_;
  bool bound_ = false;
};

class KafkaReader final : public Reader {
 public:
  KafkaReader(std::string name, std::string topic, ReaderConfig config, ClientConfig client_config)
      : name_(std::move(name)), topic_(std::move(topic)), config_(std::move(config)), client_config_(std::move(client_config)) {}
  ~KafkaReader() override { Close(); }

  Status Open() override;
  Status Poll(const PollLimits& limits, std::vector<RawRecords>* out) override;
  void Release() override;
  void Headers(const RawRecords& records, size_t index, std::vector<Header>* out) const override;
  const std::vector<PartitionInfo>& partitions() const override { return partitions_; }
  bool joined() const override { return joined_; }
  Status Commit(const std::vector<std::pair<int32_t, int64_t>>& positions) override;
  void SetPaused(bool paused) override;
  void Close() override;

 private:
  struct Rebalance {
    bool assign = false, lost = false;
    PartitionList list;
  };

  static void RebalanceCallback(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list, void* opaque);
  Status QueryOffsets(rd_kafka_topic_partition_list_t* list, int64_t query);
  Status ReadEnds();
  Status ApplyRebalances();
  Status Assign(rd_kafka_topic_partition_list_t* list);
  void Revoke(bool lost);
  Status ResolveStart(rd_kafka_topic_partition_list_t* list);
  Status CommitList(rd_kafka_topic_partition_list_t* list);
  Status Take(rd_kafka_message_t* message, std::vector<RawRecords>* out, int64_t* bytes);
  Status OnErrorMessage(const rd_kafka_message_t& message);
  void AdvanceTo(int32_t slot, int64_t position);
  void UpdatePositions();
  void UpdateEnds();
  void PauseSlots(bool pause, const std::vector<int32_t>& slots);
  std::vector<int32_t> ActiveSlots() const;
  int32_t SlotOf(int32_t partition) const;
  std::string Who() const { return "`" + name_ + "`: "; }
  std::string Place(int32_t partition) const { return topic_ + "[" + std::to_string(partition) + "]"; }

  const std::string name_, topic_;
  const ReaderConfig config_;
  const ClientConfig client_config_;
  ClientEvents events_;
  rd_kafka_t* client_ = nullptr;
  QueueHandle queue_;
  std::deque<Rebalance> rebalances_;          // seen by the callback, not yet acted upon
  std::vector<PartitionInfo> partitions_;
  std::vector<int32_t> slot_of_partition_;    // -1: not ours
  std::vector<size_t> batch_of_slot_;         // index into Poll's `out`, valid while batch_serial_ says so
  std::vector<uint64_t> batch_serial_;
  uint64_t poll_serial_ = 0;
  std::vector<int64_t> bounds_;               // per partition: where a bounded run ends
  int32_t known_partitions_ = 0;              // at Open
  std::vector<rd_kafka_message_t*> held_;
  std::array<rd_kafka_message_t*, kChunk> chunk_{};
  int64_t next_lag_ms_ = 0;
  bool joined_ = false, paused_ = false, closing_ = false;
};

Status KafkaReader::Open() {
  rd_kafka_conf_t* conf = nullptr;
  if (Status status = MakeConf(client_config_, &conf); !status.ok()) return status;
  events_.Attach(conf, client_config_, this);
  rd_kafka_conf_set_rebalance_cb(conf, &KafkaReader::RebalanceCallback);
  rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_OFFSET_COMMIT);
  char text[512];
  {
    const CoreBinding binding(config_.worker, config_.workers);
    client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
  }
  if (!client_) {
    rd_kafka_conf_destroy(conf);
    return Status::Error(Exit::Usage, Who() + Redacted(client_config_, text));
  }
  const TopicHandle topic(rd_kafka_topic_new(client_, topic_.c_str(), nullptr));
  const auto serve = [&](int ms) { rd_kafka_poll(client_, ms); };
  if (Status status = AwaitTopic(client_, client_config_, events_, name_, topic.get(), serve, &known_partitions_); !status.ok()) return status;
  if (config_.until_end) {
    if (Status status = ReadEnds(); !status.ok()) return status;
  }
  events_.SetQuiet(false);
  rd_kafka_poll_set_consumer(client_);
  queue_.reset(rd_kafka_queue_get_consumer(client_));
  const PartitionList wanted = NewPartitionList(1);
  rd_kafka_topic_partition_list_add(wanted.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto error = rd_kafka_subscribe(client_, wanted.get())) {
    return Status::Error(Exit::Internal, Who() + "cannot subscribe to " + topic_ + ": " + rd_kafka_err2str(error));
  }
  return Status::Ok();
}

// `query`: milliseconds since 1970, or -1 for the end (of what is committed), -2 for the beginning. -1 where there is no such offset.
Status KafkaReader::QueryOffsets(rd_kafka_topic_partition_list_t* list, int64_t query) {
  const int64_t deadline = MonotonicMs() + kRetryMs;
  while (true) {
    for (int i = 0; i < list->cnt; ++i) {
      list->elems[i].offset = query;
      list->elems[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    auto error = rd_kafka_offsets_for_times(client_, list, kRequestMs);
    for (int i = 0; i < list->cnt && !error; ++i) error = list->elems[i].err;
    if (!error) return Status::Ok();
    if (!Transient(error) || MonotonicMs() >= deadline) {
      return Status::Error(Exit::Unreachable, Who() + "the offsets of " + topic_ + " cannot be read: " + rd_kafka_err2str(error));
    }
  }
}

Status KafkaReader::ReadEnds() {
  const PartitionList all = NewPartitionList(known_partitions_);
  rd_kafka_topic_partition_list_add_range(all.get(), topic_.c_str(), 0, known_partitions_ - 1);
  if (Status status = QueryOffsets(all.get(), RD_KAFKA_OFFSET_END); !status.ok()) return status;
  for (int i = 0; i < all->cnt; ++i) bounds_.push_back(all->elems[i].offset);
  return Status::Ok();
}

void KafkaReader::RebalanceCallback(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list, void* opaque) {
  auto* reader = static_cast<KafkaReader*>(ClientEvents::Owner(opaque));
  if (reader->closing_) {
    rd_kafka_assign(client, nullptr);
    return;
  }
  // Acted upon after the running call: the library waits, and what the call has gathered is known to be of one assignment.
  Rebalance& rebalance = reader->rebalances_.emplace_back();
  rebalance.assign = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  rebalance.lost = rd_kafka_assignment_lost(client) != 0;
  rebalance.list.reset(rd_kafka_topic_partition_list_copy(list));
}

Status KafkaReader::ApplyRebalances() {
  while (!rebalances_.empty()) {
    const Rebalance rebalance = std::move(rebalances_.front());
    rebalances_.pop_front();
    if (!rebalance.assign) {
      Revoke(rebalance.lost);
    } else if (Status status = Assign(rebalance.list.get()); !status.ok()) {
      return status;
    }
  }
  return Status::Ok();
}

void KafkaReader::Revoke(bool lost) {
  std::vector<int32_t> slots;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    if (partitions_[i].assigned) slots.push_back(static_cast<int32_t>(i));
  }
  if (!slots.empty()) {
    if (config_.listener) config_.listener->OnRevoke(slots, lost);
    Log(LogLevel::Info, "partitions_revoked", {{"source", name_}, {"topic", topic_}, {"count", slots.size()}, {"lost", lost ? "true" : "false"}});
  }
  for (const int32_t slot : slots) partitions_[slot].assigned = false;
  slot_of_partition_.clear();
  rd_kafka_assign(client_, nullptr);
}

Status KafkaReader::Assign(rd_kafka_topic_partition_list_t* list) {
  if (!slot_of_partition_.empty()) Revoke(true);
  if (list->cnt > 0) {
    if (Status status = ResolveStart(list); !status.ok()) return status;
  }
  std::vector<int32_t> slots;
  for (int i = 0; i < list->cnt; ++i) {
    const auto& elem = list->elems[i];
    if (static_cast<size_t>(elem.partition) >= slot_of_partition_.size()) slot_of_partition_.resize(elem.partition + 1, -1);
    const auto slot = static_cast<int32_t>(partitions_.size());
    slot_of_partition_[elem.partition] = slot;
    PartitionInfo& info = partitions_.emplace_back();
    info.id = {topic_, elem.partition};
    info.position = elem.offset;
    slots.push_back(slot);
  }
  batch_of_slot_.resize(partitions_.size());
  batch_serial_.resize(partitions_.size());
  if (const auto error = rd_kafka_assign(client_, list)) {
    return Status::Error(Exit::Internal, Who() + "cannot take partitions of " + topic_ + ": " + rd_kafka_err2str(error));
  }
  joined_ = true;
  if (paused_) PauseSlots(true, slots);
  // What is already at its end, an empty partition for one, never sends anything that would say so.
  for (const int32_t slot : slots) AdvanceTo(slot, partitions_[slot].position);
  Log(LogLevel::Info, "partitions_assigned", {{"source", name_}, {"topic", topic_}, {"count", list->cnt}});
  return Status::Ok();
}

// Sets the offset of every partition: what the group has committed, else where the first start begins.
Status KafkaReader::ResolveStart(rd_kafka_topic_partition_list_t* list) {
  const int64_t deadline = MonotonicMs() + kRetryMs;
  while (true) {
    auto error = rd_kafka_committed(client_, list, kRequestMs);
    for (int i = 0; i < list->cnt && !error; ++i) error = list->elems[i].err;
    if (!error) break;
    if (!Transient(error) || MonotonicMs() >= deadline) {
      return Status::Error(Exit::Unreachable, Who() + "the committed offsets of group " + config_.group + " cannot be read: " + rd_kafka_err2str(error));
    }
  }
  const PartitionList from_start = NewPartitionList(1), from_clause = NewPartitionList(1);
  for (int i = 0; i < list->cnt; ++i) {
    const auto& elem = list->elems[i];
    if (elem.offset >= 0) {
      if (config_.until_end && static_cast<size_t>(elem.partition) < bounds_.size() && elem.offset > bounds_[elem.partition]) {
        return Status::Error(Exit::Incompatible, Who() + "group " + config_.group + " has read " + Place(elem.partition) + " up to offset " +
                                                     std::to_string(elem.offset) + ", but the topic ends at " + std::to_string(bounds_[elem.partition]) +
                                                     ": it was made anew; start with another --group, or reset the group's offsets");
      }
      continue;
    }
    // A partition added to a running job was empty before: its first records are new, whatever the start.
    const bool whole = config_.start == StartFrom::Earliest || elem.partition >= known_partitions_;
    rd_kafka_topic_partition_list_add((whole ? from_start : from_clause).get(), topic_.c_str(), elem.partition);
  }
  const auto apply = [&](const rd_kafka_topic_partition_list_t* found) {
    for (int i = 0; i < found->cnt; ++i) {
      rd_kafka_topic_partition_list_find(list, topic_.c_str(), found->elems[i].partition)->offset = found->elems[i].offset;
    }
  };
  if (from_start->cnt > 0) {
    if (Status status = QueryOffsets(from_start.get(), RD_KAFKA_OFFSET_BEGINNING); !status.ok()) return status;
    apply(from_start.get());
  }
  if (from_clause->cnt == 0) return Status::Ok();
  const bool at = config_.start == StartFrom::At;
  const int64_t at_ms = std::max<int64_t>(0, config_.start_at / 1000 + (config_.start_at % 1000 > 0));
  if (Status status = QueryOffsets(from_clause.get(), at ? at_ms : int64_t{RD_KAFKA_OFFSET_END}); !status.ok()) return status;
  const PartitionList at_end = NewPartitionList(1);
  for (int i = 0; i < from_clause->cnt; ++i) {
    // No record is as late as the time: the start is at the end.
    if (from_clause->elems[i].offset < 0) rd_kafka_topic_partition_list_add(at_end.get(), topic_.c_str(), from_clause->elems[i].partition);
  }
  apply(from_clause.get());
  if (at_end->cnt > 0) {
    if (Status status = QueryOffsets(at_end.get(), RD_KAFKA_OFFSET_END); !status.ok()) return status;
    apply(at_end.get());
  }
  // The choice is made durable at once: another start, or another member, must not choose a later one and skip records.
  for (int i = 0; i < from_clause->cnt; ++i) {
    from_clause->elems[i].offset = rd_kafka_topic_partition_list_find(list, topic_.c_str(), from_clause->elems[i].partition)->offset;
  }
  return CommitList(from_clause.get());
}

Status KafkaReader::Poll(const PollLimits& limits, std::vector<RawRecords>* out) {
  ++poll_serial_;
  const size_t first = out->size();
  int64_t records = 0, bytes = 0;
  int wait_ms = static_cast<int>(std::clamp<int64_t>((limits.max_wait_us + 999) / 1000, 0, 60000));
  while (records < limits.max_records && bytes < limits.max_bytes) {
    // A call with a timeout waits until its whole array is full, so waiting is done for one message, and the rest is drained.
    size_t want = static_cast<size_t>(std::min<int64_t>(kChunk, limits.max_records - records));
    ssize_t got = rd_kafka_consume_batch_queue(queue_.get(), 0, chunk_.data(), want);
    if (got == 0 && records == 0 && rebalances_.empty() && wait_ms > 0) {
      want = 1;
      got = rd_kafka_consume_batch_queue(queue_.get(), wait_ms, chunk_.data(), want);
      wait_ms = 0;
    }
    if (got < 0) return Status::Error(Exit::Internal, Who() + "reading " + topic_ + ": " + rd_kafka_err2str(rd_kafka_last_error()));
    Status status = Status::Ok();
    for (ssize_t i = 0; i < got; ++i) {
      if (!status.ok()) {
        rd_kafka_message_destroy(chunk_[i]);
      } else if (status = Take(chunk_[i], out, &bytes); status.ok()) {
        ++records;
      }
    }
    if (!status.ok()) return status;
    if (!rebalances_.empty()) {
      // Nothing of a batch that was not handed out may count as read.
      for (size_t i = first; i < out->size(); ++i) partitions_[(*out)[i].slot].position = (*out)[i].offset.front();
      out->resize(first);
      ++poll_serial_;
      records = bytes = 0;
      if (status = ApplyRebalances(); !status.ok()) return status;
      continue;
    }
    if (got == 0 || (want > 1 && got < static_cast<ssize_t>(want))) break;
  }
  if (config_.until_end && out->size() == first) UpdatePositions();
  UpdateEnds();
  for (size_t i = first; i < out->size(); ++i) (*out)[i].next_offset = partitions_[(*out)[i].slot].position;
  return Status::Ok();
}

// Appends the message to its slot's records; it stays alive until Release.
Status KafkaReader::Take(rd_kafka_message_t* message, std::vector<RawRecords>* out, int64_t* bytes) {
  if (message->err) {
    Status status = OnErrorMessage(*message);
    rd_kafka_message_destroy(message);
    return status;
  }
  held_.push_back(message);
  const int32_t slot = SlotOf(message->partition);
  if (slot < 0) return Status::Ok();
  PartitionInfo& info = partitions_[slot];
  if (info.state == PartitionState::Ended) return Status::Ok();
  if (config_.until_end && message->offset >= bounds_[message->partition]) {
    AdvanceTo(slot, message->offset);
    return Status::Ok();
  }
  if (message->offset < info.position) {
    return Status::Error(Exit::Internal, Who() + Place(message->partition) + ": offset " + std::to_string(message->offset) + " came where " +
                                             std::to_string(info.position) + " or a later one was due");
  }
  if (batch_serial_[slot] != poll_serial_) {
    batch_serial_[slot] = poll_serial_;
    batch_of_slot_[slot] = out->size();
    out->emplace_back().slot = slot;
  }
  RawRecords& records = (*out)[batch_of_slot_[slot]];
  records.value.push_back(static_cast<const char*>(message->payload));
  records.value_len.push_back(static_cast<int64_t>(message->len));
  records.key.push_back(static_cast<const char*>(message->key));
  records.key_len.push_back(static_cast<int64_t>(message->key_len));
  records.offset.push_back(message->offset);
  const int64_t millis = rd_kafka_message_timestamp(message, nullptr);
  records.timestamp.push_back(millis < 0 || millis > std::numeric_limits<int64_t>::max() / 1000 ? -1 : millis * 1000);
  records.handle.push_back(message);
  info.position = message->offset + 1;
  info.state = PartitionState::Active;
  *bytes += static_cast<int64_t>(message->len + message->key_len);
  if (config_.until_end) AdvanceTo(slot, info.position);
  return Status::Ok();
}

Status KafkaReader::OnErrorMessage(const rd_kafka_message_t& message) {
  const std::string text = Redacted(client_config_, rd_kafka_message_errstr(&message));
  const int32_t slot = SlotOf(message.partition);
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      if (slot < 0) return Status::Ok();
      AdvanceTo(slot, message.offset);
      if (partitions_[slot].state != PartitionState::Ended) {
        partitions_[slot].state = PartitionState::CaughtUp;
        partitions_[slot].end = partitions_[slot].position;
      }
      return Status::Ok();
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE: {
      if (slot < 0) return Status::Ok();
      int64_t low = -1, high = -1;
      rd_kafka_query_watermark_offsets(client_, topic_.c_str(), message.partition, &low, &high, kRequestMs);
      return Status::Error(Exit::Incompatible, Who() + "group " + config_.group + " is at offset " + std::to_string(partitions_[slot].position) + " of " +
                                                   Place(message.partition) + ", which now holds " + std::to_string(low) + " to " + std::to_string(high) +
                                                   ": records were deleted unread, or the topic was made anew; start with another --group,"
                                                   " or reset the group's offsets");
    }
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return Status::Error(Exit::Incompatible, Who() + "topic " + topic_ + " is no longer on " + BrokersOf(client_config_) + " (" + text + ")");
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return Status::Error(Exit::Unreachable, Who() + "this user may not read " + topic_ + " in group " + config_.group + " (" + text + ")");
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
    case RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
      return Status::Error(Exit::Incompatible, Who() + "group " + config_.group + " does not take this job in (" + text + "); choose another with --group");
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return Status::Error(Exit::Usage, Who() + "another process runs with the same --instance " + config_.instance_id);
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      return Status::Error(Exit::BadInput, Who() + Place(message.partition) + ": the batch at offset " + std::to_string(message.offset) + " is damaged (" + text + ")");
    case RD_KAFKA_RESP_ERR__FATAL: return Status::Error(Exit::Internal, Who() + "the Kafka client cannot go on: " + text);
    default:
      // Lost connections and elections: the library goes on by itself.
      Log(LogLevel::Warn, "kafka_reader", {{"source", name_}, {"topic", topic_}, {"text", text}});
      return Status::Ok();
  }
}

// The position moved, perhaps over markers only. A bounded partition that reached its bound has ended.
void KafkaReader::AdvanceTo(int32_t slot, int64_t position) {
  PartitionInfo& info = partitions_[slot];
  if (info.state == PartitionState::Ended) return;
  info.position = std::max(info.position, position);
  if (!config_.until_end) return;
  // A partition that was not there at the start has nothing to read before the end.
  const size_t partition = static_cast<size_t>(info.id.partition);
  const int64_t bound = partition < bounds_.size() ? bounds_[partition] : 0;
  if (info.position < bound) return;
  info.position = partition < bounds_.size() ? bound : info.position;
  info.end = info.position;
  info.state = PartitionState::Ended;
  PauseSlots(true, {slot});
}

// Where only aborted records and markers come, no message and no end of partition says that the position moves.
void KafkaReader::UpdatePositions() {
  const std::vector<int32_t> slots = ActiveSlots();
  if (slots.empty()) return;
  const PartitionList list = NewPartitionList(static_cast<int>(slots.size()));
  for (const int32_t slot : slots) rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partitions_[slot].id.partition);
  if (rd_kafka_position(client_, list.get())) return;
  for (size_t i = 0; i < slots.size(); ++i) {
    if (!list->elems[i].err && list->elems[i].offset >= 0) AdvanceTo(slots[i], list->elems[i].offset);
  }
}

void KafkaReader::UpdateEnds() {
  const int64_t now = MonotonicMs();
  if (now < next_lag_ms_) return;
  next_lag_ms_ = now + kLagEveryMs;
  for (const int32_t slot : ActiveSlots()) {
    PartitionInfo& info = partitions_[slot];
    int64_t low = -1, high = -1;
    if (info.state != PartitionState::Active) continue;
    if (rd_kafka_get_watermark_offsets(client_, topic_.c_str(), info.id.partition, &low, &high)) continue;
    if (high >= 0) info.end = std::max(high, info.position);
  }
}

std::vector<int32_t> KafkaReader::ActiveSlots() const {
  std::vector<int32_t> slots;
  for (const int32_t slot : slot_of_partition_) {
    if (slot >= 0 && partitions_[slot].state != PartitionState::Ended) slots.push_back(slot);
  }
  return slots;
}

int32_t KafkaReader::SlotOf(int32_t partition) const {
  return partition >= 0 && static_cast<size_t>(partition) < slot_of_partition_.size() ? slot_of_partition_[partition] : -1;
}

void KafkaReader::Release() {
  for (rd_kafka_message_t* message : held_) rd_kafka_message_destroy(message);
  held_.clear();
}

void KafkaReader::Headers(const RawRecords& records, size_t index, std::vector<Header>* out) const {
  out->clear();
  const auto* message = static_cast<const rd_kafka_message_t*>(records.handle[index]);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers)) return;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    Header& header = out->emplace_back();
    header.key = name;
    if (value) header.value.emplace(static_cast<const char*>(value), size);
  }
}

Status KafkaReader::Commit(const std::vector<std::pair<int32_t, int64_t>>& positions) {
  const PartitionList list = NewPartitionList(static_cast<int>(positions.size()));
  for (const auto& [slot, offset] : positions) {
    const PartitionInfo& info = partitions_[slot];
    if (info.assigned) rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), info.id.partition)->offset = offset;
  }
  return list->cnt == 0 ? Status::Ok() : CommitList(list.get());
}

Status KafkaReader::CommitList(rd_kafka_topic_partition_list_t* list) {
  const int64_t deadline = MonotonicMs() + kRetryMs;
  while (true) {
    const QueueHandle replies(rd_kafka_queue_new(client_));
    auto error = rd_kafka_commit_queue(client_, list, replies.get(), nullptr, nullptr);
    if (!error) {
      const int64_t left = std::max<int64_t>(1, deadline - MonotonicMs());
      const EventHandle event(rd_kafka_queue_poll(replies.get(), static_cast<int>(left)));
      error = event ? rd_kafka_event_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
      const auto* committed = event ? rd_kafka_event_topic_partition_list(event.get()) : nullptr;
      for (int i = 0; committed && i < committed->cnt && !error; ++i) error = committed->elems[i].err;
    }
    switch (error) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
      case RD_KAFKA_RESP_ERR__NO_OFFSET: return Status::Ok();
      case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
      case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
      case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
      case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
        // The group went on without this member: the records are read again by whoever owns them now, and the next Poll says so.
        Log(LogLevel::Warn, "commit_refused", {{"source", name_}, {"topic", topic_}, {"text", rd_kafka_err2str(error)}});
        return Status::Ok();
      case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
        return Status::Error(Exit::Usage, Who() + "another process runs with the same --instance " + config_.instance_id);
      default: break;
    }
    if (!Transient(error) || MonotonicMs() >= deadline) {
      return Status::Error(Exit::Unreachable, Who() + "offsets of " + topic_ + " cannot be committed for group " + config_.group + ": " + rd_kafka_err2str(error));
    }
    // Nothing arrives on a queue whose reply was taken: this is a pause that costs nothing.
    const EventHandle none(rd_kafka_queue_poll(replies.get(), 50));
  }
}

void KafkaReader::PauseSlots(bool pause, const std::vector<int32_t>& slots) {
  if (slots.empty()) return;
  const PartitionList list = NewPartitionList(static_cast<int>(slots.size()));
  for (const int32_t slot : slots) rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partitions_[slot].id.partition);
  (pause ? rd_kafka_pause_partitions : rd_kafka_resume_partitions)(client_, list.get());
}

void KafkaReader::SetPaused(bool paused) {
  if (paused == paused_) return;
  paused_ = paused;
  if (client_) PauseSlots(paused, ActiveSlots());
}

void KafkaReader::Close() {
  if (!client_) return;
  Release();
  closing_ = true;
  rebalances_.clear();
  bool closed = false;
  if (queue_) {
    // A rebalance nobody answered would keep the group waiting.
    rd_kafka_assign(client_, nullptr);
    const QueueHandle queue(rd_kafka_queue_new(client_));
    rd_kafka_error_t* error = rd_kafka_consumer_close_queue(client_, queue.get());
    const int64_t deadline = MonotonicMs() + kCloseMs;
    while (!error && !(closed = rd_kafka_consumer_closed(client_)) && MonotonicMs() < deadline) {
      const ssize_t got = rd_kafka_consume_batch_queue(queue.get(), 20, chunk_.data(), 1);
      for (ssize_t i = 0; i < got; ++i) rd_kafka_message_destroy(chunk_[i]);
    }
    if (error) rd_kafka_error_destroy(error);
    queue_.reset();
  }
  rd_kafka_destroy_flags(client_, closed ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  client_ = nullptr;
}

}  // namespace

Status MakeReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader) {
  const std::string who = "`" + binding.name + "`: ";
  if (binding.args.size() != 1 || !ValidTopicName(binding.args[0])) {
    return Status::Error(Exit::Usage, who + "kafka reads one topic, whose name is 1 to 249 of a-z A-Z 0-9 . _ -" +
                                          (binding.args.empty() ? std::string() : ", not \"" + binding.args[0] + "\""));
  }
  if (config.group.empty()) return Status::Error(Exit::Usage, who + "reading from Kafka needs a consumer group: --group NAME");
  std::map<std::string, std::string> defaults = kDefaults;
  const std::string member = binding.name + "-" + std::to_string(config.worker);
  defaults["group.id"] = config.group;
  defaults["client.id"] = config.group + "-" + member;
  if (!config.instance_id.empty()) defaults["group.instance.id"] = config.instance_id + "-" + member;
  ClientConfig client_config;
  if (Status status = MakeClientConfig(Role::Consumer, binding.name, config.brokers, defaults, binding.options, config.kafka, &client_config); !status.ok()) {
    return status;
  }
  *reader = std::make_unique<KafkaReader>(binding.name, binding.args[0], config, std::move(client_config));
  return Status::Ok();
}

}  // namespace streamc::rt::connector::kafka
