#include "runtime/connector/file/output_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "runtime/batch/fault_point.h"
#include "runtime/connector/file/journal.h"

namespace streamc::rt::connector {
namespace {

constexpr size_t kCopyBlock = 1 << 20;
constexpr size_t kKeepPending = 8 << 20;

std::string PartName(const std::string& path) { return path + ".part"; }
std::string NameAt(const std::string& path, Place place) { return place == Place::Part ? PartName(path) : path; }

// -1: there is none.
int64_t SizeOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_size : -1;
}

int Sync(int file) { return fsync(file) == 0 || errno == EINVAL ? 0 : errno; }

// The first `size` bytes of a file under another name, whole or not at all; the errno otherwise.
int Copy(const std::string& from, int64_t size, const std::string& to) {
  const std::string temporary = to + ".tmp";
  const int in = open(from.c_str(), O_RDONLY | O_CLOEXEC);
  const int out = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  int error = in < 0 || out < 0 ? errno : 0;
  std::string block(kCopyBlock, '\0');
  for (int64_t at = 0; error == 0 && at < size;) {
    const size_t wanted = std::min<size_t>(block.size(), static_cast<size_t>(size - at));
    const ssize_t count = pread(in, block.data(), wanted, at);
    if (count < 0 && errno == EINTR) continue;
    error = count < 0 ? errno : count == 0 ? EIO : WriteAt(out, {block.data(), static_cast<size_t>(count)}, at);
    at += count;
  }
  if (error == 0) error = Sync(out);
  if (in >= 0) close(in);
  if (out >= 0) close(out);
  batch::FaultAt(batch::FaultPoint::FileCopied);
  if (error == 0 && rename(temporary.c_str(), to.c_str()) != 0) error = errno;
  batch::FaultAt(batch::FaultPoint::FileCopyNamed);
  if (error != 0) unlink(temporary.c_str());
  return error == 0 ? SyncFolderOf(to) : error;
}

std::string Bytes(int64_t count) { return std::to_string(count) + " bytes"; }

}  // namespace

OutputFiles::~OutputFiles() {
  for (auto& [path, output] : outputs_) {
    if (output.file >= 0) close(output.file);
  }
}

// --- a start ----------------------------------------------------------------------------------------------------

void OutputFiles::Load(const OutputPiece& piece) {
  auto [found, added] = outputs_.try_emplace(std::string(piece.path));
  Output& output = found->second;
  // Before a file is moved all that stands in it is on the disk.
  if (!added && output.place != piece.place) output.loaded.clear();
  output.place = piece.place;
  output.length = piece.offset + static_cast<int64_t>(piece.bytes.size());
  if (!piece.bytes.empty()) output.loaded.push_back(piece);
}

void OutputFiles::Settle() {
  for (auto& [path, output] : outputs_) {
    output.fault = SettleOne(path, &output);
    batch::FaultAt(batch::FaultPoint::FileSettled);
    output.loaded.clear();
  }
}

// Why the file is not what the journal says; empty when it is.
std::string OutputFiles::SettleOne(const std::string& path, Output* output) {
  const std::string name = NameAt(path, output->place), part = PartName(path);
  const int64_t base = output->loaded.empty() ? output->length : output->loaded.front().offset;
  auto cannot = [&](int error) { return "cannot be written: " + std::string(std::strerror(error)); };
  if (output->place == Place::Published && output->loaded.empty() && SizeOf(part) == output->length) {
    // It was about to get its name.
    if (rename(part.c_str(), path.c_str()) != 0) return cannot(errno);
    if (int error = SyncFolderOf(path); error != 0) return cannot(error);
  }
  if (output->place == Place::Part && SizeOf(part) < 0 && SizeOf(path) == base) {
    // It was about to be copied.
    if (int error = Copy(path, base, part); error != 0) return cannot(error);
  }
  const int64_t size = SizeOf(name);
  if (size < 0 && output->length > 0) return "is not there; the job has written " + Bytes(output->length) + " to " + name;
  if (size < base) return "has " + Bytes(std::max<int64_t>(size, 0)) + " in " + name + " where the job has written " + Bytes(output->length);
  if (size > output->length) return "has " + Bytes(size) + " in " + name + ", but the job's journal knows of " + Bytes(output->length);
  if (output->loaded.empty()) return "";
  const int file = open(name.c_str(), O_WRONLY | O_CLOEXEC);
  int error = file < 0 ? errno : 0;
  for (const OutputPiece& piece : output->loaded) {
    if (error == 0) error = WriteAt(file, piece.bytes, piece.offset);
  }
  if (error == 0) error = connector::Sync(file);
  if (file >= 0) close(file);
  return error == 0 ? "" : cannot(error);
}

