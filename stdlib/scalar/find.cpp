// find: the first match of a pattern.
#include "stdlib/text/regex.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_find(const char* s, int64_t n, const char* pattern, int64_t pattern_size, ScStr* out) noexcept {
  return FindGroup(s, n, pattern, pattern_size, 0, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(find("order-17, order-18", r"\d+") ?? "")", R"("17")"},
                                 {R"(find("none", r"\d+") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "find",
     .family = "regular expressions",
     .signature = "find(s: string, pattern: string) -> string?",
     .kernel = "streamc_fn_find",
     .result = Result::Optional,
     .summary = "The text of the first match; missing when there is none. `pattern` is a literal in the syntax of "
                "RE2, matched in linear time.",
     .examples = kExamples,
     .constant_args = "pattern"},
};
extern const std::span<const ScalarFn> scalar_find{kVariants};

}  // namespace streamc::stdlib
#endif
