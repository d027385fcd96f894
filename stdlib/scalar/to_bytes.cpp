// to_bytes: the UTF-8 bytes of a string.
#include "runtime/abi/abi.h"

extern "C" ScStr streamc_fn_to_bytes(const char* s, int64_t n) { return ScStr{s, n}; }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(length(to_bytes("é")))", "2"}, {R"(hex_encode(to_bytes("AZ")))", R"("415a")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "to_bytes",
     .family = "strings",
     .signature = "to_bytes(s: string) -> bytes",
     .kernel = "streamc_fn_to_bytes",
     .summary = "The bytes of the string in UTF-8.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_to_bytes{kVariants};

}  // namespace streamc::stdlib
#endif
