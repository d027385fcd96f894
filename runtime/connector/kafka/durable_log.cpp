#include "runtime/connector/kafka/durable_log.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "runtime/connector/kafka/log_impl.h"
#include "runtime/connector/kafka/reader.h"
#include "runtime/connector/kafka/writer.h"
#include "runtime/observe/log.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int kLeastTransactionMs = 2000, kMostTransactionMs = 300000, kMostSocketMs = 5000, kCloseMs = 2000;

// Right after a commit the coordinator still writes markers; the first request of the next transaction would wait for a retry.
constexpr std::chrono::milliseconds kAfterCommit(2);

void CapMs(ClientConfig* config, const char* name, int most) {
  std::string& value = config->properties[name];
  if (value.empty() || std::atoi(value.c_str()) > most) value = std::to_string(most);
}

}  // namespace

Status MakeDurableLog(const DurableLogConfig& config, std::unique_ptr<DurableLog>* log) {
  if (config.group.empty())
    return Status::Error(Exit::Usage, "exactly-once and keyed jobs on Kafka need a consumer group: --group NAME");
  for (const auto& [name, value] : {std::pair("--group", config.group), std::pair("--instance", config.instance_id)}) {
    if (value.find_first_of(";/") != std::string::npos || value.size() > 200)
      return Status::Error(Exit::Usage, std::string(name) + " \"" + value + "\": at most 200 bytes without ; and /");
  }
  if (config.key_groups < 1) return Status::Error(Exit::Usage, "key_groups must be at least 1");
  *log = std::make_unique<KafkaLog>(config);
  return Status::Ok();
}

Status KafkaLog::Open() {
  if (Status status = MakeProducerConfig(); !status.ok()) return status;
  if (Status status = Home::Make(config_, &home_); !status.ok()) return status;
  if (config_.read_only) return CheckTopics(home_->client(), config_);
  if (config_.keyed) {
    if (Status status = EnsureTopics(home_->client(), home_->config(), config_); !status.ok()) return status;
  }
  if (Status status = NewProducer(producer_config_.connect_timeout_ms); !status.ok()) return status;
  if (!config_.keyed) return Status::Ok();
  // Known before the first transaction: it would wait a second for a topic met for the first time.
  for (const InternalTopic which : {InternalTopic::Repartition, InternalTopic::Changelog}) {
    rd_kafka_topic_t* topic = nullptr;
    if (Status status = slot_->producer->Topic(config_.group, TopicName(config_.group, which), &topic); !status.ok())
      return status;
  }
  return Status::Ok();
}

// What all sinks want and what transactions need.
Status KafkaLog::MakeProducerConfig() {
  std::map<std::string, std::string> defaults = ProducerDefaults(), overrides = config_.kafka;
  LimitQueue("queue.buffering.max.kbytes", "queue.buffering.max.messages", config_.buffer_bytes, &defaults);
  const std::string id = TransactionalId(config_.group, config_.instance_id);
  if (config_.exactly_once) {
    defaults["transactional.id"] = id;
    defaults["transaction.timeout.ms"] = "10000";
    defaults["retry.backoff.ms"] = "1";
    std::string chosen;
    if (const auto found = overrides.find("client.id"); found != overrides.end()) {
      chosen = found->second + "/";
      overrides.erase(found);
    }
    defaults["client.id"] = chosen + id;
  } else {
    defaults["client.id"] = id;
  }
  ClientConfig config;
  if (Status status =
          MakeClientConfig(Role::Producer, config_.group, config_.brokers, defaults, sink_options_, overrides, &config);
      !status.ok()) {
    return status;
  }
  if (config_.exactly_once) {
    transaction_timeout_ms_ = std::atoi(config.properties["transaction.timeout.ms"].c_str());
    if (transaction_timeout_ms_ < kLeastTransactionMs || transaction_timeout_ms_ > kMostTransactionMs) {
      return Status::Error(Exit::Usage, Who() + "transaction.timeout.ms must be " + std::to_string(kLeastTransactionMs) +
                                            " .. " + std::to_string(kMostTransactionMs) +
                                            ": it is how long a lost process may hold others up");
    }
    // What is not done within the transaction is not done at all, and a request that hangs has to be seen while it lasts.
    CapMs(&config, "message.timeout.ms", transaction_timeout_ms_);
    CapMs(&config, "socket.timeout.ms", std::min(kMostSocketMs, transaction_timeout_ms_ / 2));
    socket_timeout_ms_ = std::atoi(config.properties["socket.timeout.ms"].c_str());
  }
  producer_config_ = std::move(config);
  return Status::Ok();
}

