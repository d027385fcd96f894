// url_decode: the text in a piece of a URL.
#include "stdlib/text/hex.h"
#include "stdlib/text/utf8.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_url_decode(ScArena* arena, const char* s, int64_t n, ScStr* out) {
  char* text = AllocateText(arena, n);
  int64_t size = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (s[i] != '%') {
      text[size++] = s[i] == '+' ? ' ' : s[i];
      continue;
    }
    if (i + 2 >= n) return 0;
    int high = HexValue(s[i + 1]);
    int low = HexValue(s[i + 2]);
    if (high < 0 || low < 0) return 0;
    text[size++] = static_cast<char>(high << 4 | low);
    i += 2;
  }
  *out = View(text, size);
  return IsUtf8(text, size);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(url_decode("a%20b+c") ?? "")", R"("a b c")"},
                                 {R"(url_decode("%C3%A5") ?? "")", R"("å")"},
                                 {R"(url_decode("%C3") is null)", "true"},
                                 {R"(url_decode("50%") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "url_decode",
     .family = "encodings",
     .signature = "url_decode(s: string) -> string?",
     .kernel = "streamc_fn_url_decode",
     .result = Result::Optional,
     .allocates = true,
     .summary = "`%` and two digits become a byte and `+` a space; missing when an escape is broken or the result is "
                "not UTF-8.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_url_decode{kVariants};

}  // namespace streamc::stdlib
#endif
