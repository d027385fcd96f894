#include "runtime/format/time_text.h"

#include <algorithm>
#include <array>

namespace streamc::rt::format {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Exactly `count` digits at text[at]; moves `at`.
bool TakeDigits(std::string_view text, size_t* at, int count, int* value) {
  if (text.size() - *at < static_cast<size_t>(count)) return false;
  int number = 0;
  for (int i = 0; i < count; ++i) {
    char c = text[*at + static_cast<size_t>(i)];
    if (!IsDigit(c)) return false;
    number = number * 10 + (c - '0');
  }
  *at += static_cast<size_t>(count);
  *value = number;
  return true;
}

bool Take(std::string_view text, size_t* at, char c) {
  if (*at >= text.size() || text[*at] != c) return false;
  ++*at;
  return true;
}

void AppendPadded(int64_t value, int digits, std::string* out) {
  char buffer[20];
  int used = 0;
  do {
    buffer[used++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0 && used < 20);
  for (int i = used; i < digits; ++i) out->push_back('0');
  while (used > 0) out->push_back(buffer[--used]);
}

struct ClockTime { int hour = 0, minute = 0, second = 0; int64_t micros = 0; };

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

void Split(int64_t micros, int64_t* days, ClockTime* clock) {
  *days = FloorDiv(micros, kMicrosPerDay);
  int64_t rest = micros - *days * kMicrosPerDay;
  clock->micros = rest % kMicrosPerSecond;
  int seconds = static_cast<int>(rest / kMicrosPerSecond);
  clock->hour = seconds / 3600;
  clock->minute = seconds / 60 % 60;
  clock->second = seconds % 60;
}

// Checks the parts and puts them together; `offset` minutes east of UTC.
bool Join(int64_t year, int month, int day, const ClockTime& clock, int offset, int64_t* micros) {
  if (!ValidDate(year, month, day) || clock.hour > 23 || clock.minute > 59 || clock.second > 60) return false;
  int64_t seconds = int64_t{clock.hour} * 3600 + clock.minute * 60 + clock.second - int64_t{offset} * 60;
  *micros = DaysFromCivil(year, month, day) * kMicrosPerDay + seconds * kMicrosPerSecond + clock.micros;
  return true;
}

// One to `most` digits.
bool TakeUpTo(std::string_view text, size_t* at, int most, int* value) {
  int count = 0;
  while (count < most && *at + static_cast<size_t>(count) < text.size() && IsDigit(text[*at + static_cast<size_t>(count)])) ++count;
  return count > 0 && TakeDigits(text, at, count, value);
}

enum class Colon { Always, Either };
// `+02:00` or `+0200`; moves `at`; minutes east of UTC.
bool TakeOffset(std::string_view text, size_t* at, Colon colon, int* offset) {
  if (*at >= text.size() || (text[*at] != '+' && text[*at] != '-')) return false;
  bool west = text[(*at)++] == '-';
  int hours = 0, minutes = 0;
  if (!TakeDigits(text, at, 2, &hours)) return false;
  if (!Take(text, at, ':') && colon == Colon::Always) return false;
  if (!TakeDigits(text, at, 2, &minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  *offset = (west ? -1 : 1) * (hours * 60 + minutes);
  return true;
}

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kWeekDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

template <size_t N>
bool TakeName(std::string_view text, size_t* at, const std::array<std::string_view, N>& names, int* index) {
  std::string_view name = text.substr(*at, 3);
  auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  for (size_t i = 0; i < N; ++i) {
    if (!std::equal(name.begin(), name.end(), names[i].begin(), names[i].end(), same)) continue;
    *at += 3;
    *index = static_cast<int>(i);
    return true;
  }
  return false;
}

struct Unit { std::string_view name; int64_t micros; };
constexpr std::array<Unit, 6> kUnits = {{{"d", kMicrosPerDay}, {"h", 3600 * kMicrosPerSecond}, {"m", 60 * kMicrosPerSecond},
                                         {"s", kMicrosPerSecond}, {"ms", 1000}, {"us", 1}}};

}  // namespace

int64_t DaysFromCivil(int64_t year, int month, int day) {
  // Years that start in March put the leap day at their end: days before month m are then (153 m + 2) / 5.
  if (month <= 2) --year;
  int64_t era = FloorDiv(year, 400);
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

CivilDate CivilFromDays(int64_t days) {
  days += 719'468;
  int64_t era = FloorDiv(days, 146'097);
  int64_t day_of_era = days - era * 146'097;
  int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month = (5 * day_of_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  date.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

bool ValidDate(int64_t year, int month, int day) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool ParseRfc3339(std::string_view text, int64_t* micros) {
  size_t at = 0;
  int year = 0, month = 0, day = 0;
  ClockTime clock;
  if (!TakeDigits(text, &at, 4, &year) || !Take(text, &at, '-') || !TakeDigits(text, &at, 2, &month) || !Take(text, &at, '-') ||
      !TakeDigits(text, &at, 2, &day)) {
    return false;
  }
  if (at >= text.size() || (text[at] != 'T' && text[at] != 't' && text[at] != ' ')) return false;
  ++at;
  if (!TakeDigits(text, &at, 2, &clock.hour) || !Take(text, &at, ':') || !TakeDigits(text, &at, 2, &clock.minute) ||
      !Take(text, &at, ':') || !TakeDigits(text, &at, 2, &clock.second)) {
    return false;
  }
  if (Take(text, &at, '.')) {
    size_t first = at;
    for (int64_t unit = 100'000; at < text.size() && IsDigit(text[at]); ++at, unit /= 10) clock.micros += (text[at] - '0') * unit;
    if (at == first) return false;
  }
  int offset = 0;
  if (!Take(text, &at, 'Z') && !Take(text, &at, 'z') && !TakeOffset(text, &at, Colon::Always, &offset)) return false;
  return at == text.size() && Join(year, month, day, clock, offset, micros);
}

void AppendDate(int64_t days, std::string* out) {
  CivilDate date = CivilFromDays(days);
  if (date.year >= 0 && date.year <= 9999) {
    AppendPadded(date.year, 4, out);
  } else {
    out->push_back(date.year < 0 ? '-' : '+');
    AppendPadded(date.year < 0 ? -date.year : date.year, 5, out);
  }
  out->push_back('-');
  AppendPadded(date.month, 2, out);
  out->push_back('-');
  AppendPadded(date.day, 2, out);
}

void AppendRfc3339(int64_t micros, std::string* out) {
  int64_t days = 0;
  ClockTime clock;
  Split(micros, &days, &clock);
  AppendDate(days, out);
  out->push_back('T');
  AppendPadded(clock.hour, 2, out);
  out->push_back(':');
  AppendPadded(clock.minute, 2, out);
  out->push_back(':');
  AppendPadded(clock.second, 2, out);
  if (clock.micros != 0) {
    out->push_back('.');
    AppendPadded(clock.micros, 6, out);
    while (out->back() == '0') out->pop_back();
  }
  out->push_back('Z');
}

bool InDateRange(int64_t days) { return days >= DaysFromCivil(0, 1, 1) && days <= DaysFromCivil(9999, 12, 31); }
bool InRfc3339Range(int64_t micros) { return InDateRange(FloorDiv(micros, kMicrosPerDay)); }

bool ParseDate(std::string_view text, int64_t* days) {
  size_t at = 0;
  int year = 0, month = 0, day = 0;
  if (!TakeDigits(text, &at, 4, &year) || !Take(text, &at, '-') || !TakeDigits(text, &at, 2, &month) || !Take(text, &at, '-') ||
      !TakeDigits(text, &at, 2, &day) || at != text.size() || !ValidDate(year, month, day)) {
    return false;
  }
  *days = DaysFromCivil(year, month, day);
  return true;
}

bool ParseDuration(std::string_view text, int64_t* micros) {
  bool negative = !text.empty() && text[0] == '-';
  size_t at = negative ? 1 : 0;
  if (at == text.size()) return false;
  int64_t total = 0;
  while (at < text.size()) {
    size_t first = at;
    int64_t number = 0;
    for (; at < text.size() && IsDigit(text[at]); ++at) {
      if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, text[at] - '0', &number)) return false;
    }
    size_t unit_at = at;
    while (at < text.size() && text[at] >= 'a' && text[at] <= 'z') ++at;
    std::string_view name = text.substr(unit_at, at - unit_at);
    int64_t unit = 0;
    for (const Unit& known : kUnits) {
      if (known.name == name) unit = known.micros;
    }
    if (unit_at == first || unit == 0 || __builtin_mul_overflow(number, unit, &number)) return false;
    // Summed as a negative number, which reaches one further.
    if (__builtin_sub_overflow(total, number, &total)) return false;
  }
  return negative ? (*micros = total, true) : !__builtin_sub_overflow(int64_t{0}, total, micros);
}

void AppendDuration(int64_t micros, std::string* out) {
  if (micros == 0) {
    out->append("0s");
    return;
  }
  if (micros < 0) out->push_back('-');
  uint64_t left = micros < 0 ? 0 - static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  for (const Unit& unit : kUnits) {
    uint64_t size = static_cast<uint64_t>(unit.micros);
    if (left < size) continue;
    AppendPadded(static_cast<int64_t>(left / size), 1, out);
    out->append(unit.name);
    left %= size;
  }
}

bool Pattern::Make(std::string_view text, Pattern* pattern, std::string* error) {
  std::vector<Item> items;
  auto literal = [&](char c) {
    if (items.empty() || items.back().part != Part::Text) items.push_back({Part::Text, {}});
    items.back().text.push_back(c);
  };
  bool year = false, month = false, day = false, day_of_year = false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      literal(text[at]);
      continue;
    }
    if (++at == text.size()) return *error = "`%` at the end of a pattern says nothing", false;
    switch (text[at]) {
      case '%': literal('%'); continue;
      case 'Y': items.push_back({Part::Year, {}}); year = true; break;
      case 'm': items.push_back({Part::Month, {}}); month = true; break;
      case 'b': items.push_back({Part::MonthName, {}}); month = true; break;
      case 'd': items.push_back({Part::Day, {}}); day = true; break;
      case 'j': items.push_back({Part::DayOfYear, {}}); day_of_year = true; break;
      case 'a': items.push_back({Part::WeekDay, {}}); break;
      case 'H': items.push_back({Part::Hour, {}}); break;
      case 'M': items.push_back({Part::Minute, {}}); break;
      case 'S': items.push_back({Part::Second, {}}); break;
      case 'f': items.push_back({Part::Fraction, {}}); break;
      case 'z': items.push_back({Part::Zone, {}}); break;
      default: return *error = "`%" + std::string(1, text[at]) + "` says nothing in a pattern", false;
    }
  }
  if (!year || !(day_of_year || (month && day))) return *error = "the pattern needs a year, a month and a day (`%Y-%m-%d`)", false;
  pattern->items_ = std::move(items);
  return true;
}

bool Pattern::Parse(std::string_view text, int64_t* micros) const {
  size_t at = 0;
  int year = 0, month = 1, day = 1, day_of_year = 0, offset = 0, ignored = 0;
  ClockTime clock;
  for (const Item& item : items_) {
    bool ok = true;
    switch (item.part) {
      case Part::Text:
        ok = text.substr(at, item.text.size()) == item.text;
        at += ok ? item.text.size() : 0;
        break;
      case Part::Year: ok = TakeDigits(text, &at, 4, &year); break;
      case Part::Month: ok = TakeUpTo(text, &at, 2, &month); break;
      case Part::MonthName: ok = TakeName(text, &at, kMonths, &month); ++month; break;
      case Part::Day: ok = TakeUpTo(text, &at, 2, &day); break;
      case Part::DayOfYear: ok = TakeUpTo(text, &at, 3, &day_of_year) && day_of_year > 0; break;
      case Part::WeekDay: ok = TakeName(text, &at, kWeekDays, &ignored); break;
      case Part::Hour: ok = TakeUpTo(text, &at, 2, &clock.hour); break;
      case Part::Minute: ok = TakeUpTo(text, &at, 2, &clock.minute); break;
      case Part::Second: ok = TakeUpTo(text, &at, 2, &clock.second); break;
      case Part::Fraction: {
        const size_t first = at;
        int64_t unit = 100'000;
        for (; at < first + 9 && at < text.size() && IsDigit(text[at]); ++at, unit /= 10) clock.micros += (text[at] - '0') * unit;
        ok = at > first;
        break;
      }
      case Part::Zone: ok = Take(text, &at, 'Z') || Take(text, &at, 'z') || TakeOffset(text, &at, Colon::Either, &offset); break;
    }
    if (!ok) return false;
  }
  if (at != text.size()) return false;
  if (day_of_year > 0) {
    if (day_of_year > DaysFromCivil(year + 1, 1, 1) - DaysFromCivil(year, 1, 1)) return false;
    const CivilDate date = CivilFromDays(DaysFromCivil(year, 1, 1) + day_of_year - 1);
    month = date.month;
    day = date.day;
  }
  return Join(year, month, day, clock, offset, micros);
}

bool Pattern::Append(int64_t micros, std::string* out) const {
  int64_t days = 0;
  ClockTime clock;
  Split(micros, &days, &clock);
  CivilDate date = CivilFromDays(days);
  if (date.year < 0 || date.year > 9999) return false;
  for (const Item& item : items_) {
    switch (item.part) {
      case Part::Text: out->append(item.text); break;
      case Part::Year: AppendPadded(date.year, 4, out); break;
      case Part::Month: AppendPadded(date.month, 2, out); break;
      case Part::MonthName: out->append(kMonths[static_cast<size_t>(date.month - 1)]); break;
      case Part::Day: AppendPadded(date.day, 2, out); break;
      case Part::DayOfYear: AppendPadded(days - DaysFromCivil(date.year, 1, 1) + 1, 3, out); break;
      case Part::WeekDay: out->append(kWeekDays[static_cast<size_t>(((days + 3) % 7 + 7) % 7)]); break;
      case Part::Hour: AppendPadded(clock.hour, 2, out); break;
      case Part::Minute: AppendPadded(clock.minute, 2, out); break;
      case Part::Second: AppendPadded(clock.second, 2, out); break;
      case Part::Fraction: AppendPadded(clock.micros, 6, out); break;
      case Part::Zone: out->append("+0000"); break;
    }
  }
  return true;
}

}  // namespace streamc::rt::format
