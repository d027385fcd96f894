// One producer of the client library with the thread that takes its delivery reports. For writer.cpp and the durable log.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "runtime/connector/kafka/client.h"

namespace streamc::rt::connector::kafka {

constexpr size_t kProduceChunk = 1024;  // messages per call of the library

// What one writer still waits for, and what went wrong first. Messages carry its address.
struct Deliveries {
  explicit Deliveries(std::string_view name) : user(name) {}
  const std::string user;  // the sink
  std::atomic<int64_t> outstanding{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  Status first_error;                                     // under mutex
  bool of_the_record = false;                             // under mutex: the same record will fail again
  std::array<rd_kafka_message_t, kProduceChunk> chunk{};  // of the writing thread

  void Fail(Status error, bool of_the_record);
  Status error();
  bool fails_again();
  void Forget();
};

// Records for one topic. `partition` may be empty, as in OutRecords.
struct Run {
  std::span<const std::string_view> value, key;
  std::span<const int32_t> partition;
};

class Producer {
 public:
  // The process's producer of this configuration, made when there is none. `user` names the sink for messages.
  static Status Get(std::string_view user, const ClientConfig& config, std::shared_ptr<Producer>* producer);
  // One of its own. With a transactional.id the transactions still have to be initialised.
  static Status Make(std::string_view user, const ClientConfig& config, std::shared_ptr<Producer>* producer);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  rd_kafka_t* client() const { return client_; }
  const ClientConfig& config() const { return config_; }
  const ClientEvents& events() const { return events_; }
  // How long a record may take until it is delivered or has failed.
  int delivery_timeout_ms() const { return delivery_timeout_ms_; }
  // Lives as long as the producer, for reports may come late.
  Deliveries* NewDeliveries(std::string_view user);
  // A topic that exists, checked once at its first use: may wait as long as a start does.
  Status Topic(std::string_view user, std::string_view name, rd_kafka_topic_t** topic);
  std::vector<std::string> TopicNames();

  // Takes the records over, in order; waits while the queue is full, no longer than the delivery timeout. Values stay where
  // they are until reported. An error: that of the record `failed`; those before it were taken.
  rd_kafka_resp_err_t Produce(rd_kafka_topic_t* topic, const Run& run, Deliveries* deliveries, size_t* failed);
  // A broker answers at this moment; waits half a second at most.
  bool Reachable();
  // Waits until every record is reported; false after the deadline.
  bool AwaitAll(int64_t deadline);
  // The first failure of any user; `of_the_record`: doing it again will not help.
  Status failure(bool* of_the_record);
  // What failed so far belongs to a turn that does not count.
  void Forget();
  // The first request of the transactional path that may have been sent and has no answer, and why: it may still arrive, and then a
  // later transaction of this producer would be ended by it. Empty: there is none.
  std::string disturbance() const;

 private:
  explicit Producer(ClientConfig config) : config_(std::move(config)) {}
  Status Start(std::string_view user);
  void TakeReports();
  void OnReport(const rd_kafka_message_t& message, Deliveries* deliveries) const;
  static rd_kafka_resp_err_t OnNew(rd_kafka_t* client, const rd_kafka_conf_t* conf, void* opaque, char* text, size_t size);
  static rd_kafka_resp_err_t OnResponse(rd_kafka_t* client, int socket, const char* broker, int32_t broker_id, int16_t request,
                                        int16_t version, int32_t correlation, size_t size, int64_t time,
                                        rd_kafka_resp_err_t error, void* opaque);
  static rd_kafka_resp_err_t OnState(rd_kafka_t* client, int32_t broker_id, const char* protocol, const char* name, int port,
                                     const char* state, void* opaque);

  const ClientConfig config_;
  ClientEvents events_;
  rd_kafka_t* client_ = nullptr;
  QueueHandle queue_;
  int delivery_timeout_ms_ = 0;
  std::mutex mutex_;  // of the two below
  std::map<std::string, TopicHandle, std::less<>> topics_;
  std::deque<Deliveries> deliveries_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint32_t> disturbed_{0};  // request << 16 | error; 0: none
  std::thread reports_;
};

// Where writers find their producer: one of their own, or a log's, which makes a new one after trouble.
struct ProducerSlot {
  std::shared_ptr<Producer> producer;
  int64_t serial = 0;          // of `producer`, from 1
  bool transactional = false;  // failures that are not a record's own are the log's to deal with
};

// Whether a record that failed so will fail again, however often it is written.
bool OfTheRecord(rd_kafka_resp_err_t error);

// The error of a record the library or a broker did not take.
Status DeliveryError(const std::string& user, rd_kafka_resp_err_t error, const std::string& topic, int32_t partition,
                     size_t bytes, const ClientConfig& config, const std::string& last_problem);

}  // namespace streamc::rt::connector::kafka
