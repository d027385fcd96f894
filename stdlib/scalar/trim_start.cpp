// trim_start: a string without the white space at its beginning.
#include "stdlib/text/space.h"
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_trim_start(const char* s, int64_t n) {
  int64_t start = SkipSpace(s, n);
  return View(s + start, n - start);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(trim_start("  a "))", R"("a ")"}, {R"(trim_start("a"))", R"("a")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "trim_start",
     .family = "strings",
     .signature = "trim_start(s: string) -> string",
     .kernel = "streamc_fn_trim_start",
     .summary = "Without Unicode white space at the beginning.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_trim_start{kVariants};

}  // namespace streamc::stdlib
#endif
