#include "runtime/connector/file/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/batch/bytes.h"
#include "runtime/batch/fault_point.h"

namespace streamc::rt::connector {
namespace {

using batch::Put;

constexpr std::string_view kMagic = "streamcj";
constexpr uint32_t kVersion = 1;
constexpr size_t kHead = 8 + 4 + 8 + 8;          // magic, version, generation, checksum
constexpr std::string_view kFrameMagic = "\nfr\x1b";
constexpr size_t kFrameHead = 4 + 8 + 8 + 8;     // magic, number, payload size, checksum
constexpr size_t kSum = 8;
constexpr size_t kKeepBuffer = 8 << 20;

template <typename T>
T At(std::string_view bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}
uint64_t Hash(std::string_view bytes, uint64_t seed) { return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed); }

std::string Head(uint64_t generation) {
  std::string head(kMagic);
  Put(&head, kVersion);
  Put(&head, generation);
  Put(&head, Hash(head, 0));
  return head;
}

struct FrameHead { uint64_t number, size, sum; };

bool ReadFrameHead(std::string_view bytes, size_t at, uint64_t generation, FrameHead* head) {
  if (bytes.size() - at < kFrameHead || bytes.substr(at, kFrameMagic.size()) != kFrameMagic) return false;
  head->number = At<uint64_t>(bytes, at + 4);
  head->size = At<uint64_t>(bytes, at + 12);
  head->sum = At<uint64_t>(bytes, at + 20);
  return Hash(bytes.substr(at, kFrameHead - kSum), generation) == head->sum;
}

// A payload is only begun when the one before it is on the disk: where another one follows, what does not fit was not torn.
bool AnotherFollows(std::string_view bytes, size_t from, uint64_t generation, uint64_t number) {
  FrameHead head{};
  for (size_t at = bytes.find(kFrameMagic, from); at != bytes.npos; at = bytes.find(kFrameMagic, at + 1)) {
    if (ReadFrameHead(bytes, at, generation, &head) && head.number > number) return true;
  }
  return false;
}

}  // namespace

Status CannotWrite(const std::string& path, int error) {
  const bool passing = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return Status::Error(passing ? Exit::TryAgain : Exit::Internal, "cannot write " + path + ": " + std::strerror(error));
}

int WriteAt(int file, std::string_view bytes, int64_t offset) {
  while (!bytes.empty()) {
    const ssize_t count = pwrite(file, bytes.data(), bytes.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 ? errno : ENOSPC;
    bytes.remove_prefix(static_cast<size_t>(count));
    offset += count;
  }
  return 0;
}

int SyncFolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  const int file = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return errno;
  const int error = fsync(file) == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : errno;
  close(file);
  return error;
}

Status ReadWhole(const std::string& path, std::string* bytes, bool* missing) {
  bytes->clear();
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  *missing = file < 0 && errno == ENOENT;
  if (*missing) return Status::Ok();
  struct stat info {};
  int error = file < 0 || fstat(file, &info) != 0 ? errno : 0;
  if (error == 0) bytes->resize(static_cast<size_t>(info.st_size));
  for (size_t at = 0; error == 0 && at < bytes->size();) {
    const ssize_t count = pread(file, bytes->data() + at, bytes->size() - at, static_cast<off_t>(at));
    if (count < 0 && errno != EINTR) error = errno;
    if (count == 0) bytes->resize(at);
    if (count > 0) at += static_cast<size_t>(count);
  }
  if (file >= 0) close(file);
  return error == 0 ? Status::Ok() : Status::Error(Exit::TryAgain, "cannot read " + path + ": " + std::strerror(error));
}

JournalRead ReadJournal(std::string_view bytes, uint64_t generation, uint64_t first,
                        const std::function<bool(std::string_view payload)>& take) {
  JournalRead read;
  read.next = first;
  auto stop = [&](size_t at, const std::string& what) {
    read.torn = !AnotherFollows(bytes, at, generation, read.next);
    if (!read.torn) read.damage = what + " at byte " + std::to_string(at);
    return read;
  };
  if (bytes.size() < kHead || bytes.substr(0, kHead) != Head(generation)) {
    // Of a whole head that is another one nothing can be told; one that was being written is short, or still empty.
    const bool begun = bytes.size() < kHead || bytes.find_first_not_of('\0') == bytes.npos;
    if (!begun) {
      read.damage = "is damaged at byte 0, or of another version";
      return read;
    }
    return stop(0, "is damaged");
  }
  size_t at = kHead;
  read.good = static_cast<int64_t>(at);
  while (at < bytes.size()) {
    FrameHead head{};
    if (!ReadFrameHead(bytes, at, generation, &head) || head.number != read.next) return stop(at, "is damaged");
    const size_t room = bytes.size() - at - kFrameHead;
    if (room < kSum || head.size > room - kSum) return stop(at, "is damaged");
    const std::string_view payload = bytes.substr(at + kFrameHead, head.size);
    if (At<uint64_t>(bytes, at + kFrameHead + head.size) != Hash(payload, head.sum)) return stop(at, "is damaged");
    if (!take(payload)) {
      read.damage = "has something at byte " + std::to_string(at) + " that this build does not read";
      return read;
    }
    at += kFrameHead + head.size + kSum;
    read.good = static_cast<int64_t>(at);
    ++read.next;
  }
  return read;
}

Status Journal::Create(const std::string& path, uint64_t generation, uint64_t first) {
  Close();
  path_ = path;
  generation_ = generation;
  next_ = first;
  file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const std::string head = Head(generation);
  int error = file_ < 0 ? errno : WriteAt(file_, head, 0);
  if (error == 0 && fsync(file_) != 0) error = errno;
  if (error == 0) error = SyncFolderOf(path);
  size_ = static_cast<int64_t>(head.size());
  return error == 0 ? Status::Ok() : CannotWrite(path, error);
}

Status Journal::Continue(const std::string& path, uint64_t generation, int64_t good, uint64_t next) {
  if (good == 0) return Create(path, generation, next);
  Close();
  path_ = path;
  generation_ = generation;
  next_ = next;
  size_ = good;
  file_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  int error = file_ < 0 || ftruncate(file_, good) != 0 || fsync(file_) != 0 ? errno : 0;
  return error == 0 ? Status::Ok() : CannotWrite(path, error);
}

Status Journal::Append(std::string_view payload) {
  buffer_.assign(kFrameMagic);
  Put(&buffer_, next_);
  Put(&buffer_, static_cast<uint64_t>(payload.size()));
  const uint64_t sum = Hash(buffer_, generation_);
  Put(&buffer_, sum);
  buffer_.append(payload);
  Put(&buffer_, Hash(payload, sum));
  batch::FaultAt(batch::FaultPoint::FileFrame);
  int error = file_ < 0 ? EBADF : WriteAt(file_, buffer_, size_);
  batch::FaultAt(batch::FaultPoint::FileFrameWritten);
  if (error == 0 && fdatasync(file_) != 0) error = errno;
  batch::FaultAt(batch::FaultPoint::FileFrameSynced);
  if (error != 0) {
    // What is left of it is cut off at the next start otherwise.
    if (file_ >= 0 && ftruncate(file_, size_) != 0) Close();
    return CannotWrite(path_, error);
  }
  size_ += static_cast<int64_t>(buffer_.size());
  ++next_;
  if (buffer_.capacity() > kKeepBuffer) std::string().swap(buffer_);
  return Status::Ok();
}

void Journal::Close() {
  if (file_ >= 0) close(file_);
  file_ = -1;
}

}  // namespace streamc::rt::connector
