#include "runtime/connector/kafka/producer.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "runtime/observe/heartbeat.h"
#include "runtime/observe/log.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int64_t kLastAnswersMs = 1000;

struct Registry {
  std::mutex mutex;
  std::map<ClientConfig, std::weak_ptr<Producer>> producers;
};
Registry& TheRegistry() {
  static Registry registry;
  return registry;
}

std::string PropertyOr(const ClientConfig& config, const char* name, const char* otherwise) {
  const auto found = config.properties.find(name);
  return found == config.properties.end() ? otherwise : found->second;
}

// The requests of a transaction's way.
struct Request {
  int16_t key;
  const char* name;
};
constexpr std::array<Request, 5> kRequests = {
    {{0, "Produce"}, {24, "AddPartitionsToTxn"}, {25, "AddOffsetsToTxn"}, {26, "EndTxn"}, {28, "TxnOffsetCommit"}}};

// Of a broker's thread of the library: its last connection was there to send requests. Other threads hear of a request's end again.
thread_local bool was_up = false;

}  // namespace

// A failure that will come again is kept before one that may not.
void Deliveries::Fail(Status error, bool again) {
  const std::lock_guard lock(mutex);
  if (failed && (of_the_record || !again)) return;
  first_error = std::move(error);
  of_the_record = again;
  failed = true;
}

bool Deliveries::fails_again() {
  if (!failed) return false;
  const std::lock_guard lock(mutex);
  return of_the_record;
}

void Deliveries::Forget() {
  const std::lock_guard lock(mutex);
  first_error = Status::Ok();
  of_the_record = false;
  failed = false;
}

Status Deliveries::error() {
  if (!failed) return Status::Ok();
  const std::lock_guard lock(mutex);
  return first_error;
}

bool OfTheRecord(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP: return true;
    default: return false;
  }
}

Status DeliveryError(const std::string& user, rd_kafka_resp_err_t error, const std::string& topic, int32_t partition,
                     size_t bytes, const ClientConfig& config, const std::string& last_problem) {
  const auto failure = [&](Exit code, const std::string& text) { return Status::Error(code, "`" + user + "`: " + text); };
  const std::string place = partition < 0 ? topic : topic + "[" + std::to_string(partition) + "]";
  const std::string size = std::to_string(bytes) + " bytes";
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: {
      const std::string limit = PropertyOr(config, "message.max.bytes", "1000000");
      if (bytes > std::strtoull(limit.c_str(), nullptr, 10)) {
        return failure(Exit::BadInput,
                       "a record of " + size + " for " + place + " is larger than message.max.bytes = " + limit);
      }
      return failure(Exit::BadInput,
                     "a record of " + size + " for " + place + " is larger than the topic allows (its max.message.bytes)");
    }
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
      return failure(Exit::Unreachable, "records for " + place + " were not acknowledged within " +
                                            PropertyOr(config, "message.timeout.ms", "300000") + " ms by " + BrokersOf(config) +
                                            (last_problem.empty() ? "" : " (" + last_problem + ")"));
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return failure(Exit::BadInput, "topic " + topic + " has no partition " + std::to_string(partition));
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return failure(Exit::Incompatible, "there is no topic " + topic + " on " + BrokersOf(config));
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return failure(Exit::Unreachable, "this user may not write to topic " + topic + " on " + BrokersOf(config));
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return failure(Exit::BadInput,
                     "the brokers refuse a record for " + place + ": a compacted topic takes only records with a key");
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return failure(Exit::BadInput, "the brokers refuse the timestamp of a record for " + place);
    default: return failure(Exit::Internal, "a record for " + place + " was not written: " + rd_kafka_err2str(error));
  }
}

Status Producer::Get(std::string_view user, const ClientConfig& config, std::shared_ptr<Producer>* producer) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  std::weak_ptr<Producer>& known = registry.producers[config];
  *producer = known.lock();
  if (*producer) return Status::Ok();
  std::shared_ptr<Producer> made(new Producer(config));
  if (Status status = made->Start(user); !status.ok()) return status;
  known = made;
  *producer = std::move(made);
  return Status::Ok();
}

Status Producer::Make(std::string_view user, const ClientConfig& config, std::shared_ptr<Producer>* producer) {
  std::shared_ptr<Producer> made(new Producer(config));
  if (Status status = made->Start(user); !status.ok()) return status;
  *producer = std::move(made);
  return Status::Ok();
}

