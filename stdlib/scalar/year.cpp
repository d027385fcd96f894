// year: the year.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_year(int64_t at) { return YearOf(DayOf(at)); }

extern "C" int64_t streamc_fn_year_date(int64_t days) { return YearOf(days); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"year(@2026-03-08T09:05:07Z)", "2026"}, {"year(@1969-12-31T23:59:59Z)", "1969"}};
constexpr Example kExamples2[] = {{R"(year(to_date!("2024-02-29")))", "2024"},
                                  {R"(year(to_date!("0001-01-01")))", "1"}};
constexpr ScalarFn kVariants[] = {
    {.name = "year",
     .family = "time",
     .signature = "year(at: timestamp) -> int",
     .kernel = "streamc_fn_year",
     .summary = "The year. In UTC.",
     .examples = kExamples1},
    {.name = "year",
     .family = "time",
     .signature = "year(d: date) -> int",
     .kernel = "streamc_fn_year_date",
     .summary = "The year.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_year{kVariants};

}  // namespace streamc::stdlib
#endif
