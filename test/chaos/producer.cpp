#include "test/chaos/producer.h"

#include <stdexcept>
#include <utility>

namespace streamc::chaos {
namespace {

constexpr int kPatienceMs = 300'000;

}  // namespace

Producer::Producer() {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  // A broker that is gone for a while is part of the test: nothing is given up, nothing is written twice. One request at a time:
  // several that too few replicas refuse end the library's idempotent producer (2.0.2, "rewound sequence number").
  for (const auto& [name, value] :
       {std::pair<const char*, std::string>{"bootstrap.servers", test::Brokers()}, {"enable.idempotence", "true"},
        {"max.in.flight.requests.per.connection", "1"}, {"partitioner", "murmur2_random"}, {"linger.ms", "2"}, {"compression.type", "lz4"},
        {"message.max.bytes", "10000000"}, {"message.timeout.ms", std::to_string(kPatienceMs)}, {"reconnect.backoff.max.ms", "200"}}) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) throw std::runtime_error(text);
  }
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    if (message->err) static_cast<Producer*>(opaque)->failed_ = message->err;
  });
  handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (!handle_) throw std::runtime_error(text);
}

Producer::~Producer() { rd_kafka_destroy(handle_); }

void Producer::Send(const std::string& topic, const test::Record& record) {
  const char* key = record.key ? record.key->data() : nullptr;
  const char* value = record.value ? record.value->data() : nullptr;
  const size_t key_size = record.key ? record.key->size() : 0, value_size = record.value ? record.value->size() : 0;
  const int64_t timestamp = record.timestamp_ms < 0 ? 0 : record.timestamp_ms;
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, content] : record.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), content.data(),
                        static_cast<ssize_t>(content.size()));
  }
  for (;;) {
    const auto error = rd_kafka_producev(
        handle_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_size),
        RD_KAFKA_V_VALUE(const_cast<char*>(value), value_size), RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_END);
    if (!error) break;
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      rd_kafka_headers_destroy(headers);
      throw std::runtime_error("produce to " + topic + ": " + rd_kafka_err2str(error));
    }
    rd_kafka_poll(handle_, 10);
  }
  rd_kafka_poll(handle_, 0);
}

void Producer::Flush() {
  if (rd_kafka_flush(handle_, kPatienceMs)) throw std::runtime_error("the broker does not take what it is sent");
  if (failed_) throw std::runtime_error(std::string("a record was given up: ") + rd_kafka_err2str(failed_));
}

}  // namespace streamc::chaos
