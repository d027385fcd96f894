#include "runtime/state/snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/batch/bytes.h"
#include "runtime/batch/fault_point.h"

namespace streamc::rt::state {
namespace {

constexpr char kMagic[8] = {'s', 't', 'r', 'e', 'a', 'm', 'c', '\n'};
constexpr uint32_t kVersion = 1;
constexpr size_t kBlock = 64 << 10;

enum Kind : uint8_t { kRecords = 1, kEnd = 2 };

using batch::Put;
using batch::Take;

struct FileHead {
  char magic[8];
  uint32_t version;
  int32_t group;
  uint32_t meta_size;
};
constexpr size_t kFileHead = 20;
constexpr size_t kSectionHead = 1 + 4 + 4;  // kind, records, payload size
constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();

// Every checksum begins with the one before it: sections that are missing, twice or in another order do not fit.
uint64_t Hash(std::string_view bytes, uint64_t before) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), before);
}

// Whether file systems that cannot do it have said so; the rename is as durable as they make it.
bool SyncFolder(const std::string& dir) {
  const int folder = open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  const bool synced = fsync(folder) == 0 || errno == EINVAL || errno == ENOTSUP;
  const int error = errno;
  close(folder);
  errno = error;
  return synced;
}

void RemoveLeftovers(const std::string& dir, const std::string& prefix) {
  std::error_code ignored;
  for (std::filesystem::directory_iterator it(dir, ignored), end; !ignored && it != end; it.increment(ignored)) {
    if (it->path().filename().native().starts_with(prefix)) unlink(it->path().c_str());
  }
}

// A file read from front to back. Why a snapshot is of no use goes to `fault`.
class File {
 public:
  explicit File(const std::string& path) : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat info = {};
    missing_ = file_ < 0 && errno == ENOENT;
    if (file_ < 0 || fstat(file_, &info) != 0) {
      fault = std::string("cannot be read: ") + std::strerror(errno);
    } else {
      left_ = info.st_size;
    }
  }
  ~File() {
    if (file_ >= 0) close(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool missing() const { return missing_; }
  int64_t left() const { return left_; }
  int64_t position() const { return position_; }
  // Appends `size` bytes; false when there are not so many, or they cannot be read.
  bool Read(size_t size, std::string* out) {
    if (!fault.empty()) return false;
    if (left_ < static_cast<int64_t>(size)) return Damaged();
    const size_t start = out->size();
    out->resize(start + size);
    for (size_t at = 0; at < size;) {
      const ssize_t count = read(file_, out->data() + start + at, size - at);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fault = std::string("cannot be read: ") + std::strerror(errno);
      if (count == 0) return Damaged();
      if (count < 0) return false;
      at += static_cast<size_t>(count);
    }
    position_ += static_cast<int64_t>(size);
    left_ -= static_cast<int64_t>(size);
    return true;
  }
  bool Damaged() {
    if (fault.empty()) fault = "is damaged at byte " + std::to_string(position_);
    return false;
  }

  std::string fault;

 private:
  int file_;
  bool missing_ = false;
  int64_t left_ = 0, position_ = 0;
};

bool ReadHead(File* file, int32_t group, std::string* meta, uint64_t* hash) {
  std::string bytes;
  if (!file->Read(kFileHead, &bytes)) return false;
  FileHead head;
  std::string_view in = bytes;
  if (!Take(&in, &head.magic) || !Take(&in, &head.version) || !Take(&in, &head.group) || !Take(&in, &head.meta_size)) return false;
  if (std::memcmp(head.magic, kMagic, sizeof kMagic) != 0) return file->Damaged();
  if (head.version != kVersion) {
    file->fault = "has format " + std::to_string(head.version) + ", which this version does not read";
    return false;
  }
  std::string sum;
  if (!file->Read(head.meta_size, &bytes) || !file->Read(sizeof *hash, &sum)) return false;
  std::memcpy(hash, sum.data(), sizeof *hash);
  if (Hash(bytes, 0) != *hash || head.group != group) return file->Damaged();
  *meta = bytes.substr(kFileHead);
  return true;
}

// The next section: its head and payload in `section`, checked.
bool ReadSection(File* file, std::string* section, uint8_t* kind, uint32_t* records, uint64_t* hash) {
  section->clear();
  uint32_t size = 0;
  if (!file->Read(kSectionHead, section)) return false;
  std::string_view head = *section;
  if (!Take(&head, kind) || !Take(&head, records) || !Take(&head, &size)) return false;
  std::string sum;
  if (!file->Read(size, section) || !file->Read(sizeof *hash, &sum)) return false;
  uint64_t expected;
  std::memcpy(&expected, sum.data(), sizeof expected);
  *hash = Hash(*section, *hash);
  return *hash == expected || file->Damaged();
}

bool TakeRecords(std::string_view payload, uint32_t records, const SnapshotUse& use) {
  for (; records > 0; --records) {
    uint32_t key_size, value_size;
    if (!Take(&payload, &key_size) || !Take(&payload, &value_size)) return false;
    if (payload.size() < key_size || payload.size() - key_size < value_size) return false;
    if (!use.take(payload.substr(0, key_size), payload.substr(key_size, value_size))) return false;
    payload.remove_prefix(size_t{key_size} + value_size);
  }
  return payload.empty();
}

// Whether the whole file was taken. `restart` is called here when it was taken in part.
bool ReadFile(File* file, int32_t group, const SnapshotUse& use, SnapshotFound* found) {
  uint64_t hash = 0;
  if (!ReadHead(file, group, &found->meta, &hash)) return false;
  if (!use.accept(found->meta)) {
    file->fault = "belongs to another state of the job";
    return false;
  }
  found->records = 0;
  std::string section;
  auto read_all = [&] {
    for (;;) {
      uint8_t kind = 0;
      uint32_t records = 0;
      const int64_t start = file->position();
      if (!ReadSection(file, &section, &kind, &records, &hash)) return false;
      const std::string_view payload = std::string_view(section).substr(kSectionHead);
      if (kind == kRecords) {
        found->records += records;
        if (TakeRecords(payload, records, use)) continue;
        file->fault = "has records at byte " + std::to_string(start) + " that are none of this job";
        return false;
      }
      uint64_t total = 0;
      std::string_view in = payload;
      if (kind != kEnd || !Take(&in, &total) || total != static_cast<uint64_t>(found->records) || file->left() != 0) return file->Damaged();
      return true;
    }
  };
  const bool good = read_all();
  if (!good && found->records > 0) use.restart();
  found->bytes = file->position();
  return good;
}

}  // namespace

