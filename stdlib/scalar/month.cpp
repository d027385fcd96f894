// month: the month, 1 to 12.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_month(int64_t at) { return MonthOf(DayOf(at)); }

extern "C" int64_t streamc_fn_month_date(int64_t days) { return MonthOf(days); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"month(@2026-03-08T09:05:07Z)", "3"}, {"month(@1969-12-31T23:59:59Z)", "12"}};
constexpr Example kExamples2[] = {{R"(month(to_date!("2024-02-29")))", "2"},
                                  {R"(month(to_date!("2026-11-05")))", "11"}};
constexpr ScalarFn kVariants[] = {
    {.name = "month",
     .family = "time",
     .signature = "month(at: timestamp) -> int",
     .kernel = "streamc_fn_month",
     .summary = "The month, 1 to 12. In UTC.",
     .examples = kExamples1},
    {.name = "month",
     .family = "time",
     .signature = "month(d: date) -> int",
     .kernel = "streamc_fn_month_date",
     .summary = "The month, 1 to 12.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_month{kVariants};

}  // namespace streamc::stdlib
#endif
