// hex_decode: hexadecimal digits as bytes.
#include "stdlib/text/hex.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_hex_decode(ScArena* arena, const char* s, int64_t n, ScStr* out) {
  if (n % 2 != 0) return 0;
  char* bytes = AllocateText(arena, n / 2);
  for (int64_t i = 0; i < n; i += 2) {
    int high = HexValue(s[i]);
    int low = HexValue(s[i + 1]);
    if (high < 0 || low < 0) return 0;
    bytes[i / 2] = static_cast<char>(high << 4 | low);
  }
  *out = View(bytes, n / 2);
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(to_string(hex_decode("4B61") ?? to_bytes("")) ?? "")", R"("Ka")"},
                                 {R"(hex_decode("4b6") is null)", "true"},
                                 {R"(hex_decode("zz") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "hex_decode",
     .family = "encodings",
     .signature = "hex_decode(s: string) -> bytes?",
     .kernel = "streamc_fn_hex_decode",
     .result = Result::Optional,
     .allocates = true,
     .summary = "The bytes that pairs of hexadecimal digits of either case stand for; missing for anything else.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_hex_decode{kVariants};

}  // namespace streamc::stdlib
#endif
