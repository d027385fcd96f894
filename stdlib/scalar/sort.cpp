// sort: a list in ascending order.
#include <algorithm>

#include "stdlib/text/list.h"

using namespace streamc::stdlib;

extern "C" ScList streamc_fn_sort(ScArena* arena, int64_t stride, const void* list, int64_t n) noexcept {
  return Sort<int64_t>(arena, list, stride, n, [](int64_t a, int64_t b) { return a < b; });
}

extern "C" ScList streamc_fn_sort_float(ScArena* arena, int64_t stride, const void* list, int64_t n) noexcept {
  return Sort<double>(arena, list, stride, n, [](double a, double b) { return a < b; });
}

extern "C" ScList streamc_fn_sort_string(ScArena* arena, int64_t stride, const void* list, int64_t n) noexcept {
  return Sort<ScStr>(arena, list, stride, n,
                     [](const ScStr& a, const ScStr& b) { return sc_str_compare(a.ptr, a.len, b.ptr, b.len) < 0; });
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"sort([3, 1, 2])", "[1, 2, 3]"}, {"sort([2m, 90s])", "[90s, 2m]"}};
constexpr Example kExamples2[] = {{"sort([0.5, -1.0])", "[-1.0, 0.5]"}, {"sort([1.0])", "[1.0]"}};
constexpr Example kExamples3[] = {{R"(sort(["b", "a", "B"]))", R"(["B", "a", "b"])"},
                                  {R"(sort(words("to be")))", R"(["be", "to"])"}};
constexpr ScalarFn kVariants[] = {
    {.name = "sort",
     .family = "lists",
     .signature = "sort(xs: list<T>) -> list<T>",
     .for_types = "int timestamp date duration",
     .kernel = "streamc_fn_sort",
     .allocates = true,
     .generic_list = true,
     .summary = "The elements in ascending order; `reverse(sort(xs))` for the opposite.",
     .examples = kExamples1},
    {.name = "sort",
     .family = "lists",
     .signature = "sort(xs: list<float>) -> list<float>",
     .kernel = "streamc_fn_sort_float",
     .allocates = true,
     .generic_list = true,
     .summary = "The elements in ascending order.",
     .examples = kExamples2},
    {.name = "sort",
     .family = "lists",
     .signature = "sort(xs: list<T>) -> list<T>",
     .for_types = "string bytes uuid",
     .kernel = "streamc_fn_sort_string",
     .allocates = true,
     .generic_list = true,
     .summary = "The elements in the order of their bytes, for strings that of code points.",
     .examples = kExamples3},
};
extern const std::span<const ScalarFn> scalar_sort{kVariants};

}  // namespace streamc::stdlib
#endif
