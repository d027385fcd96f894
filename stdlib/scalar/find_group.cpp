// find_group: what a group of a pattern matched.
#include "stdlib/text/regex.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_find_group(const char* s, int64_t n, const char* pattern, int64_t pattern_size, int64_t group,
                                         ScStr* out) noexcept {
  return FindGroup(s, n, pattern, pattern_size, group, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"x(find_group("key=value", r"(\w+)=(\w+)", 2) ?? "")x", R"("value")"},
                                 {R"x(find_group("key=value", r"(\w+)=(\w+)", 3) is null)x", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "find_group",
     .family = "regular expressions",
     .signature = "find_group(s: string, pattern: string, group: int) -> string?",
     .kernel = "streamc_fn_find_group",
     .result = Result::Optional,
     .summary = "What the group (1 is the first opening parenthesis, 0 the whole match) holds in the first match; "
                "missing when the pattern or the group did not match. `pattern` is a literal in the syntax of RE2, "
                "matched in linear time.",
     .examples = kExamples,
     .constant_args = "pattern"},
};
extern const std::span<const ScalarFn> scalar_find_group{kVariants};

}  // namespace streamc::stdlib
#endif
