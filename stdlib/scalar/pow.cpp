// pow: a power.
#include <cmath>
#include <cstdint>

extern "C" uint8_t streamc_fn_pow(double x, double y, double* out) {
  *out = std::pow(x, y);
  return std::isfinite(*out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"pow(2.0, 10.0)", "1024.0"}, {"pow(9.0, 0.5)", "3.0"}};
constexpr ScalarFn kVariants[] = {
    {.name = "pow",
     .family = "numbers",
     .signature = "pow(x: float, y: float) -> float",
     .kernel = "streamc_fn_pow",
     .result = Result::Rejects,
     .reject_code = "nan",
     .summary = "`x` to the power of `y`. What is no finite number rejects the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_pow{kVariants};

}  // namespace streamc::stdlib
#endif
