// parse_time: an instant from text by a pattern.
#include "stdlib/text/time_text.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_parse_time(const char* s, int64_t n, const char* pattern, int64_t pattern_size, int64_t* out) noexcept {
  return ParseTime(s, n, pattern, pattern_size, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(parse_time!("Wed Aug 27 13:08:45 +0000 2008", "%a %b %d %H:%M:%S %z %Y"))", "@2008-08-27T13:08:45Z"},
                                 {R"(parse_time!("31.12.2025", "%d.%m.%Y"))", "@2025-12-31T00:00:00Z"},
                                 {R"(parse_time("2026-02-30", "%Y-%m-%d") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "parse_time",
     .family = "time",
     .signature = "parse_time(s: string, pattern: string) -> timestamp?",
     .kernel = "streamc_fn_parse_time",
     .result = Result::Optional,
     .summary = "The instant of a text of the pattern's form, with the directives of `format_time`; missing when the "
                "text has another form or no such day exists. `%f` reads one to nine digits, `%z` reads `Z`, `+0200` "
                "or `+02:00`; without it the text is in UTC. Parts that the pattern lacks are those of 1970-01-01 "
                "00:00:00.",
     .examples = kExamples,
     .constant_args = "pattern"},
};
extern const std::span<const ScalarFn> scalar_parse_time{kVariants};

}  // namespace streamc::stdlib
#endif
