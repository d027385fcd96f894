// to_decimal: a decimal from text or a float.
#include <cmath>

#include "stdlib/text/decimal.h"

using namespace streamc::stdlib;

namespace {

// The scale of the result's type, which the signature fixes.
constexpr int64_t kScale = 10;

}  // namespace

extern "C" uint8_t streamc_fn_to_decimal(const char* s, int64_t n, __int128* out) { return ReadDecimal(s, n, kScale, out); }

extern "C" uint8_t streamc_fn_to_decimal_float(double x, __int128* out) {
  // Exact as a product: a float has 53 bits, and below 2^90 the 34 bits of the scale still fit 128.
  if (!(x > -1e27 && x < 1e27)) return 0;
  int exponent = 0;
  __int128 whole = static_cast<__int128>(std::ldexp(std::frexp(x, &exponent), 53)) * PowerOfTen(kScale);
  exponent -= 53;
  if (exponent >= 0) {
    *out = whole * (__int128{1} << exponent);
    return 1;
  }
  *out = exponent < -120 ? 0 : DivideHalfUp(whole, __int128{1} << -exponent);
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{R"(to_decimal!("0.1") == 0.1)", "true"},
                                  {R"(to_string(to_decimal!("-12.5")))", R"("-12.5000000000")"},
                                  {R"(to_decimal("1e3") is null)", "true"}};
constexpr Example kExamples2[] = {{"to_decimal!(0.1) + 0.2 == 0.3", "true"}, {"to_decimal(1.0e30) is null", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "to_decimal",
     .family = "conversions",
     .signature = "to_decimal(s: string) -> decimal(38, 10)?",
     .kernel = "streamc_fn_to_decimal",
     .result = Result::Optional,
     .summary = "The number that an optional sign and digits with an optional point stand for; missing for anything "
                "else, for more than ten digits after the point and for more than 28 before it.",
     .examples = kExamples1},
    {.name = "to_decimal",
     .family = "conversions",
     .signature = "to_decimal(x: float) -> decimal(38, 10)?",
     .kernel = "streamc_fn_to_decimal_float",
     .result = Result::Optional,
     .summary = "The nearest decimal of ten digits after the point, halves away from zero; missing beyond 10^27.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_to_decimal{kVariants};

}  // namespace streamc::stdlib
#endif
