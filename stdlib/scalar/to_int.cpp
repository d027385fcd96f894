// to_int: a whole number from text or another number.
#include "stdlib/text/decimal.h"
#include "stdlib/text/read_int.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_to_int(const char* s, int64_t n, int64_t* out) { return ReadInt(s, n, out); }

extern "C" uint8_t streamc_fn_to_int_float(double x, int64_t* out) {
  if (!(x >= -0x1p63 && x < 0x1p63)) return 0;
  *out = static_cast<int64_t>(x);
  return 1;
}

extern "C" uint8_t streamc_fn_to_int_decimal(__int128 x, int64_t scale, int64_t* out) {
  __int128 whole = x / PowerOfTen(scale);
  *out = static_cast<int64_t>(whole);
  return *out == whole;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{R"(to_int("-42") ?? 0)", "-42"},
                                  {R"(to_int("4.2") ?? 0)", "0"},
                                  {R"(to_int("9223372036854775808") is null)", "true"}};
constexpr Example kExamples2[] = {{"to_int(2.9) ?? 0", "2"},
                                  {"to_int(-2.9) ?? 0", "-2"},
                                  {"to_int(1.0e30) is null", "true"}};
constexpr Example kExamples3[] = {{R"(to_int(to_decimal!("2.9")) ?? 0)", "2"},
                                  {R"(to_int(to_decimal!("-2.9")) ?? 0)", "-2"}};
constexpr ScalarFn kVariants[] = {
    {.name = "to_int",
     .family = "conversions",
     .signature = "to_int(s: string) -> int?",
     .kernel = "streamc_fn_to_int",
     .result = Result::Optional,
     .summary = "The number an optional sign and decimal digits stand for; missing for anything else, spaces and too "
                "many digits included.",
     .examples = kExamples1},
    {.name = "to_int",
     .family = "conversions",
     .signature = "to_int(x: float) -> int?",
     .kernel = "streamc_fn_to_int_float",
     .result = Result::Optional,
     .summary = "The number without its fraction; missing when no `int` is so large.",
     .examples = kExamples2},
    {.name = "to_int",
     .family = "conversions",
     .signature = "to_int(x: decimal) -> int?",
     .kernel = "streamc_fn_to_int_decimal",
     .result = Result::Optional,
     .summary = "The number without its fraction; missing when no `int` is so large.",
     .examples = kExamples3},
};
extern const std::span<const ScalarFn> scalar_to_int{kVariants};

}  // namespace streamc::stdlib
#endif
