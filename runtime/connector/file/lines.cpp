#include "runtime/connector/file/lines.h"

#include <algorithm>
#include <cstring>

namespace streamc::rt::connector {
namespace {

bool IsBlank(const char* line, int64_t size) {
  return std::all_of(line, line + size, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

void AppendLine(const char* line, int64_t size, int64_t offset, RawRecords* out) {
  if (size > 0 && line[size - 1] == '\r') --size;
  if (offset == 0 && size >= 3 && std::memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
    line += 3;
    size -= 3;
  }
  if (size == 0 || (line[0] <= ' ' && IsBlank(line, size))) return;
  out->value.push_back(line);
  out->value_len.push_back(size);
  out->key.push_back(nullptr);
  out->key_len.push_back(0);
  out->offset.push_back(offset);
  out->timestamp.push_back(-1);
}

}  // namespace

char* ChunkPool::Take(int64_t size) {
  if (used_ == chunks_.size()) chunks_.emplace_back();
  Chunk& chunk = chunks_[used_++];
  if (chunk.capacity < size) {
    chunk.data.reset(new char[static_cast<size_t>(size)]);
    chunk.capacity = size;
  }
  return chunk.data.get();
}

int64_t SplitLines(const char* data, int64_t size, int64_t offset, bool whole, const SplitLimits& limits, RawRecords* out) {
  int64_t at = 0, bytes = 0, first = static_cast<int64_t>(out->size());
  while (at < size && static_cast<int64_t>(out->size()) - first < limits.max_records && bytes < limits.max_bytes) {
    const char* line = data + at;
    const void* end = std::memchr(line, '\n', static_cast<size_t>(size - at));
    if (end == nullptr && !whole) break;
    int64_t length = end != nullptr ? static_cast<const char*>(end) - line : size - at;
    AppendLine(line, length, offset + at, out);
    at += length + (end != nullptr ? 1 : 0);
    bytes += length;
  }
  out->next_offset = offset + at;
  return at;
}

}  // namespace streamc::rt::connector
