#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "stdlib/text/civil.h"
#include "stdlib/text/time_text.h"
#include "stdlib/text/zone.h"
#include "test/unit/stdlib/support.h"

namespace streamc::stdlib {
namespace {

int64_t Part(const char* name, int64_t at) { return Kernel<int64_t(int64_t)>(std::string("streamc_fn_") + name)(at); }

std::optional<int64_t> Parse(std::string_view s, std::string_view pattern) {
  int64_t out = 0;
  if (!ParseTime(s.data(), static_cast<int64_t>(s.size()), pattern.data(), static_cast<int64_t>(pattern.size()), &out)) return std::nullopt;
  return out;
}

std::string Format(int64_t at, std::string_view pattern) {
  auto* kernel = Kernel<ScStr(ScArena*, int64_t, const char*, int64_t)>("streamc_fn_format_time");
  return Text(kernel(TestArena(), at, pattern.data(), static_cast<int64_t>(pattern.size())));
}

std::string Timestamp(int64_t at) { return Text(Kernel<ScStr(ScArena*, int64_t)>("streamc_fn_to_string_timestamp")(TestArena(), at)); }
std::string Duration(int64_t us) { return Text(Kernel<ScStr(ScArena*, int64_t)>("streamc_fn_to_string_duration")(TestArena(), us)); }

TEST(Calendar, AgreesWithTheSystem) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 50000; ++round) {
    // Years -1000 to 5000 or so.
    int64_t seconds = static_cast<int64_t>(random() % 190'000'000'000) - 95'000'000'000;
    int64_t at = seconds * kMicrosPerSecond + static_cast<int64_t>(random() % kMicrosPerSecond);
    std::time_t time = seconds;
    std::tm utc{};
    ASSERT_NE(gmtime_r(&time, &utc), nullptr);
    ASSERT_EQ(Part("year", at), utc.tm_year + 1900) << seconds;
    ASSERT_EQ(Part("month", at), utc.tm_mon + 1) << seconds;
    ASSERT_EQ(Part("day", at), utc.tm_mday) << seconds;
    ASSERT_EQ(Part("hour", at), utc.tm_hour);
    ASSERT_EQ(Part("minute", at), utc.tm_min);
    ASSERT_EQ(Part("second", at), utc.tm_sec);
    ASSERT_EQ(Part("day_of_week", at), utc.tm_wday == 0 ? 7 : utc.tm_wday);
    ASSERT_EQ(Part("day_of_year", at), utc.tm_yday + 1);
    int64_t days = Part("date", at);
    ASSERT_EQ(FromCivil(ToCivil(days)), days);
    ASSERT_EQ(Part("year_date", days), utc.tm_year + 1900);
  }
}

TEST(Calendar, EndsOfTheRange) {
  EXPECT_EQ(Timestamp(INT64_MAX), "294247-01-10T04:00:54.775807Z");
  EXPECT_EQ(Timestamp(INT64_MIN), "-290308-12-21T19:59:05.224192Z");
  EXPECT_EQ(Part("second", INT64_MIN), 5);
}

TEST(TimestampText, RoundTrips) {
  auto* read = Kernel<uint8_t(const char*, int64_t, int64_t*)>("streamc_fn_to_timestamp");
  std::mt19937_64 random(2);
  for (int round = 0; round < 20000; ++round) {
    // Years 0 to 9999.
    int64_t at = static_cast<int64_t>(random() % 315'500'000'000'000'000) - 62'167'000'000'000'000;
    if (round % 3 == 0) at -= at % kMicrosPerSecond;
    std::string text = Timestamp(at);
    int64_t back = 0;
    ASSERT_EQ(read(text.data(), static_cast<int64_t>(text.size()), &back), 1) << text;
    ASSERT_EQ(back, at) << text;
    ASSERT_EQ(Parse(Format(at, "%j of %Y, %H:%M:%S.%f %z"), "%j of %Y, %H:%M:%S.%f %z"), at);
  }
}

TEST(TimestampText, Forms) {
  EXPECT_EQ(ToMaybeInt("to_timestamp", "1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ToMaybeInt("to_timestamp", "1970-01-01t01:30:00.5+01:30"), 500000);
  EXPECT_EQ(ToMaybeInt("to_timestamp", "1970-01-01 00:00:00.1234567Z"), 123456);
  EXPECT_EQ(ToMaybeInt("to_timestamp", "1969-12-31T23:59:60Z"), 0);
  for (const char* text : {"", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z", "1970-02-29T00:00:00Z", "1970-01-01T24:00:00Z",
                           "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00Zx", "70-01-01T00:00:00Z", "1970-01-01T00:00:00+25:00"})
    EXPECT_EQ(ToMaybeInt("to_timestamp", text), std::nullopt) << text;
  EXPECT_EQ(ToMaybeInt("to_date", "1970-01-02"), 1);
  EXPECT_EQ(ToMaybeInt("to_date", "2024-02-29"), 19782);
  for (const char* text : {"2023-02-29", "2023-1-1", "2023-01-01 ", "2023-00-10"}) EXPECT_EQ(ToMaybeInt("to_date", text), std::nullopt) << text;
}

TEST(TimePatterns, ReadAndWrite) {
  EXPECT_EQ(Parse("Wed Aug 27 13:08:45 +0000 2008", "%a %b %d %H:%M:%S %z %Y"), 1219842525 * kMicrosPerSecond);
  EXPECT_EQ(Parse("1/2/2026", "%d/%m/%Y"), Parse("2026-02-01", "%Y-%m-%d"));
  EXPECT_EQ(Parse("100% 1970", "100%% %Y"), 0);
  EXPECT_EQ(Parse("12:00:00.25 -0030", "%H:%M:%S.%f %z"), (12 * 3600 + 1800) * kMicrosPerSecond + 250000);
  EXPECT_EQ(Parse("366 2024", "%j %Y"), Parse("2024-12-31", "%Y-%m-%d"));
  EXPECT_EQ(Parse("366 2023", "%j %Y"), std::nullopt);
  EXPECT_EQ(Parse("Foo 1", "%b %d"), std::nullopt);
  EXPECT_EQ(Parse("2026", "%Y-"), std::nullopt);
  EXPECT_EQ(Parse("2026x", "%Y"), std::nullopt);
  EXPECT_EQ(Format(0, "%a %d %b %Y å %% %j"), "Thu 01 Jan 1970 å % 001");
}

TEST(Durations, Text) {
  EXPECT_EQ(Duration(0), "0s");
  EXPECT_EQ(Duration(90 * kMicrosPerSecond), "1m30s");
  EXPECT_EQ(Duration(-(kMicrosPerDay + 1500)), "-1d1ms500us");
  EXPECT_EQ(Duration(INT64_MIN), "-106751991d4h54s775ms808us");
}

TEST(Truncate, FloorsAlsoBefore1970) {
  auto* truncate = Kernel<uint8_t(int64_t, int64_t, int64_t*)>("streamc_fn_truncate");
  int64_t out = 0;
  for (int64_t at : {-61, -60, -1, 0, 59, 60}) {
    ASSERT_EQ(truncate(at, 60, &out), 1);
    ASSERT_EQ(out, FloorDivide(at, 60) * 60);
  }
  EXPECT_EQ(truncate(5, 0, &out), 0);
  EXPECT_EQ(truncate(5, -1, &out), 0);
  EXPECT_EQ(truncate(INT64_MIN, kMicrosPerDay, &out), 0);
}

TEST(DateArithmetic, MonthsKeepTheDayWhereItExists) {
  auto* add = Kernel<uint8_t(int64_t, int64_t, int64_t*)>("streamc_fn_add_months");
  std::mt19937_64 random(3);
  for (int round = 0; round < 20000; ++round) {
    int64_t day = static_cast<int64_t>(random() % 100000) - 50000;
    int64_t months = static_cast<int64_t>(random() % 1000) - 500;
    int64_t out = 0;
    ASSERT_EQ(add(day, months, &out), 1);
    CivilDate from = ToCivil(day), to = ToCivil(out);
    ASSERT_EQ(to.year * 12 + to.month, from.year * 12 + from.month + months);
    ASSERT_EQ(to.day, std::min(from.day, DaysInMonth(to.year, to.month)));
  }
  int64_t out = 0;
  EXPECT_EQ(add(0, INT64_MAX, &out), 0);
  EXPECT_EQ(add(0, INT64_MIN, &out), 0);
  EXPECT_EQ(Kernel<uint8_t(int64_t, int64_t, int64_t*)>("streamc_fn_add_days")(5, INT64_MAX, &out), 0);
}

TEST(FromNumbers, Overflow) {
  auto* from = Kernel<uint8_t(int64_t, int64_t*)>("streamc_fn_from_seconds");
  int64_t out = 0;
  EXPECT_EQ(from(-1, &out), 1);
  EXPECT_EQ(out, -kMicrosPerSecond);
  EXPECT_EQ(from(INT64_MAX / 1000, &out), 0);
  EXPECT_EQ(Part("to_millis", -1), -1);
  EXPECT_EQ(Part("to_seconds", 1'999'999), 1);
}

// The system's own conversion in a zone, which reads the same database.
class Zones : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    setenv("TZ", GetParam(), 1);
    tzset();
  }
  void TearDown() override {
    unsetenv("TZ");
    tzset();
  }
};

TEST_P(Zones, AgreeWithTheSystem) {
  std::string zone = GetParam();
  std::mt19937_64 random(4);
  for (int round = 0; round < 20000; ++round) {
    // 1900 to 2100: recorded changes and the rule after them.
    int64_t seconds = static_cast<int64_t>(random() % 6'300'000'000) - 2'200'000'000;
    std::time_t time = seconds;
    std::tm local{};
    ASSERT_NE(localtime_r(&time, &local), nullptr);
    int64_t offset = 0;
    ASSERT_TRUE(ZoneOffset(seconds * kMicrosPerSecond, zone.data(), static_cast<int64_t>(zone.size()), &offset));
    ASSERT_EQ(offset, local.tm_gmtoff * kMicrosPerSecond) << seconds;
  }
}

INSTANTIATE_TEST_SUITE_P(Some, Zones,
                         testing::Values("UTC", "Europe/Helsinki", "Europe/Dublin", "America/New_York", "America/Santiago", "Asia/Kolkata",
                                         "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "America/Nuuk", "Etc/GMT+5"));

TEST(ZoneNames, UnknownOnesAreRefused) {
  int64_t offset = 0;
  for (std::string_view zone : {"", "Nowhere", "/etc/passwd", "../zoneinfo/UTC", "Europe", "zone.tab"})
    EXPECT_FALSE(ZoneOffset(0, zone.data(), static_cast<int64_t>(zone.size()), &offset)) << zone;
}

}  // namespace
}  // namespace streamc::stdlib
