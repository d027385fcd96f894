// sum_of: the total of a list.
#include "stdlib/aggregate/float_sum.h"
#include "stdlib/text/list.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_sum_of(int64_t stride, const void* list, int64_t n, int64_t* out) {
  __int128 total = 0;
  for (int64_t i = 0; i < n; ++i) total += *ElementAt<int64_t>(list, stride, i);
  *out = static_cast<int64_t>(total);
  return *out == total;
}

extern "C" uint8_t streamc_fn_sum_of_float(int64_t stride, const void* list, int64_t n, double* out) {
  FloatSum sum{0, 0};
  for (int64_t i = 0; i < n; ++i) Add(&sum, *ElementAt<double>(list, stride, i));
  return Total(sum, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"sum_of([1, 2, 3])", "6"}, {"sum_of([1m, 30s])", "90s"}};
constexpr Example kExamples2[] = {{"sum_of([0.5, 0.25])", "0.75"}, {"sum_of([1.0e100, 1.0, -1.0e100])", "1.0"}};
constexpr ScalarFn kVariants[] = {
    {.name = "sum_of",
     .family = "lists",
     .signature = "sum_of(xs: list<T>) -> T",
     .for_types = "int duration",
     .kernel = "streamc_fn_sum_of",
     .result = Result::Rejects,
     .generic_list = true,
     .reject_code = "overflow",
     .summary = "The total of the elements, 0 of an empty list. One that is no `int` rejects the record.",
     .examples = kExamples1},
    {.name = "sum_of",
     .family = "lists",
     .signature = "sum_of(xs: list<float>) -> float",
     .kernel = "streamc_fn_sum_of_float",
     .result = Result::Rejects,
     .generic_list = true,
     .reject_code = "nan",
     .summary = "The total of the elements, 0 of an empty list.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_sum_of{kVariants};

}  // namespace streamc::stdlib
#endif
