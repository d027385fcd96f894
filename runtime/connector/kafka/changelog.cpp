// Reading the state topics back: ends, and everything committed up to them.
#include <algorithm>
#include <array>

#include "runtime/batch/fault_point.h"
#include "runtime/connector/kafka/log_impl.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int kAskMs = 5000;
constexpr size_t kChunk = 4096;
constexpr int kWaitMs = 20;
constexpr int64_t kProgressEveryMs = 100;
constexpr int kRescueAskMs = 1500;  // asked again anyway, and a stop waits for it
constexpr int64_t kStalledMs = 200;  // without a record: something is in the way

const std::map<std::string, std::string> kDefaults = {
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"enable.partition.eof", "true"},
    {"isolation.level", "read_committed"},
    {"auto.offset.reset", "error"},
    {"allow.auto.create.topics", "false"},
    {"check.crcs", "true"},
    {"fetch.wait.max.ms", "50"},
    {"fetch.message.max.bytes", "1048576"},
    {"fetch.max.bytes", "16777216"},
    {"queued.min.messages", "1000000"},
    {"queued.max.messages.kbytes", "65536"},
    {"socket.timeout.ms", "10000"},
    {"reconnect.backoff.max.ms", "1000"},
};

// One restore: the consumer and where each partition is.
class Restore {
 public:
  Restore(const std::string& topic, const std::vector<int32_t>& groups) : topic_(topic), groups_(groups) {
    for (size_t i = 0; i < groups.size(); ++i) {
      if (static_cast<size_t>(groups[i]) >= index_.size()) index_.resize(groups[i] + 1, -1);
      index_[groups[i]] = static_cast<int32_t>(i);
    }
    end.resize(groups.size());
    done.resize(groups.size());
  }
  ~Restore() {
    queue_.reset();
    if (client_) rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
  Restore(const Restore&) = delete;
  Restore& operator=(const Restore&) = delete;

  Status Open(const std::string& who, const ClientConfig& config) {
    rd_kafka_conf_t* conf = nullptr;
    if (Status status = MakeConf(config, &conf); !status.ok()) return status;
    events.Attach(conf, config, this);
    std::array<char, 512> text;
    client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text.data(), text.size());
    if (!client_) {
      rd_kafka_conf_destroy(conf);
      return Status::Error(Exit::Usage, who + Redacted(config, text.data()));
    }
    rd_kafka_poll_set_consumer(client_);
    queue_.reset(rd_kafka_queue_get_consumer(client_));
    events.SetQuiet(false);
    return Status::Ok();
  }

  PartitionList Unfinished() const {
    PartitionList list = NewPartitionList(static_cast<int>(groups_.size()));
    for (size_t i = 0; i < groups_.size(); ++i) {
      if (!done[i]) rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), groups_[i]);
    }
    return list;
  }
  rd_kafka_resp_err_t Assign(const std::vector<int64_t>& next) {
    const PartitionList list = Unfinished();
    for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = next[IndexOf(list->elems[i].partition)];
    return rd_kafka_assign(client_, list.get());
  }
  size_t IndexOf(int32_t partition) const { return static_cast<size_t>(index_[partition]); }
  // Positions step over markers and aborted records, where no record says so.
  void LookAtPositions() {
    const PartitionList list = Unfinished();
    if (list->cnt == 0 || rd_kafka_position(client_, list.get())) return;
    for (int i = 0; i < list->cnt; ++i) Reached(IndexOf(list->elems[i].partition), list->elems[i].offset);
  }
  void Reached(size_t i, int64_t position) {
    if (done[i] || position < end[i]) return;
    done[i] = true;
    --left;
  }
  ssize_t Read() {
    // A call with a timeout waits for a full array, so waiting is done for one.
    const ssize_t got = rd_kafka_consume_batch_queue(queue_.get(), 0, messages.data(), messages.size());
    return got != 0 ? got : rd_kafka_consume_batch_queue(queue_.get(), kWaitMs, messages.data(), 1);
  }

  std::vector<int64_t> end;
  std::vector<char> done;
  size_t left = 0;
  std::array<rd_kafka_message_t*, kChunk> messages{};
  ClientEvents events;

 private:
  const std::string& topic_;
  const std::vector<int32_t>& groups_;
  std::vector<int32_t> index_;
  rd_kafka_t* client_ = nullptr;
  QueueHandle queue_;
};

}  // namespace

