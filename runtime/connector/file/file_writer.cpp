#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/connector/file/file.h"
#include "runtime/connector/file/output.h"
#include "runtime/connector/file/spec.h"
#include "runtime/connector/options.h"

namespace streamc::rt::connector {
namespace {

class FileWriter final : public Writer {
 public:
  explicit FileWriter(const Binding& binding)
      : path_(binding.args.front()),
        append_(BoolOption(binding, "append", false)),
        fsync_(BoolOption(binding, "fsync", false)),
        output_(-1, path_) {}
  ~FileWriter() override { FileWriter::Close(); }

  Status Open() override {
    // Dead letters of several topics may share a file: each writer goes on where the others are.
    file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | (append_ ? 0 : O_TRUNC), 0644);
    if (file_ < 0) return Status::Error(Exit::BadInput, "cannot write " + path_ + ": " + std::strerror(errno));
    output_ = LineOutput(file_, path_);
    return Status::Ok();
  }
  Status Write(const OutRecords& records) override {
    if (!records.topic.empty()) return Status::Error(Exit::Usage, "a file sink writes to one path; it cannot follow a topic from the row");
    return output_.Add(records);
  }
  Status Flush() override {
    if (Status status = output_.WriteOut(); !status.ok()) return status;
    if (fsync_ && fsync(file_) != 0 && errno != EINVAL) {
      return Status::Error(errno == ENOSPC || errno == EDQUOT ? Exit::TryAgain : Exit::Internal,
                           "cannot write " + path_ + ": " + std::strerror(errno));
    }
    return Status::Ok();
  }
  void Close() override {
    if (file_ >= 0) close(file_);
    file_ = -1;
  }

 private:
  std::string path_;
  bool append_, fsync_;
  int file_ = -1;
  LineOutput output_;
};

}  // namespace

Status MakeFileWriter(const Binding& binding, const WriterConfig&, std::unique_ptr<Writer>* writer) {
  if (Status status = CheckBinding(binding, kFileDoc, Use::Sink); !status.ok()) return status;
  if (binding.args.size() != 1) return Status::Error(Exit::Usage, binding.name + ": a file sink takes one path");
  *writer = std::make_unique<FileWriter>(binding);
  return Status::Ok();
}

}  // namespace streamc::rt::connector
