#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "runtime/connector/file/file.h"
#include "runtime/connector/file/input_files.h"
#include "runtime/connector/file/lines.h"
#include "runtime/connector/file/spec.h"
#include "runtime/connector/options.h"

namespace streamc::rt::connector {
namespace {

Status CannotRead(const std::string& path, const std::string& why) {
  return Status::Error(Exit::BadInput, "cannot read " + path + ": " + why);
}

// The files a path or pattern names, without those that are named already.
Status Expand(const std::string& path, std::vector<std::string>* files) {
  struct stat info {};
  auto add = [files](std::string name) {
    if (std::find(files->begin(), files->end(), name) == files->end()) files->push_back(std::move(name));
  };
  if (path.find_first_of("*?[") == std::string::npos || stat(path.c_str(), &info) == 0) {
    add(path);
    return Status::Ok();
  }
  glob_t found{};
  int code = glob(path.c_str(), 0, nullptr, &found);
  for (size_t i = 0; code == 0 && i < found.gl_pathc; ++i) add(found.gl_pathv[i]);
  globfree(&found);
  return code == 0 ? Status::Ok() : CannotRead(path, "no file matches");
}

class FileReader final : public Reader {
 public:
  // `inputs`: of a journal; null without one.
  FileReader(const Binding& binding, const ReaderConfig& config, InputFiles* inputs)
      : name_(binding.name),
        paths_(binding.args),
        config_(config),
        inputs_(inputs),
        parts_(IntOption(binding, "partitions", 1)),
        bounded_(config.until_end || !BoolOption(binding, "follow", true)) {}
  ~FileReader() override { FileReader::Close(); }

  Status Open() override {
    std::vector<std::string> files;
    if (Status status = FindFiles(&files); !status.ok()) return status;
    int32_t number = 0;
    for (const std::string& path : files) {
      if (Status status = OpenFile(path, &number); !status.ok()) return status;
    }
    return Status::Ok();
  }

  Status Poll(const PollLimits& limits, std::vector<RawRecords>* out) override {
    // Assignments come before records.
    if (paused_ || std::exchange(assigned_anew_, false)) return Status::Ok();
    int64_t records = limits.max_records, bytes = limits.max_bytes;
    size_t count = partitions_.size(), before = out->size();
    bool waiting = false;
    for (size_t i = 0; i < count && records > 0 && bytes > 0; ++i) {
      size_t slot = (next_ + i) % count;
      if (!partitions_[slot].assigned || partitions_[slot].state == PartitionState::Ended) continue;
      RawRecords batch;
      batch.slot = static_cast<int32_t>(slot);
      // Every partition gets its share, so that none runs far ahead of the others' event times.
      SplitLimits share{std::max<int64_t>(records / static_cast<int64_t>(count - i), 1),
                        std::max<int64_t>(bytes / static_cast<int64_t>(count - i), 1)};
      int64_t used = 0;
      if (Status status = ReadLines(slot, share, &batch, &used); !status.ok()) return status;
      waiting = waiting || partitions_[slot].state != PartitionState::Ended;
      records -= static_cast<int64_t>(batch.size());
      bytes -= used;
      if (used > 0) out->push_back(std::move(batch));
    }
    if (count != 0) next_ = (next_ + 1) % count;
    // A file cannot be waited for portably; the engine polls again.
    if (waiting && out->size() == before && config_.manual_clock == nullptr) {
      std::this_thread::sleep_for(std::chrono::microseconds(limits.max_wait_us));
    }
    return Status::Ok();
  }

  void Release() override { chunks_.ReleaseAll(); }
  const std::vector<PartitionInfo>& partitions() const override { return partitions_; }
  void SetPaused(bool paused) override { paused_ = paused; }

