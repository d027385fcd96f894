// length: code points of a string, elements of a list.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_length(const char* s, int64_t n) { return CountCodePoints(s, n); }

extern "C" int64_t streamc_fn_length_bytes(const char*, int64_t n) { return n; }

extern "C" int64_t streamc_fn_length_list(const void*, int64_t n) { return n; }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kString[] = {{R"(length("åäö"))", "3"}, {R"(length("👍🏽"))", "2"}, {R"(length(""))", "0"}};
constexpr Example kList[] = {{"length([10, 20, 30])", "3"}, {R"(length(split("a,b", ",")))", "2"}};
constexpr Example kBytes[] = {{R"(length(to_bytes("åäö")))", "6"}, {R"(length(to_bytes("")))", "0"}};
constexpr ScalarFn kVariants[] = {
    {.name = "length",
     .family = "strings",
     .signature = "length(s: string) -> int",
     .kernel = "streamc_fn_length",
     .summary = "The number of Unicode code points. A letter with a separate combining mark counts as two; "
                "`length(normalize(s))` joins what can be joined.",
     .examples = kString},
    {.name = "length",
     .family = "strings",
     .signature = "length(b: bytes) -> int",
     .kernel = "streamc_fn_length_bytes",
     .summary = "The number of bytes.",
     .examples = kBytes},
    {.name = "length",
     .family = "lists",
     .signature = "length(xs: list<T>) -> int",
     .kernel = "streamc_fn_length_list",
     .summary = "The number of elements.",
     .examples = kList},
};
extern const std::span<const ScalarFn> scalar_length{kVariants};

}  // namespace streamc::stdlib
#endif
