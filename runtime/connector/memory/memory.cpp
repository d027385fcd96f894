#include "runtime/connector/memory/memory.h"

#include <algorithm>

#include "runtime/batch/bytes.h"
#include "runtime/connector/memory/memory_log.h"
#include "runtime/connector/memory/spec.h"
#include "runtime/connector/options.h"

namespace streamc::rt::connector {
namespace {

std::string LogName(const Binding& binding) { return binding.args.empty() ? binding.name : binding.args.front(); }

class MemoryReader final : public Reader {
 public:
  MemoryReader(const Binding& binding, const ReaderConfig& config)
      : config_(config), name_(LogName(binding)), log_(MemoryLog::Get(name_)) {
    log_.SetPartitions(static_cast<int32_t>(IntOption(binding, "partitions", 1)));
  }

  Status Open() override {
    Discover(true);
    return Status::Ok();
  }

  Status Poll(const PollLimits& limits, std::vector<RawRecords>* out) override {
    if (!config_.until_end) Discover(false);
    if (paused_) return Status::Ok();
    int64_t seen = log_.appends();
    if (Read(limits, out) == 0 && config_.manual_clock == nullptr && limits.max_wait_us > 0 && Waiting()) {
      log_.WaitForAppend(seen, limits.max_wait_us);
      Read(limits, out);
    }
    return Status::Ok();
  }

  void Release() override {}

  void Headers(const RawRecords& records, size_t index, std::vector<Header>* out) const override {
    out->clear();
    for (const auto& [key, value] : static_cast<const MemoryRecord*>(records.handle[index])->headers) {
      out->push_back({key, value.has_value() ? std::optional<std::string_view>(*value) : std::nullopt});
    }
  }

  const std::vector<PartitionInfo>& partitions() const override { return partitions_; }

  Status Commit(const std::vector<Position>& positions) override {
    for (const Position& position : positions) {
      const PartitionInfo& partition = partitions_[static_cast<size_t>(position.slot)];
      if (partition.assigned) log_.Commit(config_.group, partition.id.partition, {position.offset, position.note});
    }
    return Status::Ok();
  }

  Status Rewind() override {
    for (PartitionInfo& partition : partitions_) partition.assigned = false;
    known_ = 0;
    Discover(false);
    return Status::Ok();
  }

  Status Committed(std::vector<CommittedPosition>* all) override {
    all->clear();
    for (int32_t i = 0; i < log_.partitions(); ++i) all->push_back(log_.committed(config_.group, i));
    return Status::Ok();
  }

  void SetPaused(bool paused) override { paused_ = paused; }

 private:
  // Takes partitions the log has that are not taken yet.
  void Discover(bool first) {
    for (; known_ < log_.partitions(); ++known_) {
      if (known_ % std::max(config_.workers, 1) != config_.worker) continue;
      PartitionInfo partition;
      partition.id = {name_, known_};
      partition.end = log_.end(known_);
      if (CommittedPosition committed = log_.committed(config_.group, known_); committed.offset >= 0) {
        partition.position = committed.offset;
        partition.note = std::move(committed.note);
      } else if (first && config_.start == StartFrom::Latest) {
        partition.position = partition.end;
      } else if (config_.start == StartFrom::At) {
        partition.position = log_.FirstAt(known_, config_.start_at);
      }
      partitions_.push_back(std::move(partition));
    }
    for (PartitionInfo& partition : partitions_) UpdateState(&partition);
  }

  void UpdateState(PartitionInfo* partition) const {
    bool finished = log_.finished();
    if (!config_.until_end) partition->end = log_.end(partition->id.partition);
    if (partition->position < partition->end) {
      partition->state = PartitionState::Active;
    } else {
      partition->state = config_.until_end || finished ? PartitionState::Ended : PartitionState::CaughtUp;
    }
  }

  bool Waiting() const {
    return std::any_of(partitions_.begin(), partitions_.end(),
                       [](const PartitionInfo& partition) { return partition.state != PartitionState::Ended; });
  }

