#include "runtime/connector/kafka/writer.h"

#include <algorithm>
#include <array>
#include <limits>

#include "runtime/connector/kafka/producer.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int kFlushStepMs = 20;  // another writer of the same producer may keep it busy for ever
constexpr int64_t kReportSlackMs = 5000;
constexpr int64_t kCloseMs = 5000;

class KafkaWriter final : public Writer {
 public:
  KafkaWriter(std::string name, std::string topic, ClientConfig client_config, std::shared_ptr<ProducerSlot> slot)
      : name_(std::move(name)),
        topic_(std::move(topic)),
        client_config_(std::move(client_config)),
        slot_(std::move(slot)),
        of_log_(slot_ != nullptr) {}
  ~KafkaWriter() override { Close(); }

  Status Open() override;
  Status Write(const OutRecords& records) override;
  Status Flush() override;
  void Close() override;

 private:
  Status WriteRun(rd_kafka_topic_t* topic, const OutRecords& records, size_t begin, size_t end);
  Status WriteOne(rd_kafka_topic_t* topic, const OutRecords& records, size_t index);
  Status Failed(rd_kafka_resp_err_t error, rd_kafka_topic_t* topic, const OutRecords& records, size_t index);
  Status UseProducer();
  Status Failed(Status status, bool of_the_record);
  bool AwaitDeliveries(int64_t deadline);
  void Settle();

  const std::string name_, topic_;
  const ClientConfig client_config_;
  std::shared_ptr<ProducerSlot> slot_;
  const bool of_log_;
  int64_t serial_ = 0;  // of the producer the two below belong to
  Deliveries* deliveries_ = nullptr;
  rd_kafka_topic_t* own_topic_ = nullptr;
};

// librdkafka takes a null payload for no value, and any other for a value, of length 0 even.
void* Data(std::string_view text) {
  return const_cast<char*>(text.data());
}

std::string_view KeyOf(const OutRecords& records, size_t index) {
  return records.key.empty() ? std::string_view() : records.key[index];
}

Status KafkaWriter::Open() {
  if (!slot_) {
    auto slot = std::make_shared<ProducerSlot>();
    if (Status status = Producer::Get(name_, client_config_, &slot->producer); !status.ok()) return status;
    slot->serial = 1;
    slot_ = std::move(slot);
  }
  return UseProducer();
}

Status KafkaWriter::UseProducer() {
  if (serial_ == slot_->serial) return Status::Ok();
  deliveries_ = slot_->producer->NewDeliveries(name_);
  // Without a topic of its own each record names one.
  if (!topic_.empty()) {
    if (Status status = slot_->producer->Topic(name_, topic_, &own_topic_); !status.ok()) return status;
  }
  serial_ = slot_->serial;
  return Status::Ok();
}

Status KafkaWriter::Write(const OutRecords& records) {
  if (Status status = UseProducer(); !status.ok()) return Failed(std::move(status), slot_->producer->Reachable());
  if (deliveries_->failed) return slot_->transactional && !deliveries_->fails_again() ? Status::Ok() : deliveries_->error();
  const size_t count = records.size();
  const bool simple = records.headers.empty() && records.timestamp.empty();
  for (size_t begin = 0; begin < count;) {
    rd_kafka_topic_t* topic = own_topic_;
    size_t end = count;
    if (!records.topic.empty()) {
      const std::string_view name = records.topic[begin];
      size_t same = begin + 1;
      while (same < end && records.topic[same] == name) ++same;
      end = same;
      if (Status status = slot_->producer->Topic(name_, name, &topic); !status.ok()) {
        return Failed(std::move(status), slot_->producer->Reachable());
      }
    }
    if (simple) {
      if (Status status = WriteRun(topic, records, begin, end); !status.ok()) return status;
    } else {
      for (size_t i = begin; i < end; ++i) {
        if (Status status = WriteOne(topic, records, i); !status.ok()) return status;
      }
    }
    begin = end;
  }
  return Status::Ok();
}

Status KafkaWriter::WriteRun(rd_kafka_topic_t* topic, const OutRecords& records, size_t begin, size_t end) {
  const auto part = [&](const auto& column) {
    return column.empty() ? std::span(column) : std::span(column).subspan(begin, end - begin);
  };
  size_t failed = 0;
  const auto error =
      slot_->producer->Produce(topic, {part(records.value), part(records.key), part(records.partition)}, deliveries_, &failed);
  return error ? Failed(error, topic, records, begin + failed) : Status::Ok();
}

