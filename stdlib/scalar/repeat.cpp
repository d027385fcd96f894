// repeat: a string several times over.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_repeat(ScArena* arena, const char* s, int64_t n, int64_t times, ScStr* out) {
  if (times <= 0 || n == 0) {
    *out = View("", 0);
    return 1;
  }
  if (times > kMaxMade / n) return 0;
  char* text = AllocateText(arena, n * times);
  for (int64_t i = 0; i < times; ++i) std::memcpy(text + i * n, s, static_cast<size_t>(n));
  *out = View(text, n * times);
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(repeat("ab", 3))", R"("ababab")"}, {R"(repeat("ab", 0))", R"("")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "repeat",
     .family = "strings",
     .signature = "repeat(s: string, times: int) -> string",
     .kernel = "streamc_fn_repeat",
     .result = Result::Rejects,
     .allocates = true,
     .reject_code = "too_large",
     .summary = "`s` written `times` times; nothing for 0 or less. A result above 1 MiB rejects the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_repeat{kVariants};

}  // namespace streamc::stdlib
#endif
