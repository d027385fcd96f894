// add_days: a date some days later.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_add_days(int64_t days, int64_t count, int64_t* out) {
  return !__builtin_add_overflow(days, count, out) && *out >= -kMaxDays && *out <= kMaxDays;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(to_string(add_days(to_date!("2024-02-28"), 2)))", R"("2024-03-01")"},
                                 {R"(to_string(add_days(to_date!("2026-01-01"), -1)))", R"("2025-12-31")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "add_days",
     .family = "time",
     .signature = "add_days(d: date, days: int) -> date",
     .kernel = "streamc_fn_add_days",
     .result = Result::Rejects,
     .reject_code = "overflow",
     .summary = "The date `days` later, earlier when negative.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_add_days{kVariants};

}  // namespace streamc::stdlib
#endif
