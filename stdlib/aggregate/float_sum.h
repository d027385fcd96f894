// Sums of floats kept as two doubles, the value and what rounding took from it (Knuth's TwoSum).
//
// Some 106 bits instead of 53: in practice the result does not depend on the order in which rows, batches or instances
// were added, and taking a value out again leaves what would be there without it.
#pragma once

#include <cmath>

namespace streamc::stdlib {

struct FloatSum {
  double value;
  double rest;
};

inline void Add(FloatSum* sum, double x) {
  double total = sum->value + x;
  double shadow = total - sum->value;
  double lost = (sum->value - (total - shadow)) + (x - shadow) + sum->rest;
  sum->value = total + lost;
  sum->rest = lost - (sum->value - total);
}

inline void Add(FloatSum* sum, const FloatSum& other) {
  Add(sum, other.value);
  Add(sum, other.rest);
}

// False when the sum left the range of float.
inline bool Total(const FloatSum& sum, double* out) {
  *out = sum.value;
  return std::isfinite(sum.value);
}

}  // namespace streamc::stdlib
