// concat: two strings as one; string interpolation is made of it.
#include "stdlib/text/text.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_concat(ScArena* arena, const char* a, int64_t a_size, const char* b, int64_t b_size) {
  if (a_size == 0) return View(b, b_size);
  if (b_size == 0) return View(a, a_size);
  char* out = AllocateText(arena, a_size + b_size);
  std::memcpy(out, a, static_cast<size_t>(a_size));
  std::memcpy(out + a_size, b, static_cast<size_t>(b_size));
  return View(out, a_size + b_size);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(concat("eu.", "orders"))", R"("eu.orders")"}, {R"(concat("", "x"))", R"("x")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "concat",
     .family = "strings",
     .signature = "concat(a: string, b: string) -> string",
     .kernel = "streamc_fn_concat",
     .allocates = true,
     .summary = "Both strings, one after the other.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_concat{kVariants};

}  // namespace streamc::stdlib
#endif
