// index_of: where a part begins.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_index_of(const char* s, int64_t n, const char* part, int64_t part_size, int64_t* out) {
  int64_t at = FindText(s, n, part, part_size);
  if (at < 0) return 0;
  *out = CountCodePoints(s, at);
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(index_of("öl och", "och") ?? -1)", "3"}, {R"(index_of("abc", "x") ?? -1)", "-1"}};
constexpr ScalarFn kVariants[] = {
    {.name = "index_of",
     .family = "strings",
     .signature = "index_of(s: string, part: string) -> int?",
     .kernel = "streamc_fn_index_of",
     .result = Result::Optional,
     .summary = "The position, in code points from 0, where `part` first occurs; missing when it does not.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_index_of{kVariants};

}  // namespace streamc::stdlib
#endif
