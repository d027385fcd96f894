// lower: every letter in its lower-case form. All-ASCII text, the common case, is handled here, the rest in text/case_map.
#include "stdlib/text/case_map.h"
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_lower(ScArena* arena, const char* s, int64_t n) {
  CaseScan scan = ScanCase(s, n, 'A');
  if (!scan.ascii) return LowerUnicode(arena, s, n);
  if (!scan.letters) return View(s, n);
  char* out = AllocateText(arena, n);
  TurnCase(s, n, 'A', out);
  return View(out, n);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(lower("HELLO Ünïcode"))", R"("hello ünïcode")"},
                                 {R"(lower("ΟΔΟΣ"))", R"("οδος")"},
                                 {R"(lower("a1"))", R"("a1")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "lower",
     .family = "strings",
     .signature = "lower(s: string) -> string",
     .kernel = "streamc_fn_lower",
     .allocates = true,
     .summary = "Every letter in lower case, by Unicode's full mapping; a sigma that ends a word becomes the final sigma. "
                "No language's own rules: the result is the same everywhere.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_lower{kVariants};

}  // namespace streamc::stdlib
#endif
