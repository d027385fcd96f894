// Times as text: RFC 3339, dates, durations and the patterns of `timestamp("...")`.
//
// All times are microseconds since 1970 UTC, dates days since 1970, on the proleptic Gregorian calendar. Pure functions of their
// arguments; nothing allocates but Pattern::Make and the strings appended to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamc::rt::format {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

struct CivilDate { int64_t year = 1970; int month = 1, day = 1; };
// Days since 1970-01-01 of a date (any year, month 1..12, day 1..31), and back.
int64_t DaysFromCivil(int64_t year, int month, int day);
CivilDate CivilFromDays(int64_t days);
bool ValidDate(int64_t year, int month, int day);

// `2026-01-31T12:00:00.25+02:00`: `t`, `z` and a blank for the T are read too; a zone is required; digits of the fraction after
// the sixth are cut off; second 60 is the first of the next minute. False: not such a text.
bool ParseRfc3339(std::string_view text, int64_t* micros);
// With `Z` and only as many decimals as needed. Years outside 0..9999 are written with sign and at least five digits.
void AppendRfc3339(int64_t micros, std::string* out);
// RFC 3339 can say it: year 0..9999.
bool InRfc3339Range(int64_t micros);

// `2026-01-31`, years 0..9999.
bool ParseDate(std::string_view text, int64_t* days);
void AppendDate(int64_t days, std::string* out);
bool InDateRange(int64_t days);

// Sequences of digits with the units us ms s m h d, as `1h30m`, `-250ms`. False: another text or out of range.
bool ParseDuration(std::string_view text, int64_t* micros);
void AppendDuration(int64_t micros, std::string* out);

// A timestamp pattern. Letters:
//   yyyy year (4 digits)   yy year 2000..2099   MM, M month   MMM Jan..Dec   dd, d day   EEE Mon..Sun (read, not compared)
//   HH, H hour 0..23   hh, h hour 1..12 with a (AM, PM)   mm, m minute   ss, s second   S..SSSSSSSSS decimals of the second (as many
//   digits as letters; after the sixth written as 0, cut off when read)
//   Z, xx zone +hhmm   xxx +hh:mm   X, XX, XXX as Z, +hh, +hhmm, +hh:mm with Z for UTC when read (X writes Z)
//   'text' and '' for a quote; every other character that is no letter stands for itself
// Doubled letters want exactly that many digits, single ones one or two. Without a zone the text is UTC. Written in UTC.
class Pattern {
 public:
  // False with a message ("unknown pattern letter `Q`") when the text is no pattern or lacks a year, month or day.
  static bool Make(std::string_view text, Pattern* pattern, std::string* error);
  bool Parse(std::string_view text, int64_t* micros) const;
  // False: the year does not fit the pattern.
  bool Append(int64_t micros, std::string* out) const;

 private:
  enum class Part : uint8_t { Text, Year, ShortYear, Month, MonthName, Day, WeekDay, Hour, HalfHour, AmPm, Minute, Second, Fraction, Zone };
  struct Item { Part part; uint8_t digits; bool colon; bool zulu; std::string text; };
  std::vector<Item> items_;
};

}  // namespace streamc::rt::format