Status KafkaWriter::WriteOne(rd_kafka_topic_t* topic, const OutRecords& records, size_t index) {
  rd_kafka_headers_t* headers = nullptr;
  if (!records.headers.empty() && !records.headers[index].empty()) {
    headers = rd_kafka_headers_new(records.headers[index].size());
    for (const Header& header : records.headers[index]) {
      rd_kafka_header_add(headers, header.key.data(), static_cast<ssize_t>(header.key.size()),
                          header.value ? header.value->data() : nullptr,
                          header.value ? static_cast<ssize_t>(header.value->size()) : 0);
    }
  }
  // 0 is the library's word for now, so the first millisecond of 1970 and all before cannot be said.
  const int64_t micros = records.timestamp.empty() ? -1 : records.timestamp[index];
  std::array<rd_kafka_vu_t, 8> arguments{};
  size_t n = 0;
  const auto add = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    arguments[n].vtype = type;
    return arguments[n++];
  };
  add(RD_KAFKA_VTYPE_RKT).u.rkt = topic;
  add(RD_KAFKA_VTYPE_PARTITION).u.i32 =
      records.partition.empty() || records.partition[index] < 0 ? RD_KAFKA_PARTITION_UA : records.partition[index];
  add(RD_KAFKA_VTYPE_VALUE).u.mem = {Data(records.value[index]), records.value[index].size()};
  add(RD_KAFKA_VTYPE_KEY).u.mem = {Data(KeyOf(records, index)), KeyOf(records, index).size()};
  add(RD_KAFKA_VTYPE_OPAQUE).u.ptr = deliveries_;
  add(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_BLOCK;
  add(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = micros < 0 ? 0 : micros / 1000;
  if (headers) add(RD_KAFKA_VTYPE_HEADERS).u.headers = headers;
  deliveries_->outstanding.fetch_add(1, std::memory_order_relaxed);
  rd_kafka_error_t* error = rd_kafka_produceva(slot_->producer->client(), arguments.data(), n);
  if (!error) return Status::Ok();
  const auto code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  if (headers) rd_kafka_headers_destroy(headers);
  deliveries_->outstanding.fetch_sub(1, std::memory_order_relaxed);
  return Failed(code, topic, records, index);
}

Status KafkaWriter::Failed(rd_kafka_resp_err_t error, rd_kafka_topic_t* topic, const OutRecords& records, size_t index) {
  const int32_t partition = records.partition.empty() ? -1 : records.partition[index];
  return Failed(DeliveryError(name_, error, rd_kafka_topic_name(topic), partition,
                              records.value[index].size() + KeyOf(records, index).size(), client_config_,
                              slot_->producer->events().last_problem()),
                OfTheRecord(error));
}

// In a transaction what may go well another time is no error: the log aborts the turn, and the rest of it need not be written.
Status KafkaWriter::Failed(Status status, bool of_the_record) {
  deliveries_->Fail(std::move(status), of_the_record);
  if (slot_->transactional && !deliveries_->fails_again()) return Status::Ok();
  Settle();
  return deliveries_->error();
}

bool KafkaWriter::AwaitDeliveries(int64_t deadline) {
  while (deliveries_->outstanding.load(std::memory_order_acquire) > 0) {
    if (MonotonicMs() >= deadline) return false;
    rd_kafka_flush(slot_->producer->client(), kFlushStepMs);
  }
  return true;
}

// After a failure: gives up what is still on its way, so that nothing refers to the caller's memory any more.
void KafkaWriter::Settle() {
  if (AwaitDeliveries(MonotonicMs() + kCloseMs)) return;
  rd_kafka_purge(slot_->producer->client(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  AwaitDeliveries(MonotonicMs() + kCloseMs);
}

Status KafkaWriter::Flush() {
  if (of_log_) {
    // The end of the turn waits for all writers at once; what was written went with its producer where that was exchanged.
    return serial_ == slot_->serial && deliveries_->fails_again() ? deliveries_->error() : Status::Ok();
  }
  if (!AwaitDeliveries(MonotonicMs() + slot_->producer->delivery_timeout_ms() + kReportSlackMs)) {
    deliveries_->Fail(DeliveryError(name_, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, topic_, -1, 0, client_config_,
                                    slot_->producer->events().last_problem()),
                      false);
    Settle();
  }
  return deliveries_->error();
}

void KafkaWriter::Close() {
  if (!slot_) return;
  if (deliveries_ && serial_ == slot_->serial) Settle();
  slot_.reset();
}

}  // namespace

const std::map<std::string, std::string>& ProducerDefaults() {
  static const std::map<std::string, std::string> defaults = {
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"partitioner", "murmur2_random"},  // places keys as the Java client does
      {"linger.ms", "5"},                 // Flush does not wait for it
      {"message.timeout.ms", "60000"},
      {"queue.buffering.max.messages", "500000"},
      {"queue.buffering.max.kbytes", "131072"},
      {"socket.nagle.disable", "true"},
      {"reconnect.backoff.max.ms", "1000"},
      {"topic.metadata.refresh.interval.ms", "30000"},
  };
  return defaults;
}

Status CheckSink(const Binding& binding) {
  if (binding.args.empty() || (binding.args.size() == 1 && ValidTopicName(binding.args[0]))) return Status::Ok();
  return Status::Error(Exit::Usage, "`" + binding.name +
                                        "`: kafka writes to one topic, whose name is 1 to 249 of a-z A-Z 0-9 . _ -, not \"" +
                                        binding.args[0] + "\"");
}

std::unique_ptr<Writer> MakeWriterOn(const Binding& binding, const ClientConfig& config, std::shared_ptr<ProducerSlot> slot) {
  return std::make_unique<KafkaWriter>(binding.name, binding.args.empty() ? std::string() : binding.args[0], config,
                                       std::move(slot));
}

Status MakeWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer) {
  if (Status status = CheckSink(binding); !status.ok()) return status;
  std::map<std::string, std::string> defaults = ProducerDefaults();
  LimitQueue("queue.buffering.max.kbytes", "queue.buffering.max.messages", config.buffer_bytes, &defaults);
  if (!config.client_id.empty()) defaults["client.id"] = config.client_id;
  ClientConfig client_config;
  if (Status status = MakeClientConfig(Role::Producer, binding.name, config.brokers, defaults, binding.options, config.kafka,
                                       &client_config);
      !status.ok()) {
    return status;
  }
  *writer = MakeWriterOn(binding, client_config, nullptr);
  return Status::Ok();
}

}  // namespace streamc::rt::connector::kafka
