// Types and constants as the user writes them.
#include <array>
#include <charconv>
#include <cstdio>

#include "compiler/support/text.h"
#include "compiler/types/type.h"

namespace streamc::types {
namespace {

std::string CoreText(const Type& type) {
  switch (type.kind) {
    case TypeKind::Error: return "?";
    case TypeKind::Null: return "null";
    case TypeKind::Bool: return "bool";
    case TypeKind::Int: return "int";
    case TypeKind::Float: return "float";
    case TypeKind::Decimal: return "decimal(" + std::to_string(type.precision) + ", " + std::to_string(type.scale) + ")";
    case TypeKind::String: return "string";
    case TypeKind::Bytes: return "bytes";
    case TypeKind::Timestamp:
      switch (type.time_format) {
        case TimeFormat::Rfc3339: return "timestamp";
        case TimeFormat::Millis: return "timestamp(ms)";
        case TimeFormat::Seconds: return "timestamp(s)";
        case TimeFormat::Pattern: return "timestamp(" + support::QuoteJson(type.pattern) + ")";
      }
      return "timestamp";
    case TypeKind::Date: return "date";
    case TypeKind::Duration: return "duration";
    case TypeKind::Uuid: return "uuid";
    case TypeKind::Secret: return "secret";
    case TypeKind::List: return "list<" + ToString(*type.element) + ">";
    case TypeKind::Map: return "map<" + ToString(*type.key) + ", " + ToString(*type.element) + ">";
    case TypeKind::Enum: {
      if (!type.name.empty()) return type.name;
      std::string text = "enum {";
      for (size_t i = 0; i < type.enum_values.size(); ++i) {
        text += (i == 0 ? " " : ", ") + support::QuoteJson(type.enum_values[i]);
      }
      return text + " }";
    }
    case TypeKind::Record: {
      if (!type.name.empty()) return type.name;
      if (type.fields.empty()) return "{ }";
      std::string text = "{";
      for (size_t i = 0; i < type.fields.size(); ++i) {
        const Field& field = type.fields[i];
        text += (i == 0 ? " " : ", ") + (field.type->is_rest ? "..." + field.name : field.name + ": " + ToString(*field.type));
      }
      return text + " }";
    }
  }
  return "?";
}

// Days since 1970-01-01 to year, month, day; the proleptic Gregorian calendar
// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
struct Civil {
  int64_t year;
  unsigned month, day;
};
Civil ToCivil(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {static_cast<int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted + 2) / 5 + 1};
}

std::string DateText(int64_t days) {
  const Civil civil = ToCivil(days);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04lld-%02u-%02u", static_cast<long long>(civil.year), civil.month, civil.day);
  return text.data();
}

std::string TimestampText(int64_t micros) {
  constexpr int64_t kDay = 86'400'000'000;
  int64_t days = micros / kDay;
  int64_t rest = micros % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "T%02d:%02d:%02d", static_cast<int>(rest / 3'600'000'000),
                static_cast<int>(rest / 60'000'000 % 60), static_cast<int>(rest / 1'000'000 % 60));
  std::string out = DateText(days) + text.data();
  if (const auto fraction = static_cast<int>(rest % 1'000'000); fraction != 0) {
    std::snprintf(text.data(), text.size(), ".%06d", fraction);
    out += text.data();
    while (out.back() == '0') out.pop_back();
  }
  return out + "Z";
}

std::string DurationText(int64_t micros) {
  if (micros == 0) return "0s";
  static constexpr std::array<std::pair<uint64_t, const char*>, 6> kUnits = {
      {{86'400'000'000, "d"}, {3'600'000'000, "h"}, {60'000'000, "m"}, {1'000'000, "s"}, {1'000, "ms"}, {1, "us"}}};
  std::string text = micros < 0 ? "-" : "";
  uint64_t left = micros < 0 ? 0 - static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  for (const auto& [size, unit] : kUnits) {
    if (left >= size) text += std::to_string(left / size) + unit;
    left %= size;
  }
  return text;
}

std::string DecimalText(Int128 value, int scale) {
  const bool negative = value < 0;
  auto left = negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(left % 10)));
    left /= 10;
  } while (left != 0);
  if (scale > 0) {
    while (digits.size() <= static_cast<size_t>(scale)) digits.insert(digits.begin(), '0');
    digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  }
  return negative ? "-" + digits : digits;
}

std::string FloatText(double value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  std::string out(text.data(), end);
  if (out.find_first_not_of("-0123456789") == std::string::npos) out += ".0";
  return out;
}

std::string ListText(const std::vector<Datum>& items, const Type& type) {
  std::string text = "[";
  for (size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "" : ", ") + ToString(items[i], *type.element);
  return text + "]";
}

std::string RecordText(const std::vector<Datum>& items, const Type& type) {
  if (items.empty()) return "{ }";
  std::string text = "{";
  for (size_t i = 0; i < items.size() && i < type.fields.size(); ++i) {
    text += (i == 0 ? " " : ", ") + type.fields[i].name + ": " + ToString(items[i], *type.fields[i].type);
  }
  return text + " }";
}

}  // namespace

std::string ToString(const Type& type) {
  std::string text = CoreText(type);
  if (type.optional && type.kind != TypeKind::Null) text += '?';
  return text;
}

std::string ToString(const Datum& datum, const Type& type) {
  if (datum.is_null()) return "null";
  if (const auto* flag = std::get_if<bool>(&datum.value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<double>(&datum.value)) return FloatText(*number);
  if (const auto* number = std::get_if<Int128>(&datum.value)) return DecimalText(*number, type.scale);
  if (const auto* text = std::get_if<std::string>(&datum.value)) return support::QuoteJson(*text);
  if (const auto* items = std::get_if<std::vector<Datum>>(&datum.value)) {
    if (type.kind == TypeKind::Record) return RecordText(*items, type);
    return type.element ? ListText(*items, type) : "[...]";
  }
  const int64_t value = std::get<int64_t>(datum.value);
  switch (type.kind) {
    case TypeKind::Timestamp: return "@" + TimestampText(value);
    case TypeKind::Date: return "@" + DateText(value);
    case TypeKind::Duration: return DurationText(value);
    case TypeKind::Enum:
      if (value >= 0 && static_cast<size_t>(value) < type.enum_values.size()) {
        return support::QuoteJson(type.enum_values[static_cast<size_t>(value)]);
      }
      return std::to_string(value);
    default: return std::to_string(value);
  }
}

}  // namespace streamc::types
