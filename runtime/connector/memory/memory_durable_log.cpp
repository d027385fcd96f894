#include "runtime/connector/memory/memory_durable_log.h"

#include <utility>

#include "runtime/connector/memory/memory.h"
#include "runtime/connector/memory/memory_log.h"

namespace streamc::rt::connector {
namespace {

std::optional<std::string> Owned(std::string_view text) {
  return text.data() == nullptr ? std::nullopt : std::optional<std::string>(text);
}

class MemoryDurableLog final : public DurableLog {
 public:
  explicit MemoryDurableLog(const DurableLogConfig& config) : config_(config), next_abort_(config.abort_every) {}

  Status Open() override {
    if (!config_.keyed) return Status::Ok();
    for (InternalTopic topic : {InternalTopic::Repartition, InternalTopic::Changelog}) {
      MemoryLog::Get(NameOf(topic)).SetPartitions(config_.key_groups);
    }
    return Status::Ok();
  }

  Status MakeWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer) override {
    std::unique_ptr<Writer> inner;
    if (Status status = MakeMemoryWriter(binding, config, &inner); !status.ok()) return status;
    *writer = std::make_unique<HeldWriter>(*this, std::move(inner));
    return Status::Ok();
  }

  Status MakeGroupReader(RevokeListener* listener, std::unique_ptr<Reader>* reader) override {
    ReaderConfig config;
    config.group = config_.group;
    config.worker = config_.instance;
    config.workers = config_.instances;
    config.listener = listener;
    return MakeMemoryReader({"key groups", "memory", {NameOf(InternalTopic::Repartition)}, {}}, config, reader);
  }

  Status Begin() override {
    held_.clear();
    return Status::Ok();
  }

  Status Write(InternalTopic topic, const GroupRecords& records) override {
    for (size_t i = 0; i < records.size(); ++i) {
      MemoryRecord record;
      record.key = Owned(records.key[i]);
      record.value = Owned(records.value[i]);
      held_.push_back([name = NameOf(topic), group = records.group[i], record = std::move(record)] {
        MemoryLog::Get(name).Append(group, record);
        return Status::Ok();
      });
    }
    return Status::Ok();
  }

  Status SendPositions(Reader& reader, const std::vector<Position>& positions) override {
    held_.push_back([&reader, positions] { return reader.Commit(positions); });
    return Status::Ok();
  }

  Status Commit(CommitOutcome* outcome) override {
    ++commits_;
    if (commits_ == next_abort_) {
      next_abort_ *= config_.abort_every;
      *outcome = CommitOutcome::Aborted;
      return Abort();
    }
    for (auto& act : held_) {
      if (Status status = act(); !status.ok()) return status;
    }
    held_.clear();
    counters_.committed.fetch_add(1, std::memory_order_relaxed);
    *outcome = CommitOutcome::Committed;
    return Status::Ok();
  }

  Status Abort() override {
    held_.clear();
    counters_.aborted.fetch_add(1, std::memory_order_relaxed);
    return Status::Ok();
  }

  Status Ends(InternalTopic topic, const std::vector<int32_t>& groups, std::vector<int64_t>* ends) override {
    ends->clear();
    for (int32_t group : groups) ends->push_back(MemoryLog::Get(NameOf(topic)).end(group));
    return Status::Ok();
  }

  Status ReadChangelog(const std::vector<int32_t>& groups, const std::vector<int64_t>& from, const TakeRecord& take,
                       const std::function<void(size_t i)>&, const std::function<void(const RestoreProgress&)>& progress,
                       std::vector<int64_t>* next) override {
    MemoryLog& log = MemoryLog::Get(NameOf(InternalTopic::Changelog));
    RestoreProgress done;
    next->clear();
    for (size_t i = 0; i < groups.size(); ++i) done.total_rows += log.end(groups[i]) - from[i];
    progress(done);
    for (size_t i = 0; i < groups.size(); ++i) {
      int64_t end = log.end(groups[i]);
      for (int64_t offset = from[i]; offset < end; ++offset) {
        const MemoryRecord& record = log.At(groups[i], offset);
        std::string_view value = record.value.has_value() ? std::string_view(*record.value) : std::string_view();
        if (!take(i, record.key.value_or(""), value, offset)) return Status::Ok();
        ++done.rows;
        ++done.passed;
        done.bytes += static_cast<int64_t>(record.key.value_or("").size() + value.size());
      }
      next->push_back(end);
    }
    progress(done);
    return Status::Ok();
  }

  bool confirmed() const override { return true; }

  Status ReadUnmerged(const std::function<void(int32_t group, std::string_view value)>& take) override {
    MemoryLog& log = MemoryLog::Get(NameOf(InternalTopic::Repartition));
    for (int32_t group = 0; group < log.partitions(); ++group) {
      for (int64_t at = std::max<int64_t>(0, log.committed(config_.group, group).offset); at < log.end(group); ++at) {
        if (const MemoryRecord& record = log.At(group, at); record.value.has_value()) take(group, *record.value);
      }
    }
    return Status::Ok();
  }

  // Instances of a test are stopped and started together.
  Status Members(int32_t* members) override {
    *members = 0;
    return Status::Ok();
  }

  void Close() override {}
  const DurableLogCounters& counters() const override { return counters_; }

 private:
  // Copies what it is given and writes it when the turn is committed.
  class HeldWriter final : public Writer {
   public:
    HeldWriter(MemoryDurableLog& log, std::unique_ptr<Writer> inner) : log_(log), inner_(std::move(inner)) {}
    Status Open() override { return inner_->Open(); }
    Status Write(const OutRecords& records) override {
      auto copy = std::make_shared<OwnedRecords>(records);
      log_.held_.push_back([this, copy] { return inner_->Write(copy->records); });
      return Status::Ok();
    }
    Status Flush() override { return Status::Ok(); }

   private:
    struct OwnedRecords {
      explicit OwnedRecords(const OutRecords& from) : records(from) {
        for (auto* texts : {&records.value, &records.key, &records.topic}) {
          for (std::string_view& text : *texts) Keep(&text);
        }
        for (auto& headers : records.headers) {
          for (Header& header : headers) {
            Keep(&header.key);
            if (header.value.has_value()) Keep(&*header.value);
          }
        }
      }
      void Keep(std::string_view* text) {
        if (text->data() == nullptr) return;
        texts.push_back(std::make_unique<std::string>(*text));
        *text = *texts.back();
      }
      OutRecords records;
      std::vector<std::unique_ptr<std::string>> texts;
    };
    MemoryDurableLog& log_;
    std::unique_ptr<Writer> inner_;
  };

  std::string NameOf(InternalTopic topic) const {
    return config_.group + (topic == InternalTopic::Repartition ? "-repartition" : "-changelog");
  }

  const DurableLogConfig config_;
  DurableLogCounters counters_;
  std::vector<std::function<Status()>> held_;
  int64_t commits_ = 0, next_abort_ = 0;
};

}  // namespace

Status MakeMemoryDurableLog(const DurableLogConfig& config, std::unique_ptr<DurableLog>* log) {
  *log = std::make_unique<MemoryDurableLog>(config);
  return Status::Ok();
}

}  // namespace streamc::rt::connector