Status KafkaLog::QueryOffsets(rd_kafka_topic_partition_list_t* list, int64_t query) {
  Patience patience(kOutageMs, config_.stop);
  while (const auto error = FetchOffsets(home_->client(), list, query, patience.Slice(kAskMs))) {
    const bool gone = error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
                      error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    if ((gone || Transient(error)) && !patience.Over()) {
      if (gone) {
        if (Status status = CheckTopics(home_->client(), config_); !status.ok()) return status;
      }
      rd_kafka_poll(home_->client(), 20);
      continue;
    }
    return Status::Error(Exit::Unreachable,
                         Who() + "the offsets of the job's topics cannot be read: " + rd_kafka_err2str(error));
  }
  return Status::Ok();
}

Status KafkaLog::Ends(InternalTopic topic, const std::vector<int32_t>& groups, std::vector<int64_t>* ends) {
  ends->assign(groups.size(), 0);
  if (groups.empty()) return Status::Ok();
  const PartitionList list = NewPartitionList(static_cast<int>(groups.size()));
  for (const int32_t group : groups)
    rd_kafka_topic_partition_list_add(list.get(), TopicName(config_.group, topic).c_str(), group);
  if (Status status = QueryOffsets(list.get(), RD_KAFKA_OFFSET_END); !status.ok()) return status;
  // The library keeps the list's order.
  for (size_t i = 0; i < groups.size(); ++i) {
    (*ends)[i] = rd_kafka_topic_partition_list_find(list.get(), TopicName(config_.group, topic).c_str(), groups[i])->offset;
  }
  return Status::Ok();
}

Status KafkaLog::ReadChangelog(const std::vector<int32_t>& groups, const std::vector<int64_t>& from, const TakeRecord& take,
                               const std::function<void(size_t i)>& restart,
                               const std::function<void(const RestoreProgress&)>& progress, std::vector<int64_t>* next) {
  return ReadLog(InternalTopic::Changelog, groups, from, take, restart, progress, next);
}

Status KafkaLog::ReadUnmerged(const std::function<void(int32_t group, std::string_view value)>& take) {
  const std::string topic = TopicName(config_.group, InternalTopic::Repartition);
  const PartitionList list = NewPartitionList(config_.key_groups);
  rd_kafka_topic_partition_list_add_range(list.get(), topic.c_str(), 0, config_.key_groups - 1);
  Patience patience(kOutageMs, config_.stop);
  while (const auto error = FetchCommitted(home_->client(), list.get(), patience.Slice(kAskMs))) {
    if (!Transient(error) || patience.Over()) {
      return Status::Error(Exit::Unreachable, Who() + "the committed offsets of the job's topics cannot be read: " + rd_kafka_err2str(error));
    }
  }
  std::vector<int32_t> groups;
  std::vector<int64_t> from, next;
  for (int i = 0; i < list->cnt; ++i) {
    groups.push_back(list->elems[i].partition);
    from.push_back(std::max<int64_t>(0, list->elems[i].offset));
  }
  const auto take_value = [&](size_t i, std::string_view, std::string_view value, int64_t) {
    if (value.data()) take(groups[i], value);
    return true;
  };
  return ReadLog(InternalTopic::Repartition, groups, from, take_value, [](size_t) {}, {}, &next);
}

