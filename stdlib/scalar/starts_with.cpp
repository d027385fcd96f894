// starts_with: does a string begin with another?
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_starts_with(const char* s, int64_t n, const char* prefix, int64_t prefix_size) {
  return n >= prefix_size && SameText(s, prefix_size, prefix, prefix_size);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(starts_with("/api/v1", "/api"))", "true"}, {R"(starts_with("api", "/api"))", "false"}};
constexpr ScalarFn kVariants[] = {
    {.name = "starts_with",
     .family = "strings",
     .signature = "starts_with(s: string, prefix: string) -> bool",
     .kernel = "streamc_fn_starts_with",
     .summary = "Whether `s` begins with `prefix`.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_starts_with{kVariants};

}  // namespace streamc::stdlib
#endif