// --- a run ------------------------------------------------------------------------------------------------------

Status OutputFiles::OpenFile(const std::string& path, Output* output, int flags) {
  if (output->file >= 0) close(output->file);
  const std::string name = NameAt(path, output->place);
  output->file = open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
  if (output->file >= 0) return Status::Ok();
  return Status::Error(Exit::BadInput, "cannot write " + name + ": " + std::strerror(errno));
}

Status OutputFiles::Open(const std::string& path, bool append, const Say& say) {
  auto [found, added] = outputs_.try_emplace(path);
  Output& output = found->second;
  if (output.open) return Status::Ok();
  if (!output.fault.empty()) {
    return Status::Error(Exit::Incompatible, "output " + path + " " + output.fault +
                                                 ": put the file back as it was, or begin anew without the folder of --state-dir and"
                                                 " without the job's outputs");
  }
  output.open = true;
  if (added) {
    const int64_t size = append ? SizeOf(path) : -1;
    if (size >= 0) output.length = size;
    if (size < 0 && bounded_) output.place = Place::Part;
    return OpenFile(path, &output, size < 0 ? O_TRUNC : 0);
  }
  if (Status status = OpenFile(path, &output, 0); !status.ok()) return status;
  return output.place == Place::Part && !bounded_ ? Move(path, &output, Place::Published, say) : Status::Ok();
}

void OutputFiles::DropPending() {
  for (auto& [path, output] : outputs_) output.pending.clear();
}

// The file at its present place is synced, then the journal says where it will be, then it is there.
Status OutputFiles::Move(const std::string& path, Output* output, Place place, const Say& say) {
  const std::string part = PartName(path);
  int error = connector::Sync(output->file);
  if (error != 0) return CannotWrite(NameAt(path, output->place), error);
  output->dirty = false;
  if (Status status = say({{path, place, output->length, {}}}); !status.ok()) return status;
  batch::FaultAt(batch::FaultPoint::FileMoveSaid);
  output->place = place;
  if (place == Place::Published) {
    error = rename(part.c_str(), path.c_str()) != 0 ? errno : SyncFolderOf(path);
    batch::FaultAt(batch::FaultPoint::FileMoved);
    return error == 0 ? Status::Ok() : CannotWrite(path, error);
  }
  if (error = Copy(path, output->length, part); error != 0) return CannotWrite(part, error);
  return OpenFile(path, output, 0);
}

Status OutputFiles::Pieces(const Say& say, std::vector<OutputPiece>* pieces) {
  for (auto& [path, output] : outputs_) {
    if (output.pending.empty()) continue;
    if (bounded_ && output.place == Place::Published) {
      if (Status status = Move(path, &output, Place::Part, say); !status.ok()) return status;
    }
    pieces->push_back({path, output.place, output.length, output.pending});
  }
  return Status::Ok();
}

Status OutputFiles::Written(const std::vector<OutputPiece>& pieces) {
  for (const OutputPiece& piece : pieces) {
    Output& output = outputs_.find(piece.path)->second;
    batch::FaultAt(batch::FaultPoint::FileOutput);
    if (int error = WriteAt(output.file, piece.bytes, piece.offset); error != 0) return CannotWrite(NameAt(std::string(piece.path), piece.place), error);
    batch::FaultAt(batch::FaultPoint::FileOutputWritten);
    output.length = piece.offset + static_cast<int64_t>(piece.bytes.size());
    output.dirty = true;
    output.pending.clear();
    if (output.pending.capacity() > kKeepPending) std::string().swap(output.pending);
  }
  return Status::Ok();
}

Status OutputFiles::Publish(const Say& say) {
  for (auto& [path, output] : outputs_) {
    if (!output.open || output.place == Place::Published) continue;
    if (Status status = Move(path, &output, Place::Published, say); !status.ok()) return status;
  }
  return Status::Ok();
}

// --- a snapshot -------------------------------------------------------------------------------------------------

Status OutputFiles::Sync() {
  for (auto& [path, output] : outputs_) {
    if (!output.dirty) continue;
    if (int error = connector::Sync(output.file); error != 0) return CannotWrite(NameAt(path, output.place), error);
    output.dirty = false;
  }
  return Status::Ok();
}

std::vector<OutputPiece> OutputFiles::All() const {
  std::vector<OutputPiece> all;
  for (const auto& [path, output] : outputs_) all.push_back({path, output.place, output.length, {}});
  return all;
}

}  // namespace streamc::rt::connector
