// Count, sum and sum of squares: what `variance` and `stddev` share.
//
// Of ints both are exact. Of floats both carry twice the precision of a float, and squares enter exactly. That lets a value be taken out again: a mean
// and squared distances kept in one float each (Welford's way) would keep only noise once a far outlier has left.
#pragma once

#include <cmath>
#include <cstdint>

#include "stdlib/aggregate/float_sum.h"
#include "stdlib/aggregate/wide_sum.h"

namespace streamc::stdlib {

struct Moments {
  int64_t rows;
  FloatSum sum;
  FloatSum squares;
};

// The exact product as value and rest, by Dekker's splitting (1971): no fused instruction is assumed.
inline FloatSum Product(double a, double b) {
  constexpr double kSplit = 0x1p27 + 1;
  double a_high = a * kSplit - (a * kSplit - a);
  double b_high = b * kSplit - (b * kSplit - b);
  double a_low = a - a_high;
  double b_low = b - b_high;
  double product = a * b;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

inline void Add(Moments* m, double x) {
  ++m->rows;
  Add(&m->sum, x);
  Add(&m->squares, Product(x, x));
}

inline void Remove(Moments* m, double x) {
  --m->rows;
  Add(&m->sum, -x);
  Add(&m->squares, Product(-x, x));
}

inline void Merge(Moments* into, const Moments& from) {
  into->rows += from.rows;
  Add(&into->sum, from.sum);
  Add(&into->squares, from.squares);
}

// Of the whole population: 0 for one row. Returns what a result kernel does.
inline uint8_t Variance(const Moments& m, double* out) {
  if (m.rows == 0) return 0;
  double n = static_cast<double>(m.rows);
  // mean = sum / n, again as value and rest.
  double mean = m.sum.value / n;
  FloatSum back = Product(-mean, n);
  Add(&back, m.sum);
  double mean_rest = back.value / n;
  // n * variance = squares - mean * sum.
  FloatSum distance = m.squares;
  Add(&distance, Product(-mean, m.sum.value));
  Add(&distance, -mean * m.sum.rest);
  Add(&distance, -mean_rest * m.sum.value);
  // What is left below the precision of the sums is no spread: equal values have none.
  if (distance.value <= m.squares.value * 0x1p-96) distance.value = 0;
  *out = distance.value / n;
  return std::isfinite(*out) && std::isfinite(m.squares.value) ? 1 : 2;
}

struct IntMoments {
  int64_t rows;
  __int128 sum;
  WideSum squares;
};

inline void Add(IntMoments* m, int64_t x) {
  ++m->rows;
  m->sum += x;
  Add(&m->squares, static_cast<__int128>(x) * x);
}

inline void Remove(IntMoments* m, int64_t x) {
  --m->rows;
  m->sum -= x;
  Subtract(&m->squares, static_cast<__int128>(x) * x);
}

inline void Merge(IntMoments* into, const IntMoments& from) {
  into->rows += from.rows;
  into->sum += from.sum;
  Add(&into->squares, from.squares);
}

inline uint8_t Variance(const IntMoments& m, double* out) {
  if (m.rows == 0) return 0;
  // n * n * variance = n * squares - sum * sum, exactly when it fits 128 bits, else in twice the precision of a float.
  __int128 squares = 0, left = 0, right = 0;
  if (Narrow(m.squares, &squares) && !__builtin_mul_overflow(squares, static_cast<__int128>(m.rows), &left) &&
      !__builtin_mul_overflow(m.sum, m.sum, &right)) {
    *out = static_cast<double>(left - right) / static_cast<double>(m.rows) / static_cast<double>(m.rows);
    return 1;
  }
  Moments wide{m.rows, {}, {}};
  Add(&wide.sum, static_cast<double>(m.sum));
  Add(&wide.sum, static_cast<double>(m.sum - static_cast<__int128>(wide.sum.value)));
  Add(&wide.squares, static_cast<double>(m.squares.high) * 0x1p128);
  for (int shift = 96; shift >= 0; shift -= 32)
    Add(&wide.squares, std::ldexp(static_cast<double>(static_cast<uint32_t>(m.squares.low >> shift)), shift));
  return Variance(wide, out);
}

}  // namespace streamc::stdlib