Status KafkaLog::ReadLog(InternalTopic which, const std::vector<int32_t>& groups, const std::vector<int64_t>& from, const TakeRecord& take,
                         const std::function<void(size_t i)>& restart, const std::function<void(const RestoreProgress&)>& progress,
                         std::vector<int64_t>* next) {
  *next = from;
  if (groups.empty()) return Status::Ok();
  const std::string topic = TopicName(config_.group, which);
  Restore reading(topic, groups);
  RestoreProgress state;

  const auto place = [&](bool first) -> Status {
    const PartitionList list = reading.Unfinished();
    if (Status status = QueryOffsets(list.get(), RD_KAFKA_OFFSET_BEGINNING); !status.ok()) return status;
    std::vector<int64_t> begins(groups.size());
    for (int k = 0; k < list->cnt; ++k) begins[reading.IndexOf(list->elems[k].partition)] = list->elems[k].offset;
    if (Status status = QueryOffsets(list.get(), RD_KAFKA_OFFSET_END); !status.ok()) return status;
    reading.left = 0;
    for (int k = 0; k < list->cnt; ++k) {
      const size_t i = reading.IndexOf(list->elems[k].partition);
      reading.end[i] = first ? list->elems[k].offset : std::min(reading.end[i], list->elems[k].offset);
      int64_t& position = (*next)[i];
      if (position > list->elems[k].offset || (position > 0 && position < begins[i])) {
        restart(i);
        reading.end[i] = list->elems[k].offset;
        position = 0;
      }
      position = std::max(position, begins[i]);
      if (first) state.total_rows += reading.end[i] - position;
      reading.done[i] = position >= reading.end[i];
      reading.left += !reading.done[i];
    }
    return Status::Ok();
  };
  if (Status status = place(true); !status.ok()) return status;
  if (progress) progress(state);
  if (reading.left == 0) return Status::Ok();

  ClientConfig config;
  std::map<std::string, std::string> defaults = kDefaults, overrides = config_.kafka;
  overrides.erase("client.id");
  LimitQueue("queued.max.messages.kbytes", "queued.min.messages", config_.buffer_bytes, &defaults);
  defaults["group.id"] = config_.group;
  defaults["client.id"] = home_->transactional_id() + "/restore";
  if (Status status = MakeClientConfig(Role::Consumer, config_.group, config_.brokers, defaults, {}, overrides, &config);
      !status.ok()) {
    return status;
  }
  if (Status status = reading.Open(Who(), config); !status.ok()) return status;
  if (reading.Assign(*next)) return Status::Error(Exit::Internal, Who() + "topic " + topic + " cannot be read");

  int64_t last_record_ms = MonotonicMs(), last_rescue_ms = last_record_ms, last_progress_ms = last_record_ms;
  Patience patience(kOutageMs, config_.stop);
  bool stopped = false;
  while (reading.left > 0 && !stopped) {
    const ssize_t got = reading.Read();
    bool lost = false;
    const int64_t rows_before = state.rows;
    Status failure;
    for (ssize_t m = 0; m < got; ++m) {
      rd_kafka_message_t* message = reading.messages[m];
      if (!message->err) {
        const size_t i = reading.IndexOf(message->partition);
        if (message->offset < reading.end[i] && !stopped) {
          stopped = !take(i, {static_cast<const char*>(message->key), message->key_len},
                          {static_cast<const char*>(message->payload), message->len}, message->offset);
          state.passed += message->offset + 1 - (*next)[i];
          (*next)[i] = message->offset + 1;
          ++state.rows;
          state.bytes += static_cast<int64_t>(message->len + message->key_len);
        }
        reading.Reached(i, message->offset + 1);
      } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        reading.Reached(reading.IndexOf(message->partition), message->offset);
      } else if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
                 message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
        lost = true;
      } else if (message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
        failure = Status::Error(Exit::Unreachable, Who() + "this user may not read topic " + topic);
      } else if (message->err == RD_KAFKA_RESP_ERR__BAD_MSG || message->err == RD_KAFKA_RESP_ERR__BAD_COMPRESSION) {
        failure = Status::Error(Exit::BadInput, Who() + "topic " + topic + " is damaged: " + rd_kafka_message_errstr(message));
      }
      rd_kafka_message_destroy(message);
    }
    if (!failure.ok()) return failure;
    if (state.rows > rows_before) batch::FaultAt(batch::FaultPoint::RestoreReading);
    const int64_t now = MonotonicMs();
    if (state.rows > rows_before) last_record_ms = now, patience = Patience(kOutageMs, config_.stop);
    if (lost) {
      if (Status status = place(false); !status.ok()) return status;
      reading.Assign(*next);
    }
    if (progress && now - last_progress_ms >= kProgressEveryMs) last_progress_ms = now, progress(state);
    if (config_.stop && *config_.stop && reading.left > 0 && !stopped) {
      if (progress) progress(state);
      return Status::Error(Exit::Unreachable, Who() + "stopped before topic " + topic + " was read to its end");
    }
    if (got == 0) reading.LookAtPositions();
    if (reading.left == 0 || now - std::max(last_record_ms, last_rescue_ms) < kStalledMs) continue;
    last_rescue_ms = now;
    // A transaction somebody left open hides what came after it; or the topic lost its end with its leader.
    if (!config_.read_only) home_->FenceTheDead(TopicName(config_.group, InternalTopic::Repartition), config_.key_groups);
    const PartitionList list = reading.Unfinished();
    if (!FetchOffsets(home_->client(), list.get(), RD_KAFKA_OFFSET_END, kRescueAskMs)) {
      for (int k = 0; k < list->cnt; ++k) {
        int64_t& end = reading.end[reading.IndexOf(list->elems[k].partition)];
        end = std::min(end, list->elems[k].offset);
      }
    }
    if (patience.Over()) {
      return Status::Error(Exit::Unreachable,
                           Who() + "topic " + topic + " cannot be read to its end (" + reading.events.last_problem() + ")");
    }
  }
  for (size_t i = 0; i < groups.size() && !stopped; ++i) (*next)[i] = std::max((*next)[i], reading.end[i]);
  if (!stopped) state.passed = state.total_rows;
  if (progress) progress(state);
  return Status::Ok();
}

}  // namespace streamc::rt::connector::kafka
