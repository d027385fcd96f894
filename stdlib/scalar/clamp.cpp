// clamp: a value held between two bounds.
#include <cstdint>

extern "C" int64_t streamc_fn_clamp(int64_t x, int64_t low, int64_t high) { return x < low ? low : x > high ? high : x; }

extern "C" double streamc_fn_clamp_float(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

// The type variable brings all arguments to one scale.
extern "C" __int128 streamc_fn_clamp_decimal(__int128 x, int64_t, __int128 low, int64_t, __int128 high, int64_t) {
  return x < low ? low : x > high ? high : x;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"clamp(15, 0, 10)", "10"}, {"clamp(-3, 0, 10)", "0"}, {"clamp(5s, 1s, 9s)", "5s"}};
constexpr Example kExamples2[] = {{"clamp(1.5, 0.0, 1.0)", "1.0"}, {"clamp(0.5, 0.0, 1.0)", "0.5"}};
constexpr Example kExamples3[] = {{R"(clamp(to_decimal!("1.5"), 0, 1))", R"(to_decimal!("1"))"},
                                  {R"(clamp(to_decimal!("0.5"), 0, 1))", R"(to_decimal!("0.5"))"}};
constexpr ScalarFn kVariants[] = {
    {.name = "clamp",
     .family = "numbers",
     .signature = "clamp(x: T, low: T, high: T) -> T",
     .for_types = "int timestamp date duration",
     .kernel = "streamc_fn_clamp",
     .summary = "`x`, or the bound it lies beyond. `low` wins when the bounds are crossed and `x` is below it.",
     .examples = kExamples1},
    {.name = "clamp",
     .family = "numbers",
     .signature = "clamp(x: float, low: float, high: float) -> float",
     .kernel = "streamc_fn_clamp_float",
     .summary = "`x`, or the bound it lies beyond.",
     .examples = kExamples2},
    {.name = "clamp",
     .family = "numbers",
     .signature = "clamp(x: T, low: T, high: T) -> T",
     .for_types = "decimal",
     .kernel = "streamc_fn_clamp_decimal",
     .summary = "`x`, or the bound it lies beyond, in the largest scale.",
     .examples = kExamples3},
};
extern const std::span<const ScalarFn> scalar_clamp{kVariants};

}  // namespace streamc::stdlib
#endif
