// One producer of the client library with the thread that takes its delivery reports. For writer.cpp.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/connector/kafka/client.h"

namespace streamc::rt::connector::kafka {

// What one writer still waits for, and what went wrong first. Messages carry its address.
struct Deliveries {
  explicit Deliveries(std::string_view name) : user(name) {}
  const std::string user;  // the sink
  std::atomic<int64_t> outstanding{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  Status first_error;  // under mutex

  void Fail(Status error);
  Status error();
};

class Producer {
 public:
  // The process's producer of this configuration, made when there is none. `user` names the sink for messages.
  static Status Get(std::string_view user, const ClientConfig& config, std::shared_ptr<Producer>* producer);
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

 private:
  explicit Producer(ClientConfig config) : config_(std::move(config)) {}
  Status Start(std::string_view user);
  void TakeReports();
  void OnReport(const rd_kafka_message_t& message, Deliveries* deliveries) const;

  const ClientConfig config_;
  ClientEvents events_;
  rd_kafka_t* client_ = nullptr;
  QueueHandle queue_;
  int delivery_timeout_ms_ = 0;
  std::mutex mutex_;  // of the two below
  std::map<std::string, TopicHandle, std::less<>> topics_;
  std::deque<Deliveries> deliveries_;
  std::atomic<bool> stopping_{false};
  std::thread reports_;
};

// The error of a record the library or a broker did not take.
Status DeliveryError(const std::string& user, rd_kafka_resp_err_t error, const std::string& topic, int32_t partition,
                     size_t bytes, const ClientConfig& config, const std::string& last_problem);

}  // namespace streamc::rt::connector::kafka
