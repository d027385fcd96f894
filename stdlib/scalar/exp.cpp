// exp: the exponential function.
#include <cmath>
#include <cstdint>

extern "C" uint8_t streamc_fn_exp(double x, double* out) {
  *out = std::exp(x);
  return std::isfinite(*out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"exp(0.0)", "1.0"}, {"round(exp(1.0), 5)", "2.71828"}};
constexpr ScalarFn kVariants[] = {
    {.name = "exp",
     .family = "numbers",
     .signature = "exp(x: float) -> float",
     .kernel = "streamc_fn_exp",
     .result = Result::Rejects,
     .reject_code = "nan",
     .summary = "e to the power of `x`. A result beyond the range of float rejects the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_exp{kVariants};

}  // namespace streamc::stdlib
#endif