  Status Commit(const std::vector<Position>& positions) override {
    for (const Position& position : positions) {
      if (inputs_ == nullptr) break;
      const size_t slot = static_cast<size_t>(position.slot);
      InputPart part = parts_read_[slot].input;
      part.offset = position.offset;
      part.end = partitions_[slot].end;
      part.note = position.note;
      part.skipping = parts_read_[slot].skipping;
      inputs_->Stage(std::move(part));
    }
    return Status::Ok();
  }
  Status Rewind() override {
    const size_t count = partitions_.size();
    for (size_t slot = 0; slot < count; ++slot) {
      if (inputs_ == nullptr || !partitions_[slot].assigned) continue;
      partitions_[slot].assigned = false;
      Part part = parts_read_[slot];
      Take(inputs_->Committed(part.input), part.file, partitions_[slot].id.partition, partitions_[slot].end);
    }
    return Status::Ok();
  }
  Status Committed(std::vector<CommittedPosition>* all) override {
    all->clear();
    if (inputs_ == nullptr) return Status::Ok();
    for (InputPart& part : inputs_->CommittedOf(name_)) all->push_back({part.offset, std::move(part.note)});
    return Status::Ok();
  }

  void Close() override {
    for (int file : descriptors_) close(file);
    descriptors_.clear();
  }

 private:
  struct Part {
    int file = -1;
    InputPart input;         // as it was when it was taken
    int64_t chunk = 0;       // bytes to read for a line longer than the usual chunk
    bool skipping = false;   // inside a line that was cut at kLongestLine
  };

  Status FindFiles(std::vector<std::string>* files) {
    if (inputs_ != nullptr && inputs_->FilesOf(name_) != nullptr) {
      *files = *inputs_->FilesOf(name_);
      return Status::Ok();
    }
    for (const std::string& path : paths_) {
      if (Status status = Expand(path, files); !status.ok()) return status;
    }
    return inputs_ == nullptr ? Status::Ok() : inputs_->SetFiles(name_, *files);
  }

  // Adds the partitions of one file; *number counts all partitions over all workers.
  Status OpenFile(const std::string& path, int32_t* number) {
    int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return CannotRead(path, std::strerror(errno));
    descriptors_.push_back(file);
    struct stat info {};
    if (fstat(file, &info) != 0) return CannotRead(path, std::strerror(errno));
    if (S_ISDIR(info.st_mode)) return CannotRead(path, "Is a directory");
    if (!S_ISREG(info.st_mode)) return CannotRead(path, "not a regular file; a pipe can be read through `stdin`");
    posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
    std::vector<InputPart> parts;
    if (inputs_ != nullptr) {
      if (Status status = inputs_->Known(name_, path, file, &parts); !status.ok()) return status;
    }
    if (parts.empty()) {
      parts = Cut(path, file, info.st_size);
      if (inputs_ != nullptr) {
        if (Status status = inputs_->Add(file, parts); !status.ok()) return status;
        if (Status status = inputs_->Known(name_, path, file, &parts); !status.ok()) return status;
      }
    }
    for (const InputPart& part : parts) {
      if (*number % std::max(config_.workers, 1) == config_.worker) Take(part, file, *number, part.limit < 0 ? info.st_size : part.limit);
      ++*number;
    }
    return Status::Ok();
  }

  std::vector<InputPart> Cut(const std::string& path, int file, int64_t size) const {
    std::vector<InputPart> parts;
    int64_t begin = 0;
    for (int64_t number = 0; number < parts_; ++number) {
      const bool last = number + 1 == parts_;
      const int64_t end = last ? size : NextLine(file, size / parts_ * (number + 1), size);
      InputPart& part = parts.emplace_back();
      part.source = name_;
      part.path = path;
      part.part = static_cast<int32_t>(number);
      part.offset = config_.start == StartFrom::Latest ? end : begin;
      part.limit = last ? -1 : end;
      begin = end;
    }
    return parts;
  }

  // A new slot for a part, which begins where it says.
  void Take(const InputPart& part, int file, int32_t number, int64_t end) {
    PartitionInfo& partition = partitions_.emplace_back();
    partition.id = {part.path, number};
    partition.position = part.offset;
    partition.end = end;
    partition.note = part.note;
    parts_read_.push_back({file, part, 0, part.skipping});
    UpdateState(partitions_.size() - 1);
    assigned_anew_ = inputs_ != nullptr;
  }

