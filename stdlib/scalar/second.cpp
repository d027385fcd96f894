// second: the second, 0 to 59.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_second(int64_t at) { return TimeOfDay(at) / kMicrosPerSecond % 60; }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"second(@2026-03-08T09:05:07Z)", "7"}, {"second(@1969-12-31T23:59:59Z)", "59"}};
constexpr ScalarFn kVariants[] = {
    {.name = "second",
     .family = "time",
     .signature = "second(at: timestamp) -> int",
     .kernel = "streamc_fn_second",
     .summary = "The second, 0 to 59. In UTC; for local time add `utc_offset(at, zone)` first.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_second{kVariants};

}  // namespace streamc::stdlib
#endif
