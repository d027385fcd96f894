// The calendar: days since 1970 to year, month, day and back (proleptic Gregorian), and the parts of an instant.
//
// Years are counted from March 1st of year 0, which puts the leap day last: then 400 years, 100, 4 and 1 divide evenly, and
// the months are 153 days in every five.
#pragma once

#include <cstdint>

namespace streamc::stdlib {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;
// Dates that, as instants, fit 64 bits of microseconds.
inline constexpr int64_t kMaxDays = INT64_MAX / kMicrosPerDay;

struct CivilDate {
  int64_t year;
  int64_t month;  // 1 to 12
  int64_t day;    // 1 to 31
};

// d > 0.
inline constexpr int64_t FloorDivide(int64_t n, int64_t d) { return n / d - (n % d < 0 ? 1 : 0); }

inline int64_t DayOf(int64_t micros) { return FloorDivide(micros, kMicrosPerDay); }
inline int64_t TimeOfDay(int64_t micros) {
  int64_t rest = micros % kMicrosPerDay;
  return rest < 0 ? rest + kMicrosPerDay : rest;
}

inline CivilDate ToCivil(int64_t days) {
  constexpr int64_t kDaysTo1970 = 719468;
  constexpr int64_t kDaysPerEra = 146097;
  days += kDaysTo1970;
  int64_t era = FloorDivide(days, kDaysPerEra);
  int64_t in_era = days - era * kDaysPerEra;
  int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
  int64_t shifted_month = (5 * in_year + 2) / 153;
  CivilDate date;
  date.day = in_year - (153 * shifted_month + 2) / 5 + 1;
  date.month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  date.year = year + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

inline int64_t FromCivil(const CivilDate& date) {
  int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  int64_t era = FloorDivide(year, 400);
  int64_t year_of_era = year - era * 400;
  int64_t shifted_month = date.month > 2 ? date.month - 3 : date.month + 9;
  int64_t in_year = (153 * shifted_month + 2) / 5 + date.day - 1;
  int64_t in_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + in_year;
  return era * 146097 + in_era - 719468;
}

inline bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

inline int64_t DaysInMonth(int64_t year, int64_t month) {
  if (month == 2) return IsLeapYear(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

inline int64_t YearOf(int64_t days) { return ToCivil(days).year; }
inline int64_t MonthOf(int64_t days) { return ToCivil(days).month; }
inline int64_t DayOfMonth(int64_t days) { return ToCivil(days).day; }
// 1 Monday to 7 Sunday; 1970 began on a Thursday.
inline int64_t DayOfWeek(int64_t days) { return days + 3 - FloorDivide(days + 3, 7) * 7 + 1; }
inline int64_t DayOfYear(int64_t days) { return days - FromCivil({ToCivil(days).year, 1, 1}) + 1; }

}  // namespace streamc::stdlib
