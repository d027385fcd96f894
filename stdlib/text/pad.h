// Padding of `pad_left` and `pad_right`.
#pragma once

#include "stdlib/text/text.h"

namespace streamc::stdlib {

// Writes `fill`, repeated and cut, `count` code points long; returns its size. Without `out` it only measures.
inline int64_t WriteFill(const char* fill, int64_t fill_size, int64_t count, char* out) {
  int64_t points = CountCodePoints(fill, fill_size);
  int64_t rest = ByteOffset(fill, fill_size, count % points);
  int64_t whole = count / points * fill_size;
  if (out != nullptr) {
    for (int64_t at = 0; at < whole; at += fill_size) std::memcpy(out + at, fill, static_cast<size_t>(fill_size));
    std::memcpy(out + whole, fill, static_cast<size_t>(rest));
  }
  return whole + rest;
}

inline uint8_t Pad(ScArena* arena, const char* s, int64_t n, int64_t width, const char* fill, int64_t fill_size, bool before,
                   ScStr* out) {
  *out = View(s, n);
  int64_t length = CountCodePoints(s, n);
  if (width <= length || CountCodePoints(fill, fill_size) == 0) return 1;
  if (width > kMaxMade) return 0;
  int64_t missing = width - length;
  int64_t added = WriteFill(fill, fill_size, missing, nullptr);
  char* text = AllocateText(arena, n + added);
  WriteFill(fill, fill_size, missing, before ? text : text + n);
  if (n > 0) std::memcpy(before ? text + added : text, s, static_cast<size_t>(n));
  *out = View(text, n + added);
  return 1;
}

}  // namespace streamc::stdlib
