#include "stdlib/text/zone.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "stdlib/text/civil.h"

namespace streamc::stdlib {

namespace {

constexpr const char* kFolder = "/usr/share/zoneinfo/";
constexpr size_t kMaxFile = 1 << 20;
constexpr int64_t kSecondsPerDay = 86400;

// A day of the year on which clocks change, as the POSIX rule at the end of a zone file writes it.
struct ChangeDay {
  enum class Kind : uint8_t { MonthWeekDay, Julian, Zero } kind = Kind::Zero;
  int64_t month = 0, week = 0, day = 0;
  int64_t time = 2 * 3600;  // seconds after local midnight; may be negative or beyond a day
};

// What holds after the last recorded change.
struct Rule {
  bool valid = false;
  bool has_summer = false;
  int64_t standard = 0, summer = 0;
  ChangeDay begins, ends;
};

struct Zone {
  std::vector<int64_t> changes;  // seconds since 1970, ascending
  std::vector<int64_t> offsets;  // one for each change, in seconds
  int64_t before = 0;            // ahead of the first change
  Rule rule;
};

// Reads the rule, for example "CET-1CEST,M3.5.0,M10.5.0/3".
struct RuleReader {
  std::string_view text;
  bool ok = true;

  char Peek() const { return text.empty() ? '\0' : text.front(); }
  bool Take(char c) {
    if (Peek() != c) return false;
    text.remove_prefix(1);
    return true;
  }
  void Need(char c) { ok = Take(c) && ok; }
  bool IsDigit() const { return Peek() >= '0' && Peek() <= '9'; }
  int64_t Number() {
    if (!IsDigit()) ok = false;
    int64_t value = 0;
    for (; IsDigit() && value < 100000; text.remove_prefix(1)) value = value * 10 + (Peek() - '0');
    return value;
  }
  void Name() {
    if (Take('<')) {
      while (!text.empty() && Peek() != '>') text.remove_prefix(1);
      Need('>');
      return;
    }
    size_t letters = 0;
    for (; (Peek() | 0x20) >= 'a' && (Peek() | 0x20) <= 'z'; ++letters) text.remove_prefix(1);
    if (letters == 0) ok = false;
  }
  // [+-]hh[:mm[:ss]] in seconds.
  int64_t Time() {
    int64_t sign = Take('-') ? -1 : 1;
    if (sign > 0) Take('+');
    int64_t seconds = Number() * 3600;
    if (Take(':')) seconds += Number() * 60;
    if (Take(':')) seconds += Number();
    return sign * seconds;
  }
  ChangeDay Day() {
    ChangeDay change;
    if (Take('M')) {
      change.kind = ChangeDay::Kind::MonthWeekDay;
      change.month = Number();
      Need('.');
      change.week = Number();
      Need('.');
      change.day = Number();
      if (change.month < 1 || change.month > 12 || change.week < 1 || change.week > 5 || change.day > 6) ok = false;
    } else {
      change.kind = Take('J') ? ChangeDay::Kind::Julian : ChangeDay::Kind::Zero;
      change.day = Number();
    }
    if (Take('/')) change.time = Time();
    return change;
  }
};

Rule ParseRule(std::string_view text) {
  RuleReader in{text};
  Rule rule;
  in.Name();
  // POSIX counts west of Greenwich as positive.
  rule.standard = -in.Time();
  if (in.ok && !in.text.empty()) {
    rule.has_summer = true;
    in.Name();
    rule.summer = in.Peek() == ',' ? rule.standard + 3600 : -in.Time();
    in.Need(',');
    rule.begins = in.Day();
    in.Need(',');
    rule.ends = in.Day();
  }
  rule.valid = in.ok && in.text.empty();
  return rule;
}

// The local second, since 1970, at which the change of that year happens.
int64_t ChangeSecond(const ChangeDay& change, int64_t year) {
  int64_t day = 0;
  switch (change.kind) {
    case ChangeDay::Kind::MonthWeekDay: {
      int64_t first = FromCivil({year, change.month, 1});
      day = first + (change.day - DayOfWeek(first) % 7 + 7) % 7 + 7 * (change.week - 1);
      if (day >= first + DaysInMonth(year, change.month)) day -= 7;
      break;
    }
    case ChangeDay::Kind::Julian:
      // Counted from 1, and February 29th is never counted.
      day = FromCivil({year, 1, 1}) + change.day - 1 + (IsLeapYear(year) && change.day >= 60 ? 1 : 0);
      break;
    case ChangeDay::Kind::Zero: day = FromCivil({year, 1, 1}) + change.day; break;
  }
  return day * kSecondsPerDay + change.time;
}

int64_t RuleOffset(const Rule& rule, int64_t seconds) {
  if (!rule.has_summer) return rule.standard;
  int64_t year = YearOf(FloorDivide(seconds + rule.standard, kSecondsPerDay));
  int64_t begins = ChangeSecond(rule.begins, year) - rule.standard;
  int64_t ends = ChangeSecond(rule.ends, year) - rule.summer;
  bool summer = begins < ends ? seconds >= begins && seconds < ends : seconds >= begins || seconds < ends;
  return summer ? rule.summer : rule.standard;
}

// Big-endian numbers from the bytes of a file; beyond its end `ok` becomes false and zeros follow.
struct Bytes {
  std::string_view rest;
  bool ok = true;

