// variance: the mean squared distance from the mean.
#include "stdlib/aggregate/moments.h"

using namespace streamc::stdlib;

extern "C" void streamc_agg_variance_add(Moments* s, double x) { Add(s, x); }
extern "C" void streamc_agg_variance_remove(Moments* s, double x) { Remove(s, x); }
extern "C" void streamc_agg_variance_merge(Moments* into, const Moments* from) { Merge(into, *from); }
extern "C" uint8_t streamc_agg_variance_result(const Moments* s, double* out) { return Variance(*s, out); }

extern "C" void streamc_agg_variance_add_int(IntMoments* s, int64_t x) { Add(s, x); }
extern "C" void streamc_agg_variance_remove_int(IntMoments* s, int64_t x) { Remove(s, x); }
extern "C" void streamc_agg_variance_merge_int(IntMoments* into, const IntMoments* from) { Merge(into, *from); }
extern "C" uint8_t streamc_agg_variance_result_int(const IntMoments* s, double* out) { return Variance(*s, out); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kFloat[] = {{"variance([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])", "4.0"}, {"variance([1.5])", "0.0"}};
constexpr Example kInt[] = {{"variance([2, 4, 4, 4, 5, 5, 7, 9])", "4.0"}, {"variance([3])", "0.0"}};
constexpr AggregateFn kVariants[] = {
    {.name = "variance",
     .signature = "variance(x: float) -> float",
     .state_size = sizeof(Moments),
     .add = "streamc_agg_variance_add",
     .remove = "streamc_agg_variance_remove",
     .merge = "streamc_agg_variance_merge",
     .result = "streamc_agg_variance_result",
     .summary = "The variance of the rows as a whole population: 0 for one row.",
     .examples = kFloat},
    {.name = "variance",
     .signature = "variance(x: int) -> float",
     .state_size = sizeof(IntMoments),
     .add = "streamc_agg_variance_add_int",
     .remove = "streamc_agg_variance_remove_int",
     .merge = "streamc_agg_variance_merge_int",
     .result = "streamc_agg_variance_result_int",
     .summary = "The variance of the rows as a whole population: 0 for one row.",
     .examples = kInt},
};
extern const std::span<const AggregateFn> aggregate_variance{kVariants};

}  // namespace streamc::stdlib
#endif
