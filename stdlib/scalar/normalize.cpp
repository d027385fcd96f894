// normalize: one form for what looks the same.
#include <utf8proc.h>
#include <cstdlib>

#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_normalize(ScArena* arena, const char* s, int64_t n) noexcept {
  if (IsAscii(s, n)) return View(s, n);
  utf8proc_uint8_t* composed = nullptr;
  utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(s), n, &composed,
                                       static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (size < 0) return View(s, n);
  ScStr out = CopyText(arena, reinterpret_cast<const char*>(composed), size);
  std::free(composed);
  return out;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(length(normalize("é")))", "1"}, {R"(normalize("abc"))", R"("abc")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "normalize",
     .family = "strings",
     .signature = "normalize(s: string) -> string",
     .kernel = "streamc_fn_normalize",
     .allocates = true,
     .summary = "The string in Unicode normal form C: letters and their marks joined where a joined letter exists. "
                "Two strings that look the same are then equal.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_normalize{kVariants};

}  // namespace streamc::stdlib
#endif
