// Count, mean and sum of squared distances from the mean: what `variance` and `stddev` share.
//
// Updated one value at a time and merged pairwise after Welford (1962) and Chan, Golub, LeVeque (1979); removal is the
// same step backwards. Large means do not swamp small spreads, as sums of squares would.
#pragma once

#include <cmath>
#include <cstdint>

namespace streamc::stdlib {

struct Moments {
  int64_t rows;
  double mean;
  double squares;
};

inline void Add(Moments* m, double x) {
  ++m->rows;
  double before = x - m->mean;
  m->mean += before / static_cast<double>(m->rows);
  m->squares += before * (x - m->mean);
}

inline void Remove(Moments* m, double x) {
  if (m->rows <= 1) {
    *m = {};
    return;
  }
  --m->rows;
  double after = x - m->mean;
  m->mean -= after / static_cast<double>(m->rows);
  m->squares -= after * (x - m->mean);
  if (m->squares < 0) m->squares = 0;
}

inline void Merge(Moments* into, const Moments& from) {
  if (from.rows == 0) return;
  if (into->rows == 0) {
    *into = from;
    return;
  }
  double a = static_cast<double>(into->rows);
  double b = static_cast<double>(from.rows);
  double apart = from.mean - into->mean;
  into->rows += from.rows;
  into->mean += apart * (b / (a + b));
  into->squares += from.squares + apart * apart * (a * b / (a + b));
}

// Of the whole population: 0 for one row. Returns what a result kernel does.
inline uint8_t Variance(const Moments& m, double* out) {
  if (m.rows == 0) return 0;
  *out = m.squares / static_cast<double>(m.rows);
  return std::isfinite(*out) ? 1 : 2;
}

}  // namespace streamc::stdlib
