#include "compiler/sema/payload.h"

#include <array>
#include <cstdio>
#include <vector>

#include "compiler/support/text.h"

namespace streamc::sema {
namespace {

using types::Datum;
using types::Make;
using types::Type;
using types::TypeKind;

std::string Base64(const std::string& bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) group = group << 8 | (i + k < bytes.size() ? static_cast<uint8_t>(bytes[i + k]) : 0U);
    for (size_t k = 0; k < 4; ++k) text += i + k > bytes.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
  }
  return text;
}

// Without the `@` of the language.
std::string TimeText(int64_t value, TypeKind kind) {
  return types::ToString(Datum{value}, *Make(kind)).substr(1);
}

// The letters a test may need: y M d H m s S, X for the zone, and quoted text. Anything else: nullopt.
std::optional<std::string> PatternText(int64_t micros, const std::string& pattern) {
  const std::string text = TimeText(micros - (micros % 1'000'000 + 1'000'000) % 1'000'000, TypeKind::Timestamp);
  if (text.size() != 20) return std::nullopt;
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), "%06d", static_cast<int>((micros % 1'000'000 + 1'000'000) % 1'000'000));
  const auto part = [&](char letter, size_t count) -> std::optional<std::string> {
    const auto two = [&](size_t at) { return count == 1 && text[at] == '0' ? text.substr(at + 1, 1) : text.substr(at, 2); };
    if (letter == 'y' && count == 4) return text.substr(0, 4);
    if (letter == 'y' && count == 2) return text.substr(2, 2);
    if (count > 2 && letter != 'S' && letter != 'X') return std::nullopt;
    switch (letter) {
      case 'M': return two(5);
      case 'd': return two(8);
      case 'H': return two(11);
      case 'm': return two(14);
      case 's': return two(17);
      case 'S': return (std::string(fraction.data()) + "000").substr(0, count);
      case 'X': return "Z";
      default: return std::nullopt;
    }
  };
  std::string out;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\'') {
      const size_t end = pattern.find('\'', i + 1);
      if (end == std::string::npos) return std::nullopt;
      out += end == i + 1 ? "'" : pattern.substr(i + 1, end - i - 1);
      i = end + 1;
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      size_t count = 1;
      while (i + count < pattern.size() && pattern[i + count] == c) ++count;
      const auto piece = part(c, count);
      if (!piece) return std::nullopt;
      out += *piece;
      i += count;
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

std::optional<std::string> TimestampJson(int64_t micros, const Type& type) {
  const auto floor_div = [micros](int64_t unit) { return micros / unit - (micros % unit < 0 ? 1 : 0); };
  switch (type.time_format) {
    case types::TimeFormat::Rfc3339: return support::QuoteJson(TimeText(micros, TypeKind::Timestamp));
    case types::TimeFormat::Millis: return std::to_string(floor_div(1'000));
    case types::TimeFormat::Seconds: return std::to_string(floor_div(1'000'000));
    case types::TimeFormat::Pattern:
      if (const auto text = PatternText(micros, type.pattern)) return support::QuoteJson(*text);
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> RecordJson(const std::vector<Datum>& values, const Type& type) {
  std::string text = "{";
  for (size_t i = 0; i < values.size() && i < type.fields.size(); ++i) {
    if (values[i].is_null()) continue;
    const auto value = EncodeJson(values[i], *type.fields[i].type);
    if (!value) return std::nullopt;
    text += (text.size() == 1 ? "" : ", ") + support::QuoteJson(type.fields[i].outside_name) + ": " + *value;
  }
  return text + "}";
}

std::optional<std::string> ListJson(const std::vector<Datum>& values, const Type& type) {
  std::string text = "[";
  for (const Datum& each : values) {
    const auto value = EncodeJson(each, *type.element);
    if (!value) return std::nullopt;
    text += (text.size() == 1 ? "" : ", ") + *value;
  }
  return text + "]";
}

}  // namespace

std::optional<std::string> EncodeJson(const Datum& value, const Type& type) {
  if (value.is_null()) return "null";
  switch (type.kind) {
    case TypeKind::Record: return RecordJson(std::get<std::vector<Datum>>(value.value), type);
    case TypeKind::List: return ListJson(std::get<std::vector<Datum>>(value.value), type);
    case TypeKind::Bytes: return support::QuoteJson(Base64(std::get<std::string>(value.value)));
    case TypeKind::Timestamp: return TimestampJson(std::get<int64_t>(value.value), type);
    case TypeKind::Date: return support::QuoteJson(TimeText(std::get<int64_t>(value.value), TypeKind::Date));
    case TypeKind::Duration: return support::QuoteJson(types::ToString(value, type));
    default: return types::ToString(value, type);  // numbers, bool, and quoted texts of strings, uuids and enums
  }
}

std::optional<std::string> EncodeKey(const Datum& value, const Type& type) {
  if (const auto* text = std::get_if<std::string>(&value.value)) return *text;
  if (type.kind == TypeKind::Enum) return type.enum_values.at(static_cast<size_t>(std::get<int64_t>(value.value)));
  if (type.kind == TypeKind::Timestamp || type.kind == TypeKind::Date)
    return TimeText(std::get<int64_t>(value.value), type.kind);
  return EncodeJson(value, type);
}

}  // namespace streamc::sema
