#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "runtime/connector/kafka/home.h"
#include "runtime/connector/kafka/reader_impl.h"
#include "runtime/observe/log.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int64_t kLagEveryMs = 100;
constexpr int kWakeMs = 200;  // at most, for the answers when reading goes on
constexpr int64_t kFencedByItselfMs = 60000;

// Measured: small fetches keep records in the cache from socket to decoder and cost a third less. A queue must hold more than
// one answer of a broker, unpacked: when it is full the library pauses fetching for up to half a second, though it is emptied
// at once.
const std::map<std::string, std::string> kDefaults = {
    {"fetch.message.max.bytes", "262144"},
    {"fetch.max.bytes", "1048576"},
    // Partitions that are new or go on after a pause are asked for when the fetch under way has come back.
    {"fetch.wait.max.ms", "100"},
    {"queued.min.messages", "100000"},
    {"queued.max.messages.kbytes", "16384"},
    {"check.crcs", "true"},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"enable.partition.eof", "true"},
    {"isolation.level", "read_committed"},
    {"partition.assignment.strategy", "range"},
    // Where to start is decided here, once; a position that is gone later means lost records and stops the job.
    {"auto.offset.reset", "error"},
    {"allow.auto.create.topics", "false"},
    // A dead member is missed after this long; a restart under --instance that is quicker moves no partitions.
    {"session.timeout.ms", "10000"},
    {"topic.metadata.refresh.interval.ms", "30000"},
    {"reconnect.backoff.max.ms", "1000"},
    // A connection that says nothing any more, to a machine that lost power, is given up after this long.
    {"socket.timeout.ms", "10000"},
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

}  // namespace

Status KafkaReader::Connect() {
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
  return Status::Ok();
}

Status KafkaReader::Open() {
  if (Status status = Connect(); !status.ok()) return status;
  const TopicHandle topic(rd_kafka_topic_new(client_, topic_.c_str(), nullptr));
  const auto serve = [&](int ms) { rd_kafka_poll(client_, ms); };
  if (Status status = AwaitTopic(client_, client_config_, events_, name_, topic.get(), serve, &known_partitions_); !status.ok())
    return status;
  if (config_.until_end) {
    if (Status status = ReadEnds(); !status.ok()) return status;
  }
  events_.SetQuiet(false);
  return Subscribe();
}

Status KafkaReader::Subscribe() {
  rd_kafka_poll_set_consumer(client_);
  queue_.reset(rd_kafka_queue_get_consumer(client_));
  const PartitionList wanted = NewPartitionList(1);
  rd_kafka_topic_partition_list_add(wanted.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto error = rd_kafka_subscribe(client_, wanted.get())) {
    return Status::Error(Exit::Internal, Who() + "cannot subscribe to " + topic_ + ": " + rd_kafka_err2str(error));
  }
  joining_ = true;
  return Status::Ok();
}

// A static member whose connection was lost may be thrown out by its own new join: the broker takes what was still on its way
// for another process. Without a connection lost since the last time, there is one.
Status KafkaReader::Fenced() {
  const int64_t lost = events_.lost_connection_ms();
  if (lost <= reopened_ms_ || MonotonicMs() - lost > kFencedByItselfMs) {
    return Status::Error(Exit::Usage, Who() + "another process runs with the same --instance " + config_.instance_id);
  }
  reopen_ = true;
  return Status::Ok();
}

