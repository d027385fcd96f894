// matches: does a pattern occur in a string?
#include "stdlib/text/regex.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_matches(const char* s, int64_t n, const char* pattern, int64_t pattern_size) noexcept {
  const re2::RE2* regex = CompiledRegex(pattern, pattern_size);
  return regex != nullptr && re2::RE2::PartialMatch(Piece(s, n), *regex);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(matches("order-17", r"\d+"))", "true"},
                                 {R"(matches("order-17", r"^\d+$"))", "false"},
                                 {R"(matches("ÅR", r"(?i)år"))", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "matches",
     .family = "regular expressions",
     .signature = "matches(s: string, pattern: string) -> bool",
     .kernel = "streamc_fn_matches",
     .summary = "Whether the pattern occurs in `s`; `^` and `$` tie it to the ends. `pattern` is a literal in the "
                "syntax of RE2, matched in linear time.",
     .examples = kExamples,
     .constant_args = "pattern"},
};
extern const std::span<const ScalarFn> scalar_matches{kVariants};

}  // namespace streamc::stdlib
#endif
