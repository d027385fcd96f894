// White space by Unicode's White_Space property, at the ends of a text.
#pragma once

#include "stdlib/text/text.h"

namespace streamc::stdlib {

inline bool IsSpace(uint32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

// Bytes of white space at the beginning.
inline int64_t SkipSpace(const char* text, int64_t size) {
  int64_t at = 0;
  while (at < size) {
    CodePoint point = Decode(text + at, size - at);
    if (!IsSpace(point.value)) break;
    at += point.size;
  }
  return at;
}

// Size of the text without the white space at its end.
inline int64_t TrimmedSize(const char* text, int64_t size) {
  while (size > 0) {
    int64_t start = size - 1;
    while (start > 0 && size - start < 4 && static_cast<int8_t>(text[start]) < -0x40) --start;
    if (!IsSpace(Decode(text + start, size - start).value)) break;
    size = start;
  }
  return size;
}

}  // namespace streamc::stdlib
