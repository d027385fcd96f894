// find_all: all matches of a pattern.
#include "stdlib/text/regex.h"

using namespace streamc::stdlib;

extern "C" ScList streamc_fn_find_all(ScArena* arena, const char* s, int64_t n, const char* pattern, int64_t pattern_size) noexcept {
  return FindAll(arena, s, n, pattern, pattern_size);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(find_all("a1 b22", r"\d+"))", R"(["1", "22"])"},
                                 {R"(length(find_all("none", r"\d+")))", "0"}};
constexpr ScalarFn kVariants[] = {
    {.name = "find_all",
     .family = "regular expressions",
     .signature = "find_all(s: string, pattern: string) -> list<string>",
     .kernel = "streamc_fn_find_all",
     .allocates = true,
     .summary = "The texts of all matches from left to right, without overlap. `pattern` is a literal in the syntax "
                "of RE2, matched in linear time.",
     .examples = kExamples,
     .constant_args = "pattern"},
};
extern const std::span<const ScalarFn> scalar_find_all{kVariants};

}  // namespace streamc::stdlib
#endif
