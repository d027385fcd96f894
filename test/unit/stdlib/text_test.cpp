#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "stdlib/text/utf8.h"
#include "stdlib/text/word_scan.h"
#include "test/unit/stdlib/support.h"

namespace streamc::stdlib {
namespace {

int64_t Size(std::string_view s) { return static_cast<int64_t>(s.size()); }

int64_t Length(std::string_view s) { return Kernel<int64_t(const char*, int64_t)>("streamc_fn_length")(s.data(), Size(s)); }

std::vector<std::string> Words(std::string_view s) {
  return Texts(Kernel<ScList(ScArena*, const char*, int64_t)>("streamc_fn_words")(TestArena(), s.data(), Size(s)));
}

std::vector<std::string> Split(std::string_view s, std::string_view by) {
  return Texts(Kernel<ScList(ScArena*, const char*, int64_t, const char*, int64_t)>("streamc_fn_split")(TestArena(), s.data(), Size(s),
                                                                                                        by.data(), Size(by)));
}

std::string Replace(std::string_view s, std::string_view part, std::string_view with) {
  return Text(Kernel<ScStr(ScArena*, const char*, int64_t, const char*, int64_t, const char*, int64_t)>("streamc_fn_replace")(
      TestArena(), s.data(), Size(s), part.data(), Size(part), with.data(), Size(with)));
}

std::string Substring(std::string_view s, int64_t from, int64_t count) {
  return Text(Kernel<ScStr(const char*, int64_t, int64_t, int64_t)>("streamc_fn_substring")(s.data(), Size(s), from, count));
}

const std::vector<std::string> kMixed = {"a", "Z", "0", "_", " ", "'", "’", "å", "Ö", "ß", "İ", "Σ", "я", "中", "é", "e\u0301", "👍🏽", "\t", "-"};
const std::vector<std::string> kAscii = {"a", "b", "Q", "7", "'", "'", " ", ".", "-", "\n", "_", "\x7f", "@", "[", "`", "{", "/", ":"};

TEST(Length, CountsCodePoints) {
  EXPECT_EQ(Length(""), 0);
  EXPECT_EQ(Length("åäö"), 3);
  EXPECT_EQ(Length("e\u0301"), 2);
  EXPECT_EQ(Length("👩‍👩‍👧"), 5);
  EXPECT_EQ(Length("\U0010FFFF\uFFFF\u07FF\x7F"), 4);
}

TEST(Case, KnownMappings) {
  EXPECT_EQ(ToNewText("lower", "İSTANBUL"), "i\u0307stanbul");
  EXPECT_EQ(ToNewText("lower", "ΌΔΟΣ ΣΑΣ, Σ. ΑΣ"), "όδος σας, σ. ας");
  EXPECT_EQ(ToNewText("lower", "ÅÄÖ Ж ẞ"), "åäö ж ß");
  EXPECT_EQ(ToNewText("upper", "straße ﬁn ŉ ΐ"), "STRASSE FIN ʼN \u0399\u0308\u0301");
  EXPECT_EQ(ToNewText("upper", "ſ ı ÿ ǆ"), "S I Ÿ Ǆ");
  EXPECT_EQ(ToNewText("lower", "中文 👍🏽 123"), "中文 👍🏽 123");
  EXPECT_EQ(ToNewText("lower", ""), "");
}

TEST(Case, AsciiAgreesWithTheUnicodePathAndTheLibrary) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text = RandomText(random, kAscii, 150);
    std::string lower = text, upper = text;
    std::transform(text.begin(), text.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    std::transform(text.begin(), text.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
    ASSERT_EQ(ToNewText("lower", text), lower);
    ASSERT_EQ(ToNewText("upper", text), upper);
    // A letter without case sends the whole text the slow way.
    ASSERT_EQ(ToNewText("lower", text + "中"), lower + "中");
    ASSERT_EQ(ToNewText("upper", text + "中"), upper + "中");
  }
}

TEST(Case, StableAndValidOnAnyText) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 2000; ++round) {
    std::string text = RandomText(random, kMixed, 60);
    std::string lower = ToNewText("lower", text);
    ASSERT_TRUE(IsUtf8(lower.data(), Size(lower)));
    ASSERT_EQ(ToNewText("lower", lower), lower) << text;
    std::string upper = ToNewText("upper", text);
    ASSERT_TRUE(IsUtf8(upper.data(), Size(upper)));
    ASSERT_EQ(ToNewText("upper", upper), upper) << text;
  }
}

