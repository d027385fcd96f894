// add_months: a date some months later.
#include "stdlib/text/civil.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_add_months(int64_t days, int64_t count, int64_t* out) {
  if (count > 12 * kMaxDays || count < -12 * kMaxDays) return 0;
  CivilDate date = ToCivil(days);
  int64_t months = date.year * 12 + date.month - 1 + count;
  date.year = FloorDivide(months, 12);
  date.month = months - date.year * 12 + 1;
  int64_t last = DaysInMonth(date.year, date.month);
  if (date.day > last) date.day = last;
  *out = FromCivil(date);
  return *out >= -kMaxDays && *out <= kMaxDays;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(to_string(add_months(to_date!("2026-01-31"), 1)))", R"("2026-02-28")"},
                                 {R"(to_string(add_months(to_date!("2026-01-15"), -13)))", R"("2024-12-15")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "add_months",
     .family = "time",
     .signature = "add_months(d: date, months: int) -> date",
     .kernel = "streamc_fn_add_months",
     .result = Result::Rejects,
     .reject_code = "overflow",
     .summary = "The same day of the month `months` later, or the last day of that month when it is shorter.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_add_months{kVariants};

}  // namespace streamc::stdlib
#endif
