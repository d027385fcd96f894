// to_uuid: a uuid from text.
#include "stdlib/text/hex.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_to_uuid(ScArena* arena, const char* s, int64_t n, ScStr* out) {
  if (n != 36) return 0;
  char* text = AllocateText(arena, n);
  for (int64_t i = 0; i < n; ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? s[i] != '-' : HexValue(s[i]) < 0) return 0;
    text[i] = s[i] >= 'A' && s[i] <= 'F' ? static_cast<char>(s[i] | 0x20) : s[i];
  }
  *out = View(text, n);
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(to_string(to_uuid!("6F1C2A3B-0000-4000-8000-0123456789AB")))", R"("6f1c2a3b-0000-4000-8000-0123456789ab")"},
                                 {R"(to_uuid("6f1c") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "to_uuid",
     .family = "conversions",
     .signature = "to_uuid(s: string) -> uuid?",
     .kernel = "streamc_fn_to_uuid",
     .result = Result::Optional,
     .allocates = true,
     .summary = "The uuid of 32 hexadecimal digits in groups of 8-4-4-4-12, either case; missing for anything else.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_to_uuid{kVariants};

}  // namespace streamc::stdlib
#endif