TEST(Words, KnownTexts) {
  using List = std::vector<std::string>;
  EXPECT_EQ(Words(""), List{});
  EXPECT_EQ(Words("''' ... -"), List{});
  EXPECT_EQ(Words("Don't 'quote' rock'n'roll it''s x'"), (List{"Don't", "quote", "rock'n'roll", "it", "s", "x"}));
  EXPECT_EQ(Words("snake_case 3.14 a-b"), (List{"snake", "case", "3", "14", "a", "b"}));
  EXPECT_EQ(Words("L’été, Ünï… 中文字 x²"), (List{"L’été", "Ünï", "中文字", "x²"}));
  EXPECT_EQ(Words("e\u0301te\u0301 हिन्दी"), (List{"e\u0301te\u0301", "हिन्दी"}));
  EXPECT_EQ(Words("👍🏽kafka👍"), (List{"kafka"}));
}

// A word per run of letters and digits, with apostrophes kept between them: written the plain way.
std::vector<std::string> PlainWords(const std::string& text) {
  auto word = [&](size_t i) { return i < text.size() && std::isalnum(static_cast<unsigned char>(text[i])) != 0; };
  std::vector<std::string> words;
  std::string open;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (word(i) || (i < text.size() && text[i] == '\'' && i > 0 && word(i - 1) && word(i + 1))) {
      open += text[i];
    } else if (!open.empty()) {
      words.push_back(open);
      open.clear();
    }
  }
  return words;
}

TEST(Words, BlocksAgreeWithThePlainLoopAndTheUnicodePath) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 5000; ++round) {
    std::string text = RandomText(random, kAscii, 300);
    std::vector<std::string> expected = PlainWords(text);
    ASSERT_EQ(Words(text), expected) << text;
    ASSERT_EQ(Words(text + "…"), expected) << text;
  }
}

TEST(Words, WordsOfJoinedWordsAreTheSame) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 1000; ++round) {
    std::vector<std::string> words = Words(RandomText(random, kMixed, 100));
    std::string joined;
    for (const std::string& word : words) joined += word + ". ";
    ASSERT_EQ(Words(joined), words);
  }
}

TEST(Trim, AllWhiteSpace) {
  EXPECT_EQ(ToText("trim", " \t\n\u00a0\u3000å b\u2009\r\n"), "å b");
  EXPECT_EQ(ToText("trim_start", "\u2028 x "), "x ");
  EXPECT_EQ(ToText("trim_end", " x\u2028\u0085"), " x");
  EXPECT_EQ(ToText("trim", "\u2003 \u2003"), "");
  EXPECT_EQ(ToText("trim", "中"), "中");
  auto* blank = Kernel<uint8_t(const char*, int64_t)>("streamc_fn_is_blank");
  EXPECT_EQ(blank(" \u3000", 4), 1);
  EXPECT_EQ(blank(" x", 2), 0);
  EXPECT_EQ(blank("", 0), 1);
}

TEST(SplitJoin, AreInverse) {
  auto* join = Kernel<ScStr(ScArena*, const void*, int64_t, const char*, int64_t)>("streamc_fn_join");
  std::mt19937_64 random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string text = RandomText(random, {"a", "ab", ",", ";", ",;", "å"}, 20);
    std::string by = RandomText(random, {",", ";", "a", "å"}, 2);
    std::vector<std::string> parts = Split(text, by);
    std::vector<ScStr> list;
    for (const std::string& part : parts) list.push_back({part.data(), Size(part)});
    ASSERT_EQ(Text(join(TestArena(), list.data(), static_cast<int64_t>(list.size()), by.data(), Size(by))), text);
    if (by.empty()) {
      ASSERT_EQ(static_cast<int64_t>(parts.size()), Length(text));
    }
    // Without overlap, so replacing the separator by itself changes nothing either.
    ASSERT_EQ(Replace(text, by, by), text);
  }
}

