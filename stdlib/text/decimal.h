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

// The value in another scale, rounded half up when digits go away. 0 when it has more than 38 digits there.
inline bool Rescale(Int128 value, int64_t from, int64_t to, Int128* out) {
  if (to <= from) {
    *out = from - to > kMaxDigits ? 0 : DivideHalfUp(value, PowerOfTen(from - to));
    return true;
  }
  return !__builtin_mul_overflow(value, PowerOfTen(to - from), out) && FitsDecimal(*out);
}

}  // namespace streamc::stdlib
