#include "stdlib/text/time_text.h"

namespace streamc::stdlib {

namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view kDays = "MonTueWedThuFriSatSun";
constexpr std::string_view kDirectives = "YmdHMSfzbaj%";

char* WriteDigits(int64_t value, int digits, char* out) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + digits;
}

// At least four digits; years of five or six and those before year 0 keep all of theirs and their sign.
char* WriteYear(int64_t year, char* out) {
  if (year < 0) {
    *out++ = '-';
    year = -year;
  }
  return WriteDigits(year, year > 99999 ? 6 : year > 9999 ? 5 : 4, out);
}

char* WriteDay(int64_t days, char* out) {
  CivilDate date = ToCivil(days);
  out = WriteYear(date.year, out);
  *out++ = '-';
  out = WriteDigits(date.month, 2, out);
  *out++ = '-';
  return WriteDigits(date.day, 2, out);
}

// Reads a text from its front; once something does not fit, `ok` stays false.
struct Reader {
  const char* at;
  const char* end;
  bool ok = true;

  int64_t Digits(int least, int most) {
    int64_t value = 0;
    int count = 0;
    for (; count < most && at < end && *at >= '0' && *at <= '9'; ++count) value = value * 10 + (*at++ - '0');
    if (count < least) ok = false;
    return value;
  }

  void Expect(char c) {
    if (at < end && *at == c) {
      ++at;
    } else {
      ok = false;
    }
  }

  // One to nine digits after the point, as microseconds; what is finer is cut.
  int64_t Fraction() {
    int64_t value = 0;
    int count = 0;
    for (; count < 9 && at < end && *at >= '0' && *at <= '9'; ++count, ++at)
      if (count < 6) value = value * 10 + (*at - '0');
    if (count == 0) ok = false;
    for (; count < 6; ++count) value *= 10;
    return value;
  }

  // Z, +hh:mm or +hhmm, as microseconds.
  int64_t Offset() {
    if (at < end && (*at == 'Z' || *at == 'z')) {
      ++at;
      return 0;
    }
    int64_t sign = at < end && *at == '-' ? -1 : 1;
    if (at < end && (*at == '+' || *at == '-')) {
      ++at;
    } else {
      ok = false;
    }
    int64_t hours = Digits(2, 2);
    if (at < end && *at == ':') ++at;
    int64_t minutes = Digits(2, 2);
    if (hours > 23 || minutes > 59) ok = false;
    return sign * (hours * kMicrosPerHour + minutes * kMicrosPerMinute);
  }

  // Position of a three-letter name in `names`, from 0; either case.
  int64_t Name(std::string_view names) {
    if (end - at >= 3) {
      for (size_t i = 0; i < names.size(); i += 3) {
        bool same = true;
        for (size_t k = 0; k < 3; ++k) same = same && (at[k] | 0x20) == (names[i + k] | 0x20);
        if (same) {
          at += 3;
          return static_cast<int64_t>(i / 3);
        }
      }
    }
    ok = false;
    return 0;
  }
};

struct Parts {
  CivilDate date{1970, 1, 1};
  int64_t day_of_year = 0;
  int64_t hour = 0, minute = 0, second = 0, fraction = 0, offset = 0;
};

// A leap second is read as the last microsecond-exact second that exists, the next minute's first.
bool Assemble(const Parts& p, int64_t* micros) {
  if (p.date.month < 1 || p.date.month > 12 || p.date.day < 1 || p.date.day > DaysInMonth(p.date.year, p.date.month)) return false;
  if (p.hour > 23 || p.minute > 59 || p.second > 60) return false;
  int64_t days = FromCivil(p.date);
  if (p.day_of_year != 0) {
    if (p.day_of_year > (IsLeapYear(p.date.year) ? 366 : 365)) return false;
    days = FromCivil({p.date.year, 1, 1}) + p.day_of_year - 1;
  }
  *micros = days * kMicrosPerDay + p.hour * kMicrosPerHour + p.minute * kMicrosPerMinute + p.second * kMicrosPerSecond + p.fraction -
            p.offset;
  return true;
}

CivilDate ReadCivil(Reader* in) {
  CivilDate date;
  date.year = in->Digits(4, 4);
  in->Expect('-');
  date.month = in->Digits(2, 2);
  in->Expect('-');
  date.day = in->Digits(2, 2);
  return date;
}

void ReadDirective(char directive, Reader* in, Parts* parts) {
  switch (directive) {
    case 'Y': parts->date.year = in->Digits(4, 4); break;
    case 'm': parts->date.month = in->Digits(1, 2); break;
    case 'd': parts->date.day = in->Digits(1, 2); break;
    case 'H': parts->hour = in->Digits(1, 2); break;
    case 'M': parts->minute = in->Digits(1, 2); break;
    case 'S': parts->second = in->Digits(1, 2); break;
    case 'f': parts->fraction = in->Fraction(); break;
    case 'z': parts->offset = in->Offset(); break;
    case 'b': parts->date.month = in->Name(kMonths) + 1; break;
    case 'a': in->Name(kDays); break;
    case 'j':
      parts->day_of_year = in->Digits(1, 3);
      if (parts->day_of_year == 0) in->ok = false;
      break;
    default: in->Expect(directive); break;
  }
}

