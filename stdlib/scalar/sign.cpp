// sign: -1, 0 or 1.
#include <cstdint>

extern "C" int64_t streamc_fn_sign(int64_t x) { return (x > 0) - (x < 0); }

extern "C" int64_t streamc_fn_sign_float(double x) { return (x > 0) - (x < 0); }

extern "C" int64_t streamc_fn_sign_decimal(__int128 x, int64_t) { return (x > 0) - (x < 0); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"sign(-7)", "-1"}, {"sign(0)", "0"}, {"sign(5m)", "1"}};
constexpr Example kExamples2[] = {{"sign(-0.5)", "-1"}, {"sign(0.0)", "0"}};
constexpr Example kExamples3[] = {{R"(sign(to_decimal!("-0.5")))", "-1"}, {R"(sign(to_decimal!("2.5")))", "1"}};
constexpr ScalarFn kVariants[] = {
    {.name = "sign",
     .family = "numbers",
     .signature = "sign(x: T) -> int",
     .for_types = "int duration",
     .kernel = "streamc_fn_sign",
     .summary = "-1 for a negative value, 0 for zero, 1 for a positive one.",
     .examples = kExamples1},
    {.name = "sign",
     .family = "numbers",
     .signature = "sign(x: float) -> int",
     .kernel = "streamc_fn_sign_float",
     .summary = "-1 for a negative value, 0 for zero, 1 for a positive one.",
     .examples = kExamples2},
    {.name = "sign",
     .family = "numbers",
     .signature = "sign(x: decimal) -> int",
     .kernel = "streamc_fn_sign_decimal",
     .summary = "-1 for a negative value, 0 for zero, 1 for a positive one.",
     .examples = kExamples3},
};
extern const std::span<const ScalarFn> scalar_sign{kVariants};

}  // namespace streamc::stdlib
#endif