  int64_t Read(const PollLimits& limits, std::vector<RawRecords>* out) {
    int64_t left = limits.max_records, total = 0, bytes = 0;
    size_t count = partitions_.size();
    for (size_t i = 0; i < count && left > 0 && bytes < limits.max_bytes; ++i) {
      size_t slot = (next_ + i) % count;
      PartitionInfo& partition = partitions_[slot];
      if (!partition.assigned) continue;
      UpdateState(&partition);
      int64_t wanted = std::min(left, partition.end - partition.position);
      if (wanted <= 0) continue;
      found_.clear();
      log_.Read(partition.id.partition, partition.position, wanted, &found_);
      RawRecords records;
      records.slot = static_cast<int32_t>(slot);
      for (const MemoryRecord* record : found_) {
        Append(*record, partition.position++, &records);
        bytes += record->value.has_value() ? static_cast<int64_t>(record->value->size()) : 0;
        if (bytes >= limits.max_bytes) break;
      }
      records.next_offset = partition.position;
      left -= static_cast<int64_t>(records.size());
      total += static_cast<int64_t>(records.size());
      UpdateState(&partition);
      out->push_back(std::move(records));
    }
    if (count != 0) next_ = (next_ + 1) % count;
    return total;
  }

  static void Append(const MemoryRecord& record, int64_t offset, RawRecords* out) {
    auto add = [](const std::optional<std::string>& text, std::vector<const char*>* data, std::vector<int64_t>* size) {
      data->push_back(text.has_value() ? text->data() : nullptr);
      size->push_back(text.has_value() ? static_cast<int64_t>(text->size()) : 0);
    };
    add(record.value, &out->value, &out->value_len);
    add(record.key, &out->key, &out->key_len);
    out->offset.push_back(offset);
    out->timestamp.push_back(record.timestamp);
    out->handle.push_back(&record);
  }

  ReaderConfig config_;
  std::string name_;
  MemoryLog& log_;
  std::vector<PartitionInfo> partitions_;
  std::vector<const MemoryRecord*> found_;
  int32_t known_ = 0;
  size_t next_ = 0;
  bool paused_ = false;
};

class MemoryWriter final : public Writer {
 public:
  explicit MemoryWriter(const Binding& binding) : name_(LogName(binding)) {}
  Status Open() override { return Status::Ok(); }
  Status Write(const OutRecords& records) override {
    for (size_t i = 0; i < records.size(); ++i) {
      MemoryLog& log = MemoryLog::Get(records.topic.empty() ? std::string_view(name_) : records.topic[i]);
      MemoryRecord record;
      if (records.value[i].data() != nullptr) record.value.emplace(records.value[i]);
      bool has_key = i < records.key.size() && records.key[i].data() != nullptr;
      if (has_key) record.key.emplace(records.key[i]);
      if (!records.timestamp.empty()) record.timestamp = records.timestamp[i];
      if (!records.headers.empty()) {
        for (const Header& header : records.headers[i]) {
          record.headers.emplace_back(header.key,
                                      header.value.has_value() ? std::optional<std::string>(*header.value) : std::nullopt);
        }
      }
      int32_t partition = records.partition.empty() ? -1 : records.partition[i];
      if (partition < 0) partition = has_key ? static_cast<int32_t>(batch::Fnv1a(records.key[i]) % static_cast<uint32_t>(log.partitions())) : 0;
      log.Append(partition, std::move(record));
    }
    return Status::Ok();
  }
  Status Flush() override { return Status::Ok(); }

 private:
  std::string name_;
};

}  // namespace

Status MakeMemoryReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader) {
  if (Status status = CheckBinding(binding, kMemoryDoc, Use::Source); !status.ok()) return status;
  *reader = std::make_unique<MemoryReader>(binding, config);
  return Status::Ok();
}

Status MakeMemoryWriter(const Binding& binding, const WriterConfig&, std::unique_ptr<Writer>* writer) {
  if (Status status = CheckBinding(binding, kMemoryDoc, Use::Sink); !status.ok()) return status;
  *writer = std::make_unique<MemoryWriter>(binding);
  return Status::Ok();
}

}  // namespace streamc::rt::connector
