// distinct: a list without repetitions.
#include "stdlib/text/list.h"

using namespace streamc::stdlib;

extern "C" ScList streamc_fn_distinct(ScArena* arena, int64_t stride, const void* list, int64_t n) {
  return Distinct<int64_t>(
      arena, list, stride, n, [](int64_t x) { return sc_hash_mix(0, static_cast<uint64_t>(x)); },
      [](int64_t a, int64_t b) { return a == b; });
}

extern "C" ScList streamc_fn_distinct_string(ScArena* arena, int64_t stride, const void* list, int64_t n) {
  return Distinct<ScStr>(
      arena, list, stride, n, [](ScStr x) { return sc_hash_str(x.ptr, x.len); },
      [](ScStr a, ScStr b) { return SameText(a.ptr, a.len, b.ptr, b.len); });
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"distinct([3, 1, 3, 2, 1])", "[3, 1, 2]"}, {"distinct([1s, 1000ms])", "[1s]"}};
constexpr Example kExamples2[] = {{R"(distinct(words("to be or not to be")))", R"(["to", "be", "or", "not"])"},
                                  {R"(distinct(["a"]))", R"(["a"])"}};
constexpr ScalarFn kVariants[] = {
    {.name = "distinct",
     .family = "lists",
     .signature = "distinct(xs: list<T>) -> list<T>",
     .for_types = "int timestamp date duration",
     .kernel = "streamc_fn_distinct",
     .allocates = true,
     .generic_list = true,
     .summary = "Each element once, where it first stands.",
     .examples = kExamples1},
    {.name = "distinct",
     .family = "lists",
     .signature = "distinct(xs: list<T>) -> list<T>",
     .for_types = "string bytes uuid",
     .kernel = "streamc_fn_distinct_string",
     .allocates = true,
     .generic_list = true,
     .summary = "Each element once, where it first stands.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_distinct{kVariants};

}  // namespace streamc::stdlib
#endif
