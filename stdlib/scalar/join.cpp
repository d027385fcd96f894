// join: a list of strings as one.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_join(ScArena* arena, const void* list, int64_t n, const char* separator, int64_t separator_size) {
  if (n == 0) return View("", 0);
  const ScStr* parts = static_cast<const ScStr*>(list);
  int64_t size = (n - 1) * separator_size;
  for (int64_t i = 0; i < n; ++i) size += parts[i].len;
  char* out = AllocateText(arena, size);
  char* to = out;
  for (int64_t i = 0; i < n; ++i) {
    if (i > 0 && separator_size > 0) std::memcpy(to, separator, static_cast<size_t>(separator_size));
    if (i > 0) to += separator_size;
    if (parts[i].len > 0) std::memcpy(to, parts[i].ptr, static_cast<size_t>(parts[i].len));
    to += parts[i].len;
  }
  return View(out, size);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(join(["a", "b", "c"], ", "))", R"("a, b, c")"},
                                 {R"(join(split("a-b", "-"), ""))", R"("ab")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "join",
     .family = "strings",
     .signature = "join(parts: list<string>, separator: string) -> string",
     .kernel = "streamc_fn_join",
     .allocates = true,
     .summary = "All parts in one string with `separator` between them.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_join{kVariants};

}  // namespace streamc::stdlib
#endif
