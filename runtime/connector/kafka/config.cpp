#include "runtime/connector/kafka/config.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "runtime/connector/options.h"

namespace streamc::rt::connector::kafka {
namespace {

enum class Kind : uint8_t { Int, Bool, Float, Text, Secret };
enum class Side : uint8_t { Source, Sink, Both };
struct Property {
  std::string_view name;
  Kind kind;
  Side side;
};
struct Refusal {
  std::string_view name, help;
};

constexpr Property kProperties[] = {
#define KAFKA_PROPERTY(name, kind, side, range) {name, Kind::kind, Side::side},
#include "runtime/connector/kafka/specs.def"
};
constexpr Refusal kRefused[] = {
#define KAFKA_REFUSED(name, help) {name, help},
#include "runtime/connector/kafka/specs.def"
};

// Two names of one property: kept under the second, so that a program's value replaces a default whatever its spelling.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"compression.type", "compression.codec"},
    {"delivery.timeout.ms", "message.timeout.ms"},
    {"max.in.flight", "max.in.flight.requests.per.connection"},
    {"max.partition.fetch.bytes", "fetch.message.max.bytes"},
    {"queue.buffering.max.ms", "linger.ms"},
    {"retries", "message.send.max.retries"},
    {"sasl.mechanism", "sasl.mechanisms"},
};

constexpr std::string_view kConnectTimeout = "streamc.connect.timeout.ms";
constexpr std::string_view kRecycleProducers = "streamc.recycle.producers";
constexpr std::string_view kAllowPlainPassword = "streamc.allow.plaintext.password";

// A property may be written with underscores where the library has dots.
bool SameName(std::string_view property, std::string_view written) {
  return std::equal(property.begin(), property.end(), written.begin(), written.end(),
                    [](char a, char b) { return a == b || (a == '.' && b == '_'); });
}

Status UsageError(std::string message) {
  return Status::Error(Exit::Usage, std::move(message));
}

const Property* Find(std::string_view name) {
  const auto* found = std::find_if(std::begin(kProperties), std::end(kProperties),
                                   [&](const Property& each) { return SameName(each.name, name); });
  return found == std::end(kProperties) ? nullptr : found;
}

Status Check(std::string_view user, std::string_view name, const Property** property) {
  for (const Refusal& refusal : kRefused) {
    if (SameName(refusal.name, name)) {
      return UsageError("`" + std::string(user) + "`: Kafka property " + std::string(refusal.name) +
                        " cannot be set: " + std::string(refusal.help));
    }
  }
  *property = Find(name);
  if (*property) return Status::Ok();
  const Property* nearest = nullptr;
  size_t distance = 4;
  for (const Property& each : kProperties) {
    if (const size_t d = EditDistance(name, each.name); d < distance) nearest = &each, distance = d;
  }
  return UsageError("`" + std::string(user) + "`: there is no Kafka property " + std::string(name) + "; " +
                    (nearest ? "did you mean " + std::string(nearest->name) + "?"
                             : "the names are those of librdkafka, such as fetch.max.bytes or linger.ms"));
}

// Whether the library takes the value, asked before the brokers are.
Status CheckValue(std::string_view name, const std::string& value) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char text[512];
  const bool taken = rd_kafka_conf_set(conf, std::string(name).c_str(), value.c_str(), text, sizeof text) == RD_KAFKA_CONF_OK;
  rd_kafka_conf_destroy(conf);
  return taken ? Status::Ok() : UsageError("--kafka " + std::string(name) + ": " + text);
}

// A secret on the command line would stand in every process list, so there it is only pointed to.
Status ResolveSecret(std::string_view name, const std::string& text, std::string* value) {
  const std::string property(name);
  if (text.starts_with("env:")) {
    const char* found = std::getenv(text.c_str() + 4);
    if (!found) return UsageError("--kafka " + property + ": the environment has no variable " + text.substr(4));
    *value = found;
    return Status::Ok();
  }
  if (text.starts_with("file:")) {
    std::ifstream file(text.substr(5), std::ios::binary);
    if (!file) return UsageError("--kafka " + property + ": cannot read " + text.substr(5));
    value->assign(std::istreambuf_iterator<char>(file), {});
    while (!value->empty() && (value->back() == '\n' || value->back() == '\r')) value->pop_back();
    return Status::Ok();
  }
  return UsageError("--kafka " + property + ": a secret is not given on the command line; write " + property + "=env:NAME or " +
                    property + "=file:PATH");
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return text;
}

// Passwords and tokens travel readable over these; SCRAM does not show its password.
Status CheckPassword(std::string_view user, const ClientConfig& config, bool allowed) {
  const auto get = [&](const char* name) {
    const auto found = config.properties.find(name);
    return found == config.properties.end() ? std::string() : Lower(found->second);
  };
  if (allowed || get("security.protocol") != "sasl_plaintext") return Status::Ok();
  const std::string mechanism = get("sasl.mechanisms");
  if (mechanism != "plain" && mechanism != "oauthbearer") return Status::Ok();
  return UsageError(
      "`" + std::string(user) + "`: sasl.mechanism " + (mechanism == "plain" ? "PLAIN" : "OAUTHBEARER") +
      " over sasl_plaintext would send the credentials unencrypted; use security.protocol=sasl_ssl or SCRAM, or consent with"
      " --kafka streamc.allow.plaintext.password=true");
}

}  // namespace

