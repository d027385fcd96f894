// slice: a piece of a list.
#include "stdlib/text/list.h"

using namespace streamc::stdlib;

extern "C" ScList streamc_fn_slice(int64_t stride, const void* list, int64_t n, int64_t from, int64_t count) {
  if (from < 0) {
    // Saturates, so that the smallest int does not overflow.
    count = count > 0 && from > -count ? count + from : 0;
    from = 0;
  }
  if (from >= n || count <= 0) return ScList{nullptr, 0};
  return ScList{ElementAt<char>(list, stride, from), count < n - from ? count : n - from};
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"slice([1, 2, 3, 4], 1, 2)", "[2, 3]"},
                                 {R"(slice(["a", "b"], 1, 9))", R"(["b"])"},
                                 {"length(slice([1], 5, 1))", "0"}};
constexpr ScalarFn kVariants[] = {
    {.name = "slice",
     .family = "lists",
     .signature = "slice(xs: list<T>, from: int, count: int) -> list<T>",
     .kernel = "streamc_fn_slice",
     .generic_list = true,
     .summary = "At most `count` elements from position `from`, counted from 0. What lies outside the list is left out.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_slice{kVariants};

}  // namespace streamc::stdlib
#endif
