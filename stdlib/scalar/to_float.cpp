// to_float: a float from text or another number.
#include "stdlib/text/number_text.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_to_float(const char* s, int64_t n, double* out) noexcept { return ReadFloat(s, n, out); }

extern "C" double streamc_fn_to_float_int(int64_t x) noexcept { return static_cast<double>(x); }

// Through its text, which rounds once: dividing two rounded numbers would round three times.
extern "C" double streamc_fn_to_float_decimal(__int128 x, int64_t scale) noexcept {
  char text[kMaxNumberText];
  double value = 0;
  ReadFloat(text, WriteDecimal(x, scale, text), &value);
  return value;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{R"(to_float("2.5e3") ?? 0.0)", "2500.0"},
                                  {R"(to_float("nan") is null)", "true"},
                                  {R"(to_float("") is null)", "true"}};
constexpr Example kExamples2[] = {{"to_float(3)", "3.0"}, {"to_float(-1)", "-1.0"}};
constexpr Example kExamples3[] = {{R"(to_float(to_decimal!("0.1")))", "0.1"},
                                  {R"(to_float(to_decimal!("-2.5")))", "-2.5"}};
constexpr ScalarFn kVariants[] = {
    {.name = "to_float",
     .family = "conversions",
     .signature = "to_float(s: string) -> float?",
     .kernel = "streamc_fn_to_float",
     .result = Result::Optional,
     .summary = "The float nearest to a decimal number with optional sign, point and exponent; missing for anything "
                "else and for what is beyond the range of float.",
     .examples = kExamples1},
    {.name = "to_float",
     .family = "conversions",
     .signature = "to_float(x: int) -> float",
     .kernel = "streamc_fn_to_float_int",
     .summary = "The nearest float.",
     .examples = kExamples2},
    {.name = "to_float",
     .family = "conversions",
     .signature = "to_float(x: decimal) -> float",
     .kernel = "streamc_fn_to_float_decimal",
     .summary = "The nearest float.",
     .examples = kExamples3},
};
extern const std::span<const ScalarFn> scalar_to_float{kVariants};

}  // namespace streamc::stdlib
#endif