Status KafkaReader::Reopen() {
  observe::Log(observe::LogLevel::Warn, "rejoining", {{"source", name_}, {"topic", topic_}});
  rebalances_.clear();
  Revoke(true);
  DropViews();
  queue_.reset();
  DestroyConsumer(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  client_ = nullptr;
  reopen_ = revoked_ = false;
  reopened_ms_ = MonotonicMs();
  if (Status status = Connect(); !status.ok()) return status;
  return Subscribe();
}

Status KafkaReader::Poll(const PollLimits& limits, std::vector<RawRecords>* out) {
  if (reopen_) return handed_out_ ? Status::Ok() : Reopen();
  int wait_ms = static_cast<int>(std::clamp<int64_t>((limits.max_wait_us + 999) / 1000, 0, 60000));
  if (!rebalances_.empty()) {
    // The partitions stay until what was read of them is finished: a Poll without records ends the turn, the next gives them
    // up.
    if (handed_out_) return Status::Ok();
    // Before it reads on, the engine brings what it keeps for new partitions into place.
    return ApplyRebalances();
  }
  if (Status status = SeeWhoReads(); !status.ok()) return status;
  ++poll_serial_;
  const size_t first = out->size();
  int64_t records = 0, bytes = 0;
  while (records < limits.max_records && bytes < limits.max_bytes) {
    // A call with a timeout waits until its whole array is full, so waiting is done for one message, and the rest is drained.
    size_t want = static_cast<size_t>(std::min<int64_t>(kReadChunk, limits.max_records - records));
    ssize_t got = rd_kafka_consume_batch_queue(queue_.get(), 0, chunk_.data(), want);
    if (got == 0 && records == 0 && rebalances_.empty() && wait_ms > 0) {
      want = 1;
      got = rd_kafka_consume_batch_queue(queue_.get(), wait_ms, chunk_.data(), want);
      wait_ms = 0;
    }
    if (got < 0)
      return Status::Error(Exit::Internal, Who() + "reading " + topic_ + ": " + rd_kafka_err2str(rd_kafka_last_error()));
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
      if (handed_out_) break;
      return ApplyRebalances();
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
    return Status::Error(Exit::Internal, Who() + Place(message->partition) + ": offset " + std::to_string(message->offset) +
                                             " came where " + std::to_string(info.position) + " or a later one was due");
  }
  if (batch_serial_[slot] != poll_serial_) {
    batch_serial_[slot] = poll_serial_;
    batch_of_slot_[slot] = out->size();
    out->emplace_back().slot = slot;
    handed_out_ = true;
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
      if (Overtaken(message.partition, low)) {
        observe::Log(observe::LogLevel::Warn, "overtaken", {{"source", name_}, {"topic", topic_}, {"partition", message.partition}});
        rejoin_ = true;
        return Status::Ok();
      }
      return Status::Error(Exit::Incompatible,
                           Who() + "group " + config_.group + " is at offset " + std::to_string(partitions_[slot].position) +
                               " of " + Place(message.partition) + ", which now holds " + std::to_string(low) + " to " +
                               std::to_string(high) +
                               ": records were deleted unread, or the topic was made anew; start with another --group,"
                               " or reset the group's offsets");
    }
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return Status::Error(Exit::Incompatible,
                           Who() + "topic " + topic_ + " is no longer on " + BrokersOf(client_config_) + " (" + text + ")");
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return Status::Error(Exit::Unreachable,
                           Who() + "this user may not read " + topic_ + " in group " + config_.group + " (" + text + ")");
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
    case RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
      return Status::Error(Exit::Incompatible, Who() + "group " + config_.group + " does not take this job in (" + text +
                                                   "); choose another with --group");
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID: return Fenced();
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      return Status::Error(Exit::BadInput, Who() + Place(message.partition) + ": the batch at offset " +
                                               std::to_string(message.offset) + " is damaged (" + text + ")");
    case RD_KAFKA_RESP_ERR__FATAL: {
      std::array<char, 256> reason;
      const auto fatal = rd_kafka_fatal_error(client_, reason.data(), reason.size());
      if (fatal == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) return Fenced();
      return Status::Error(Exit::Internal, Who() + "the Kafka client cannot go on: " + text);
    }
    default:
      // Lost connections and elections: the library goes on by itself.
      observe::Log(observe::LogLevel::Warn, "kafka_reader", {{"source", name_}, {"topic", topic_}, {"text", text}});
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
  const PartitionList list = ListOf(slots);
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

PartitionList KafkaReader::ListOf(const std::vector<int32_t>& slots) const {
  PartitionList list = NewPartitionList(static_cast<int>(slots.size()));
  for (const int32_t slot : slots)
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partitions_[slot].id.partition);
  return list;
}

int32_t KafkaReader::SlotOf(int32_t partition) const {
  return partition >= 0 && static_cast<size_t>(partition) < slot_of_partition_.size() ? slot_of_partition_[partition] : -1;
}

void KafkaReader::Release() {
  DropViews();
  handed_out_ = false;
}

void KafkaReader::DropViews() {
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

void KafkaReader::PauseSlots(bool pause, const std::vector<int32_t>& slots) {
  if (slots.empty()) return;
  const PartitionList list = ListOf(slots);
  (pause ? rd_kafka_pause_partitions : rd_kafka_resume_partitions)(client_, list.get());
}

void KafkaReader::SetPaused(bool paused) {
  if (paused == paused_) return;
  paused_ = paused;
  if (!client_) return;
  const std::vector<int32_t> slots = ActiveSlots();
  PauseSlots(paused, slots);
  if (paused || slots.empty()) return;
  // The library's threads would see that they may fetch again after up to half a second; a question to each broker wakes them.
  const PartitionList list = ListOf(slots);
  FetchOffsets(client_, list.get(), RD_KAFKA_OFFSET_END, kWakeMs);
}

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
  LimitQueue("queued.max.messages.kbytes", "queued.min.messages", config.buffer_bytes, &defaults);
  // Shows whose transactions the member's are; see home.h.
  std::map<std::string, std::string> overrides = config.kafka, options = binding.options;
  std::string chosen;
  for (auto* values : {&options, &overrides}) {
    if (const auto found = values->find("client.id"); found != values->end()) {
      chosen = found->second;
      values->erase(found);
    }
  }
  defaults["client.id"] = MemberClientId(chosen, TransactionalId(config.group, config.instance_id), member);
  if (!config.instance_id.empty()) defaults["group.instance.id"] = config.instance_id + "-" + member;
  ClientConfig client_config;
  if (Status status =
          MakeClientConfig(Role::Consumer, binding.name, config.brokers, defaults, options, overrides, &client_config);
      !status.ok()) {
    return status;
  }
  // Several heartbeats must fit into a session, whatever it was set to; and a heartbeat is how a member learns that others come or
  // go, so each rebalance takes as long as one.
  const int session = std::atoi(client_config.properties.at("session.timeout.ms").c_str());
  client_config.properties.emplace("heartbeat.interval.ms", std::to_string(std::clamp(session / 12, 1, 250)));
  *reader = std::make_unique<KafkaReader>(binding.name, binding.args[0], config, std::move(client_config));
  return Status::Ok();
}

}  // namespace streamc::rt::connector::kafka
