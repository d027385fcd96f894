// last_of: the last element of a list.
#include "stdlib/text/list.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_last_of(int64_t stride, const void* list, int64_t n, int64_t* out) {
  if (n == 0) return 0;
  *out = *ElementAt<int64_t>(list, stride, n - 1);
  return 1;
}

extern "C" uint8_t streamc_fn_last_of_float(int64_t stride, const void* list, int64_t n, double* out) {
  if (n == 0) return 0;
  *out = *ElementAt<double>(list, stride, n - 1);
  return 1;
}

extern "C" uint8_t streamc_fn_last_of_bool(int64_t stride, const void* list, int64_t n, uint8_t* out) {
  if (n == 0) return 0;
  *out = *ElementAt<uint8_t>(list, stride, n - 1);
  return 1;
}

extern "C" uint8_t streamc_fn_last_of_string(int64_t stride, const void* list, int64_t n, ScStr* out) {
  if (n == 0) return 0;
  *out = *ElementAt<ScStr>(list, stride, n - 1);
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"last_of([3, 1, 2]) ?? 0", "2"}, {"last_of([5m]) ?? 0s", "5m"}};
constexpr Example kExamples2[] = {{"last_of([0.5, 1.5]) ?? 0.0", "1.5"}, {"last_of([2.0]) ?? 0.0", "2.0"}};
constexpr Example kExamples3[] = {{"last_of([true, false]) ?? true", "false"}, {"last_of([true]) ?? false", "true"}};
constexpr Example kExamples4[] = {{R"(last_of(split("a.b.c", ".")) ?? "")", R"("c")"},
                                  {R"(last_of(words("")) is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "last_of",
     .family = "lists",
     .signature = "last_of(xs: list<T>) -> T?",
     .for_types = "int timestamp date duration",
     .kernel = "streamc_fn_last_of",
     .result = Result::Optional,
     .generic_list = true,
     .summary = "The last element; missing when the list is empty.",
     .examples = kExamples1},
    {.name = "last_of",
     .family = "lists",
     .signature = "last_of(xs: list<float>) -> float?",
     .kernel = "streamc_fn_last_of_float",
     .result = Result::Optional,
     .generic_list = true,
     .summary = "The last element; missing when the list is empty.",
     .examples = kExamples2},
    {.name = "last_of",
     .family = "lists",
     .signature = "last_of(xs: list<bool>) -> bool?",
     .kernel = "streamc_fn_last_of_bool",
     .result = Result::Optional,
     .generic_list = true,
     .summary = "The last element; missing when the list is empty.",
     .examples = kExamples3},
    {.name = "last_of",
     .family = "lists",
     .signature = "last_of(xs: list<T>) -> T?",
     .for_types = "string bytes uuid",
     .kernel = "streamc_fn_last_of_string",
     .result = Result::Optional,
     .generic_list = true,
     .summary = "The last element; missing when the list is empty.",
     .examples = kExamples4},
};
extern const std::span<const ScalarFn> scalar_last_of{kVariants};

}  // namespace streamc::stdlib
#endif
