// stddev: the square root of the variance.
#include "stdlib/aggregate/moments.h"

using namespace streamc::stdlib;

namespace {

template <typename State>
uint8_t Deviation(const State& state, double* out) {
  uint8_t known = Variance(state, out);
  *out = known == 1 ? std::sqrt(*out) : 0;
  return known;
}

}  // namespace

extern "C" void streamc_agg_stddev_add(Moments* s, double x) { Add(s, x); }
extern "C" void streamc_agg_stddev_remove(Moments* s, double x) { Remove(s, x); }
extern "C" void streamc_agg_stddev_merge(Moments* into, const Moments* from) { Merge(into, *from); }
extern "C" uint8_t streamc_agg_stddev_result(const Moments* s, double* out) { return Deviation(*s, out); }

extern "C" void streamc_agg_stddev_add_int(IntMoments* s, int64_t x) { Add(s, x); }
extern "C" void streamc_agg_stddev_remove_int(IntMoments* s, int64_t x) { Remove(s, x); }
extern "C" void streamc_agg_stddev_merge_int(IntMoments* into, const IntMoments* from) { Merge(into, *from); }
extern "C" uint8_t streamc_agg_stddev_result_int(const IntMoments* s, double* out) { return Deviation(*s, out); }

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
     .state_size = sizeof(IntMoments),
     .add = "streamc_agg_stddev_add_int",
     .remove = "streamc_agg_stddev_remove_int",
     .merge = "streamc_agg_stddev_merge_int",
     .result = "streamc_agg_stddev_result_int",
     .summary = "The standard deviation of the rows as a whole population: 0 for one row.",
     .examples = kInt},
};
extern const std::span<const AggregateFn> aggregate_stddev{kVariants};

}  // namespace streamc::stdlib
#endif
