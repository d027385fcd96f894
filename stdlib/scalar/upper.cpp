// upper: every letter in its upper-case form. All-ASCII text is handled here, the rest in text/case_map.
#include "stdlib/text/case_map.h"
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_upper(ScArena* arena, const char* s, int64_t n) {
  CaseScan scan = ScanCase(s, n, 'a');
  if (!scan.ascii) return UpperUnicode(arena, s, n);
  if (!scan.letters) return View(s, n);
  char* out = AllocateText(arena, n);
  TurnCase(s, n, 'a', out);
  return View(out, n);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(upper("straße"))", R"("STRASSE")"}, {R"(upper("kafka 4"))", R"("KAFKA 4")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "upper",
     .family = "strings",
     .signature = "upper(s: string) -> string",
     .kernel = "streamc_fn_upper",
     .allocates = true,
     .summary = "Every letter in upper case, by Unicode's full mapping: one letter may become several.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_upper{kVariants};

}  // namespace streamc::stdlib
#endif
