// Buffered writing of lines to a file descriptor, shared by the file and stdio connectors: every error becomes one clear line.
#pragma once

#include <string>
#include <string_view>

#include "runtime/connector/connector.h"

namespace streamc::rt::connector {

// A value as a line, null as `null`.
void AppendLine(std::string_view value, std::string* out);

class LineOutput {
 public:
  // `name` stands in messages; the descriptor stays the caller's.
  LineOutput(int file, std::string name) : file_(file), name_(std::move(name)) {}
  // Buffers the values as lines (a null value as `null`) and writes full buffers out.
  Status Add(const OutRecords& records);
  // Writes everything out. Disk full and a reader that has gone: Exit::TryAgain; other errors: Exit::Internal.
  Status WriteOut();

 private:
  int file_;
  std::string name_;
  std::string buffer_;
};

}  // namespace streamc::rt::connector