rd_kafka_resp_err_t Producer::OnNew(rd_kafka_t* client, const rd_kafka_conf_t*, void* opaque, char*, size_t) {
  const auto error = rd_kafka_interceptor_add_on_broker_state_change(client, "streamc", &Producer::OnState, opaque);
  return error ? error : rd_kafka_interceptor_add_on_response_received(client, "streamc", &Producer::OnResponse, opaque);
}

rd_kafka_resp_err_t Producer::OnState(rd_kafka_t*, int32_t, const char*, const char*, int, const char* state, void*) {
  const std::string_view now = state;
  if (now == "UP") was_up = true;
  if (now == "TRY_CONNECT" || now == "CONNECT") was_up = false;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t Producer::OnResponse(rd_kafka_t*, int, const char*, int32_t, int16_t request, int16_t, int32_t, size_t,
                                         int64_t, rd_kafka_resp_err_t error, void* opaque) {
  // TIMED_OUT_QUEUE: it waited to be sent, or sent again after an answer; what was under way before had an error of its own.
  if (!error || error == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE || !was_up) return RD_KAFKA_RESP_ERR_NO_ERROR;
  if (std::any_of(kRequests.begin(), kRequests.end(), [&](const Request& each) { return each.key == request; })) {
    uint32_t none = 0;
    static_cast<Producer*>(opaque)->disturbed_.compare_exchange_strong(
        none, static_cast<uint32_t>(static_cast<uint16_t>(request)) << 16 | static_cast<uint16_t>(error));
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::string Producer::disturbance() const {
  const uint32_t disturbed = disturbed_;
  if (disturbed == 0) return {};
  const auto error = static_cast<rd_kafka_resp_err_t>(static_cast<int16_t>(disturbed & 0xffff));
  for (const Request& each : kRequests) {
    if (each.key == static_cast<int16_t>(disturbed >> 16)) return std::string(each.name) + ": " + rd_kafka_err2str(error);
  }
  return rd_kafka_err2str(error);
}

Status Producer::Start(std::string_view user) {
  rd_kafka_conf_t* conf = nullptr;
  if (Status status = MakeConf(config_, &conf); !status.ok()) return status;
  events_.Attach(conf, config_, this);
  // Reports as events on a thread of their own: rd_kafka_flush then ends with the last one instead of in steps of 10 ms.
  rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
  if (config_.properties.contains("transactional.id")) {
    rd_kafka_conf_interceptor_add_on_new(conf, "streamc", &Producer::OnNew, this);
  }
  char text[512];
  size_t size = sizeof text;
  rd_kafka_conf_get(conf, "message.timeout.ms", text, &size);
  delivery_timeout_ms_ = std::atoi(text);
  client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (!client_) {
    rd_kafka_conf_destroy(conf);
    return Status::Error(Exit::Usage, "`" + std::string(user) + "`: " + Redacted(config_, text));
  }
  queue_.reset(rd_kafka_queue_get_main(client_));
  reports_ = std::thread([this] { TakeReports(); });
  return Status::Ok();
}

Producer::~Producer() {
  // librdkafka 2.0.2 frees the text of a fatal error while its broker threads still run: an answer that fences this producer at
  // that moment frees it again. So nothing is left in flight.
  if (client_) {
    rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE);
    AwaitAll(MonotonicMs() + kLastAnswersMs);
  }
  stopping_ = true;
  if (queue_) rd_kafka_queue_yield(queue_.get());
  if (reports_.joinable()) reports_.join();
  topics_.clear();
  queue_.reset();
  if (client_) rd_kafka_destroy(client_);
}

void Producer::TakeReports() {
  std::array<const rd_kafka_message_t*, 1024> messages;
  while (!stopping_) {
    const EventHandle event(rd_kafka_queue_poll(queue_.get(), 100));
    if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) continue;
    size_t count = 0;
    while ((count = rd_kafka_event_message_array(event.get(), messages.data(), messages.size())) > 0) {
      for (size_t i = 0; i < count;) {
        auto* deliveries = static_cast<Deliveries*>(messages[i]->_private);
        int64_t run = 0;
        for (; i < count && messages[i]->_private == deliveries; ++i, ++run) {
          if (messages[i]->err) OnReport(*messages[i], deliveries);
        }
        deliveries->outstanding.fetch_sub(run, std::memory_order_release);
      }
    }
  }
}

void Producer::OnReport(const rd_kafka_message_t& message, Deliveries* deliveries) const {
  deliveries->Fail(DeliveryError(deliveries->user, message.err, rd_kafka_topic_name(message.rkt), message.partition,
                                 message.len + message.key_len, config_, events_.last_problem()),
                   OfTheRecord(message.err));
}

Deliveries* Producer::NewDeliveries(std::string_view user) {
  const std::lock_guard lock(mutex_);
  return &deliveries_.emplace_back(user);
}

std::vector<std::string> Producer::TopicNames() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, topic] : topics_) names.push_back(name);
  return names;
}

