// utc_offset: what a time zone adds to UTC at an instant.
#include "stdlib/text/zone.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_utc_offset(int64_t at, const char* zone, int64_t n, int64_t* out) noexcept {
  return ZoneOffset(at, zone, n, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(utc_offset(@2026-07-01T00:00:00Z, "Europe/Helsinki"))", "3h"},
                                 {R"(utc_offset(@2026-01-01T00:00:00Z, "Asia/Kolkata"))", "330m"},
                                 {R"(utc_offset(@2026-01-01T00:00:00Z, "UTC"))", "0s"}};
constexpr ScalarFn kVariants[] = {
    {.name = "utc_offset",
     .family = "time",
     .signature = "utc_offset(at: timestamp, zone: string) -> duration",
     .kernel = "streamc_fn_utc_offset",
     .result = Result::Rejects,
     .reject_code = "convert",
     .summary = "The difference between local time and UTC in a zone of the IANA time zone database of the machine, "
                "like \"Europe/Helsinki\", summer time included: `hour(at + utc_offset(at, \"Asia/Tokyo\"))` is the hour "
                "in Tokyo. A zone the machine does not know rejects the record.",
     .examples = kExamples,
     .constant_args = "zone"},
};
extern const std::span<const ScalarFn> scalar_utc_offset{kVariants};

}  // namespace streamc::stdlib
#endif