TEST(Replace, LeftToRight) {
  EXPECT_EQ(Replace("aaaa", "aa", "b"), "bb");
  EXPECT_EQ(Replace("x", "", "y"), "x");
  EXPECT_EQ(Replace("abcabc", "c", ""), "abab");
  EXPECT_EQ(Replace("a", "a", "åäö"), "åäö");
}

TEST(Substring, ClampsToTheText) {
  EXPECT_EQ(Substring("åäö", 1, 1), "ä");
  EXPECT_EQ(Substring("åäö", -1, 2), "å");
  EXPECT_EQ(Substring("åäö", 3, 1), "");
  EXPECT_EQ(Substring("åäö", 0, INT64_MAX), "åäö");
  EXPECT_EQ(Substring("åäö", INT64_MIN, INT64_MAX), "");
  EXPECT_EQ(Substring("åäö", INT64_MAX, INT64_MIN), "");
}

TEST(IndexOf, CountsCodePoints) {
  auto* index_of = Kernel<uint8_t(const char*, int64_t, const char*, int64_t, int64_t*)>("streamc_fn_index_of");
  int64_t at = -1;
  std::string text = "åäö-x";
  EXPECT_EQ(index_of(text.data(), Size(text), "x", 1, &at), 1);
  EXPECT_EQ(at, 4);
  EXPECT_EQ(index_of(text.data(), Size(text), "y", 1, &at), 0);
  EXPECT_EQ(index_of(text.data(), Size(text), text.data(), Size(text), &at), 1);
  EXPECT_EQ(at, 0);
}

TEST(Prefixes, ComparedBytewise) {
  auto* starts = Kernel<uint8_t(const char*, int64_t, const char*, int64_t)>("streamc_fn_starts_with");
  auto* ends = Kernel<uint8_t(const char*, int64_t, const char*, int64_t)>("streamc_fn_ends_with");
  EXPECT_EQ(starts("abc", 3, "ab", 2), 1);
  EXPECT_EQ(starts("ab", 2, "abc", 3), 0);
  EXPECT_EQ(starts("", 0, "", 0), 1);
  EXPECT_EQ(ends("abc", 3, "bc", 2), 1);
  EXPECT_EQ(ends("abc", 3, "ab", 2), 0);
  EXPECT_EQ(ends("c", 1, "bc", 2), 0);
}

TEST(Pad, ToAWidthInCodePoints) {
  auto pad = [](const char* side, std::string_view s, int64_t width, std::string_view fill) -> std::optional<std::string> {
    auto* kernel = Kernel<uint8_t(ScArena*, const char*, int64_t, int64_t, const char*, int64_t, ScStr*)>(std::string("streamc_fn_pad_") + side);
    ScStr out{};
    if (kernel(TestArena(), s.data(), Size(s), width, fill.data(), Size(fill), &out) == 0) return std::nullopt;
    return Text(out);
  };
  EXPECT_EQ(pad("left", "7", 4, "ab"), "aba7");
  EXPECT_EQ(pad("right", "å", 4, "é→"), "åé→é");
  EXPECT_EQ(pad("left", "long", 2, "x"), "long");
  EXPECT_EQ(pad("left", "x", 5, ""), "x");
  EXPECT_EQ(pad("left", "x", INT64_MIN, "y"), "x");
  EXPECT_EQ(pad("left", "x", INT64_MAX, "y"), std::nullopt);
}

