// to_seconds: seconds since 1970, or of a duration.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_to_seconds(int64_t x) { return FloorDivide(x, kMicrosPerSecond); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"to_seconds(@1970-01-01T00:01:00Z)", "60"},
                                 {"to_seconds(@1969-12-31T23:59:59Z)", "-1"},
                                 {"to_seconds(90m)", "5400"}};
constexpr ScalarFn kVariants[] = {
    {.name = "to_seconds",
     .family = "time",
     .signature = "to_seconds(x: T) -> int",
     .for_types = "timestamp duration",
     .kernel = "streamc_fn_to_seconds",
     .summary = "The whole seconds since 1970-01-01 UTC, or in a duration, rounded down.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_to_seconds{kVariants};

}  // namespace streamc::stdlib
#endif
