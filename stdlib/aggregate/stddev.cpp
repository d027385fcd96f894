// stddev: the square root of the variance.
#include "stdlib/aggregate/moments.h"

using namespace streamc::stdlib;

extern "C" void streamc_agg_stddev_add(Moments* s, double x) { Add(s, x); }
extern "C" void streamc_agg_stddev_remove(Moments* s, double x) { Remove(s, x); }
extern "C" void streamc_agg_stddev_add_int(Moments* s, int64_t x) { Add(s, static_cast<double>(x)); }
extern "C" void streamc_agg_stddev_remove_int(Moments* s, int64_t x) { Remove(s, static_cast<double>(x)); }
extern "C" void streamc_agg_stddev_merge(Moments* into, const Moments* from) { Merge(into, *from); }
extern "C" uint8_t streamc_agg_stddev_result(const Moments* s, double* out) {
  uint8_t known = Variance(*s, out);
  *out = known == 1 ? std::sqrt(*out) : 0;
  return known;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kFloat[] = {{"stddev([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])", "2.0"}, {"stddev([1.5])", "0.0"}};
constexpr Example kInt[] = {{"stddev([2, 4, 4, 4, 5, 5, 7, 9])", "2.0"}, {"stddev([3])", "0.0"}};
constexpr AggregateFn kVariants[] = {
    {.name = "stddev",
     .signature = "stddev(x: float) -> float",
     .state_size = sizeof(Moments),
     .add = "streamc_agg_stddev_add",
     .remove = "streamc_agg_stddev_remove",
     .merge = "streamc_agg_stddev_merge",
     .result = "streamc_agg_stddev_result",
     .summary = "The standard deviation of the rows as a whole population: 0 for one row.",
     .examples = kFloat},
    {.name = "stddev",
     .signature = "stddev(x: int) -> float",
     .state_size = sizeof(Moments),
     .add = "streamc_agg_stddev_add_int",
     .remove = "streamc_agg_stddev_remove_int",
     .merge = "streamc_agg_stddev_merge",
     .result = "streamc_agg_stddev_result",
     .summary = "The standard deviation of the rows as a whole population: 0 for one row.",
     .examples = kInt},
};
extern const std::span<const AggregateFn> aggregate_stddev{kVariants};

}  // namespace streamc::stdlib
#endif
