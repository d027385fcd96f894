#include "runtime/connector/file/input_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace streamc::rt::connector {
namespace {

constexpr uint32_t kHeadSize = 4096;

struct Identity { uint64_t inode = 0, head_hash = 0; uint32_t head_size = 0; int64_t size = 0; };

// Of at most `head` first bytes.
Status Identify(const std::string& path, int file, uint32_t head, Identity* identity) {
  struct stat info {};
  char bytes[kHeadSize];
  ssize_t got = fstat(file, &info) != 0 ? -1 : pread(file, bytes, std::min(head, kHeadSize), 0);
  if (got < 0) return Status::Error(Exit::BadInput, "cannot read " + path + ": " + std::strerror(errno));
  *identity = {info.st_ino, XXH3_64bits(bytes, static_cast<size_t>(got)), static_cast<uint32_t>(got), info.st_size};
  return Status::Ok();
}

Status Refused(const std::string& path, const std::string& why) {
  return Status::Error(Exit::Incompatible, "input " + path + " " + why +
                                               ": put the file back, or begin anew without the folder of --state-dir and without the"
                                               " job's outputs");
}

}  // namespace

void InputFiles::Load(InputPart part) {
  Key key = KeyOf(part);
  parts_[key] = std::move(part);
}

const std::vector<std::string>* InputFiles::FilesOf(const std::string& source) const {
  auto found = files_.find(source);
  return found == files_.end() ? nullptr : &found->second;
}

Status InputFiles::SetFiles(const std::string& source, std::vector<std::string> files) {
  for (const auto& [key, part] : parts_) {
    if (part.source != source || std::find(files.begin(), files.end(), part.path) != files.end()) continue;
    const int64_t end = part.limit < 0 ? part.end : part.limit;
    if (part.offset < end && access(part.path.c_str(), F_OK) != 0) {
      return Refused(part.path, "is gone, and " + std::to_string(end - part.offset) + " bytes of it were not read");
    }
  }
  files_[source] = std::move(files);
  return Status::Ok();
}

Status InputFiles::Known(const std::string& source, const std::string& path, int file, std::vector<InputPart>* parts) {
  parts->clear();
  int64_t least = 0;
  for (auto it = parts_.lower_bound({{source, path}, 0}); it != parts_.end() && it->first.first == std::pair(source, path); ++it) {
    parts->push_back(it->second);
    least = std::max({least, it->second.offset, it->second.limit, it->second.end});
  }
  if (parts->empty()) return Status::Ok();
  Identity now, whole;
  if (Status status = Identify(path, file, parts->front().head_size, &now); !status.ok()) return status;
  if (Status status = Identify(path, file, kHeadSize, &whole); !status.ok()) return status;
  if (now.size < least) {
    return Refused(path, "has only " + std::to_string(now.size) + " bytes left of the " + std::to_string(least) + " it had");
  }
  if (now.head_hash != parts->front().head_hash || now.inode != parts->front().inode) {
    return Refused(path, "is not the file any more that the job has been reading (" +
                             std::string(now.inode != parts->front().inode ? "another file has its name" : "it begins otherwise") + ")");
  }
  // The more there is of the beginning, the surer.
  for (InputPart& part : *parts) {
    part.head_hash = whole.head_hash;
    part.head_size = whole.head_size;
  }
  return Status::Ok();
}

Status InputFiles::Add(int file, std::vector<InputPart> parts) {
  for (InputPart& part : parts) {
    Identity identity;
    if (Status status = Identify(part.path, file, kHeadSize, &identity); !status.ok()) return status;
    part.inode = identity.inode;
    part.head_hash = identity.head_hash;
    part.head_size = identity.head_size;
    part.end = identity.size;
    added_.push_back(KeyOf(part));
    Load(std::move(part));
  }
  return Status::Ok();
}

std::vector<InputPart> InputFiles::CommittedOf(const std::string& source) const {
  std::vector<InputPart> all;
  const std::vector<std::string>* files = FilesOf(source);
  for (size_t i = 0; files != nullptr && i < files->size(); ++i) {
    const std::pair name(source, (*files)[i]);
    for (auto it = parts_.lower_bound({name, 0}); it != parts_.end() && it->first.first == name; ++it) all.push_back(it->second);
  }
  return all;
}

std::vector<InputPart> InputFiles::Changed() const {
  std::vector<InputPart> changed;
  for (const Key& key : added_) changed.push_back(parts_.at(key));
  changed.insert(changed.end(), staged_.begin(), staged_.end());
  return changed;
}

void InputFiles::Commit() {
  added_.clear();
  for (InputPart& part : staged_) Load(std::move(part));
  staged_.clear();
}

std::vector<InputPart> InputFiles::All() const {
  std::vector<InputPart> all;
  for (const auto& [key, part] : parts_) all.push_back(part);
  return all;
}

}  // namespace streamc::rt::connector
