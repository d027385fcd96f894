// least: the lesser of two values.
#include "runtime/abi/abi.h"

extern "C" int64_t streamc_fn_least(int64_t a, int64_t b) { return b < a ? b : a; }

extern "C" double streamc_fn_least_float(double a, double b) { return b < a ? b : a; }

// The type variable brings both arguments to one scale.
extern "C" __int128 streamc_fn_least_decimal(__int128 a, int64_t, __int128 b, int64_t) { return b < a ? b : a; }

extern "C" ScStr streamc_fn_least_string(const char* a, int64_t a_size, const char* b, int64_t b_size) {
  return sc_str_compare(b, b_size, a, a_size) < 0 ? ScStr{b, b_size} : ScStr{a, a_size};
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"least(3, 2)", "2"}, {"least(90s, 2m)", "90s"}};
constexpr Example kExamples2[] = {{"least(0.5, 0.25)", "0.25"}, {"least(-1.0, 1.0)", "-1.0"}};
constexpr Example kExamples3[] = {{R"(least(to_decimal!("0.5"), to_decimal!("0.25")))", R"(to_decimal!("0.25"))"},
                                  {R"(least(to_decimal!("1.5"), 1))", R"(to_decimal!("1"))"}};
constexpr Example kExamples4[] = {{R"(least("b", "a"))", R"("a")"}, {R"(least("a", "ab"))", R"("a")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "least",
     .family = "numbers",
     .signature = "least(a: T, b: T) -> T",
     .for_types = "int timestamp date duration",
     .kernel = "streamc_fn_least",
     .summary = "The lesser of two values.",
     .examples = kExamples1},
    {.name = "least",
     .family = "numbers",
     .signature = "least(a: float, b: float) -> float",
     .kernel = "streamc_fn_least_float",
     .summary = "The lesser of two values.",
     .examples = kExamples2},
    {.name = "least",
     .family = "numbers",
     .signature = "least(a: T, b: T) -> T",
     .for_types = "decimal",
     .kernel = "streamc_fn_least_decimal",
     .summary = "The lesser of two values, in the larger scale.",
     .examples = kExamples3},
    {.name = "least",
     .family = "numbers",
     .signature = "least(a: T, b: T) -> T",
     .for_types = "string uuid",
     .kernel = "streamc_fn_least_string",
     .summary = "The lesser of two values in the order of their bytes.",
     .examples = kExamples4},
};
extern const std::span<const ScalarFn> scalar_least{kVariants};

}  // namespace streamc::stdlib
#endif
