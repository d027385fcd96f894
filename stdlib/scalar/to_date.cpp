// to_date: a date from text.
#include "stdlib/text/time_text.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_to_date(const char* s, int64_t n, int64_t* out) noexcept { return ReadDate(s, n, out); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(to_string(to_date!("2024-02-29")))", R"("2024-02-29")"},
                                 {R"(to_date("2026-02-29") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "to_date",
     .family = "conversions",
     .signature = "to_date(s: string) -> date?",
     .kernel = "streamc_fn_to_date",
     .result = Result::Optional,
     .summary = "The date of an ISO 8601 text like 2026-01-31; missing for anything else and for days that do not exist.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_to_date{kVariants};

}  // namespace streamc::stdlib
#endif
