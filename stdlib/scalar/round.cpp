// round: the nearest number of fewer digits, halves away from zero.
#include <cmath>

#include "stdlib/text/decimal.h"

using namespace streamc::stdlib;

extern "C" double streamc_fn_round(double x) { return std::round(x); }

extern "C" double streamc_fn_round_digits(double x, int64_t digits) {
  // Beyond these a float has no digit to round, or none to keep.
  if (digits > 330 || x == 0) return x;
  if (digits < -310) return 0;
  double unit = std::pow(10.0, static_cast<double>(digits < 0 ? -digits : digits));
  double scaled = digits < 0 ? x / unit : x * unit;
  if (!std::isfinite(scaled) || std::fabs(scaled) > 0x1p53) return x;
  return digits < 0 ? std::round(scaled) * unit : std::round(scaled) / unit;
}

extern "C" uint8_t streamc_fn_round_digits_decimal(__int128 x, int64_t scale, int64_t digits, __int128* out) {
  *out = x;
  if (digits >= scale) return 1;
  *out = 0;
  // More digits to drop than a decimal has: it rounds to zero.
  if (digits < scale - kMaxDigits) return 1;
  __int128 unit = PowerOfTen(scale - digits);
  __int128 quotient = DivideHalfUp(x, unit);
  return !__builtin_mul_overflow(quotient, unit, out) && FitsDecimal(*out);
}

extern "C" uint8_t streamc_fn_round_decimal(__int128 x, int64_t scale, __int128* out) {
  return streamc_fn_round_digits_decimal(x, scale, 0, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"round(2.5)", "3.0"}, {"round(-2.5)", "-3.0"}, {"round(2.4)", "2.0"}};
constexpr Example kExamples2[] = {{"round(3.14159, 2)", "3.14"}, {"round(1234.5, -2)", "1200.0"}};
constexpr Example kExamples3[] = {{R"(round(to_decimal!("2.5")))", R"(to_decimal!("3"))"},
                                  {R"(round(to_decimal!("-0.49")))", R"(to_decimal!("0"))"}};
constexpr Example kExamples4[] = {{R"(round(to_decimal!("2.345"), 2))", R"(to_decimal!("2.35"))"},
                                  {R"(round(to_decimal!("155"), -1))", R"(to_decimal!("160"))"}};
constexpr ScalarFn kVariants[] = {
    {.name = "round",
     .family = "numbers",
     .signature = "round(x: float) -> float",
     .kernel = "streamc_fn_round",
     .summary = "The nearest whole number, halves away from zero.",
     .examples = kExamples1},
    {.name = "round",
     .family = "numbers",
     .signature = "round(x: float, digits: int) -> float",
     .kernel = "streamc_fn_round_digits",
     .summary = "The nearest number with `digits` digits after the point; negative `digits` round before it.",
     .examples = kExamples2},
    {.name = "round",
     .family = "numbers",
     .signature = "round(x: decimal) -> decimal",
     .kernel = "streamc_fn_round_decimal",
     .result = Result::Rejects,
     .reject_code = "overflow",
     .summary = "The nearest whole number, halves away from zero, in the scale of `x`. A result of more than 38 "
                "digits rejects the record.",
     .examples = kExamples3},
    {.name = "round",
     .family = "numbers",
     .signature = "round(x: decimal, digits: int) -> decimal",
     .kernel = "streamc_fn_round_digits_decimal",
     .result = Result::Rejects,
     .reject_code = "overflow",
     .summary = "The nearest number with `digits` digits after the point, in the scale of `x`. A result of more than "
                "38 digits rejects the record.",
     .examples = kExamples4},
};
extern const std::span<const ScalarFn> scalar_round{kVariants};

}  // namespace streamc::stdlib
#endif
