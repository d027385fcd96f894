// sqrt: the square root.
#include <cmath>
#include <cstdint>

extern "C" uint8_t streamc_fn_sqrt(double x, double* out) {
  *out = std::sqrt(x);
  return std::isfinite(*out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"sqrt(9.0)", "3.0"}, {"sqrt(2.0) * sqrt(2.0) > 1.999999", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "sqrt",
     .family = "numbers",
     .signature = "sqrt(x: float) -> float",
     .kernel = "streamc_fn_sqrt",
     .result = Result::Rejects,
     .reject_code = "nan",
     .summary = "The square root; a negative number rejects the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_sqrt{kVariants};

}  // namespace streamc::stdlib
#endif
