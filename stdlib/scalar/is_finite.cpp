// is_finite: neither infinite nor not a number?
#include <cmath>
#include <cstdint>

extern "C" uint8_t streamc_fn_is_finite(double x) { return std::isfinite(x); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"is_finite(1.0e308)", "true"}, {"is_finite(-0.0)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "is_finite",
     .family = "numbers",
     .signature = "is_finite(x: float) -> bool",
     .kernel = "streamc_fn_is_finite",
     .summary = "Whether `x` is a number that is not infinite. Arithmetic makes no others: it rejects the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_is_finite{kVariants};

}  // namespace streamc::stdlib
#endif
