// trim: a string without the white space at its ends.
#include "stdlib/text/space.h"
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_trim(const char* s, int64_t n) {
  int64_t start = SkipSpace(s, n);
  return View(s + start, TrimmedSize(s + start, n - start));
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(trim("  a b \n"))", R"("a b")"}, {R"(trim("   "))", R"("")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "trim",
     .family = "strings",
     .signature = "trim(s: string) -> string",
     .kernel = "streamc_fn_trim",
     .summary = "Without Unicode white space at both ends.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_trim{kVariants};

}  // namespace streamc::stdlib
#endif
