// avg: the arithmetic mean.
#include <cstdint>

#include "stdlib/aggregate/float_sum.h"
#include "stdlib/aggregate/wide_sum.h"
#include "stdlib/text/decimal.h"

using namespace streamc::stdlib;

namespace {
struct IntState {
  __int128 total;
  int64_t rows;
};
struct FloatState {
  FloatSum total;
  int64_t rows;
};
struct DecimalState {
  WideSum total;
  int64_t rows;
};
}  // namespace

extern "C" void streamc_agg_avg_add(IntState* s, int64_t x) {
  s->total += x;
  ++s->rows;
}
extern "C" void streamc_agg_avg_remove(IntState* s, int64_t x) {
  s->total -= x;
  --s->rows;
}
extern "C" void streamc_agg_avg_merge(IntState* into, const IntState* from) {
  into->total += from->total;
  into->rows += from->rows;
}
extern "C" uint8_t streamc_agg_avg_result(const IntState* s, double* out) {
  if (s->rows == 0) return 0;
  *out = static_cast<double>(s->total) / static_cast<double>(s->rows);
  return 1;
}
// A mean lies between its values, so it always fits.
extern "C" uint8_t streamc_agg_avg_result_duration(const IntState* s, int64_t* out) {
  if (s->rows == 0) return 0;
  *out = static_cast<int64_t>(DivideHalfUp(s->total, s->rows));
  return 1;
}

extern "C" void streamc_agg_avg_add_float(FloatState* s, double x) {
  Add(&s->total, x);
  ++s->rows;
}
extern "C" void streamc_agg_avg_remove_float(FloatState* s, double x) {
  Add(&s->total, -x);
  --s->rows;
}
extern "C" void streamc_agg_avg_merge_float(FloatState* into, const FloatState* from) {
  Add(&into->total, from->total);
  into->rows += from->rows;
}
extern "C" uint8_t streamc_agg_avg_result_float(const FloatState* s, double* out) {
  if (s->rows == 0) return 0;
  if (!Total(s->total, out)) return 2;
  *out /= static_cast<double>(s->rows);
  return 1;
}

extern "C" void streamc_agg_avg_add_decimal(DecimalState* s, __int128 x, int64_t) {
  Add(&s->total, x);
  ++s->rows;
}
extern "C" void streamc_agg_avg_remove_decimal(DecimalState* s, __int128 x, int64_t) {
  Subtract(&s->total, x);
  --s->rows;
}
extern "C" void streamc_agg_avg_merge_decimal(DecimalState* into, const DecimalState* from) {
  Add(&into->total, from->total);
  into->rows += from->rows;
}
extern "C" uint8_t streamc_agg_avg_result_decimal(const DecimalState* s, __int128* out) {
  if (s->rows == 0) return 0;
  if (!Narrow(s->total, out)) return 2;
  *out = DivideHalfUp(*out, s->rows);
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kInt[] = {{"avg([1, 2])", "1.5"}, {"avg([5])", "5.0"}};
constexpr Example kFloat[] = {{"avg([0.5, 1.5])", "1.0"}, {"avg([2.0])", "2.0"}};
constexpr Example kDuration[] = {{"avg([1s, 3s])", "2s"}, {"avg([10ms])", "10ms"}};
constexpr Example kDecimal[] = {{R"x(avg([to_decimal!("1"), to_decimal!("2")]))x", R"x(to_decimal!("1.5"))x"},
                                {R"x(avg([to_decimal!("0.0000000002"), 0, 0]))x", R"x(to_decimal!("0.0000000001"))x"}};
constexpr AggregateFn kVariants[] = {
    {.name = "avg",
     .signature = "avg(x: int) -> float",
     .state_size = sizeof(IntState),
     .add = "streamc_agg_avg_add",
     .remove = "streamc_agg_avg_remove",
     .merge = "streamc_agg_avg_merge",
     .result = "streamc_agg_avg_result",
     .summary = "The mean of whole numbers, from their exact sum.",
     .examples = kInt},
    {.name = "avg",
     .signature = "avg(x: float) -> float",
     .state_size = sizeof(FloatState),
     .add = "streamc_agg_avg_add_float",
     .remove = "streamc_agg_avg_remove_float",
     .merge = "streamc_agg_avg_merge_float",
     .result = "streamc_agg_avg_result_float",
     .summary = "The mean.",
     .examples = kFloat},
    {.name = "avg",
     .signature = "avg(x: duration) -> duration",
     .state_size = sizeof(IntState),
     .add = "streamc_agg_avg_add",
     .remove = "streamc_agg_avg_remove",
     .merge = "streamc_agg_avg_merge",
     .result = "streamc_agg_avg_result_duration",
     .summary = "The mean, rounded half up to a microsecond.",
     .examples = kDuration},
    {.name = "avg",
     .signature = "avg(x: decimal) -> decimal",
     .state_size = sizeof(DecimalState),
     .add = "streamc_agg_avg_add_decimal",
     .remove = "streamc_agg_avg_remove_decimal",
     .merge = "streamc_agg_avg_merge_decimal",
     .result = "streamc_agg_avg_result_decimal",
     .summary = "The mean in the argument's scale, rounded half up.",
     .examples = kDecimal},
};
extern const std::span<const AggregateFn> aggregate_avg{kVariants};

}  // namespace streamc::stdlib
#endif
