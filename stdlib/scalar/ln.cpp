// ln: the natural logarithm.
#include <cmath>
#include <cstdint>

extern "C" uint8_t streamc_fn_ln(double x, double* out) {
  *out = std::log(x);
  return std::isfinite(*out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"ln(1.0)", "0.0"}, {"round(ln(10.0), 5)", "2.30259"}};
constexpr ScalarFn kVariants[] = {
    {.name = "ln",
     .family = "numbers",
     .signature = "ln(x: float) -> float",
     .kernel = "streamc_fn_ln",
     .result = Result::Rejects,
     .reject_code = "nan",
     .summary = "The logarithm to base e; zero and negative numbers reject the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_ln{kVariants};

}  // namespace streamc::stdlib
#endif
