// replace: every occurrence of a part by something else.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_replace(ScArena* arena, const char* s, int64_t n, const char* part, int64_t part_size,
                                    const char* with, int64_t with_size) {
  int64_t at = part_size == 0 ? -1 : FindText(s, n, part, part_size);
  if (at < 0) return View(s, n);
  int64_t hits = 0;
  for (int64_t next = at; next >= 0; next = FindText(s, n, part, part_size, next + part_size)) ++hits;
  int64_t size = n + hits * (with_size - part_size);
  char* out = AllocateText(arena, size);
  char* to = out;
  int64_t from = 0;
  for (; at >= 0; at = FindText(s, n, part, part_size, from)) {
    std::memcpy(to, s + from, static_cast<size_t>(at - from));
    to += at - from;
    if (with_size > 0) std::memcpy(to, with, static_cast<size_t>(with_size));
    to += with_size;
    from = at + part_size;
  }
  std::memcpy(to, s + from, static_cast<size_t>(n - from));
  return View(out, size);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(replace("a-b-c", "-", "+"))", R"("a+b+c")"},
                                 {R"(replace("aaa", "aa", "b"))", R"("ba")"},
                                 {R"(replace("abc", "", "x"))", R"("abc")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "replace",
     .family = "strings",
     .signature = "replace(s: string, part: string, with: string) -> string",
     .kernel = "streamc_fn_replace",
     .allocates = true,
     .summary = "Every occurrence of `part`, from the left and without overlap, replaced by `with`. An empty `part` "
                "changes nothing.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_replace{kVariants};

}  // namespace streamc::stdlib
#endif
