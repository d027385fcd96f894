// day_of_week: the day of the week.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_day_of_week(int64_t at) { return DayOfWeek(DayOf(at)); }

extern "C" int64_t streamc_fn_day_of_week_date(int64_t days) { return DayOfWeek(days); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"day_of_week(@2026-03-08T09:05:07Z)", "7"},
                                  {"day_of_week(@1970-01-01T00:00:00Z)", "4"}};
constexpr Example kExamples2[] = {{R"(day_of_week(to_date!("2024-02-29")))", "4"},
                                  {R"(day_of_week(to_date!("1969-12-29")))", "1"}};
constexpr ScalarFn kVariants[] = {
    {.name = "day_of_week",
     .family = "time",
     .signature = "day_of_week(at: timestamp) -> int",
     .kernel = "streamc_fn_day_of_week",
     .summary = "The day of the week: 1 Monday to 7 Sunday. In UTC.",
     .examples = kExamples1},
    {.name = "day_of_week",
     .family = "time",
     .signature = "day_of_week(d: date) -> int",
     .kernel = "streamc_fn_day_of_week_date",
     .summary = "The day of the week: 1 Monday to 7 Sunday.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_day_of_week{kVariants};

}  // namespace streamc::stdlib
#endif
