// base64_encode: bytes as base64.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_base64_encode(ScArena* arena, const char* s, int64_t n) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  int64_t size = (n + 2) / 3 * 4;
  char* out = AllocateText(arena, size);
  char* to = out;
  for (int64_t i = 0; i < n; i += 3) {
    uint32_t group = 0;
    for (int64_t k = 0; k < 3; ++k) group = group << 8 | (i + k < n ? static_cast<uint8_t>(s[i + k]) : 0);
    for (int k = 0; k < 4; ++k) *to++ = i + k <= n ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return View(out, size);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(base64_encode("Kafka"))", R"("S2Fma2E=")"},
                                 {R"(base64_encode(""))", R"("")"},
                                 {R"(base64_encode("ab"))", R"("YWI=")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "base64_encode",
     .family = "encodings",
     .signature = "base64_encode(b: T) -> string",
     .for_types = "string bytes",
     .kernel = "streamc_fn_base64_encode",
     .allocates = true,
     .summary = "Base64 of RFC 4648 with padding.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_base64_encode{kVariants};

}  // namespace streamc::stdlib
#endif
