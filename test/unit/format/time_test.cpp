#include "runtime/format/time_text.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace streamc::rt::format {
namespace {

std::string Rfc(int64_t micros) {
  std::string text;
  AppendRfc3339(micros, &text);
  return text;
}

TEST(TimeText, CivilDatesAgreeWithTheCLibrary) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 100'000; ++i) {
    int64_t days = static_cast<int64_t>(random() % 8'000'000) - 4'000'000;
    time_t seconds = days * 86'400;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    CivilDate date = CivilFromDays(days);
    ASSERT_EQ(date.year, parts.tm_year + 1900) << days;
    ASSERT_EQ(date.month, parts.tm_mon + 1) << days;
    ASSERT_EQ(date.day, parts.tm_mday) << days;
    ASSERT_EQ(DaysFromCivil(date.year, date.month, date.day), days);
    ASSERT_TRUE(ValidDate(date.year, date.month, date.day));
  }
}

TEST(TimeText, Rfc3339ReadsBack) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 100'000; ++i) {
    int64_t micros = static_cast<int64_t>(random() % 250'000'000'000'000'000) - 60'000'000'000'000'000;
    if (random() % 2 != 0) micros = micros / kMicrosPerSecond * kMicrosPerSecond;
    int64_t back = 0;
    ASSERT_TRUE(InRfc3339Range(micros));
    ASSERT_TRUE(ParseRfc3339(Rfc(micros), &back)) << Rfc(micros);
    ASSERT_EQ(back, micros);
  }
}

TEST(TimeText, Rfc3339Forms) {
  auto parse = [](std::string_view text) {
    int64_t micros = 0;
    return ParseRfc3339(text, &micros) ? Rfc(micros) : "-";
  };
  EXPECT_EQ(parse("1970-01-01T00:00:00Z"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(parse("2026-01-31t23:30:00.1234567-01:30"), "2026-02-01T01:00:00.123456Z");
  EXPECT_EQ(parse("2026-01-31 12:00:00z"), "2026-01-31T12:00:00Z");
  EXPECT_EQ(parse("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00Z");
  EXPECT_EQ(parse("0000-01-01T00:00:00Z"), "0000-01-01T00:00:00Z");
  for (const char* bad : {"", "2026-01-31", "2026-01-31T12:00:00", "2026-13-01T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-31T24:00:00Z",
                          "2026-01-31T12:60:00Z", "2026-01-31T12:00:61Z", "2026-01-31T12:00Z", "2026-01-31T12:00:00.Z",
                          "2026-01-31T12:00:00+0200", "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00Zx", "26-01-31T12:00:00Z",
                          "2026-01-31T12:00:00 Z", "2026-1-31T12:00:00Z", "2026-02-29T00:00:00Z"}) {
    EXPECT_EQ(parse(bad), "-") << bad;
  }
}

TEST(TimeText, Durations) {
  auto parse = [](std::string_view text) {
    int64_t micros = 0;
    std::string out;
    if (!ParseDuration(text, &micros)) return std::string("-");
    AppendDuration(micros, &out);
    return out;
  };
  EXPECT_EQ(parse("0s"), "0s");
  EXPECT_EQ(parse("90s"), "1m30s");
  EXPECT_EQ(parse("1d2h3m4s5ms6us"), "1d2h3m4s5ms6us");
  EXPECT_EQ(parse("-250ms"), "-250ms");
  EXPECT_EQ(parse("-106751991d4h54s775ms808us"), "-106751991d4h54s775ms808us");
  for (const char* bad : {"", "-", "5", "s", "1x", "1 s", "1h-1m", "9223372036854775808us", "999999999999d", "1.5s", "1S"}) {
    EXPECT_EQ(parse(bad), "-") << bad;
  }
}

TEST(TimeText, Patterns) {
  struct Case { const char* pattern; const char* text; const char* rfc; const char* written; };
  for (const Case& c : std::vector<Case>{
           {"%Y-%m-%d", "2026-03-01", "2026-03-01T00:00:00Z", nullptr},
           {"%Y-%m-%d", "2026-3-31", "2026-03-31T00:00:00Z", "2026-03-31"},
           {"%Y-%m-%dT%H:%M:%S.%f%z", "2026-03-01T01:02:03.456+01:00", "2026-03-01T00:02:03.456Z", "2026-03-01T00:02:03.456000+0000"},
           {"%f %d.%m.%Y", "123456789 01.03.2026", "2026-03-01T00:00:00.123456Z", "123456 01.03.2026"},
           {"%a %b %d %H:%M:%S %z %Y", "Wed Aug 27 13:08:45 -0530 2008", "2008-08-27T18:38:45Z", "Wed Aug 27 18:38:45 +0000 2008"},
           {"%d %b %Y", "27 AUG 2008", "2008-08-27T00:00:00Z", "27 Aug 2008"},
           {"%Y%m%d%H%M%S", "20260301010203", "2026-03-01T01:02:03Z", nullptr},
           {"%Yyear%m%%%d", "2026year03%01", "2026-03-01T00:00:00Z", nullptr},
           {"%z %Y-%j", "Z 2024-366", "2024-12-31T00:00:00Z", "+0000 2024-366"}}) {
    Pattern pattern;
    std::string error;
    ASSERT_TRUE(Pattern::Make(c.pattern, &pattern, &error)) << c.pattern << error;
    int64_t micros = 0;
    ASSERT_TRUE(pattern.Parse(c.text, &micros)) << c.pattern;
    EXPECT_EQ(Rfc(micros), c.rfc) << c.pattern;
    std::string written;
    ASSERT_TRUE(pattern.Append(micros, &written));
    EXPECT_EQ(written, c.written != nullptr ? c.written : c.text) << c.pattern;
    for (std::string bad : {std::string(), std::string(c.text) + "0", std::string("x") + c.text}) {
      int64_t ignored = 0;
      EXPECT_FALSE(pattern.Parse(bad, &ignored)) << c.pattern << " " << bad;
    }
  }
}

TEST(TimeText, BrokenPatternsSayWhy) {
  Pattern pattern;
  std::string error;
  for (const auto& [text, want] : std::vector<std::pair<std::string, std::string>>{
           {"%Y-%m-%d %Q", "`%Q` says nothing in a pattern"},
           {"%H:%M", "the pattern needs a year, a month and a day (`%Y-%m-%d`)"},
           {"%Y-%m", "the pattern needs a year, a month and a day (`%Y-%m-%d`)"},
           {"yyyy-MM-dd", "the pattern needs a year, a month and a day (`%Y-%m-%d`)"},
           {"%Y-%m-%d%", "`%` at the end of a pattern says nothing"}}) {
    EXPECT_FALSE(Pattern::Make(text, &pattern, &error));
    EXPECT_EQ(error, want);
  }
}

}  // namespace
}  // namespace streamc::rt::format
