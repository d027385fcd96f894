// replace_regex: every match of a pattern by something else.
#include "stdlib/text/regex.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_replace_regex(ScArena* arena, const char* s, int64_t n, const char* pattern, int64_t pattern_size,
                                          const char* with, int64_t with_size) noexcept {
  return ReplaceAll(arena, s, n, pattern, pattern_size, with, with_size);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(replace_regex("tel 555-1234", r"\d", "x"))", R"("tel xxx-xxxx")"},
                                 {R"x(replace_regex("a=b", r"(\w)=(\w)", r"\2=\1"))x", R"("b=a")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "replace_regex",
     .family = "regular expressions",
     .signature = "replace_regex(s: string, pattern: string, with: string) -> string",
     .kernel = "streamc_fn_replace_regex",
     .allocates = true,
     .summary = "Every match replaced by `with`, in which `\\1` to `\\9` stand for groups, `\\0` for the match and `\\\\` "
                "for a backslash. `pattern` is a literal in the syntax of RE2, matched in linear time.",
     .examples = kExamples,
     .constant_args = "pattern"},
};
extern const std::span<const ScalarFn> scalar_replace_regex{kVariants};

}  // namespace streamc::stdlib
#endif
