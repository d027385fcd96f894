// byte_length: size of a string in UTF-8.
#include <cstdint>

extern "C" int64_t streamc_fn_byte_length(const char*, int64_t n) { return n; }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(byte_length("åäö"))", "6"}, {R"(byte_length("abc"))", "3"}};
constexpr ScalarFn kVariants[] = {
    {.name = "byte_length",
     .family = "strings",
     .signature = "byte_length(s: string) -> int",
     .kernel = "streamc_fn_byte_length",
     .summary = "The number of bytes of the string in UTF-8.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_byte_length{kVariants};

}  // namespace streamc::stdlib
#endif
