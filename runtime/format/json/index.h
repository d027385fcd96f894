// Where the plain parts of a record's strings end: one bit per byte that is a quote, a backslash or a control character.
//
// Made for a whole record at once by vector code, so that finding the end of a string is a shift and a bit count.
#pragma once

#include <cstdint>
#include <vector>

namespace streamc::rt::format::json {

inline constexpr int64_t kLongestIndexed = 64 << 10;

// Fills `words` with the marks of data[0, size), bit i % 64 of word i / 64, and at least 8 zero bytes behind them; true when a byte is
// above 127. Reads nothing outside. 0 < size <= kLongestIndexed; `words` must have IndexWords(size) entries.
bool IndexRecord(const char* data, int64_t size, uint64_t* words);
inline int64_t IndexWords(int64_t size) { return (size + 63) / 64 + 1; }

}  // namespace streamc::rt::format::json
