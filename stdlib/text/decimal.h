// Decimals in kernels: a 128-bit integer and a scale (0 to 38 digits after the point).
#pragma once

#include <cstdint>

namespace streamc::stdlib {

using Int128 = __int128;

// Magnitudes stay below 10^38, the language's largest precision.
inline constexpr int kMaxDigits = 38;

inline constexpr Int128 PowerOfTen(int64_t exponent) {
  Int128 power = 1;
  for (int64_t i = 0; i < exponent; ++i) power *= 10;
  return power;
}

inline constexpr Int128 kDecimalLimit = PowerOfTen(kMaxDigits);

inline constexpr bool FitsDecimal(Int128 value) { return value < kDecimalLimit && value > -kDecimalLimit; }

// n / d rounded half up, away from zero; d > 0.
inline constexpr Int128 DivideHalfUp(Int128 n, Int128 d) {
  Int128 quotient = n / d;
  Int128 rest = n % d;
  if (rest < 0) rest = -rest;
  if (rest >= d - rest) quotient += n < 0 ? -1 : 1;
  return quotient;
}

// All of a text, an optional sign and digits with an optional point, in the given scale. False for any other text, for digits that
// the scale does not hold and for more than 38 in all.
inline bool ReadDecimal(const char* text, int64_t size, int64_t scale, Int128* out) {
  bool negative = size > 0 && text[0] == '-';
  int64_t at = size > 0 && (negative || text[0] == '+') ? 1 : 0;
  Int128 value = 0;
  int64_t digits = 0;
  int64_t after_point = -1;
  for (; at < size; ++at) {
    if (text[at] == '.' && after_point < 0) {
      after_point = 0;
      continue;
    }
    uint32_t digit = static_cast<uint8_t>(text[at]) - uint32_t{'0'};
    if (digit > 9) return false;
    ++digits;
    if (after_point >= 0) ++after_point;
    // Zeros that the scale has no room for change nothing.
    if (after_point > scale) {
      if (digit != 0) return false;
      continue;
    }
    value = value * 10 + digit;
    if (!FitsDecimal(value)) return false;
  }
  if (digits == 0 || after_point == 0) return false;
  for (int64_t i = after_point < 0 ? 0 : after_point; i < scale; ++i) {
    value *= 10;
    if (!FitsDecimal(value)) return false;
  }
  *out = negative ? -value : value;
  return true;
}

}  // namespace streamc::stdlib
