// substring: a piece of a string.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_substring(const char* s, int64_t n, int64_t from, int64_t count) {
  if (from < 0) {
    // Saturates, so that the smallest int does not overflow.
    count = count > 0 && from > -count ? count + from : 0;
    from = 0;
  }
  int64_t start = ByteOffset(s, n, from);
  return View(s + start, count <= 0 ? 0 : ByteOffset(s + start, n - start, count));
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(substring("Zürich", 1, 3))", R"("üri")"},
                                 {R"(substring("abc", 2, 10))", R"("c")"},
                                 {R"(substring("abc", -1, 2))", R"("a")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "substring",
     .family = "strings",
     .signature = "substring(s: string, from: int, count: int) -> string",
     .kernel = "streamc_fn_substring",
     .summary = "At most `count` code points from position `from`, counted from 0. What lies outside the string is left out.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_substring{kVariants};

}  // namespace streamc::stdlib
#endif
