// greatest: the greater of two values.
#include "runtime/abi/abi.h"

extern "C" int64_t streamc_fn_greatest(int64_t a, int64_t b) { return b > a ? b : a; }

extern "C" double streamc_fn_greatest_float(double a, double b) { return b > a ? b : a; }

// The type variable brings both arguments to one scale.
extern "C" __int128 streamc_fn_greatest_decimal(__int128 a, int64_t, __int128 b, int64_t) { return b > a ? b : a; }

extern "C" ScStr streamc_fn_greatest_string(const char* a, int64_t a_size, const char* b, int64_t b_size) {
  return sc_str_compare(b, b_size, a, a_size) > 0 ? ScStr{b, b_size} : ScStr{a, a_size};
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples1[] = {{"greatest(3, 2)", "3"}, {"greatest(90s, 2m)", "2m"}};
constexpr Example kExamples2[] = {{"greatest(0.5, 0.25)", "0.5"}, {"greatest(-1.0, 1.0)", "1.0"}};
constexpr Example kExamples3[] = {{R"(greatest(to_decimal!("0.5"), to_decimal!("0.25")))", R"(to_decimal!("0.5"))"},
                                  {R"(greatest(to_decimal!("1.5"), 1))", R"(to_decimal!("1.5"))"}};
constexpr Example kExamples4[] = {{R"(greatest("b", "a"))", R"("b")"}, {R"(greatest("a", "ab"))", R"("ab")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "greatest",
     .family = "numbers",
     .signature = "greatest(a: T, b: T) -> T",
     .for_types = "int timestamp date duration",
     .kernel = "streamc_fn_greatest",
     .summary = "The greater of two values.",
     .examples = kExamples1},
    {.name = "greatest",
     .family = "numbers",
     .signature = "greatest(a: float, b: float) -> float",
     .kernel = "streamc_fn_greatest_float",
     .summary = "The greater of two values.",
     .examples = kExamples2},
    {.name = "greatest",
     .family = "numbers",
     .signature = "greatest(a: T, b: T) -> T",
     .for_types = "decimal",
     .kernel = "streamc_fn_greatest_decimal",
     .summary = "The greater of two values, in the larger scale.",
     .examples = kExamples3},
    {.name = "greatest",
     .family = "numbers",
     .signature = "greatest(a: T, b: T) -> T",
     .for_types = "string uuid",
     .kernel = "streamc_fn_greatest_string",
     .summary = "The greater of two values in the order of their bytes.",
     .examples = kExamples4},
};
extern const std::span<const ScalarFn> scalar_greatest{kVariants};

}  // namespace streamc::stdlib
#endif
