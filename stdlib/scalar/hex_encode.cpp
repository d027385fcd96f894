// hex_encode: bytes as hexadecimal digits.
#include "stdlib/text/hex.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_hex_encode(ScArena* arena, const char* s, int64_t n) {
  char* out = AllocateText(arena, 2 * n);
  WriteHex(s, n, out);
  return View(out, 2 * n);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(hex_encode("Kafka"))", R"("4b61666b61")"}, {R"(hex_encode("å"))", R"("c3a5")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "hex_encode",
     .family = "encodings",
     .signature = "hex_encode(b: T) -> string",
     .for_types = "string bytes",
     .kernel = "streamc_fn_hex_encode",
     .allocates = true,
     .summary = "Two lower-case hexadecimal digits a byte.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_hex_encode{kVariants};

}  // namespace streamc::stdlib
#endif
