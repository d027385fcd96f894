#include <random>

#include "runtime/format/text_value.h"
#include "runtime/format/utf8.h"
#include "test/unit/format/json_fixture.h"

namespace streamc::rt::format {
namespace {

using abi::Logical;

TEST(ScalarText, WhatIsWrittenReadsBack) {
  struct Case { abi::TypeSpec type; std::string text; };
  batch::Arena arena;
  for (const Case& c : std::vector<Case>{{Type(Logical::Bool), "true"}, {Type(Logical::Int), "-42"}, {Type(Logical::String), "as it \"is\""},
                                         {Type(Logical::Bytes), "\xff\x01"}, {Decimal(38, 4), "-0.0007"},
                                         {Time(abi::TimeFormat::Rfc3339), "2026-01-01T00:00:00Z"},
                                         {Time(abi::TimeFormat::Millis), "1700000000123"}, {Type(Logical::Date), "2024-02-29"},
                                         {Time(abi::TimeFormat::Pattern, "%d.%m.%Y"), "31.12.1999"}, {Type(Logical::Duration), "1m30s"},
                                         {Type(Logical::Uuid), "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, {Enum({"a", "b"}), "b"},
                                         {Type(Logical::Float), "0.1"}}) {
    alignas(16) char value[16] = {};
    ASSERT_TRUE(DecodeScalarText(c.type, c.text, arena.get(), value)) << c.text;
    std::string back;
    EncodeScalarText(c.type, value, &back);
    EXPECT_EQ(back, c.text);
  }
}

TEST(ScalarText, OtherTextsAreRefused) {
  batch::Arena arena;
  alignas(16) char value[16];
  for (const auto& [type, text] : std::vector<std::pair<abi::TypeSpec, std::string>>{
           {Type(Logical::Int), ""}, {Type(Logical::Int), "1.5"}, {Type(Logical::Int), " 1"}, {Type(Logical::Bool), "TRUE"},
           {Type(Logical::String), "\xff"}, {Decimal(3, 1), "100"}, {Type(Logical::Date), "2024-2-29"}, {Enum({"a"}), "A"},
           {Type(Logical::Uuid), "x"}, {Type(Logical::Duration), "5"}, {Time(abi::TimeFormat::Seconds), "99999999999999999"}}) {
    EXPECT_FALSE(DecodeScalarText(type, text, arena.get(), value)) << text;
  }
}

TEST(TextValue, DecimalsOfEveryScaleReadBack) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    int scale = static_cast<int>(random() % 39);
    __int128 value = (static_cast<__int128>(random() >> (random() % 64)) * static_cast<int64_t>(random() >> (random() % 64) >> 2)) / 4;
    if (random() % 2 != 0) value = -value;
    std::string text;
    AppendDecimal(value, scale, &text);
    __int128 back = 0;
    NumberForm form;
    ASSERT_TRUE(IsNumber(text, &form)) << text;
    ASSERT_EQ(ParseDecimal(text, 38, scale, &back), SC_OK) << text;
    ASSERT_TRUE(back == value) << text;
  }
}

TEST(TextValue, Base64ReadsBack) {
  std::mt19937 random(6);
  batch::Arena arena;
  for (size_t size = 0; size < 50; ++size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(random()));
    std::string text;
    AppendBase64(bytes, &text);
    ScStr back;
    ASSERT_TRUE(ParseBase64(text, arena.get(), &back));
    EXPECT_EQ(std::string(back.ptr, static_cast<size_t>(back.len)), bytes);
    for (const std::string& bad : {text + "=", text + "A", "=" + text}) EXPECT_FALSE(ParseBase64(bad, arena.get(), &back)) << bad;
  }
}

// A decoder of one code point, byte by byte, as the Unicode standard's table 3-7 has it.
bool ModelIsUtf8(const std::string& text) {
  for (size_t i = 0; i < text.size();) {
    auto byte = [&](size_t k) { return i + k < text.size() ? static_cast<uint8_t>(text[i + k]) : 0u; };
    auto continues = [&](size_t k) { return (byte(k) & 0xC0) == 0x80; };
    uint32_t lead = byte(0), code = 0;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    size_t length = lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (length == 0) return false;
    code = lead & (0x7Fu >> length);
    for (size_t k = 1; k < length; ++k) {
      if (!continues(k)) return false;
      code = code << 6 | (byte(k) & 0x3F);
    }
    const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
    i += length;
  }
  return true;
}

TEST(Utf8, AgreesWithAByteByByteModel) {
  std::mt19937 random(9);
  const unsigned char pool[] = {0x00, 0x61, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
                                0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
  int valid = 0;
  for (int i = 0; i < 400'000; ++i) {
    std::string text(random() % 50, 'a');
    for (size_t n = random() % 6, at = text.empty() ? 0 : random() % text.size(); n > 0 && at < text.size(); --n, ++at) {
      text[at] = static_cast<char>(random() % 2 != 0 ? pool[random() % sizeof pool] : 0x80 | random() % 64);
    }
    bool want = ModelIsUtf8(text);
    ASSERT_EQ(IsUtf8(text.data(), text.size()), want) << i;
    valid += want;
  }
  EXPECT_GT(valid, 10'000);
  for (uint32_t code = 0; code < 0x110000; ++code) {
    std::string text(14, 'x');
    if (code >= 0xD800 && code < 0xE000) continue;
    auto put = [&](uint32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (code < 0x80) put(code);
    else if (code < 0x800) put(0xC0 | code >> 6), put(0x80 | (code & 63));
    else if (code < 0x10000) put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
    else put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 63)), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
    ASSERT_TRUE(IsUtf8(text.data(), text.size())) << code;
    if (code >= 0x80) {
      ASSERT_FALSE(IsUtf8(text.data(), text.size() - 1)) << code;
    }
  }
}

}  // namespace
}  // namespace streamc::rt::format
