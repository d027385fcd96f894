// minute: the minute, 0 to 59.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_minute(int64_t at) { return TimeOfDay(at) / kMicrosPerMinute % 60; }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"minute(@2026-03-08T09:05:07Z)", "5"}, {"minute(@1969-12-31T23:59:59Z)", "59"}};
constexpr ScalarFn kVariants[] = {
    {.name = "minute",
     .family = "time",
     .signature = "minute(at: timestamp) -> int",
     .kernel = "streamc_fn_minute",
     .summary = "The minute, 0 to 59. In UTC; for local time add `utc_offset(at, zone)` first.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_minute{kVariants};

}  // namespace streamc::stdlib
#endif
