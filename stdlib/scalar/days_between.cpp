// days_between: days from one date to another.
#include <cstdint>

extern "C" int64_t streamc_fn_days_between(int64_t from, int64_t to) { return to - from; }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(days_between(to_date!("2024-02-28"), to_date!("2024-03-01")))", "2"},
                                 {R"(days_between(to_date!("2026-01-02"), to_date!("2026-01-01")))", "-1"}};
constexpr ScalarFn kVariants[] = {
    {.name = "days_between",
     .family = "time",
     .signature = "days_between(from: date, to: date) -> int",
     .kernel = "streamc_fn_days_between",
     .summary = "The number of days from the first date to the second, negative when it is earlier.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_days_between{kVariants};

}  // namespace streamc::stdlib
#endif
