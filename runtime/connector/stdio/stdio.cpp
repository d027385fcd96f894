#include "runtime/connector/stdio/stdio.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "runtime/connector/file/lines.h"
#include "runtime/connector/file/output.h"
#include "runtime/connector/options.h"
#include "runtime/connector/stdio/spec.h"

namespace streamc::rt::connector {
namespace {

class StdinReader final : public Reader {
 public:
  explicit StdinReader(const ReaderConfig& config) : mine_(config.worker == 0) {}

  Status Open() override {
    if (mine_) partitions_.push_back({{"stdin", 0}, PartitionState::Active, true, 0, -1, {}});
    return Status::Ok();
  }

  Status Poll(const PollLimits& limits, std::vector<RawRecords>* out) override {
    if (paused_ || !mine_ || partitions_[0].state == PartitionState::Ended) return Status::Ok();
    // What an earlier poll had to leave because of its limits comes first.
    if (!unread_ && !ended_) {
      pollfd ready{STDIN_FILENO, POLLIN, 0};
      int timeout = static_cast<int>((limits.max_wait_us + 999) / 1000);
      if (poll(&ready, 1, timeout) <= 0) {
        partitions_[0].state = PartitionState::CaughtUp;
        return Status::Ok();
      }
    }
    return Read(limits, out);
  }

  void Release() override { chunks_.ReleaseAll(); }
  const std::vector<PartitionInfo>& partitions() const override { return partitions_; }
  void SetPaused(bool paused) override { paused_ = paused; }

 private:
  Status Read(const PollLimits& limits, std::vector<RawRecords>* out) {
    SplitLimits split{limits.max_records, limits.max_bytes};
    int64_t kept = static_cast<int64_t>(rest_.size()), chunk = ChunkFor(split);
    char* data = chunks_.Take(kept + chunk);
    std::memcpy(data, rest_.data(), rest_.size());
    if (!unread_ && !ended_) {
      ssize_t got = read(STDIN_FILENO, data + kept, static_cast<size_t>(chunk));
      if (got < 0 && errno != EINTR && errno != EAGAIN) {
        return Status::Error(Exit::BadInput, std::string("cannot read stdin: ") + std::strerror(errno));
      }
      ended_ = got == 0;
      kept += std::max<ssize_t>(got, 0);
    }
    PartitionInfo& partition = partitions_[0];
    int64_t start = partition.position;
    if (skipping_) {
      const void* end = std::memchr(data, '\n', static_cast<size_t>(kept));
      int64_t skipped = end != nullptr ? static_cast<const char*>(end) - data + 1 : kept;
      skipping_ = end == nullptr;
      data += skipped;
      kept -= skipped;
      start += skipped;
    }
    RawRecords records;
    records.slot = 0;
    int64_t used = SplitLines(data, kept, start, ended_, split, &records);
    if (used == 0 && kept >= kLongestLine) {
      used = SplitLines(data, kept, start, true, split, &records);
      skipping_ = true;
    }
    rest_.assign(data + used, static_cast<size_t>(kept - used));
    unread_ = rest_.find('\n') != std::string::npos;
    partition.position = start + used;
    partition.state = ended_ && rest_.empty() ? PartitionState::Ended
                      : unread_ || ended_     ? PartitionState::Active
                                              : PartitionState::CaughtUp;
    records.next_offset = partition.position;
    out->push_back(std::move(records));
    return Status::Ok();
  }

  bool mine_;
  std::vector<PartitionInfo> partitions_;
  ChunkPool chunks_;
  std::string rest_;       // bytes read and not handed out: less than a line, or what the limits left
  bool unread_ = false;    // rest_ holds a whole line
  bool ended_ = false;
  bool skipping_ = false;  // inside a line that was cut at kLongestLine
  bool paused_ = false;
};

class StandardWriter final : public Writer {
 public:
  StandardWriter(int file, const char* name) : output_(file, name) {}
  Status Open() override {
    std::signal(SIGPIPE, SIG_IGN);
    return Status::Ok();
  }
  Status Write(const OutRecords& records) override {
    if (Status status = output_.Add(records); !status.ok()) return status;
    return output_.WriteOut();
  }
  Status Flush() override { return output_.WriteOut(); }

 private:
  LineOutput output_;
};

const ConnectorDoc& DocOf(const Binding& binding) {
  return binding.connector == "stdin" ? kStdinDoc : binding.connector == "stdout" ? kStdoutDoc : binding.connector == "stderr" ? kStderrDoc : kStdioDoc;
}

}  // namespace

Status MakeStdioReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader) {
  if (Status status = CheckBinding(binding, DocOf(binding), Use::Source); !status.ok()) return status;
  *reader = std::make_unique<StdinReader>(config);
  return Status::Ok();
}

Status MakeStdioWriter(const Binding& binding, const WriterConfig&, std::unique_ptr<Writer>* writer) {
  if (Status status = CheckBinding(binding, DocOf(binding), Use::Sink); !status.ok()) return status;
  bool error = binding.connector == "stderr";
  *writer = std::make_unique<StandardWriter>(error ? STDERR_FILENO : STDOUT_FILENO, error ? "stderr" : "stdout");
  return Status::Ok();
}

}  // namespace streamc::rt::connector
