#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "runtime/connector/file/file.h"
#include "runtime/connector/file/lines.h"
#include "runtime/connector/file/spec.h"
#include "runtime/connector/options.h"

namespace streamc::rt::connector {
namespace {

Status CannotRead(const std::string& path, const std::string& why) {
  return Status::Error(Exit::BadInput, "cannot read " + path + ": " + why);
}

// The files a path or pattern names.
Status Expand(const std::string& path, std::vector<std::string>* files) {
  struct stat info {};
  if (path.find_first_of("*?[") == std::string::npos || stat(path.c_str(), &info) == 0) {
    files->push_back(path);
    return Status::Ok();
  }
  glob_t found{};
  int code = glob(path.c_str(), 0, nullptr, &found);
  for (size_t i = 0; code == 0 && i < found.gl_pathc; ++i) files->push_back(found.gl_pathv[i]);
  globfree(&found);
  return code == 0 ? Status::Ok() : CannotRead(path, "no file matches");
}

class FileReader final : public Reader {
 public:
  FileReader(const Binding& binding, const ReaderConfig& config)
      : paths_(binding.args),
        config_(config),
        parts_(IntOption(binding, "partitions", 1)),
        bounded_(config.until_end || !BoolOption(binding, "follow", true)) {}
  ~FileReader() override { FileReader::Close(); }

  Status Open() override {
    std::vector<std::string> files;
    for (const std::string& path : paths_) {
      if (Status status = Expand(path, &files); !status.ok()) return status;
    }
    int32_t number = 0;
    for (const std::string& path : files) {
      if (Status status = OpenFile(path, &number); !status.ok()) return status;
    }
    for (size_t slot = 0; slot < parts_read_.size(); ++slot) UpdateState(slot);
    return Status::Ok();
  }

  Status Poll(const PollLimits& limits, std::vector<RawRecords>* out) override {
    if (paused_) return Status::Ok();
    int64_t records = limits.max_records, bytes = limits.max_bytes;
    size_t count = partitions_.size(), before = out->size();
    bool waiting = false;
    for (size_t i = 0; i < count && records > 0 && bytes > 0; ++i) {
      size_t slot = (next_ + i) % count;
      if (partitions_[slot].state == PartitionState::Ended) continue;
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
  void Close() override {
    for (int file : descriptors_) close(file);
    descriptors_.clear();
  }

 private:
  struct Part {
    int file = -1;
    std::string path;
    bool last = true;        // the file's last part: grows with it
    int64_t chunk = 0;       // bytes to read for a line longer than the usual chunk
    bool skipping = false;   // inside a line that was cut at kLongestLine
  };

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
    int64_t size = info.st_size, begin = 0;
    for (int64_t part = 0; part < parts_; ++part) {
      bool last = part + 1 == parts_;
      int64_t end = last ? size : NextLine(file, size / parts_ * (part + 1), size);
      if (*number % std::max(config_.workers, 1) == config_.worker) {
        PartitionInfo partition;
        partition.id = {path, static_cast<int32_t>(part)};
        partition.position = config_.start == StartFrom::Latest ? end : begin;
        partition.end = end;
        partitions_.push_back(partition);
        parts_read_.push_back({file, path, last, 0, false});
      }
      ++*number;
      begin = end;
    }
    return Status::Ok();
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

  bool Follows(size_t slot) const { return !bounded_ && parts_read_[slot].last; }

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
      if (fstat(part.file, &info) != 0) return CannotRead(part.path, std::strerror(errno));
      if (info.st_size < partition.position) {
        return CannotRead(part.path, "it was cut to " + std::to_string(info.st_size) + " bytes while being read at byte " +
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
        if (count < 0) return CannotRead(part.path, std::strerror(errno));
        if (count == 0) return CannotRead(part.path, "it was cut while being read");
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

  std::vector<std::string> paths_;
  ReaderConfig config_;
  int64_t parts_;
  bool bounded_;
  std::vector<PartitionInfo> partitions_;
  std::vector<Part> parts_read_;  // beside partitions_
  std::vector<int> descriptors_;
  ChunkPool chunks_;
  size_t next_ = 0;
  bool paused_ = false;
};

}  // namespace

Status MakeFileReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader) {
  if (Status status = CheckBinding(binding, kFileDoc, Use::Source); !status.ok()) return status;
  *reader = std::make_unique<FileReader>(binding, config);
  return Status::Ok();
}

}  // namespace streamc::rt::connector