  std::string_view Take(size_t size) {
    if (size > rest.size()) {
      ok = false;
      return {};
    }
    std::string_view taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  }
  int64_t Number(size_t size) {
    uint64_t value = 0;
    for (char c : Take(size)) value = value << 8 | static_cast<uint8_t>(c);
    return size == 4 ? static_cast<int32_t>(value) : static_cast<int64_t>(value);
  }
};

struct Header {
  size_t utc, standard, leaps, changes, types, letters;
};

bool ReadHeader(Bytes* in, Header* header) {
  if (in->Take(4) != "TZif") return false;
  in->Take(16);
  for (size_t* field : {&header->utc, &header->standard, &header->leaps, &header->changes, &header->types, &header->letters})
    *field = static_cast<size_t>(static_cast<uint32_t>(in->Number(4)));
  return in->ok && std::max({header->utc, header->standard, header->leaps, header->changes, header->types, header->letters}) < kMaxFile;
}

// The second data block, with 64-bit times, and the rule after it.
bool ParseZone(std::string_view file, Zone* zone) {
  Bytes in{file};
  Header h;
  if (!ReadHeader(&in, &h)) return false;
  in.Take(h.changes * 5 + h.types * 6 + h.letters + h.leaps * 8 + h.standard + h.utc);
  if (!ReadHeader(&in, &h) || h.types == 0) return false;
  for (size_t i = 0; i < h.changes; ++i) zone->changes.push_back(in.Number(8));
  std::string_view type_of = in.Take(h.changes);
  std::vector<int64_t> types;
  for (size_t i = 0; i < h.types; ++i) {
    types.push_back(in.Number(4));
    in.Take(2);
  }
  in.Take(h.letters + h.leaps * 12 + h.standard + h.utc);
  if (!in.ok) return false;
  for (char type : type_of) {
    size_t index = static_cast<uint8_t>(type);
    if (index >= types.size()) return false;
    zone->offsets.push_back(types[index]);
  }
  zone->before = types[0];
  std::string_view footer = in.rest;
  if (footer.size() >= 2 && footer.front() == '\n' && footer.back() == '\n')
    zone->rule = ParseRule(footer.substr(1, footer.size() - 2));
  return true;
}

bool LoadZone(const std::string& name, Zone* zone) {
  bool plain = !name.empty() && name.front() != '/' && name.find("..") == name.npos &&
               std::all_of(name.begin(), name.end(), [](char c) {
                 return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' || c == '+';
               });
  if (!plain) return false;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen((kFolder + name).c_str(), "rb"), &std::fclose);
  if (file == nullptr) return false;
  std::string bytes(kMaxFile, '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
  return ParseZone(bytes, zone);
}

// Null when there is none. Pointers stay valid on this thread.
const Zone* FindZone(std::string_view name) {
  static thread_local std::unordered_map<std::string, std::unique_ptr<Zone>> zones;
  static thread_local std::string_view last_name;
  static thread_local const Zone* last = nullptr;
  if (last != nullptr && last_name == name) return last;
  std::string key(name);
  auto found = zones.find(key);
  if (found == zones.end()) {
    auto zone = std::make_unique<Zone>();
    if (!LoadZone(key, zone.get())) return nullptr;
    found = zones.emplace(std::move(key), std::move(zone)).first;
  }
  last_name = found->first;
  last = found->second.get();
  return last;
}

}  // namespace

bool ZoneOffset(int64_t micros, const char* name, int64_t size, int64_t* offset) noexcept {
  const Zone* zone = FindZone(std::string_view(name, static_cast<size_t>(size)));
  if (zone == nullptr) return false;
  int64_t seconds = FloorDivide(micros, kMicrosPerSecond);
  auto next = std::upper_bound(zone->changes.begin(), zone->changes.end(), seconds);
  if (next == zone->changes.end() && zone->rule.valid) {
    *offset = RuleOffset(zone->rule, seconds);
  } else if (next == zone->changes.begin()) {
    *offset = zone->before;
  } else {
    *offset = zone->offsets[static_cast<size_t>(next - zone->changes.begin()) - 1];
  }
  *offset *= kMicrosPerSecond;
  return true;
}

bool IsZone(std::string_view zone) { return FindZone(zone) != nullptr; }

}  // namespace streamc::stdlib
