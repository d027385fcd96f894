// date: the day an instant falls on.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" int64_t streamc_fn_date(int64_t at) { return DayOf(at); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"to_string(date(@2026-03-08T09:05:07Z))", R"("2026-03-08")"},
                                 {"date(@2026-01-01T00:00:00Z) == date(@2026-01-01T23:59:59Z)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "date",
     .family = "time",
     .signature = "date(at: timestamp) -> date",
     .kernel = "streamc_fn_date",
     .summary = "The day in UTC.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_date{kVariants};

}  // namespace streamc::stdlib
#endif
