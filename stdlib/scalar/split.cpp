// split: a text cut at every separator.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScList streamc_fn_split(ScArena* arena, const char* s, int64_t n, const char* separator, int64_t separator_size) {
  int64_t parts = 1;
  if (separator_size > 0) {
    for (int64_t at = FindText(s, n, separator, separator_size); at >= 0;
         at = FindText(s, n, separator, separator_size, at + separator_size))
      ++parts;
  } else {
    // Counted as the loop below walks.
    parts = 0;
    for (int64_t at = 0; at < n; at += CodePointSize(s + at, n - at)) ++parts;
  }
  if (parts == 0) return ScList{nullptr, 0};
  ScStr* list = static_cast<ScStr*>(sc_arena_alloc(arena, parts * static_cast<int64_t>(sizeof(ScStr))));
  int64_t start = 0;
  for (int64_t i = 0; i < parts; ++i) {
    int64_t end = n;
    if (separator_size == 0) {
      end = start + CodePointSize(s + start, n - start);
    } else if (i + 1 < parts) {
      end = FindText(s, n, separator, separator_size, start);
    }
    list[i] = View(s + start, end - start);
    start = end + separator_size;
  }
  return ScList{list, parts};
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(split("a,b,,c", ","))", R"(["a", "b", "", "c"])"},
                                 {R"(split("", ","))", R"([""])"},
                                 {R"(split("åb", ""))", R"(["å", "b"])"}};
constexpr ScalarFn kVariants[] = {
    {.name = "split",
     .family = "strings",
     .signature = "split(s: string, separator: string) -> list<string>",
     .kernel = "streamc_fn_split",
     .allocates = true,
     .summary = "The pieces between separators, empty ones too, so that `join(split(s, x), x)` is `s`. "
                "An empty separator gives the single code points.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_split{kVariants};

}  // namespace streamc::stdlib
#endif
