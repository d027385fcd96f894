// Exact sums of integers and decimals: 192 bits, so no number of 128-bit terms that fits a topic overflows it.
#pragma once

#include <cstdint>

namespace streamc::stdlib {

struct WideSum {
  unsigned __int128 low;
  int64_t high;
};

inline void Add(WideSum* sum, __int128 x) {
  unsigned __int128 term = static_cast<unsigned __int128>(x);
  sum->low += term;
  sum->high += (x < 0 ? -1 : 0) + (sum->low < term ? 1 : 0);
}

inline void Subtract(WideSum* sum, __int128 x) {
  unsigned __int128 term = static_cast<unsigned __int128>(x);
  bool borrow = sum->low < term;
  sum->low -= term;
  sum->high -= (x < 0 ? -1 : 0) + (borrow ? 1 : 0);
}

inline void Add(WideSum* sum, const WideSum& other) {
  sum->low += other.low;
  sum->high += other.high + (sum->low < other.low ? 1 : 0);
}

// The sum as 128 bits; false when it does not fit.
inline bool Narrow(const WideSum& sum, __int128* out) {
  *out = static_cast<__int128>(sum.low);
  return sum.high == (*out < 0 ? -1 : 0);
}

}  // namespace streamc::stdlib
