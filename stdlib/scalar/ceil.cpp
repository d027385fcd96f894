// ceil: the nearest whole number above.
#include <cmath>

#include "stdlib/text/decimal.h"

using namespace streamc::stdlib;

extern "C" double streamc_fn_ceil(double x) { return std::ceil(x); }

extern "C" uint8_t streamc_fn_ceil_decimal(__int128 x, int64_t scale, __int128* out) {
  __int128 unit = PowerOfTen(scale);
  __int128 quotient = x / unit;
  __int128 rest = x % unit;
  *out = (quotient + (rest > 0 ? 1 : 0)) * unit;
  return FitsDecimal(*out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"ceil(2.1)", "3.0"}, {"ceil(-2.7)", "-2.0"}};
constexpr Example kExamples2[] = {{R"(ceil(to_decimal!("2.1")))", R"(to_decimal!("3"))"},
                                  {R"(ceil(to_decimal!("-2.7")))", R"(to_decimal!("-2"))"}};
constexpr ScalarFn kVariants[] = {
    {.name = "ceil",
     .family = "numbers",
     .signature = "ceil(x: float) -> float",
     .kernel = "streamc_fn_ceil",
     .summary = "Rounded up to a whole number.",
     .examples = kExamples1},
    {.name = "ceil",
     .family = "numbers",
     .signature = "ceil(x: decimal) -> decimal",
     .kernel = "streamc_fn_ceil_decimal",
     .result = Result::Rejects,
     .reject_code = "overflow",
     .summary = "Rounded up to a whole number, in the scale of `x`. A result of more than 38 digits rejects the record.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_ceil{kVariants};

}  // namespace streamc::stdlib
#endif
