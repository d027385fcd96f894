// day: the day of the month, 1 to 31.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_day(int64_t at) { return DayOfMonth(DayOf(at)); }

extern "C" int64_t streamc_fn_day_date(int64_t days) { return DayOfMonth(days); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"day(@2026-03-08T09:05:07Z)", "8"}, {"day(@1969-12-31T23:59:59Z)", "31"}};
constexpr Example kExamples2[] = {{R"(day(to_date!("2024-02-29")))", "29"}, {R"(day(to_date!("2026-11-05")))", "5"}};
constexpr ScalarFn kVariants[] = {
    {.name = "day",
     .family = "time",
     .signature = "day(at: timestamp) -> int",
     .kernel = "streamc_fn_day",
     .summary = "The day of the month, 1 to 31. In UTC.",
     .examples = kExamples1},
    {.name = "day",
     .family = "time",
     .signature = "day(d: date) -> int",
     .kernel = "streamc_fn_day_date",
     .summary = "The day of the month, 1 to 31.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_day{kVariants};

}  // namespace streamc::stdlib
#endif
