// to_string: any simple value as text.
#include "stdlib/text/number_text.h"
#include "stdlib/text/time_text.h"
#include "stdlib/text/utf8.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_to_string(const char* s, int64_t n) noexcept { return View(s, n); }

extern "C" uint8_t streamc_fn_to_string_bytes(const char* s, int64_t n, ScStr* out) noexcept {
  *out = View(s, n);
  return IsUtf8(s, n);
}

extern "C" ScStr streamc_fn_to_string_int(ScArena* arena, int64_t x) noexcept {
  char text[kMaxNumberText];
  return CopyText(arena, text, WriteInt(x, text));
}

extern "C" ScStr streamc_fn_to_string_float(ScArena* arena, double x) noexcept {
  char text[kMaxNumberText];
  return CopyText(arena, text, WriteFloat(x, text));
}

extern "C" ScStr streamc_fn_to_string_bool(uint8_t x) noexcept { return x != 0 ? View("true", 4) : View("false", 5); }

extern "C" ScStr streamc_fn_to_string_decimal(ScArena* arena, __int128 x, int64_t scale) noexcept {
  char text[kMaxNumberText];
  return CopyText(arena, text, WriteDecimal(x, scale, text));
}

extern "C" ScStr streamc_fn_to_string_timestamp(ScArena* arena, int64_t x) noexcept {
  char text[kMaxTimeText];
  return CopyText(arena, text, WriteTimestamp(x, text));
}

extern "C" ScStr streamc_fn_to_string_date(ScArena* arena, int64_t x) noexcept {
  char text[kMaxTimeText];
  return CopyText(arena, text, WriteDate(x, text));
}

extern "C" ScStr streamc_fn_to_string_duration(ScArena* arena, int64_t x) noexcept {
  char text[kMaxTimeText];
  return CopyText(arena, text, WriteDuration(x, text));
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{R"(to_string("a"))", R"("a")"},
                                  {R"(to_string(to_uuid!("6F1C2A3B-0000-4000-8000-0123456789AB")))", R"("6f1c2a3b-0000-4000-8000-0123456789ab")"}};
constexpr Example kExamples2[] = {{"to_string(-42)", R"("-42")"}, {"to_string(0)", R"("0")"}};
constexpr Example kExamples3[] = {{"to_string(0.1)", R"("0.1")"},
                                  {"to_string(3.0)", R"("3.0")"},
                                  {"to_string(1.0e100)", R"("1e+100")"}};
constexpr Example kExamples4[] = {{"to_string(true)", R"("true")"}, {"to_string(1 > 2)", R"("false")"}};
constexpr Example kExamples5[] = {{R"(to_string(to_decimal!("1.5")))", R"("1.5000000000")"},
                                  {R"(to_string(to_decimal!("-0.05")))", R"("-0.0500000000")"}};
constexpr Example kExamples6[] = {{"to_string(@2026-01-01T00:00:00Z)", R"("2026-01-01T00:00:00Z")"},
                                  {"to_string(@2026-01-01T00:00:00Z + 250ms)", R"("2026-01-01T00:00:00.250Z")"}};
constexpr Example kExamples7[] = {{"to_string(date(@2026-01-31T23:00:00Z))", R"("2026-01-31")"},
                                  {"to_string(date(@1969-12-31T00:00:00Z))", R"("1969-12-31")"}};
constexpr Example kExamples8[] = {{"to_string(90s)", R"("1m30s")"},
                                  {"to_string(0s)", R"("0s")"},
                                  {"to_string(36h)", R"("1d12h")"}};
constexpr Example kExamples9[] = {{R"(to_string(to_bytes("ok")) ?? "?")", R"("ok")"},
                                  {R"(to_string(hex_decode!("ff")) ?? "?")", R"("?")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "to_string",
     .family = "conversions",
     .signature = "to_string(x: T) -> string",
     .for_types = "string uuid",
     .kernel = "streamc_fn_to_string",
     .summary = "The text of a string is itself, that of a uuid its canonical form.",
     .examples = kExamples1},
    {.name = "to_string",
     .family = "conversions",
     .signature = "to_string(x: int) -> string",
     .kernel = "streamc_fn_to_string_int",
     .allocates = true,
     .summary = "Decimal digits.",
     .examples = kExamples2},
    {.name = "to_string",
     .family = "conversions",
     .signature = "to_string(x: float) -> string",
     .kernel = "streamc_fn_to_string_float",
     .allocates = true,
     .summary = "The shortest text that reads back as the same float; it always has a point or an exponent.",
     .examples = kExamples3},
    {.name = "to_string",
     .family = "conversions",
     .signature = "to_string(x: bool) -> string",
     .kernel = "streamc_fn_to_string_bool",
     .summary = "`true` or `false`.",
     .examples = kExamples4},
    {.name = "to_string",
     .family = "conversions",
     .signature = "to_string(x: decimal) -> string",
     .kernel = "streamc_fn_to_string_decimal",
     .allocates = true,
     .summary = "All digits of the scale.",
     .examples = kExamples5},
    {.name = "to_string",
     .family = "conversions",
     .signature = "to_string(x: timestamp) -> string",
     .kernel = "streamc_fn_to_string_timestamp",
     .allocates = true,
     .summary = "RFC 3339 in UTC, with three or six digits after the second when it has a fraction.",
     .examples = kExamples6},
    {.name = "to_string",
     .family = "conversions",
     .signature = "to_string(x: date) -> string",
     .kernel = "streamc_fn_to_string_date",
     .allocates = true,
     .summary = "ISO 8601: year, month, day.",
     .examples = kExamples7},
    {.name = "to_string",
     .family = "conversions",
     .signature = "to_string(x: duration) -> string",
     .kernel = "streamc_fn_to_string_duration",
     .allocates = true,
     .summary = "Days, hours, minutes, seconds, milliseconds and microseconds, those that are not zero.",
     .examples = kExamples8},
    {.name = "to_string",
     .family = "conversions",
     .signature = "to_string(b: bytes) -> string?",
     .kernel = "streamc_fn_to_string_bytes",
     .result = Result::Optional,
     .summary = "The bytes as text; missing when they are not UTF-8.",
     .examples = kExamples9},
};
extern const std::span<const ScalarFn> scalar_to_string{kVariants};

}  // namespace streamc::stdlib
#endif
