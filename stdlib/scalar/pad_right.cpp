// pad_right: a string brought to a width by characters after it.
#include "stdlib/text/pad.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_pad_right(ScArena* arena, const char* s, int64_t n, int64_t width, const char* fill, int64_t fill_size,
                                     ScStr* out) {
  return Pad(arena, s, n, width, fill, fill_size, false, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(pad_right("ab", 5, "xy"))", R"("abxyx")"},
                                 {R"(pad_right("é", 2, "."))", R"("é.")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "pad_right",
     .family = "strings",
     .signature = "pad_right(s: string, width: int, fill: string) -> string",
     .kernel = "streamc_fn_pad_right",
     .result = Result::Rejects,
     .allocates = true,
     .reject_code = "too_large",
     .summary = "`s` with `fill`, repeated and cut as needed, after it until it has `width` code points. A width "
                "above 1 Mi rejects the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_pad_right{kVariants};

}  // namespace streamc::stdlib
#endif
