// reverse: last first.
#include <utf8proc.h>

#include "stdlib/text/text.h"

using namespace streamc::stdlib;

// Whole grapheme clusters move, so that marks stay on their letters and joined emoji in one piece.
extern "C" ScStr streamc_fn_reverse(ScArena* arena, const char* s, int64_t n) noexcept {
  char* out = AllocateText(arena, n);
  char* to = out + n;
  int64_t start = 0;
  utf8proc_int32_t state = 0;
  for (int64_t at = 0; at < n;) {
    CodePoint point = Decode(s + at, n - at);
    int64_t next = at + point.size;
    bool ends = next >= n || utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(point.value),
                                                               static_cast<utf8proc_int32_t>(Decode(s + next, n - next).value), &state);
    if (ends) {
      to -= next - start;
      std::memcpy(to, s + start, static_cast<size_t>(next - start));
      start = next;
    }
    at = next;
  }
  return View(out, n);
}

extern "C" ScList streamc_fn_reverse_list(ScArena* arena, int64_t stride, const void* list, int64_t n) noexcept {
  char* out = AllocateText(arena, n * stride);
  for (int64_t i = 0; i < n; ++i)
    std::memcpy(out + i * stride, static_cast<const char*>(list) + (n - 1 - i) * stride, static_cast<size_t>(stride));
  return ScList{out, n};
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{R"(reverse("abc"))", R"("cba")"}, {R"(reverse("né👍🏽"))", R"("👍🏽én")"}};
constexpr Example kExamples2[] = {{"reverse([1, 2, 3])", "[3, 2, 1]"}, {R"(reverse(["a", "b"]))", R"(["b", "a"])"}};
constexpr ScalarFn kVariants[] = {
    {.name = "reverse",
     .family = "strings",
     .signature = "reverse(s: string) -> string",
     .kernel = "streamc_fn_reverse",
     .allocates = true,
     .summary = "The characters as a reader sees them (grapheme clusters) in the opposite order.",
     .examples = kExamples1},
    {.name = "reverse",
     .family = "lists",
     .signature = "reverse(xs: list<T>) -> list<T>",
     .kernel = "streamc_fn_reverse_list",
     .allocates = true,
     .generic_list = true,
     .summary = "The elements in the opposite order.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_reverse{kVariants};

}  // namespace streamc::stdlib
#endif
