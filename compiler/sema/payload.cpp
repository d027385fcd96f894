#include "compiler/sema/payload.h"

#include <vector>

#include "compiler/support/text.h"
#include "stdlib/text/time_text.h"

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

std::string PatternText(int64_t micros, const std::string& pattern) {
  std::string text(pattern.size() * 16, '\0');
  text.resize(static_cast<size_t>(stdlib::FormatTime(micros, pattern.data(), static_cast<int64_t>(pattern.size()), text.data())));
  return text;
}

std::string TimestampJson(int64_t micros, const Type& type) {
  const auto floor_div = [micros](int64_t unit) { return micros / unit - (micros % unit < 0 ? 1 : 0); };
  switch (type.time_format) {
    case types::TimeFormat::Rfc3339: return support::QuoteJson(TimeText(micros, TypeKind::Timestamp));
    case types::TimeFormat::Millis: return std::to_string(floor_div(1'000));
    case types::TimeFormat::Seconds: return std::to_string(floor_div(1'000'000));
    case types::TimeFormat::Pattern: return support::QuoteJson(PatternText(micros, type.pattern));
  }
  return {};
}

// What stands between the braces of an object's text. Another text makes the record bad, as it would be.
std::string RestFields(const std::string& text) {
  if (!text.starts_with('{') || !text.ends_with('}')) return text;
  const std::string fields = text.substr(1, text.size() - 2);
  return fields.find_first_not_of(' ') == std::string::npos ? "" : fields;
}

std::string RecordJson(const std::vector<Datum>& values, const Type& type) {
  std::string text = "{";
  for (size_t i = 0; i < values.size() && i < type.fields.size(); ++i) {
    if (values[i].is_null()) continue;
    if (type.fields[i].type->is_rest) {
      const std::string fields = RestFields(std::get<std::string>(values[i].value));
      if (!fields.empty()) text += (text.size() == 1 ? "" : ", ") + fields;
      continue;
    }
    text += (text.size() == 1 ? "" : ", ") + support::QuoteJson(type.fields[i].outside_name) + ": " +
            EncodeJson(values[i], *type.fields[i].type);
  }
  return text + "}";
}

std::string ListJson(const std::vector<Datum>& values, const Type& type) {
  std::string text = "[";
  for (const Datum& each : values) text += (text.size() == 1 ? "" : ", ") + EncodeJson(each, *type.element);
  return text + "]";
}

}  // namespace

std::string EncodeJson(const Datum& value, const Type& type) {
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

std::string EncodeKey(const Datum& value, const Type& type) {
  if (const auto* text = std::get_if<std::string>(&value.value)) return *text;
  if (type.kind == TypeKind::Enum) return type.enum_values.at(static_cast<size_t>(std::get<int64_t>(value.value)));
  if (type.kind == TypeKind::Timestamp || type.kind == TypeKind::Date)
    return TimeText(std::get<int64_t>(value.value), type.kind);
  return EncodeJson(value, type);
}

}  // namespace streamc::sema