std::string SnapshotName(int32_t number, std::string_view name) {
  return std::string(name) + "-" + std::to_string(number) + ".snapshot";
}

Status SnapshotWriter::Failed(const std::string& what, int error) {
  Drop();
  return Status::Error(Exit::TryAgain, "cannot " + what + ": " + std::strerror(error));
}

void SnapshotWriter::Drop() {
  if (file_ >= 0) close(file_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
  file_ = -1;
  temporary_.clear();
}

Status SnapshotWriter::Open(const std::string& dir, int32_t group, std::string_view meta, std::string_view name) {
  Drop();
  dir_ = dir;
  path_ = dir + "/" + SnapshotName(group, name);
  records_ = 0;
  total_ = 0;
  written_ = 0;
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) return Status::Error(Exit::TryAgain, "cannot make " + dir + ": " + error.message());
  const std::string prefix = SnapshotName(group, name) + ".tmp-";
  RemoveLeftovers(dir, prefix);
  std::string pattern = dir + "/" + prefix + "XXXXXX";
  file_ = mkostemp(pattern.data(), O_CLOEXEC);
  if (file_ < 0) return Failed("write " + path_, errno);
  temporary_ = pattern;
  section_.assign(kMagic, sizeof kMagic);
  Put(&section_, kVersion);
  Put(&section_, group);
  Put(&section_, static_cast<uint32_t>(meta.size()));
  section_.append(meta);
  hash_ = Hash(section_, 0);
  Put(&section_, hash_);
  Status status = Write(section_);
  section_.assign(kSectionHead, '\0');
  return status;
}

Status SnapshotWriter::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Failed("write " + path_, count < 0 ? errno : ENOSPC);
    written_ += count;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return Status::Ok();
}

Status SnapshotWriter::Seal(uint8_t kind) {
  std::string head;
  Put(&head, kind);
  Put(&head, records_);
  Put(&head, static_cast<uint32_t>(section_.size() - kSectionHead));
  std::memcpy(section_.data(), head.data(), head.size());
  hash_ = Hash(section_, hash_);
  Put(&section_, hash_);
  total_ += records_;
  records_ = 0;
  Status status = Write(section_);
  section_.assign(kSectionHead, '\0');
  return status;
}

Status SnapshotWriter::Add(std::string_view key, std::string_view value) {
  if (file_ < 0) return Failed("write " + path_, EBADF);
  if (key.size() > kMost / 4 || value.size() > kMost / 4) return Failed("write " + path_, EFBIG);
  Put(&section_, static_cast<uint32_t>(key.size()));
  Put(&section_, static_cast<uint32_t>(value.size()));
  section_.append(key);
  section_.append(value);
  ++records_;
  return section_.size() >= kBlock ? Seal(kRecords) : Status::Ok();
}

Status SnapshotWriter::Commit() {
  if (file_ < 0) return Failed("write " + path_, EBADF);
  if (records_ > 0) {
    if (Status status = Seal(kRecords); !status.ok()) return status;
  }
  Put(&section_, total_);
  if (Status status = Seal(kEnd); !status.ok()) return status;
  batch::FaultAt(batch::FaultPoint::SnapshotWritten);
  if (fsync(file_) != 0) return Failed("write " + path_, errno);
  batch::FaultAt(batch::FaultPoint::SnapshotSynced);
  // Also after this the group has a snapshot at any moment: the one before it, then this one.
  const std::string previous = path_ + ".prev";
  if (rename(path_.c_str(), previous.c_str()) != 0 && errno != ENOENT) return Failed("rename " + path_, errno);
  batch::FaultAt(batch::FaultPoint::SnapshotMoved);
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return Failed("rename " + temporary_, errno);
  batch::FaultAt(batch::FaultPoint::SnapshotRenamed);
  temporary_.clear();
  Drop();
  if (!SyncFolder(dir_)) return Failed("write " + dir_, errno);
  return Status::Ok();
}

SnapshotFound ReadSnapshot(const std::string& dir, int32_t group, const SnapshotUse& use, std::string_view name) {
  SnapshotFound found;
  const std::string newest = dir + "/" + SnapshotName(group, name);
  for (const std::string& path : {newest, newest + ".prev"}) {
    File file(path);
    if (file.missing()) continue;
    found.found = ReadFile(&file, group, use, &found);
    if (found.found) return found;
    found.passed_over.push_back(path + " " + file.fault);
  }
  found.meta.clear();
  found.records = found.bytes = 0;
  return found;
}

}  // namespace streamc::rt::state
