// abs: the distance from zero.
#include <cmath>
#include <cstdint>

extern "C" uint8_t streamc_fn_abs(int64_t x, int64_t* out) {
  if (x == INT64_MIN) return 0;
  *out = x < 0 ? -x : x;
  return 1;
}

extern "C" double streamc_fn_abs_float(double x) { return std::fabs(x); }

extern "C" __int128 streamc_fn_abs_decimal(__int128 x, int64_t) { return x < 0 ? -x : x; }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kInt[] = {{"abs(-5)", "5"}, {"abs(5)", "5"}, {"abs(-90s)", "90s"}};
constexpr Example kFloat[] = {{"abs(-2.5)", "2.5"}, {"abs(0.0)", "0.0"}};
constexpr Example kDecimal[] = {{R"(abs(to_decimal!("-2.5")))", R"(to_decimal!("2.5"))"},
                                {R"(abs(to_decimal!("0")))", R"(to_decimal!("0"))"}};
constexpr ScalarFn kVariants[] = {
    {.name = "abs",
     .family = "numbers",
     .signature = "abs(x: T) -> T",
     .for_types = "int duration",
     .kernel = "streamc_fn_abs",
     .result = Result::Rejects,
     .reject_code = "overflow",
     .summary = "The value without its sign. The smallest `int` has no counterpart and rejects the record.",
     .examples = kInt},
    {.name = "abs",
     .family = "numbers",
     .signature = "abs(x: float) -> float",
     .kernel = "streamc_fn_abs_float",
     .summary = "The value without its sign.",
     .examples = kFloat},
    {.name = "abs",
     .family = "numbers",
     .signature = "abs(x: decimal) -> decimal",
     .kernel = "streamc_fn_abs_decimal",
     .summary = "The value without its sign.",
     .examples = kDecimal},
};
extern const std::span<const ScalarFn> scalar_abs{kVariants};

}  // namespace streamc::stdlib
#endif