  // The first line start at or after `from`.
  static int64_t NextLine(int file, int64_t from, int64_t size) {
    std::vector<char> block(64 << 10);
    for (int64_t at = from > 0 ? from - 1 : 0; from > 0 && at < size;) {
      ssize_t got = pread(file, block.data(), block.size(), at);
      if (got <= 0) return size;
      const void* end = std::memchr(block.data(), '\n', static_cast<size_t>(got));
      if (end != nullptr) return std::min(size, at + (static_cast<const char*>(end) - block.data()) + 1);
      at += got;
    }
    return from > 0 ? size : 0;
  }

  bool Follows(size_t slot) const { return !bounded_ && parts_read_[slot].input.limit < 0; }

  void UpdateState(size_t slot) {
    PartitionInfo& partition = partitions_[slot];
    bool more = partition.position < partition.end;
    partition.state = more ? PartitionState::Active : Follows(slot) ? PartitionState::CaughtUp : PartitionState::Ended;
  }

  // Reads one chunk's lines of a partition; *used: bytes the position moved.
  Status ReadLines(size_t slot, const SplitLimits& limits, RawRecords* out, int64_t* used) {
    PartitionInfo& partition = partitions_[slot];
    Part& part = parts_read_[slot];
    if (Follows(slot)) {
      struct stat info {};
      if (fstat(part.file, &info) != 0) return CannotRead(part.input.path, std::strerror(errno));
      if (info.st_size < partition.position) {
        return CannotRead(part.input.path, "it was cut to " + std::to_string(info.st_size) + " bytes while being read at byte " +
                                         std::to_string(partition.position));
      }
      partition.end = info.st_size;
    }
    int64_t wanted = std::min(partition.end - partition.position, std::max(part.chunk, ChunkFor(limits)));
    if (wanted > 0) {
      char* data = chunks_.Take(wanted);
      int64_t got = 0;
      while (got < wanted) {
        ssize_t count = pread(part.file, data + got, static_cast<size_t>(wanted - got), partition.position + got);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return CannotRead(part.input.path, std::strerror(errno));
        if (count == 0) return CannotRead(part.input.path, "it was cut while being read");
        got += count;
      }
      *used = TakeLines(slot, data, wanted, limits, out);
      partition.position += *used;
    }
    out->next_offset = partition.position;
    UpdateState(slot);
    if (Follows(slot) && *used == 0) partition.state = PartitionState::CaughtUp;
    return Status::Ok();
  }

  int64_t TakeLines(size_t slot, const char* data, int64_t size, const SplitLimits& limits, RawRecords* out) {
    PartitionInfo& partition = partitions_[slot];
    Part& part = parts_read_[slot];
    bool at_end = partition.position + size == partition.end;
    if (part.skipping) {
      // The rest of a line that was cut at kLongestLine.
      const void* end = std::memchr(data, '\n', static_cast<size_t>(size));
      part.skipping = end == nullptr;
      return end == nullptr ? size : static_cast<const char*>(end) - data + 1;
    }
    int64_t used = SplitLines(data, size, partition.position, at_end && !Follows(slot), limits, out);
    if (used > 0) {
      part.chunk = 0;
    } else if (size >= kLongestLine) {
      used = SplitLines(data, size, partition.position, true, limits, out);
      part.chunk = 0;
      part.skipping = true;
    } else if (!at_end) {
      part.chunk = std::min(size * 4, kLongestLine);
    }
    return used;
  }

  std::string name_;
  std::vector<std::string> paths_;
  ReaderConfig config_;
  InputFiles* inputs_;
  int64_t parts_;
  bool bounded_;
  std::vector<PartitionInfo> partitions_;
  std::vector<Part> parts_read_;  // beside partitions_
  std::vector<int> descriptors_;
  ChunkPool chunks_;
  size_t next_ = 0;
  bool paused_ = false;
  bool assigned_anew_ = false;
};

}  // namespace

Status MakeFileReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader) {
  return MakeJournaledFileReader(binding, config, nullptr, reader);
}

Status MakeJournaledFileReader(const Binding& binding, const ReaderConfig& config, InputFiles* inputs, std::unique_ptr<Reader>* reader) {
  if (Status status = CheckBinding(binding, kFileDoc, Use::Source); !status.ok()) return status;
  *reader = std::make_unique<FileReader>(binding, config, inputs);
  return Status::Ok();
}

}  // namespace streamc::rt::connector
