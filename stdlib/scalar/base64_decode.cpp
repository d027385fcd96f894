// base64_decode: base64 as bytes.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

namespace {

int Value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

}  // namespace

extern "C" uint8_t streamc_fn_base64_decode(ScArena* arena, const char* s, int64_t n, ScStr* out) {
  bool padded = n > 0 && s[n - 1] == '=';
  if (padded && n % 4 != 0) return 0;
  for (int i = 0; i < 2 && n > 0 && s[n - 1] == '='; ++i) --n;
  if (n % 4 == 1) return 0;
  char* bytes = AllocateText(arena, n * 3 / 4);
  int64_t size = 0;
  uint32_t group = 0;
  for (int64_t i = 0; i < n; ++i) {
    int value = Value(s[i]);
    if (value < 0) return 0;
    group = group << 6 | static_cast<uint32_t>(value);
    if (i % 4 != 0) bytes[size++] = static_cast<char>(group >> (6 - 2 * (i % 4)));
  }
  // Bits that fill up the last digit must be zero, so that one value has one text.
  if (n % 4 == 2 && (group & 15) != 0) return 0;
  if (n % 4 == 3 && (group & 3) != 0) return 0;
  *out = View(bytes, size);
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(to_string(base64_decode("S2Fma2E=") ?? to_bytes("")) ?? "")", R"("Kafka")"},
                                 {R"(base64_decode("S2F*") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "base64_decode",
     .family = "encodings",
     .signature = "base64_decode(s: string) -> bytes?",
     .kernel = "streamc_fn_base64_decode",
     .result = Result::Optional,
     .allocates = true,
     .summary = "The bytes of a base64 text, with the usual or the URL alphabet, padded or not; missing for anything else.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_base64_decode{kVariants};

}  // namespace streamc::stdlib
#endif
