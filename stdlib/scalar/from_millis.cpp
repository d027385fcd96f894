// from_millis: the instant so many milliseconds after 1970.
#include <cstdint>

extern "C" uint8_t streamc_fn_from_millis(int64_t x, int64_t* out) { return !__builtin_mul_overflow(x, int64_t{1000}, out); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"from_millis(1000)", "@1970-01-01T00:00:01Z"},
                                 {"from_millis(1767225600000)", "@2026-01-01T00:00:00Z"}};
constexpr ScalarFn kVariants[] = {
    {.name = "from_millis",
     .family = "time",
     .signature = "from_millis(x: int) -> timestamp",
     .kernel = "streamc_fn_from_millis",
     .result = Result::Rejects,
     .reject_code = "overflow",
     .summary = "The instant `x` milliseconds after 1970-01-01 UTC. One too far away rejects the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_from_millis{kVariants};

}  // namespace streamc::stdlib
#endif
