// from_seconds: the instant so many seconds after 1970.
#include <cstdint>

extern "C" uint8_t streamc_fn_from_seconds(int64_t x, int64_t* out) { return !__builtin_mul_overflow(x, int64_t{1000000}, out); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"from_seconds(60)", "@1970-01-01T00:01:00Z"},
                                 {"from_seconds(1767225600)", "@2026-01-01T00:00:00Z"}};
constexpr ScalarFn kVariants[] = {
    {.name = "from_seconds",
     .family = "time",
     .signature = "from_seconds(x: int) -> timestamp",
     .kernel = "streamc_fn_from_seconds",
     .result = Result::Rejects,
     .reject_code = "overflow",
     .summary = "The instant `x` seconds after 1970-01-01 UTC. One too far away rejects the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_from_seconds{kVariants};

}  // namespace streamc::stdlib
#endif
