// range: consecutive whole numbers.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_range(ScArena* arena, int64_t from, int64_t to, ScList* out) {
  int64_t count = 0;
  if (to > from && (__builtin_sub_overflow(to, from, &count) || count > kMaxMade)) return 0;
  int64_t* list = static_cast<int64_t*>(sc_arena_alloc(arena, count * 8));
  for (int64_t i = 0; i < count; ++i) list[i] = from + i;
  *out = ScList{list, count};
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"range(0, 4)", "[0, 1, 2, 3]"}, {"length(range(5, 5))", "0"}};
constexpr ScalarFn kVariants[] = {
    {.name = "range",
     .family = "lists",
     .signature = "range(from: int, to: int) -> list<int>",
     .kernel = "streamc_fn_range",
     .result = Result::Rejects,
     .allocates = true,
     .reject_code = "too_large",
     .summary = "The whole numbers from `from` up to but without `to`. More than 1 Mi of them reject the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_range{kVariants};

}  // namespace streamc::stdlib
#endif
