// ends_with: does a string end with another?
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_ends_with(const char* s, int64_t n, const char* suffix, int64_t suffix_size) {
  return n >= suffix_size && SameText(s + n - suffix_size, suffix_size, suffix, suffix_size);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(ends_with("photo.jpeg", ".jpeg"))", "true"}, {R"(ends_with("jpeg", ".jpeg"))", "false"}};
constexpr ScalarFn kVariants[] = {
    {.name = "ends_with",
     .family = "strings",
     .signature = "ends_with(s: string, suffix: string) -> bool",
     .kernel = "streamc_fn_ends_with",
     .summary = "Whether `s` ends with `suffix`.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_ends_with{kVariants};

}  // namespace streamc::stdlib
#endif
