// lower: every letter in its lower-case form. All-ASCII text, the common case, is handled here, the rest in text/case_map.
#include "stdlib/text/case_map.h"
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_lower(ScArena* arena, const char* s, int64_t n) {
  uint8_t high = 0;
  uint8_t upper = 0;
  for (int64_t i = 0; i < n; ++i) {
    uint8_t c = static_cast<uint8_t>(s[i]);
    high |= c;
    upper |= static_cast<uint8_t>(c - 'A') < 26;
  }
  if (high >= 0x80) return LowerUnicode(arena, s, n);
  if (!upper) return View(s, n);
  char* out = AllocateText(arena, n);
  for (int64_t i = 0; i < n; ++i) {
    uint8_t c = static_cast<uint8_t>(s[i]);
    out[i] = static_cast<char>(c + (static_cast<uint8_t>(c - 'A') < 26 ? 0x20 : 0));
  }
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
