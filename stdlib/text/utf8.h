// The check that bytes are UTF-8, for kernels that make a string of bytes.
#pragma once

#include "stdlib/text/text.h"

namespace streamc::stdlib {

// Shortest forms only, no surrogates, nothing above U+10FFFF.
inline bool IsUtf8(const char* text, int64_t size) {
  for (int64_t at = 0; at < size;) {
    uint8_t lead = static_cast<uint8_t>(text[at]);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    int64_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || size - at < length) return false;
    for (int64_t i = 1; i < length; ++i)
      if ((static_cast<uint8_t>(text[at + i]) & 0xC0) != 0x80) return false;
    uint32_t value = Decode(text + at, length).value;
    if (length == 3 && (value < 0x800 || (value >= 0xD800 && value < 0xE000))) return false;
    if (length == 4 && (value < 0x10000 || value > 0x10FFFF)) return false;
    at += length;
  }
  return true;
}

}  // namespace streamc::stdlib
