// Writes records through whatever happens to the broker meanwhile.
//
// In: records. Out: each in its topic once. For feed and plant; one thread.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>

#include "test/integration/harness.h"

namespace streamc::chaos {

class Producer {
 public:
  // Throws std::runtime_error for a property the library does not take.
  Producer();
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // partition (-1: by the key), key, value, headers and timestamp_ms (-1: now) count. Waits while the queue is full.
  void Send(const std::string& topic, const test::Record& record);
  // Returns when everything is acknowledged; throws std::runtime_error if something was given up.
  void Flush();

 private:
  rd_kafka_t* handle_ = nullptr;
  rd_kafka_resp_err_t failed_ = RD_KAFKA_RESP_ERR_NO_ERROR;
};

}  // namespace streamc::chaos
