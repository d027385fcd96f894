#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "stdlib/text/decimal.h"
#include "stdlib/text/number_text.h"
#include "test/unit/stdlib/support.h"

namespace streamc::stdlib {
namespace {

std::optional<double> Float(std::string_view s) {
  double out = 0;
  if (!ReadFloat(s.data(), static_cast<int64_t>(s.size()), &out)) return std::nullopt;
  return out;
}

std::string Written(double x) {
  char text[kMaxNumberText];
  return std::string(text, static_cast<size_t>(WriteFloat(x, text)));
}

std::string WrittenDecimal(Int128 x, int64_t scale) {
  char text[kMaxNumberText];
  return std::string(text, static_cast<size_t>(WriteDecimal(x, scale, text)));
}

std::optional<Int128> Decimal(std::string_view s, int64_t scale) {
  Int128 out = 0;
  if (!ReadDecimal(s.data(), static_cast<int64_t>(s.size()), scale, &out)) return std::nullopt;
  return out;
}

TEST(ToInt, ExactlyTheRangeOfInt) {
  EXPECT_EQ(ToMaybeInt("to_int", "9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ToMaybeInt("to_int", "-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(ToMaybeInt("to_int", "+0012"), 12);
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "", "-", "+", "1 ", " 1", "1.0", "1e3", "0x1", "--1", "99999999999999999999999"})
    EXPECT_EQ(ToMaybeInt("to_int", text), std::nullopt) << text;
}

TEST(ToInt, FromFloat) {
  auto* convert = Kernel<uint8_t(double, int64_t*)>("streamc_fn_to_int_float");
  int64_t out = 0;
  EXPECT_EQ(convert(-2.9, &out), 1);
  EXPECT_EQ(out, -2);
  EXPECT_EQ(convert(-0x1p63, &out), 1);
  EXPECT_EQ(out, INT64_MIN);
  for (double x : {0x1p63, -0x1.0000000000001p63, 1e300, HUGE_VAL, std::nan("")}) EXPECT_EQ(convert(x, &out), 0) << x;
}

TEST(Floats, TextRoundTrips) {
  EXPECT_EQ(Written(3), "3.0");
  EXPECT_EQ(Written(-0.1), "-0.1");
  EXPECT_EQ(Written(1e22), "1e+22");
  EXPECT_EQ(Written(5e-324), "5e-324");
  std::mt19937_64 random(1);
  for (int round = 0; round < 20000; ++round) {
    uint64_t bits = random();
    double x = 0;
    std::memcpy(&x, &bits, sizeof x);
    if (!std::isfinite(x)) continue;
    ASSERT_EQ(Float(Written(x)), x);
  }
  for (const char* text : {"", "nan", "inf", "-inf", "1e999", "1.5x", " 1", "+-1", "0x10", "."}) EXPECT_EQ(Float(text), std::nullopt) << text;
  EXPECT_EQ(Float("+2.5e-1"), 0.25);
}

TEST(Decimals, TextRoundTrips) {
  EXPECT_EQ(WrittenDecimal(0, 0), "0");
  EXPECT_EQ(WrittenDecimal(-5, 2), "-0.05");
  EXPECT_EQ(WrittenDecimal(kDecimalLimit - 1, 38), "0.99999999999999999999999999999999999999");
  EXPECT_EQ(WrittenDecimal(1 - kDecimalLimit, 0), "-99999999999999999999999999999999999999");
  std::mt19937_64 random(2);
  for (int round = 0; round < 20000; ++round) {
    Int128 x = (static_cast<Int128>(static_cast<int64_t>(random())) << 60 | random() % (1ull << 60)) >> random() % 120;
    int64_t scale = static_cast<int64_t>(random() % 39);
    if (!FitsDecimal(x)) continue;
    ASSERT_TRUE(Decimal(WrittenDecimal(x, scale), scale) == x) << WrittenDecimal(x, scale);
  }
  EXPECT_TRUE(Decimal("1.5", 4) == 15000);
  EXPECT_TRUE(Decimal("-.5", 1) == -5);
  EXPECT_TRUE(Decimal("1.500", 1) == 15);
  for (const char* text : {"", ".", "-", "1.", "1.55", "1e3", "1.5.5", "123456789012345678901234567890123456789"})
    EXPECT_FALSE(Decimal(text, 1).has_value()) << text;
}

TEST(ToDecimal, FromFloatIsTheNearest) {
  auto* convert = Kernel<uint8_t(double, Int128*)>("streamc_fn_to_decimal_float");
  std::mt19937_64 random(3);
  for (int round = 0; round < 20000; ++round) {
    double x = std::ldexp(static_cast<double>(static_cast<int64_t>(random())), static_cast<int>(random() % 120) - 100);
    Int128 out = 0;
    uint8_t fits = convert(x, &out);
    ASSERT_EQ(fits, std::fabs(x) < 1e27);
    if (fits == 0) continue;
    // A tenth-digit decimal is nearest when it is at most half a unit away; long double is exact enough below 2^64.
    if (std::fabs(x) < 1e8) {
      ASSERT_LE(std::fabs(static_cast<long double>(out) - static_cast<long double>(x) * 1e10L), 0.5001L) << x;
    }
  }
  Int128 out = 1;
  EXPECT_EQ(convert(-0.00000000005, &out), 1);
  EXPECT_TRUE(out == -1);
  EXPECT_EQ(convert(5e-324, &out), 1);
  EXPECT_TRUE(out == 0);
  EXPECT_EQ(convert(std::nan(""), &out), 0);
}

TEST(Division, RoundsHalfAway) {
  for (int n = -50; n <= 50; ++n) {
    for (int d = 1; d <= 12; ++d) {
      Int128 expected = static_cast<Int128>(std::llround(static_cast<double>(n) / d));
      ASSERT_TRUE(DivideHalfUp(n, d) == expected) << n << "/" << d;
    }
  }
}

TEST(Rounding, Decimals) {
  auto call = [](const char* name, Int128 x, int64_t scale) -> std::optional<std::string> {
    Int128 out = 0;
    if (Kernel<uint8_t(Int128, int64_t, Int128*)>(name)(x, scale, &out) == 0) return std::nullopt;
    return WrittenDecimal(out, scale);
  };
  EXPECT_EQ(call("streamc_fn_floor_decimal", -101, 2), "-2.00");
  EXPECT_EQ(call("streamc_fn_floor_decimal", 199, 2), "1.00");
  EXPECT_EQ(call("streamc_fn_ceil_decimal", 101, 2), "2.00");
  EXPECT_EQ(call("streamc_fn_ceil_decimal", -199, 2), "-1.00");
  EXPECT_EQ(call("streamc_fn_round_decimal", 150, 2), "2.00");
  EXPECT_EQ(call("streamc_fn_round_decimal", -150, 2), "-2.00");
  EXPECT_EQ(call("streamc_fn_round_decimal", 149, 2), "1.00");
  EXPECT_EQ(call("streamc_fn_ceil_decimal", kDecimalLimit - 1, 1), std::nullopt);
  EXPECT_EQ(call("streamc_fn_floor_decimal", 1 - kDecimalLimit, 1), std::nullopt);
  auto* digits = Kernel<uint8_t(Int128, int64_t, int64_t, Int128*)>("streamc_fn_round_digits_decimal");
  Int128 out = 0;
  for (int64_t many : {int64_t{-40}, INT64_MIN}) {
    EXPECT_EQ(digits(12345, 2, many, &out), 1);
    EXPECT_TRUE(out == 0);
  }
  EXPECT_EQ(digits(12345, 2, INT64_MAX, &out), 1);
  EXPECT_TRUE(out == 12345);
  EXPECT_EQ(digits(12345, 2, -1, &out), 1);
  EXPECT_TRUE(out == 12000);
}

TEST(Rounding, Floats) {
  auto* round = Kernel<double(double, int64_t)>("streamc_fn_round_digits");
  EXPECT_EQ(round(3.14159, 2), 3.14);
  EXPECT_EQ(round(-2.5, 0), -3);
  EXPECT_EQ(round(1250, -2), 1300);
  for (int64_t digits : {INT64_MIN, int64_t{-400}}) EXPECT_EQ(round(1e300, digits), 0);
  for (int64_t digits : {int64_t{400}, INT64_MAX, int64_t{320}}) EXPECT_EQ(round(1.5, digits), 1.5);
  EXPECT_EQ(round(1e300, 10), 1e300);
}

TEST(Functions, RejectWhatHasNoValue) {
  auto call = [](const char* name, double x) -> std::optional<double> {
    double out = 0;
    if (Kernel<uint8_t(double, double*)>(std::string("streamc_fn_") + name)(x, &out) == 0) return std::nullopt;
    return out;
  };
  EXPECT_EQ(call("sqrt", 9), 3);
  EXPECT_EQ(call("sqrt", -1), std::nullopt);
  EXPECT_EQ(call("ln", 0), std::nullopt);
  EXPECT_EQ(call("log10", 1000), 3);
  EXPECT_EQ(call("exp", 1000), std::nullopt);
  auto* pow = Kernel<uint8_t(double, double, double*)>("streamc_fn_pow");
  double out = 0;
  EXPECT_EQ(pow(2, 10, &out), 1);
  EXPECT_EQ(out, 1024);
  EXPECT_EQ(pow(-1, 0.5, &out), 0);
  auto* div = Kernel<uint8_t(int64_t, int64_t, int64_t*)>("streamc_fn_div");
  int64_t whole = 0;
  EXPECT_EQ(div(-7, 2, &whole), 1);
  EXPECT_EQ(whole, -3);
  EXPECT_EQ(div(1, 0, &whole), 0);
  EXPECT_EQ(div(INT64_MIN, -1, &whole), 0);
  auto* abs = Kernel<uint8_t(int64_t, int64_t*)>("streamc_fn_abs");
  EXPECT_EQ(abs(-5, &whole), 1);
  EXPECT_EQ(whole, 5);
  EXPECT_EQ(abs(INT64_MIN, &whole), 0);
}

TEST(ToString, Values) {
  auto* integer = Kernel<ScStr(ScArena*, int64_t)>("streamc_fn_to_string_int");
  EXPECT_EQ(Text(integer(TestArena(), INT64_MIN)), "-9223372036854775808");
  auto* decimal = Kernel<ScStr(ScArena*, Int128, int64_t)>("streamc_fn_to_string_decimal");
  EXPECT_EQ(Text(decimal(TestArena(), -150, 2)), "-1.50");
  auto* floating = Kernel<double(Int128, int64_t)>("streamc_fn_to_float_decimal");
  EXPECT_EQ(floating(10, 2), 0.1);
}

TEST(ToUuid, CanonicalForm) {
  EXPECT_EQ(ToMaybeText("to_uuid", "6F1C2A3B-0000-4000-8000-0123456789AB"), "6f1c2a3b-0000-4000-8000-0123456789ab");
  for (const char* text : {"", "6f1c2a3b00004000800000123456789ab", "6f1c2a3b-0000-4000-8000-0123456789ag", "6f1c2a3b+0000-4000-8000-0123456789ab"})
    EXPECT_EQ(ToMaybeText("to_uuid", text), std::nullopt) << text;
}

}  // namespace
}  // namespace streamc::stdlib