TEST(Repeat, HasALimit) {
  auto* repeat = Kernel<uint8_t(ScArena*, const char*, int64_t, int64_t, ScStr*)>("streamc_fn_repeat");
  ScStr out{};
  EXPECT_EQ(repeat(TestArena(), "ab", 2, 3, &out), 1);
  EXPECT_EQ(Text(out), "ababab");
  EXPECT_EQ(repeat(TestArena(), "ab", 2, -1, &out), 1);
  EXPECT_EQ(Text(out), "");
  EXPECT_EQ(repeat(TestArena(), "", 0, INT64_MAX, &out), 1);
  EXPECT_EQ(repeat(TestArena(), "ab", 2, INT64_MAX, &out), 0);
}

TEST(Reverse, KeepsClustersTogether) {
  EXPECT_EQ(ToNewText("reverse", "abc"), "cba");
  EXPECT_EQ(ToNewText("reverse", "ne\u0301👩‍👩‍👧"), "👩‍👩‍👧e\u0301n");
  EXPECT_EQ(ToNewText("reverse", ""), "");
  std::mt19937_64 random(6);
  for (int round = 0; round < 500; ++round) {
    std::string text = RandomText(random, {"a", "å", "中", "e\u0301", " "}, 30);
    ASSERT_EQ(ToNewText("reverse", ToNewText("reverse", text)), text);
  }
}

TEST(Normalize, JoinsMarks) {
  EXPECT_EQ(ToNewText("normalize", "e\u0301A\u030A"), "éÅ");
  EXPECT_EQ(ToNewText("normalize", "plain"), "plain");
  EXPECT_EQ(ToNewText("normalize", "\u1100\u1161"), "가");
}

TEST(Encodings, RoundTripAnyBytes) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    ASSERT_EQ(ToMaybeText("hex_decode", ToNewText("hex_encode", bytes)), bytes);
    ASSERT_EQ(ToMaybeText("base64_decode", ToNewText("base64_encode", bytes)), bytes);
    std::optional<std::string> decoded = ToMaybeText("url_decode", ToNewText("url_encode", bytes));
    ASSERT_EQ(decoded.has_value(), IsUtf8(bytes.data(), Size(bytes)));
    if (decoded) {
      ASSERT_EQ(*decoded, bytes);
    }
  }
}

TEST(Encodings, RefuseWhatIsBroken) {
  for (const char* text : {"a", "zz", "0g"}) EXPECT_EQ(ToMaybeText("hex_decode", text), std::nullopt) << text;
  for (const char* text : {"A", "A===", "AA=", "AB==CD", "AA A", "AB==", "AAF=", "===="}) EXPECT_EQ(ToMaybeText("base64_decode", text), std::nullopt) << text;
  EXPECT_EQ(ToMaybeText("base64_decode", "_-8"), "\xff\xef");
  for (const char* text : {"%", "%1", "%zz", "%ff"}) EXPECT_EQ(ToMaybeText("url_decode", text), std::nullopt) << text;
}

TEST(Utf8, OnlyShortestFormsAndRealCodePoints) {
  auto valid = [](std::string_view s) { return IsUtf8(s.data(), Size(s)); };
  EXPECT_TRUE(valid("å中👍\U0010FFFF"));
  for (std::string_view bad : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80",
                               "\xE4\xB8", "a\xC3", "\xFF"})
    EXPECT_FALSE(valid(bad));
}

// Kernels never read outside a text, whatever its bytes: run under the address sanitizer.
TEST(Robustness, AnyBytesAreSafe) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 3000; ++round) {
    std::vector<char> bytes(random() % 80);
    for (char& c : bytes) c = static_cast<char>(random() % 3 == 0 ? random() : 0xE0 + random() % 32);
    std::string_view text(bytes.data(), bytes.size());
    for (const char* name : {"lower", "upper", "reverse", "normalize"}) ToNewText(name, text);
    for (const char* name : {"trim", "trim_start", "trim_end"}) EXPECT_LE(ToText(name, text).size(), text.size());
    Words(text);
    Split(text, "");
    Substring(text, 3, 5);
    EXPECT_LE(Length(text), Size(text));
  }
}

}  // namespace
}  // namespace streamc::stdlib
