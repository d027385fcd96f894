// From a program's options, `--kafka name=value` and `--brokers` to the configuration of one Kafka client.
//
// In: text maps. Out: a ClientConfig, or a status with one clear line (exit 64) for a property that is unknown, refused, on the
// wrong side or unsafe. Secrets come in resolved from the program (a `secret` parameter) or as env:NAME / file:PATH from
// `--kafka`; they leave only towards the client library. For reader.cpp and writer.cpp.
#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <string>
#include <string_view>

#include "runtime/batch/status.h"
#include "runtime/connector/kafka/topic_name.h"

namespace streamc::rt::connector::kafka {

enum class Role : uint8_t { Consumer, Producer };

struct ClientConfig {
  std::map<std::string, std::string> properties;  // of librdkafka, complete but for callbacks
  int connect_timeout_ms = 20000;                 // streamc.connect.timeout.ms
  bool recycle_producers = true;                  // streamc.recycle.producers
  auto operator<=>(const ClientConfig&) const = default;
};

// `defaults` < `options` (the program's) < `overrides` (--kafka, shared by sources and sinks: those of the other side are left
// out). `user` names the source or sink for messages.
Status MakeClientConfig(Role role, std::string_view user, const std::string& brokers,
                        const std::map<std::string, std::string>& defaults, const std::map<std::string, std::string>& options,
                        const std::map<std::string, std::string>& overrides, ClientConfig* config);

// Lowers the defaults of a queue, its KiB and its number of messages, to what takes about `bytes`; 0: leaves them. A queue of at least
// 1 MiB and a thousand messages is left.
void LimitQueue(const char* kbytes, const char* messages, int64_t bytes, std::map<std::string, std::string>* defaults);

// A configuration object for rd_kafka_new, which the caller owns.
Status MakeConf(const ClientConfig& config, rd_kafka_conf_t** conf);

// `text` without the value of any secret of `config`; for everything that is printed.
std::string Redacted(const ClientConfig& config, std::string text);

}  // namespace streamc::rt::connector::kafka
