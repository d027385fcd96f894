// A 64-bit integer from all of a text: an optional sign and decimal digits.
#pragma once

#include <cstdint>

namespace streamc::stdlib {

inline bool ReadInt(const char* text, int64_t size, int64_t* out) {
  bool negative = size > 0 && text[0] == '-';
  int64_t at = size > 0 && (negative || text[0] == '+') ? 1 : 0;
  if (at == size) return false;
  // Built up as a negative number, which has room for one more than the positive side.
  int64_t value = 0;
  for (; at < size; ++at) {
    uint32_t digit = static_cast<uint8_t>(text[at]) - uint32_t{'0'};
    if (digit > 9 || __builtin_mul_overflow(value, int64_t{10}, &value) ||
        __builtin_sub_overflow(value, static_cast<int64_t>(digit), &value))
      return false;
  }
  if (!negative && value == INT64_MIN) return false;
  *out = negative ? value : -value;
  return true;
}

}  // namespace streamc::stdlib
