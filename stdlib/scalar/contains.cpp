// contains: is a part in a string, an element in a list?
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_contains(const char* s, int64_t n, const char* part, int64_t part_size) {
  return FindText(s, n, part, part_size) >= 0;
}

extern "C" uint8_t streamc_fn_contains_int(int64_t stride, const void* list, int64_t n, int64_t x) {
  const char* element = static_cast<const char*>(list);
  for (int64_t i = 0; i < n; ++i, element += stride)
    if (*reinterpret_cast<const int64_t*>(element) == x) return 1;
  return 0;
}

extern "C" uint8_t streamc_fn_contains_string(int64_t stride, const void* list, int64_t n, const char* x, int64_t x_size) {
  const char* element = static_cast<const char*>(list);
  for (int64_t i = 0; i < n; ++i, element += stride) {
    const ScStr* text = reinterpret_cast<const ScStr*>(element);
    if (SameText(text->ptr, text->len, x, x_size)) return 1;
  }
  return 0;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kString[] = {{R"(contains("seafood", "foo"))", "true"},
                               {R"(contains("seafood", "FOO"))", "false"},
                               {R"(contains("x", ""))", "true"}};
constexpr Example kInt[] = {{"contains([1, 2, 3], 2)", "true"}, {"contains([1, 2, 3], 4)", "false"}};
constexpr Example kText[] = {{R"(contains(["a", "b"], "b"))", "true"}, {R"(contains(["a", "b"], "ab"))", "false"}};
constexpr ScalarFn kVariants[] = {
    {.name = "contains",
     .family = "strings",
     .signature = "contains(s: string, part: string) -> bool",
     .kernel = "streamc_fn_contains",
     .summary = "Whether `part` occurs in `s`, compared byte by byte: case and normal form matter.",
     .examples = kString},
    {.name = "contains",
     .family = "lists",
     .signature = "contains(xs: list<T>, x: T) -> bool",
     .for_types = "int timestamp date duration",
     .kernel = "streamc_fn_contains_int",
     .generic_list = true,
     .summary = "Whether an element equals `x`; the same as `x in xs`.",
     .examples = kInt},
    {.name = "contains",
     .family = "lists",
     .signature = "contains(xs: list<T>, x: T) -> bool",
     .for_types = "string bytes uuid",
     .kernel = "streamc_fn_contains_string",
     .generic_list = true,
     .summary = "Whether an element equals `x`; the same as `x in xs`.",
     .examples = kText},
};
extern const std::span<const ScalarFn> scalar_contains{kVariants};

}  // namespace streamc::stdlib
#endif
