// is_empty: nothing in it?
#include <cstdint>

extern "C" uint8_t streamc_fn_is_empty(const char*, int64_t n) { return n == 0; }

extern "C" uint8_t streamc_fn_is_empty_list(const void*, int64_t n) { return n == 0; }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{R"(is_empty(""))", "true"}, {R"(is_empty(" "))", "false"}};
constexpr Example kExamples2[] = {{"is_empty([1])", "false"}, {R"(is_empty(words("...")))", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "is_empty",
     .family = "strings",
     .signature = "is_empty(s: T) -> bool",
     .for_types = "string bytes",
     .kernel = "streamc_fn_is_empty",
     .summary = "Whether there is not one character; white space counts as characters (`is_blank` does not).",
     .examples = kExamples1},
    {.name = "is_empty",
     .family = "lists",
     .signature = "is_empty(xs: list<T>) -> bool",
     .kernel = "streamc_fn_is_empty_list",
     .summary = "Whether there is no element.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_is_empty{kVariants};

}  // namespace streamc::stdlib
#endif
