#include "runtime/connector/generator/generator.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "runtime/connector/generator/events.h"
#include "runtime/connector/generator/spec.h"
#include "runtime/connector/generator/text.h"
#include "runtime/connector/options.h"

namespace streamc::rt::connector {
namespace {

constexpr int64_t kFixedBase = 1'704'067'200'000'000;  // 2024-01-01T00:00:00Z
constexpr int64_t kUsualBytes = 256;

class GeneratorReader final : public Reader {
 public:
  GeneratorReader(const ReaderConfig& config, std::string kind, EventConfig events, int64_t count, int64_t partitions)
      : config_(config), kind_(std::move(kind)), events_(events), count_(count), total_(partitions) {}

  Status Open() override {
    started_ = Now();
    events_.base = events_.rate > 0 ? started_ : kFixedBase;
    if (Status status = MakeEventMaker(kind_, events_, &maker_); !status.ok()) return status;
    int64_t limit = maker_->limit();
    count_ = count_ < 0 && limit == INT64_MAX ? -1 : count_ < 0 ? limit : std::min(count_, limit);
    if (config_.until_end && count_ < 0) {
      return Status::Error(Exit::Usage, "the generator `" + kind_ + "` has no end to run to: give it a count");
    }
    for (int64_t number = 0; number < total_; ++number) {
      if (number % std::max(config_.workers, 1) != config_.worker) continue;
      PartitionInfo partition;
      partition.id = {"generator", static_cast<int32_t>(number)};
      // Events number, number + total_, ... below count_.
      if (count_ >= 0) partition.end = count_ > number ? (count_ - number - 1) / total_ + 1 : 0;
      partitions_.push_back(partition);
      UpdateState(&partitions_.back());
    }
    return Status::Ok();
  }

  Status Poll(const PollLimits& limits, std::vector<RawRecords>* out) override {
    if (paused_) return Status::Ok();
    if (Make(limits, out) || !waiting_ || config_.manual_clock != nullptr) return Status::Ok();
    std::this_thread::sleep_for(std::chrono::microseconds(std::min(limits.max_wait_us, std::max<int64_t>(wait_, 1))));
    Make(limits, out);
    return Status::Ok();
  }

  void Release() override { text_.clear(); }
  const std::vector<PartitionInfo>& partitions() const override { return partitions_; }
  void SetPaused(bool paused) override { paused_ = paused; }

 private:
  int64_t Now() const {
    if (config_.manual_clock != nullptr) return config_.manual_clock->load();
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  }

  void UpdateState(PartitionInfo* partition) const {
    bool ended = partition->end >= 0 && partition->position >= partition->end;
    partition->state = ended ? PartitionState::Ended : PartitionState::Active;
  }

  // Events of a partition whose time has come.
  int64_t Due(const PartitionInfo& partition, int64_t now) {
    int64_t left = partition.end >= 0 ? partition.end - partition.position : INT64_MAX;
    if (events_.rate == 0 || left == 0) return left;
    int64_t next = partition.id.partition + partition.position * total_;
    int64_t released = static_cast<int64_t>(static_cast<__int128>(now - started_) * events_.rate / 1'000'000) + 1;
    int64_t due = released > next ? (released - next - 1) / total_ + 1 : 0;
    if (due == 0) wait_ = std::min(wait_, started_ + EventMicros(next, events_.rate) - now);
    return std::min(left, due);
  }

  // True when there were events.
  bool Make(const PollLimits& limits, std::vector<RawRecords>* out) {
    int64_t now = Now(), count = static_cast<int64_t>(partitions_.size());
    int64_t budget = std::min(limits.max_records, std::max<int64_t>(limits.max_bytes / kUsualBytes, 1));
    waiting_ = false;
    wait_ = INT64_MAX;
    size_t before = out->size(), base = text_.size();
    struct Made { size_t batch, first, count; };
    std::vector<Made> made;
    ends_.clear();
    for (int64_t i = 0; i < count && budget > 0; ++i) {
      size_t slot = static_cast<size_t>((next_ + i) % count);
      PartitionInfo& partition = partitions_[slot];
      int64_t share = std::min({std::max<int64_t>(budget / (count - i), 1), budget, Due(partition, now)});
      if (share <= 0) {
        bool later = partition.state != PartitionState::Ended;
        waiting_ = waiting_ || later;
        if (later) partition.state = PartitionState::CaughtUp;
        continue;
      }
      RawRecords& records = out->emplace_back();
      records.slot = static_cast<int32_t>(slot);
      made.push_back({out->size() - 1, ends_.size(), static_cast<size_t>(share)});
      maker_->Make(partition.id.partition + partition.position * total_, total_, share, &text_, &ends_, &records.timestamp);
      for (int64_t k = 0; k < share; ++k) records.offset.push_back(partition.position++);
      records.next_offset = partition.position;
      budget -= share;
      UpdateState(&partition);
    }
    if (count != 0) next_ = (next_ + 1) % count;
    // Views only now: the text moved while it grew.
    int64_t start = static_cast<int64_t>(base);
    for (const Made& batch : made) {
      RawRecords& records = (*out)[batch.batch];
      for (size_t k = 0; k < batch.count; ++k) {
        int64_t end = ends_[batch.first + k];
        records.value.push_back(text_.data() + start);
        records.value_len.push_back(end - start);
        start = end;
      }
      records.key.assign(batch.count, nullptr);
      records.key_len.assign(batch.count, 0);
    }
    return out->size() > before;
  }

  ReaderConfig config_;
  std::string kind_;
  EventConfig events_;
  int64_t count_;   // -1: no end
  int64_t total_;   // partitions of all workers
  int64_t started_ = 0;
  std::unique_ptr<EventMaker> maker_;
  std::vector<PartitionInfo> partitions_;
  std::string text_;
  std::vector<int64_t> ends_;
  int64_t next_ = 0;
  int64_t wait_ = 0;  // microseconds until the next event, as the last Make saw it
  bool waiting_ = false;
  bool paused_ = false;
};

}  // namespace

Status MakeGeneratorReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader) {
  if (Status status = CheckBinding(binding, kGeneratorDoc, Use::Source); !status.ok()) return status;
  EventConfig events;
  events.seed = static_cast<uint64_t>(IntOption(binding, "seed", 0));
  events.rate = IntOption(binding, "rate", 0);
  std::unique_ptr<EventMaker> probe;
  if (Status status = MakeEventMaker(binding.args.front(), events, &probe); !status.ok()) return status;
  *reader = std::make_unique<GeneratorReader>(config, binding.args.front(), events, IntOption(binding, "count", -1),
                                              IntOption(binding, "partitions", 1));
  return Status::Ok();
}

}  // namespace streamc::rt::connector
