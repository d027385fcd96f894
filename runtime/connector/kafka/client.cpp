#include "runtime/connector/kafka/client.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "runtime/observe/heartbeat.h"
#include "runtime/observe/log.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int64_t kNewTopicMs = 3000;
constexpr std::chrono::seconds kDestroyLimit(3);

// Both callbacks of the library get the same opaque pointer.
ClientEvents* EventsOf(const rd_kafka_t* client) {
  return static_cast<ClientEvents*>(rd_kafka_opaque(client));
}

}  // namespace

rd_kafka_resp_err_t CountPartitions(rd_kafka_t* client, const std::string& name, int timeout_ms, int32_t* count) {
  const TopicHandle topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
  const struct rd_kafka_metadata* metadata = nullptr;
  auto error = rd_kafka_metadata(client, 0, topic.get(), &metadata, timeout_ms);
  if (error) return error;
  error = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  *count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
  rd_kafka_metadata_destroy(metadata);
  if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
    *count = 0;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  return error;
}

rd_kafka_resp_err_t AskBrokers(rd_kafka_t* client, int timeout_ms) {
  const struct rd_kafka_metadata* metadata = nullptr;
  const auto error = rd_kafka_metadata(client, 0, nullptr, &metadata, timeout_ms);
  if (metadata) rd_kafka_metadata_destroy(metadata);
  return error;
}

void DestroyConsumer(rd_kafka_t* client, int flags) {
  // Whoever its callbacks belong to may be gone before it.
  rd_kafka_set_log_level(client, -1);
  auto ended = std::make_shared<std::promise<void>>();
  const std::future<void> end = ended->get_future();
  std::thread([client, flags, ended] {
    rd_kafka_destroy_flags(client, flags);
    ended->set_value();
  }).detach();
  if (end.wait_for(kDestroyLimit) == std::future_status::ready) return;
  observe::Log(observe::LogLevel::Warn, "kafka_client_left", {{"text", "the client library does not end a consumer"}});
}

int64_t MonotonicMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool Patience::Over() {
  observe::Beat();
  if (stop_ && *stop_) {
    deadline_ = std::min(deadline_, MonotonicMs() + after_stop_ms_);
    stop_ = nullptr;
  }
  return MonotonicMs() >= deadline_;
}

int Patience::Slice(int most) {
  Over();
  return static_cast<int>(std::clamp<int64_t>(deadline_ - MonotonicMs(), 1, most));
}

std::string BrokersOf(const ClientConfig& config) {
  return config.properties.at("bootstrap.servers");
}

bool Transient(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__WAIT_CACHE:
    case RD_KAFKA_RESP_ERR__IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__RETRY:
    case RD_KAFKA_RESP_ERR__PARTIAL:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE: return true;
    default: return false;
  }
}

void ClientEvents::Attach(rd_kafka_conf_t* conf, const ClientConfig& config, void* owner) {
  config_ = config;
  owner_ = owner;
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_log_cb(conf, &ClientEvents::LogCallback);
  rd_kafka_conf_set_error_cb(conf, &ClientEvents::ErrorCallback);
}

void ClientEvents::LogCallback(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  ClientEvents* events = client ? EventsOf(client) : nullptr;
  if (!events || events->quiet_) return;
  // Who was out of touch for a session joins again by itself, and may be fenced by that.
  if (std::string_view(facility) == "SESSTMOUT") events->lost_connection_ms_ = MonotonicMs();
  // What the library calls an error (a lost connection, say) is for the runtime to judge. What it says at level 7 was asked for
  // with `debug`.
  const auto log_level = level <= 4 ? observe::LogLevel::Warn : observe::LogLevel::Info;
  observe::Log(log_level, "kafka_client", {{"facility", facility}, {"text", Redacted(events->config_, text)}});
}

void ClientEvents::ErrorCallback(rd_kafka_t* client, int error, const char* reason, void*) {
  EventsOf(client)->OnError(static_cast<rd_kafka_resp_err_t>(error), reason ? reason : "");
}

void ClientEvents::OnError(rd_kafka_resp_err_t error, const std::string& text) {
  if (error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR__SSL ||
      error == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED) {
    refused_ = true;
  }
  if (error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
    lost_connection_ms_ = MonotonicMs();
  // "All brokers down" follows the reason and says less.
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;
  const std::lock_guard lock(mutex_);
  last_problem_ = Redacted(config_, text.empty() ? rd_kafka_err2str(error) : text);
}

std::string ClientEvents::last_problem() const {
  const std::lock_guard lock(mutex_);
  return last_problem_;
}

Status AwaitTopic(rd_kafka_t* client, const ClientConfig& config, const ClientEvents& events, std::string_view user,
                  rd_kafka_topic_t* topic, const std::function<void(int)>& serve, int* partition_count) {
  const std::string who = "`" + std::string(user) + "`: ";
  const std::string name = rd_kafka_topic_name(topic);
  const int64_t start = MonotonicMs(), deadline = start + config.connect_timeout_ms;
  int64_t first_missing = -1;
  rd_kafka_resp_err_t last = RD_KAFKA_RESP_ERR_NO_ERROR;
  while (true) {
    observe::Beat();
    const int64_t left = deadline - MonotonicMs();
    const struct rd_kafka_metadata* metadata = nullptr;
    last = rd_kafka_metadata(client, 0, topic, &metadata, static_cast<int>(std::clamp<int64_t>(left, 1, 500)));
    if (last == RD_KAFKA_RESP_ERR_NO_ERROR) {
      last = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
      *partition_count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
      rd_kafka_metadata_destroy(metadata);
      if (last == RD_KAFKA_RESP_ERR_NO_ERROR && *partition_count > 0) return Status::Ok();
    }
    serve(0);
    switch (last) {
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        if (first_missing < 0) first_missing = MonotonicMs();
        if (MonotonicMs() - first_missing >= kNewTopicMs) {
          return Status::Error(Exit::Incompatible, who + "there is no topic " + name + " on " + BrokersOf(config) +
                                                       "; create it, or bind another with --bind");
        }
        break;
      case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
        return Status::Error(Exit::Usage, who + "the brokers refuse " + name + " as the name of a topic");
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        return Status::Error(Exit::Unreachable, who + "this user may not use topic " + name + " on " + BrokersOf(config));
      default: break;
    }
    if (events.refused()) {
      return Status::Error(Exit::Unreachable,
                           who + "Kafka at " + BrokersOf(config) + " does not let the job in: " + events.last_problem());
    }
    if (MonotonicMs() >= deadline) break;
    serve(100);
  }
  const std::string problem = events.last_problem();
  return Status::Error(Exit::Unreachable, who + "no Kafka broker answers at " + BrokersOf(config) + " (" +
                                              (problem.empty() ? std::string(rd_kafka_err2str(last)) : problem) + ")");
}

}  // namespace streamc::rt::connector::kafka
