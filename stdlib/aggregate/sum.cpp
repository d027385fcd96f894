// sum: the total. Integers and decimals are summed exactly, floats with compensation.
#include <cstdint>

#include "stdlib/aggregate/float_sum.h"
#include "stdlib/aggregate/wide_sum.h"
#include "stdlib/text/decimal.h"

using namespace streamc::stdlib;

namespace {
// 128 bits hold 2^64 terms of 64 bits.
struct IntState {
  __int128 total;
};
}  // namespace

extern "C" void streamc_agg_sum_add(IntState* s, int64_t x) { s->total += x; }
extern "C" void streamc_agg_sum_remove(IntState* s, int64_t x) { s->total -= x; }
extern "C" void streamc_agg_sum_merge(IntState* into, const IntState* from) { into->total += from->total; }
extern "C" uint8_t streamc_agg_sum_result(const IntState* s, int64_t* out) {
  *out = static_cast<int64_t>(s->total);
  return *out == s->total ? 1 : 2;
}

extern "C" void streamc_agg_sum_add_float(FloatSum* s, double x) { Add(s, x); }
extern "C" void streamc_agg_sum_remove_float(FloatSum* s, double x) { Add(s, -x); }
extern "C" void streamc_agg_sum_merge_float(FloatSum* into, const FloatSum* from) { Add(into, *from); }
extern "C" uint8_t streamc_agg_sum_result_float(const FloatSum* s, double* out) { return Total(*s, out) ? 1 : 2; }

extern "C" void streamc_agg_sum_add_decimal(WideSum* s, __int128 x, int64_t) { Add(s, x); }
extern "C" void streamc_agg_sum_remove_decimal(WideSum* s, __int128 x, int64_t) { Subtract(s, x); }
extern "C" void streamc_agg_sum_merge_decimal(WideSum* into, const WideSum* from) { Add(into, *from); }
extern "C" uint8_t streamc_agg_sum_result_decimal(const WideSum* s, __int128* out) {
  return Narrow(*s, out) && FitsDecimal(*out) ? 1 : 2;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kInt[] = {{"sum([1, 2, 3])", "6"}, {"sum([9223372036854775807, 1, -2])", "9223372036854775806"}};
constexpr Example kFloat[] = {{"sum([0.5, 0.25])", "0.75"}, {"sum([1.0e100, 1.0, -1.0e100])", "1.0"}};
constexpr Example kDecimal[] = {{R"x(sum([to_decimal!("0.1"), to_decimal!("0.2")]))x", R"x(to_decimal!("0.3"))x"},
                                {R"x(sum([to_decimal!("1.5"), to_decimal!("-1.5")]))x", R"x(to_decimal!("0"))x"}};
constexpr AggregateFn kVariants[] = {
    {.name = "sum",
     .signature = "sum(x: T) -> T",
     .for_types = "int duration",
     .state_size = sizeof(IntState),
     .add = "streamc_agg_sum_add",
     .remove = "streamc_agg_sum_remove",
     .merge = "streamc_agg_sum_merge",
     .result = "streamc_agg_sum_result",
     .always_value = true,
     .summary = "The total, 0 of no rows. Kept in 128 bits; a result that is no `int` stops the job.",
     .examples = kInt},
    {.name = "sum",
     .signature = "sum(x: float) -> float",
     .state_size = sizeof(FloatSum),
     .add = "streamc_agg_sum_add_float",
     .remove = "streamc_agg_sum_remove_float",
     .merge = "streamc_agg_sum_merge_float",
     .result = "streamc_agg_sum_result_float",
     .always_value = true,
     .summary = "The total, 0 of no rows, kept in twice the precision of a float so that the order of rows does not show.",
     .examples = kFloat},
    {.name = "sum",
     .signature = "sum(x: decimal) -> decimal",
     .state_size = sizeof(WideSum),
     .add = "streamc_agg_sum_add_decimal",
     .remove = "streamc_agg_sum_remove_decimal",
     .merge = "streamc_agg_sum_merge_decimal",
     .result = "streamc_agg_sum_result_decimal",
     .always_value = true,
     .summary = "The exact total in the argument's scale, 0 of no rows. More than 38 digits stop the job.",
     .examples = kDecimal},
};
extern const std::span<const AggregateFn> aggregate_sum{kVariants};

}  // namespace streamc::stdlib
#endif
