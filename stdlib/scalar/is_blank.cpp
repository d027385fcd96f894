// is_blank: nothing but white space?
#include "stdlib/text/space.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_is_blank(const char* s, int64_t n) { return SkipSpace(s, n) == n; }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(is_blank(" \t"))", "true"}, {R"(is_blank(" a "))", "false"}};
constexpr ScalarFn kVariants[] = {
    {.name = "is_blank",
     .family = "strings",
     .signature = "is_blank(s: string) -> bool",
     .kernel = "streamc_fn_is_blank",
     .summary = "Whether the string is empty or all Unicode white space.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_is_blank{kVariants};

}  // namespace streamc::stdlib
#endif
