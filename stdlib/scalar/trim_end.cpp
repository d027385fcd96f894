// trim_end: a string without the white space at its end.
#include "stdlib/text/space.h"
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_trim_end(const char* s, int64_t n) { return View(s, TrimmedSize(s, n)); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(trim_end(" a  "))", R"(" a")"}, {R"(trim_end("a"))", R"("a")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "trim_end",
     .family = "strings",
     .signature = "trim_end(s: string) -> string",
     .kernel = "streamc_fn_trim_end",
     .summary = "Without Unicode white space at the end.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_trim_end{kVariants};

}  // namespace streamc::stdlib
#endif
