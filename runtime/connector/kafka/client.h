// What reader and producer share: handles that clean up, the first contact with the brokers, and the client library's log.
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/batch/status.h"
#include "runtime/connector/kafka/config.h"

namespace streamc::rt::connector::kafka {

template <auto Destroy>
struct Deleter {
  template <typename T>
  void operator()(T* value) const {
    Destroy(value);
  }
};
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, Deleter<rd_kafka_topic_partition_list_destroy>>;

using GroupMetadata =
    std::unique_ptr<rd_kafka_consumer_group_metadata_t, Deleter<rd_kafka_consumer_group_metadata_destroy>>;

inline PartitionList NewPartitionList(int size) {
  return PartitionList(rd_kafka_topic_partition_list_new(size));
}

// What a client said last, from whichever of its threads. Attached to a configuration before rd_kafka_new; must outlive the
// client.
class ClientEvents {
 public:
  // Takes the configuration's log and error callbacks and its opaque pointer; `config` is used to keep secrets out of the
  // texts. `owner`: whoever else has callbacks, see Owner.
  void Attach(rd_kafka_conf_t* conf, const ClientConfig& config, void* owner);
  // The `owner` behind the opaque pointer of a callback.
  static void* Owner(void* opaque) { return static_cast<ClientEvents*>(opaque)->owner_; }
  // While quiet, what the library logs is kept as last_problem() only: a start that fails says so once, itself.
  void SetQuiet(bool quiet) { quiet_ = quiet; }
  void OnError(rd_kafka_resp_err_t error, const std::string& text);
  // The last connection problem; empty when none.
  std::string last_problem() const;
  // Authentication or TLS failed since the start: waiting longer does not help.
  bool refused() const { return refused_; }
  // When a connection was lost, or a session of a group timed out, last, by MonotonicMs; 0: never.
  int64_t lost_connection_ms() const { return lost_connection_ms_; }

 private:
  static void LogCallback(const rd_kafka_t* client, int level, const char* facility, const char* text);
  static void ErrorCallback(rd_kafka_t* client, int error, const char* reason, void* opaque);

  ClientConfig config_;
  void* owner_ = nullptr;
  std::atomic<bool> quiet_{true}, refused_{false};
  std::atomic<int64_t> lost_connection_ms_{0};
  mutable std::mutex mutex_;
  std::string last_problem_;
};

// Waits until a broker answers and knows the topic; at most config.connect_timeout_ms. `serve` runs the client's callbacks for
// about the milliseconds given. Exit 69: no broker, or not let in. Exit 65: the topic is not there (asked again for 3 s, for it
// may be new).
Status AwaitTopic(rd_kafka_t* client, const ClientConfig& config, const ClientEvents& events, std::string_view user,
                  rd_kafka_topic_t* topic, const std::function<void(int)>& serve, int* partition_count);

// The number of a topic's partitions; 0: there is no such topic. One attempt.
rd_kafka_resp_err_t CountPartitions(rd_kafka_t* client, const std::string& name, int timeout_ms, int32_t* count);
// Whether a broker answers; without an error there is a connection to it. One attempt.
rd_kafka_resp_err_t AskBrokers(rd_kafka_t* client, int timeout_ms);

// Destroys a consumer, whose queues and topics are gone already. One whose topic was deleted under it may never end (librdkafka
// 2.0.2): after some seconds it is left to a thread of its own, and says nothing any more.
void DestroyConsumer(rd_kafka_t* client, int flags);

// Milliseconds of the monotonic clock.
int64_t MonotonicMs();

// How long brokers may be away while a job runs: then it ends with 69.
constexpr int64_t kOutageMs = 300000;

// How long something is tried: until the limit, or a few seconds after the job was told to stop (`stop`, may be null). The
// waits of a turn's end that may follow each other stay below ten seconds together.
class Patience {
 public:
  Patience(int64_t limit_ms, const std::atomic<bool>* stop, int64_t after_stop_ms = 2500)
      : deadline_(MonotonicMs() + limit_ms), after_stop_ms_(after_stop_ms), stop_(stop) {}
  bool Over();
  // For the next attempt: `most` milliseconds or what is left, at least one.
  int Slice(int most);

 private:
  int64_t deadline_, after_stop_ms_;
  const std::atomic<bool>* stop_;
};

// The bootstrap brokers, for messages.
std::string BrokersOf(const ClientConfig& config);

// Errors that pass by themselves: elections, restarts, lost connections.
bool Transient(rd_kafka_resp_err_t error);

}  // namespace streamc::rt::connector::kafka
