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

// A timestamp pattern, with the directives of `format_time` and `parse_time` (stdlib/text/time_text.h) and their meaning:
//   %Y year (4 digits)   %m month   %b Jan..Dec   %d day   %j day of the year   %a Mon..Sun (read, not compared)
//   %H %M %S clock   %f decimals of the second (6 digits; 1 to 9 are read, those after the sixth cut off)
//   %z zone (written +0000; Z, +hh:mm and +hhmm are read)   %% a percent sign; every other character stands for itself
// Read numbers may lack leading zeros, names may be in any case. Without a zone the text is UTC. Written in UTC.
class Pattern {
 public:
  // False with a message ("`%Q` says nothing in a pattern") when the text is no pattern or lacks a year, month or day.
  static bool Make(std::string_view text, Pattern* pattern, std::string* error);
  bool Parse(std::string_view text, int64_t* micros) const;
  // False: the year does not fit the pattern.
  bool Append(int64_t micros, std::string* out) const;

 private:
  enum class Part : uint8_t { Text, Year, Month, MonthName, Day, DayOfYear, WeekDay, Hour, Minute, Second, Fraction, Zone };
  struct Item { Part part; std::string text; };
  std::vector<Item> items_;
};

}  // namespace streamc::rt::format
