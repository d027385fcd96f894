// The two topics of a job with keyed steps: made when missing, checked when there, and what is read of the one deleted.
//
// In: a client of any kind and the number of key groups. Out: topics a job can trust its state to, or exit 65 with what to do.
// For the durable log.
#pragma once

#include <map>
#include <string>

#include "runtime/connector/cluster_check.h"
#include "runtime/connector/durable_log.h"
#include "runtime/connector/kafka/client.h"

namespace streamc::rt::connector::kafka {

std::string TopicName(const std::string& group, InternalTopic topic);

// Several processes may do so at once. Exit 64: no name for topics; 65: partitions or settings that do not fit; 69: no answer
// within the connect timeout, or no right to make or read them.
Status EnsureTopics(rd_kafka_t* client, const ClientConfig& config, const DurableLogConfig& job);

// For --check: what of this EnsureTopics would find or make; whether it may make them is asked of the brokers.
void LookAtTopics(rd_kafka_t* client, const ClientConfig& config, const DurableLogConfig& job, std::vector<Finding>* findings);

// Asks how many partitions they have now. Exit 65 when it is another number or a topic is gone; ok without an answer.
Status CheckTopics(rd_kafka_t* client, const DurableLogConfig& job);

// Deletes records of the repartition topic that every reader is done with.
class Purge {
 public:
  explicit Purge(int64_t every_ms = 30000) : every_ms_(every_ms) {}
  // `offsets`: per partition, positions of finished transactions. A request goes out at most so often; nobody waits for it.
  void Run(rd_kafka_t* client, const std::string& topic, const std::map<int32_t, int64_t>& offsets);

 private:
  int64_t every_ms_;
  QueueHandle replies_;
  std::map<int32_t, int64_t> done_;
  int64_t next_ms_ = 0;
  bool warned_ = false;
};

}  // namespace streamc::rt::connector::kafka
