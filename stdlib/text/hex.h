// Hexadecimal digits.
#pragma once

#include "stdlib/text/text.h"

namespace streamc::stdlib {

// 0 to 15, -1 for any other character.
inline int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  int letter = c | 0x20;
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// Two lower-case digits a byte; `out` has room for 2 * size.
inline void WriteHex(const char* bytes, int64_t size, char* out) {
  for (int64_t i = 0; i < size; ++i) {
    uint8_t byte = static_cast<uint8_t>(bytes[i]);
    out[2 * i] = "0123456789abcdef"[byte >> 4];
    out[2 * i + 1] = "0123456789abcdef"[byte & 15];
  }
}

}  // namespace streamc::stdlib