Status KafkaLog::MakeWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer) {
  if (Status status = CheckSink(binding); !status.ok()) return status;
  if (!config.brokers.empty() && config.brokers != config_.brokers) {
    return Status::Error(Exit::Usage, "`" + binding.name +
                                          "`: a sink of this job writes to the brokers its sources read from (" +
                                          config_.brokers + "), not " + config.brokers);
  }
  ClientConfig own;
  if (Status status = MakeClientConfig(Role::Producer, binding.name, config_.brokers, {}, binding.options, {}, &own);
      !status.ok())
    return status;
  own.properties.erase("bootstrap.servers");
  for (const auto& [name, value] : own.properties) {
    const auto found = sink_options_.find(name);
    if (found != sink_options_.end() && found->second != value) {
      return Status::Error(Exit::Usage,
                           "`" + binding.name + "` and `" + option_owner_[name] + "` set " + name +
                               " differently; all sinks of a job on one cluster write with one producer: give it once"
                               " with --kafka " +
                               name + "=VALUE");
    }
    if (found == sink_options_.end()) {
      sink_options_[name] = value;
      option_owner_[name] = binding.name;
      config_changed_ = true;
    }
  }
  if (Status status = MakeProducerConfig(); !status.ok()) return status;
  // Before the first turn: the writer's Open is to meet the producer it will write with.
  if (config_changed_) {
    if (Status status = NewProducer(producer_config_.connect_timeout_ms); !status.ok()) return status;
  }
  *writer = MakeWriterOn(binding, producer_config_, slot_);
  return Status::Ok();
}

Status KafkaLog::MakeGroupReader(RevokeListener* listener, std::unique_ptr<Reader>* reader) {
  ReaderConfig config;
  config.group = config_.group;
  config.brokers = config_.brokers;
  config.instance_id = config_.instance_id;
  config.kafka = config_.kafka;
  config.listener = listener;
  config.stop = config_.stop;
  config.buffer_bytes = config_.buffer_bytes;
  const Binding binding{.name = "repartition",
                        .connector = "kafka",
                        .args = {TopicName(config_.group, InternalTopic::Repartition)},
                        .options = {}};
  if (Status status = kafka::MakeReader(binding, config, reader); !status.ok()) return status;
  static_cast<KafkaReader&>(**reader).ExpectPartitions(config_.key_groups);
  return Status::Ok();
}

Status KafkaLog::Begin() {
  // What is still on its way would end a later transaction of the same producer.
  if (config_.exactly_once && !config_.one_turn && producer_config_.recycle_producers) {
    std::string reason = slot_->producer->disturbance();
    if (reason.empty() && suspicious_) reason = "the commit took longer than a request may";
    if (!reason.empty()) {
      if (Status status = Recycle(reason); !status.ok()) return status;
    }
  }
  positions_.clear();
  turn_purge_.clear();
  doomed_ = recycle_ = suspicious_ = confirmed_ = false;
  doom_text_.clear();
  recycle_text_.clear();
  failure_ = Status::Ok();
  slot_->producer->Forget();
  begun_ = true;
  if (!config_.exactly_once) return Status::Ok();
  std::this_thread::sleep_until(last_end_ + kAfterCommit);
  if (rd_kafka_error_t* error = rd_kafka_begin_transaction(slot_->producer->client())) Doom(Take(error));
  return Status::Ok();
}

Status KafkaLog::Write(InternalTopic which, const GroupRecords& records) {
  if (doomed_ || records.size() == 0) return Status::Ok();
  Producer& producer = *slot_->producer;
  if (internal_serial_ != slot_->serial) {
    internal_ = producer.NewDeliveries(config_.group);
    internal_serial_ = slot_->serial;
  }
  const std::string name = TopicName(config_.group, which);
  rd_kafka_topic_t* topic = nullptr;
  if (Status status = producer.Topic(config_.group, name, &topic); !status.ok()) {
    internal_->Fail(std::move(status), producer.Reachable());
  } else {
    size_t failed = 0;
    const auto error = producer.Produce(topic, {records.value, records.key, records.group}, internal_, &failed);
    if (!error) return Status::Ok();
    const size_t bytes = records.value[failed].size() + (records.key.empty() ? 0 : records.key[failed].size());
    internal_->Fail(DeliveryError(config_.group, error, name, records.group[failed], bytes, producer_config_,
                                  producer.events().last_problem()),
                    OfTheRecord(error));
  }
  if (config_.exactly_once && !internal_->fails_again()) return Status::Ok();
  Status status = internal_->error();
  if (Status aborted = Abort(); !aborted.ok()) return aborted;
  return status;
}

Status KafkaLog::Members(int32_t* members) {
  Home::Group group;
  if (!home_->Describe(&group)) {
    return Status::Error(
        Exit::TryAgain, Who() + "the brokers do not say who is a member of the group (" + home_->events().last_problem() + ")");
  }
  *members = static_cast<int32_t>(group.ids.size());
  return Status::Ok();
}

void KafkaLog::Close() {
  if (begun_ && config_.exactly_once) {
    // Readers need not wait for it to time out.
    if (rd_kafka_error_t* error = rd_kafka_abort_transaction(slot_->producer->client(), kCloseMs))
      rd_kafka_error_destroy(error);
  }
  begun_ = false;
  if (stray_) (void)TakeRecordsBack();  // the process ends
  ++slot_->serial;
  slot_->producer.reset();
  purge_ = Purge();
}

}  // namespace streamc::rt::connector::kafka
