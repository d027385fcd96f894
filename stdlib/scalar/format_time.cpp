// format_time: an instant by a pattern.
#include "stdlib/text/time_text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_format_time(ScArena* arena, int64_t at, const char* pattern, int64_t n) noexcept {
  // The widest directive, `%f`, writes three characters for each of its own.
  int64_t reserved = 16 * n;
  char* out = AllocateText(arena, reserved);
  int64_t size = FormatTime(at, pattern, n, out);
  Shrink(arena, out, reserved, size);
  return View(out, size);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(format_time(@2026-03-08T09:05:07Z, "%Y/%m/%d %H.%M"))", R"("2026/03/08 09.05")"},
                                 {R"(format_time(@2026-03-08T09:05:07Z, "%a %b %d, %S.%f%z"))", R"("Sun Mar 08, 07.000000+0000")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "format_time",
     .family = "time",
     .signature = "format_time(at: timestamp, pattern: string) -> string",
     .kernel = "streamc_fn_format_time",
     .allocates = true,
     .summary = "The instant in UTC as the pattern says: `%Y` `%m` `%d` `%H` `%M` `%S` digits, `%f` fraction of a "
                "second, `%z` offset from UTC, `%b` `%a` English names of month and day in three letters, `%j` day of "
                "the year, `%%` a percent sign; other characters stand for themselves. `%f` writes six digits.",
     .examples = kExamples,
     .constant_args = "pattern"},
};
extern const std::span<const ScalarFn> scalar_format_time{kVariants};

}  // namespace streamc::stdlib
#endif
