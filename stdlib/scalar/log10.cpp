// log10: the logarithm to base ten.
#include <cmath>
#include <cstdint>

extern "C" uint8_t streamc_fn_log10(double x, double* out) {
  *out = std::log10(x);
  return std::isfinite(*out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"log10(1000.0)", "3.0"}, {"log10(1.0)", "0.0"}};
constexpr ScalarFn kVariants[] = {
    {.name = "log10",
     .family = "numbers",
     .signature = "log10(x: float) -> float",
     .kernel = "streamc_fn_log10",
     .result = Result::Rejects,
     .reject_code = "nan",
     .summary = "The logarithm to base 10; zero and negative numbers reject the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_log10{kVariants};

}  // namespace streamc::stdlib
#endif