rd_kafka_resp_err_t Producer::Produce(rd_kafka_topic_t* topic, const Run& run, Deliveries* deliveries, size_t* failed) {
  for (size_t begin = 0; begin < run.value.size(); begin += kProduceChunk) {
    const size_t count = std::min(kProduceChunk, run.value.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      const size_t at = begin + i;
      rd_kafka_message_t& message = deliveries->chunk[i];
      const std::string_view key = run.key.empty() ? std::string_view() : run.key[at];
      message.err = RD_KAFKA_RESP_ERR_NO_ERROR;
      // A null payload is no value; any other is a value, of length 0 even.
      message.payload = const_cast<char*>(run.value[at].data());
      message.len = run.value[at].size();
      message.key = const_cast<char*>(key.data());
      message.key_len = key.size();
      message.partition = run.partition.empty() || run.partition[at] < 0 ? RD_KAFKA_PARTITION_UA : run.partition[at];
      message._private = deliveries;
    }
    // Counted before: reports may come while the call still runs.
    deliveries->outstanding.fetch_add(static_cast<int64_t>(count), std::memory_order_relaxed);
    const int taken = rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_BLOCK | RD_KAFKA_MSG_F_PARTITION,
                                             deliveries->chunk.data(), static_cast<int>(count));
    if (taken == static_cast<int>(count)) continue;
    deliveries->outstanding.fetch_sub(static_cast<int64_t>(count) - taken, std::memory_order_relaxed);
    for (size_t i = 0; i < count; ++i) {
      *failed = begin + i;
      if (deliveries->chunk[i].err) return deliveries->chunk[i].err;
    }
    return RD_KAFKA_RESP_ERR__FAIL;
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool Producer::Reachable() { return !AskBrokers(client_, 500); }

bool Producer::AwaitAll(int64_t deadline) {
  const auto waits = [this] {
    const std::lock_guard lock(mutex_);
    return std::any_of(deliveries_.begin(), deliveries_.end(),
                       [](const Deliveries& each) { return each.outstanding.load(std::memory_order_acquire) > 0; });
  };
  while (waits()) {
    if (MonotonicMs() >= deadline) return false;
    observe::Beat();
    rd_kafka_flush(client_, 20);
  }
  return true;
}

Status Producer::failure(bool* of_the_record) {
  const std::lock_guard lock(mutex_);
  Status first = Status::Ok();
  *of_the_record = false;
  for (Deliveries& each : deliveries_) {
    if (!each.failed || *of_the_record) continue;
    *of_the_record = each.fails_again();
    if (first.ok() || *of_the_record) first = each.error();
  }
  return first;
}

void Producer::Forget() {
  const std::lock_guard lock(mutex_);
  for (Deliveries& each : deliveries_) each.Forget();
}

Status Producer::Topic(std::string_view user, std::string_view name, rd_kafka_topic_t** topic) {
  const std::lock_guard lock(mutex_);
  if (const auto found = topics_.find(name); found != topics_.end()) {
    *topic = found->second.get();
    return Status::Ok();
  }
  if (!ValidTopicName(name)) {
    return Status::Error(Exit::BadInput, "`" + std::string(user) + "`: \"" + std::string(name.substr(0, 300)) +
                                             "\" is no name of a topic: 1 to 249 of a-z A-Z 0-9 . _ -");
  }
  TopicHandle made(rd_kafka_topic_new(client_, std::string(name).c_str(), nullptr));
  if (!made)
    return Status::Error(Exit::Internal, "`" + std::string(user) + "`: topic " + std::string(name) + ": " +
                                             rd_kafka_err2str(rd_kafka_last_error()));
  int partitions = 0;
  events_.SetQuiet(true);
  // The callbacks are served by the reports' thread.
  const auto wait = [](int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); };
  Status status = AwaitTopic(client_, config_, events_, user, made.get(), wait, &partitions);
  events_.SetQuiet(false);
  if (!status.ok()) return status;
  *topic = made.get();
  topics_.emplace(std::string(name), std::move(made));
  return Status::Ok();
}

}  // namespace streamc::rt::connector::kafka
