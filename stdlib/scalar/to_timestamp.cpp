// to_timestamp: an instant from text or a date.
#include "stdlib/text/time_text.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_to_timestamp(const char* s, int64_t n, int64_t* out) noexcept { return ReadTimestamp(s, n, out); }

extern "C" uint8_t streamc_fn_to_timestamp_date(int64_t days, int64_t* out) noexcept {
  return !__builtin_mul_overflow(days, kMicrosPerDay, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{R"(to_timestamp!("2026-01-01T02:00:00+02:00"))", "@2026-01-01T00:00:00Z"},
                                  {R"(to_timestamp("2026-13-01T00:00:00Z") is null)", "true"}};
constexpr Example kExamples2[] = {{"to_timestamp(date(@2026-01-01T13:00:00Z))", "@2026-01-01T00:00:00Z"},
                                  {R"(to_timestamp(to_date!("1970-01-02")) - @1970-01-01T00:00:00Z)", "24h"}};
constexpr ScalarFn kVariants[] = {
    {.name = "to_timestamp",
     .family = "conversions",
     .signature = "to_timestamp(s: string) -> timestamp?",
     .kernel = "streamc_fn_to_timestamp",
     .result = Result::Optional,
     .summary = "The instant of an RFC 3339 text; missing for anything else. Digits beyond the microsecond are cut.",
     .examples = kExamples1},
    {.name = "to_timestamp",
     .family = "conversions",
     .signature = "to_timestamp(d: date) -> timestamp",
     .kernel = "streamc_fn_to_timestamp_date",
     .result = Result::Rejects,
     .reject_code = "overflow",
     .summary = "Midnight UTC at the beginning of the day.",
     .examples = kExamples2},
};
extern const std::span<const ScalarFn> scalar_to_timestamp{kVariants};

}  // namespace streamc::stdlib
#endif
