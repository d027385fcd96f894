// day_of_year: the day of the year.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_day_of_year(int64_t at) { return DayOfYear(DayOf(at)); }

extern "C" int64_t streamc_fn_day_of_year_date(int64_t days) { return DayOfYear(days); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"day_of_year(@2026-03-08T09:05:07Z)", "67"},
                                  {"day_of_year(@2026-12-31T00:00:00Z)", "365"}};
constexpr Example kExamples2[] = {{R"(day_of_year(to_date!("2024-02-29")))", "60"},
                                  {R"(day_of_year(to_date!("2024-12-31")))", "366"}};
constexpr ScalarFn kVariants[] = {
    {.name = "day_of_year",
     .family = "time",
     .signature = "day_of_year(at: timestamp) -> int",
     .kernel = "streamc_fn_day_of_year",
     .summary = "The day of the year: 1 to 366. In UTC.",
     .examples = kExamples1},
    {.name = "day_of_year",
     .family = "time",
     .signature = "day_of_year(d: date) -> int",
     .kernel = "streamc_fn_day_of_year_date",
     .summary = "The day of the year: 1 to 366.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_day_of_year{kVariants};

}  // namespace streamc::stdlib
#endif
