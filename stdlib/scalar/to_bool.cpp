// to_bool: true or false from text.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_to_bool(const char* s, int64_t n, uint8_t* out) {
  *out = SameText(s, n, "true", 4);
  return *out != 0 || SameText(s, n, "false", 5);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(to_bool("true") ?? false)", "true"}, {R"(to_bool("yes") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "to_bool",
     .family = "conversions",
     .signature = "to_bool(s: string) -> bool?",
     .kernel = "streamc_fn_to_bool",
     .result = Result::Optional,
     .summary = "`true` for \"true\", `false` for \"false\", missing for anything else.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_to_bool{kVariants};

}  // namespace streamc::stdlib
#endif
