// div: whole-number division.
#include <cstdint>

extern "C" uint8_t streamc_fn_div(int64_t a, int64_t b, int64_t* out) {
  if (b == 0 || (a == INT64_MIN && b == -1)) return 0;
  *out = a / b;
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"div(7, 2)", "3"}, {"div(-7, 2)", "-3"}};
constexpr ScalarFn kVariants[] = {
    {.name = "div",
     .family = "numbers",
     .signature = "div(a: int, b: int) -> int",
     .kernel = "streamc_fn_div",
     .result = Result::Rejects,
     .reject_code = "divide_by_zero",
     .summary = "The quotient without its fraction, cut towards zero. Dividing by zero rejects the record, and so does the one "
                "quotient that is no `int`, the smallest one by -1.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_div{kVariants};

}  // namespace streamc::stdlib
#endif