char* WriteDirective(char directive, int64_t micros, char* out) {
  int64_t days = DayOf(micros);
  int64_t time = TimeOfDay(micros);
  CivilDate date = ToCivil(days);
  auto name = [&](std::string_view names, int64_t index) {
    std::memcpy(out, names.data() + 3 * index, 3);
    return out + 3;
  };
  switch (directive) {
    case 'Y': return WriteYear(date.year, out);
    case 'm': return WriteDigits(date.month, 2, out);
    case 'd': return WriteDigits(date.day, 2, out);
    case 'H': return WriteDigits(time / kMicrosPerHour, 2, out);
    case 'M': return WriteDigits(time / kMicrosPerMinute % 60, 2, out);
    case 'S': return WriteDigits(time / kMicrosPerSecond % 60, 2, out);
    case 'f': return WriteDigits(time % kMicrosPerSecond, 6, out);
    case 'z': std::memcpy(out, "+0000", 5); return out + 5;
    case 'b': return name(kMonths, date.month - 1);
    case 'a': return name(kDays, DayOfWeek(days) - 1);
    case 'j': return WriteDigits(DayOfYear(days), 3, out);
    default: *out = directive; return out + 1;
  }
}

}  // namespace

int64_t WriteTimestamp(int64_t micros, char* out) noexcept {
  char* to = WriteDay(DayOf(micros), out);
  int64_t time = TimeOfDay(micros);
  *to++ = 'T';
  to = WriteDigits(time / kMicrosPerHour, 2, to);
  *to++ = ':';
  to = WriteDigits(time / kMicrosPerMinute % 60, 2, to);
  *to++ = ':';
  to = WriteDigits(time / kMicrosPerSecond % 60, 2, to);
  int64_t fraction = time % kMicrosPerSecond;
  if (fraction != 0) {
    *to++ = '.';
    to = fraction % 1000 == 0 ? WriteDigits(fraction / 1000, 3, to) : WriteDigits(fraction, 6, to);
  }
  *to++ = 'Z';
  return to - out;
}

int64_t WriteDate(int64_t days, char* out) noexcept { return WriteDay(days, out) - out; }

int64_t WriteDuration(int64_t micros, char* out) noexcept {
  struct Unit {
    uint64_t size;
    std::string_view name;
  };
  static constexpr Unit kUnits[] = {{kMicrosPerDay, "d"},    {kMicrosPerHour, "h"}, {kMicrosPerMinute, "m"},
                                    {kMicrosPerSecond, "s"}, {1000, "ms"},          {1, "us"}};
  char* to = out;
  uint64_t rest = micros < 0 ? -static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  if (rest == 0) {
    std::memcpy(out, "0s", 2);
    return 2;
  }
  if (micros < 0) *to++ = '-';
  for (const Unit& unit : kUnits) {
    int64_t count = static_cast<int64_t>(rest / unit.size);
    rest %= unit.size;
    if (count == 0) continue;
    int digits = 1;
    for (int64_t power = 10; power <= count; power *= 10) ++digits;
    to = WriteDigits(count, digits, to);
    std::memcpy(to, unit.name.data(), unit.name.size());
    to += unit.name.size();
  }
  return to - out;
}

bool ReadDate(const char* text, int64_t size, int64_t* days) noexcept {
  Reader in{text, text + size};
  CivilDate date = ReadCivil(&in);
  if (!in.ok || in.at != in.end || date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > DaysInMonth(date.year, date.month))
    return false;
  *days = FromCivil(date);
  return true;
}

bool ReadTimestamp(const char* text, int64_t size, int64_t* micros) noexcept {
  Reader in{text, text + size};
  Parts parts;
  parts.date = ReadCivil(&in);
  if (in.at < in.end && (*in.at == 'T' || *in.at == 't' || *in.at == ' ')) {
    ++in.at;
  } else {
    return false;
  }
  parts.hour = in.Digits(2, 2);
  in.Expect(':');
  parts.minute = in.Digits(2, 2);
  in.Expect(':');
  parts.second = in.Digits(2, 2);
  if (in.at < in.end && *in.at == '.') {
    ++in.at;
    parts.fraction = in.Fraction();
  }
  parts.offset = in.Offset();
  return in.ok && in.at == in.end && Assemble(parts, micros);
}

int64_t FormatTime(int64_t micros, const char* pattern, int64_t pattern_size, char* out) noexcept {
  char* to = out;
  for (int64_t i = 0; i < pattern_size; ++i) {
    if (pattern[i] == '%' && i + 1 < pattern_size) {
      to = WriteDirective(pattern[++i], micros, to);
    } else {
      *to++ = pattern[i];
    }
  }
  return to - out;
}

bool ParseTime(const char* text, int64_t size, const char* pattern, int64_t pattern_size, int64_t* micros) noexcept {
  Reader in{text, text + size};
  Parts parts;
  for (int64_t i = 0; i < pattern_size && in.ok; ++i) {
    if (pattern[i] == '%' && i + 1 < pattern_size) {
      ReadDirective(pattern[++i], &in, &parts);
    } else {
      in.Expect(pattern[i]);
    }
  }
  return in.ok && in.at == in.end && Assemble(parts, micros);
}

std::string TimePatternError(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    if (++i == pattern.size()) return "`%` at the end says nothing";
    if (kDirectives.find(pattern[i]) == kDirectives.npos) {
      return "`%" + std::string(1, pattern[i]) + "` is not a directive; there are %Y %m %d %H %M %S %f %z %b %a %j %%";
    }
  }
  return {};
}

}  // namespace streamc::stdlib
