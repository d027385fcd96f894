// url_encode: a string made safe for a URL.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_url_encode(ScArena* arena, const char* s, int64_t n) {
  char* out = AllocateText(arena, 3 * n);
  int64_t size = 0;
  for (int64_t i = 0; i < n; ++i) {
    uint8_t c = static_cast<uint8_t>(s[i]);
    bool plain = static_cast<uint8_t>((c | 0x20) - 'a') < 26 || static_cast<uint8_t>(c - '0') < 10 || c == '-' || c == '.' || c == '_' ||
                 c == '~';
    if (plain) {
      out[size++] = s[i];
    } else {
      out[size++] = '%';
      out[size++] = "0123456789ABCDEF"[c >> 4];
      out[size++] = "0123456789ABCDEF"[c & 15];
    }
  }
  Shrink(arena, out, 3 * n, size);
  return View(out, size);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(url_encode("a b&c"))", R"("a%20b%26c")"}, {R"(url_encode("å"))", R"("%C3%A5")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "url_encode",
     .family = "encodings",
     .signature = "url_encode(s: string) -> string",
     .kernel = "streamc_fn_url_encode",
     .allocates = true,
     .summary = "Everything but letters, digits and `-._~` of ASCII as `%` and two hexadecimal digits a byte (RFC 3986).",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_url_encode{kVariants};

}  // namespace streamc::stdlib
#endif
