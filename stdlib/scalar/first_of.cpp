// first_of: the first element of a list.
#include "stdlib/text/list.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_first_of(int64_t stride, const void* list, int64_t n, int64_t* out) {
  if (n == 0) return 0;
  *out = *ElementAt<int64_t>(list, stride, 0);
  return 1;
}

extern "C" uint8_t streamc_fn_first_of_float(int64_t stride, const void* list, int64_t n, double* out) {
  if (n == 0) return 0;
  *out = *ElementAt<double>(list, stride, 0);
  return 1;
}

extern "C" uint8_t streamc_fn_first_of_bool(int64_t stride, const void* list, int64_t n, uint8_t* out) {
  if (n == 0) return 0;
  *out = *ElementAt<uint8_t>(list, stride, 0);
  return 1;
}

extern "C" uint8_t streamc_fn_first_of_string(int64_t stride, const void* list, int64_t n, ScStr* out) {
  if (n == 0) return 0;
  *out = *ElementAt<ScStr>(list, stride, 0);
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"first_of([3, 1, 2]) ?? 0", "3"}, {"first_of([5m]) ?? 0s", "5m"}};
constexpr Example kExamples2[] = {{"first_of([0.5, 1.5]) ?? 0.0", "0.5"}, {"first_of([2.0]) ?? 0.0", "2.0"}};
constexpr Example kExamples3[] = {{"first_of([true, false]) ?? false", "true"}, {"first_of([false]) ?? true", "false"}};
constexpr Example kExamples4[] = {{R"(first_of(words("to be")) ?? "")", R"("to")"},
                                  {R"(first_of(words("")) is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "first_of",
     .family = "lists",
     .signature = "first_of(xs: list<T>) -> T?",
     .for_types = "int timestamp date duration",
     .kernel = "streamc_fn_first_of",
     .result = Result::Optional,
     .generic_list = true,
     .summary = "The first element; missing when the list is empty.",
     .examples = kExamples1},
    {.name = "first_of",
     .family = "lists",
     .signature = "first_of(xs: list<float>) -> float?",
     .kernel = "streamc_fn_first_of_float",
     .result = Result::Optional,
     .generic_list = true,
     .summary = "The first element; missing when the list is empty.",
     .examples = kExamples2},
    {.name = "first_of",
     .family = "lists",
     .signature = "first_of(xs: list<bool>) -> bool?",
     .kernel = "streamc_fn_first_of_bool",
     .result = Result::Optional,
     .generic_list = true,
     .summary = "The first element; missing when the list is empty.",
     .examples = kExamples3},
    {.name = "first_of",
     .family = "lists",
     .signature = "first_of(xs: list<T>) -> T?",
     .for_types = "string bytes uuid",
     .kernel = "streamc_fn_first_of_string",
     .result = Result::Optional,
     .generic_list = true,
     .summary = "The first element; missing when the list is empty.",
     .examples = kExamples4},
};
extern const std::span<const ScalarFn> scalar_first_of{kVariants};

}  // namespace streamc::stdlib
#endif
