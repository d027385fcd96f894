// pad_left: a string brought to a width by characters before it.
#include "stdlib/text/pad.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_pad_left(ScArena* arena, const char* s, int64_t n, int64_t width, const char* fill, int64_t fill_size,
                                     ScStr* out) {
  return Pad(arena, s, n, width, fill, fill_size, true, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(pad_left("7", 3, "0"))", R"("007")"},
                                 {R"(pad_left("long", 3, "0"))", R"("long")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "pad_left",
     .family = "strings",
     .signature = "pad_left(s: string, width: int, fill: string) -> string",
     .kernel = "streamc_fn_pad_left",
     .result = Result::Rejects,
     .allocates = true,
     .reject_code = "too_large",
     .summary = "`s` with `fill`, repeated and cut as needed, before it until it has `width` code points. A width "
                "above 1 Mi rejects the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_pad_left{kVariants};

}  // namespace streamc::stdlib
#endif
