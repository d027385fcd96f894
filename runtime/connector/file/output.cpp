#include "runtime/connector/file/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace streamc::rt::connector {
namespace {

constexpr size_t kBuffer = 256 << 10;

}  // namespace

void AppendLine(std::string_view value, std::string* out) {
  out->append(value.data() != nullptr ? value : std::string_view("null"));
  out->push_back('\n');
}

Status LineOutput::Add(const OutRecords& records) {
  for (size_t i = 0; i < records.size(); ++i) {
    AppendLine(records.value[i], &buffer_);
    if (buffer_.size() < kBuffer) continue;
    if (Status status = WriteOut(); !status.ok()) return status;
  }
  return Status::Ok();
}

Status LineOutput::WriteOut() {
  size_t at = 0;
  while (at < buffer_.size()) {
    ssize_t count = write(file_, buffer_.data() + at, buffer_.size() - at);
    if (count >= 0) {
      at += static_cast<size_t>(count);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {
      pollfd ready{file_, POLLOUT, 0};
      poll(&ready, 1, -1);
      continue;
    }
    int error = errno;
    // What was written stays written: a caller that tries again goes on behind it.
    buffer_.erase(0, at);
    bool passing = error == ENOSPC || error == EDQUOT || error == EPIPE;
    return Status::Error(passing ? Exit::TryAgain : Exit::Internal, "cannot write " + name_ + ": " + std::strerror(error));
  }
  buffer_.clear();
  return Status::Ok();
}

}  // namespace streamc::rt::connector
