// Lines of byte streams as records, shared by the file and stdio connectors: splitting a chunk, and the chunks' memory.
//
// A record is a line without its end (`\n` or `\r\n`); its offset is that of its first byte in the stream. Lines of nothing
// but blanks are skipped. A chunk that starts the stream may start with a UTF-8 byte order mark, which is skipped.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/connector/connector.h"

namespace streamc::rt::connector {

// Longer lines are cut here and their rest is skipped; what is handed on is far above every record limit and so refused by the engine.
inline constexpr int64_t kLongestLine = 64 << 20;
inline constexpr int64_t kChunk = 1 << 20;

// Memory that readers hand out views into: chunks live until ReleaseAll, which keeps their memory for reuse.
class ChunkPool {
 public:
  struct Chunk { std::unique_ptr<char[]> data; int64_t capacity = 0; };
  // At least `size` bytes, valid until ReleaseAll.
  char* Take(int64_t size);
  void ReleaseAll() { used_ = 0; }

 private:
  std::vector<Chunk> chunks_;
  size_t used_ = 0;
};

struct SplitLimits { int64_t max_records; int64_t max_bytes; };
// Bytes to read for that many lines: not much more than will be handed on.
inline int64_t ChunkFor(const SplitLimits& limits) {
  constexpr int64_t kLeast = 16 << 10, kLine = 512;
  return limits.max_records >= kChunk / kLine ? kChunk : limits.max_records * kLine > kLeast ? limits.max_records * kLine : kLeast;
}
// Appends the lines of data[0, size), which starts at `offset` of the stream, at most the limits. `whole`: what follows the last
// newline is a line too (the stream ends here). Returns the bytes used up: the next call starts behind them.
int64_t SplitLines(const char* data, int64_t size, int64_t offset, bool whole, const SplitLimits& limits, RawRecords* out);

}  // namespace streamc::rt::connector
