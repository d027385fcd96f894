// hour: the hour, 0 to 23.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_hour(int64_t at) { return TimeOfDay(at) / kMicrosPerHour % 24; }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"hour(@2026-03-08T09:05:07Z)", "9"}, {"hour(@1969-12-31T23:59:59Z)", "23"}};
constexpr ScalarFn kVariants[] = {
    {.name = "hour",
     .family = "time",
     .signature = "hour(at: timestamp) -> int",
     .kernel = "streamc_fn_hour",
     .summary = "The hour, 0 to 23. In UTC; for local time add `utc_offset(at, zone)` first.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_hour{kVariants};

}  // namespace streamc::stdlib
#endif
