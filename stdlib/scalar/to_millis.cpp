// to_millis: milliseconds since 1970, or of a duration.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_to_millis(int64_t x) { return FloorDivide(x, 1000); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"to_millis(@1970-01-01T00:00:01Z)", "1000"}, {"to_millis(1500ms)", "1500"}};
constexpr ScalarFn kVariants[] = {
    {.name = "to_millis",
     .family = "time",
     .signature = "to_millis(x: T) -> int",
     .for_types = "timestamp duration",
     .kernel = "streamc_fn_to_millis",
     .summary = "The whole milliseconds since 1970-01-01 UTC, or in a duration, rounded down.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_to_millis{kVariants};

}  // namespace streamc::stdlib
#endif