Status MakeClientConfig(Role role, std::string_view user, const std::string& brokers,
                        const std::map<std::string, std::string>& defaults, const std::map<std::string, std::string>& options,
                        const std::map<std::string, std::string>& overrides, ClientConfig* config) {
  if (brokers.empty()) {
    return UsageError("`" + std::string(user) +
                      "` is bound to Kafka, but no broker is given: --brokers HOST:PORT, or bind it elsewhere: --bind " +
                      std::string(user) + "=file:PATH");
  }
  config->properties = defaults;
  config->properties["bootstrap.servers"] = brokers;
  bool allow_password = false;

  const auto apply = [&](const Property& property, const std::string& value) -> Status {
    if (property.name == kConnectTimeout) {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), config->connect_timeout_ms);
      if (error != std::errc() || end != value.data() + value.size() || config->connect_timeout_ms < 100 ||
          config->connect_timeout_ms > 3600000) {
        return UsageError("`" + std::string(user) + "`: streamc.connect.timeout.ms must be 100 .. 3600000");
      }
    } else if (property.name == kAllowPlainPassword) {
      if (value != "true" && value != "false")
        return UsageError("`" + std::string(user) + "`: streamc.allow.plaintext.password must be true or false");
      allow_password = value == "true";
    } else if (property.name == kRecycleProducers) {
      if (value != "true" && value != "false")
        return UsageError("`" + std::string(user) + "`: streamc.recycle.producers must be true or false");
      config->recycle_producers = value == "true";
    } else {
      std::string_view name = property.name;
      for (const auto& [alias, kept] : kAliases) {
        if (alias == name) name = kept;
      }
      config->properties[std::string(name)] = value;
    }
    return Status::Ok();
  };

  const Side other = role == Role::Consumer ? Side::Sink : Side::Source;
  const Property* property = nullptr;
  for (const auto& [name, value] : options) {
    if (Status status = Check(user, name, &property); !status.ok()) return status;
    if (property->side == other) {
      return UsageError("`" + std::string(user) + "`: Kafka property " + std::string(property->name) + " belongs to a " +
                        (other == Side::Sink ? "sink" : "source"));
    }
    if (Status status = apply(*property, value); !status.ok()) return status;
  }
  for (const auto& [name, value] : overrides) {
    if (Status status = Check("--kafka", name, &property); !status.ok()) return status;
    if (property->kind != Kind::Secret && !property->name.starts_with("streamc.")) {
      if (Status status = CheckValue(property->name, value); !status.ok()) return status;
    }
    if (property->side == other) continue;
    std::string resolved = value;
    if (property->kind == Kind::Secret) {
      if (Status status = ResolveSecret(property->name, value, &resolved); !status.ok()) return status;
    }
    if (Status status = apply(*property, resolved); !status.ok()) return status;
  }
  return CheckPassword(user, *config, allow_password);
}

void LimitQueue(const char* kbytes, const char* messages, int64_t bytes, std::map<std::string, std::string>* defaults) {
  if (bytes <= 0) return;
  constexpr int64_t kMessageBytes = 512;  // the library's own part of a message, which its limit in KiB leaves out, and a little
  const auto limit = [&](const char* property, int64_t most) {
    std::string& value = (*defaults)[property];
    if (value.empty() || std::atoll(value.c_str()) > most) value = std::to_string(most);
  };
  limit(kbytes, std::max<int64_t>(bytes / 1024, 1024));
  limit(messages, std::max<int64_t>(bytes / kMessageBytes, 1000));
}

Status MakeConf(const ClientConfig& config, rd_kafka_conf_t** conf) {
  *conf = rd_kafka_conf_new();
  char text[512];
  for (const auto& [name, value] : config.properties) {
    if (rd_kafka_conf_set(*conf, name.c_str(), value.c_str(), text, sizeof text) == RD_KAFKA_CONF_OK) continue;
    rd_kafka_conf_destroy(*conf);
    *conf = nullptr;
    return UsageError("Kafka property " + name + ": " + Redacted(config, text));
  }
  return Status::Ok();
}

std::string Redacted(const ClientConfig& config, std::string text) {
  for (const Property& property : kProperties) {
    if (property.kind != Kind::Secret) continue;
    const auto found = config.properties.find(std::string(property.name));
    if (found == config.properties.end() || found->second.empty()) continue;
    for (size_t at = 0; (at = text.find(found->second, at)) != std::string::npos; at += 3) {
      text.replace(at, found->second.size(), "***");
    }
  }
  return text;
}

bool ValidTopicName(std::string_view name) {
  if (name.empty() || name.size() > 249 || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace streamc::rt::connector::kafka
