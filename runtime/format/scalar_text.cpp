// DecodeScalarText and EncodeScalarText of format.h: single values as plain text. Strings and bytes are the text itself, decoded as
// views of it; timestamps follow their declared form, so that what one writes the other reads.
#include <cstring>

#include "runtime/format/format.h"
#include "runtime/format/text_value.h"
#include "runtime/format/time_text.h"
#include "runtime/format/utf8.h"

namespace streamc::rt::format {
namespace {

using abi::Logical;
using abi::TimeFormat;

template <typename T>
T Load(const void* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
template <typename T>
bool Put(void* to, const T& value) {
  std::memcpy(to, &value, sizeof value);
  return true;
}

int64_t UnitOf(TimeFormat format) { return format == TimeFormat::Millis ? 1000 : kMicrosPerSecond; }
int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

bool DecodeTimestamp(const abi::TypeSpec& type, std::string_view text, int64_t* micros) {
  switch (type.time_format) {
    case TimeFormat::Rfc3339: return ParseRfc3339(text, micros);
    case TimeFormat::Millis:
    case TimeFormat::Seconds: {
      NumberForm form;
      int64_t number = 0;
      return IsNumber(text, &form) && ParseInt(text, &number) == SC_OK &&
             !__builtin_mul_overflow(number, UnitOf(type.time_format), micros);
    }
    case TimeFormat::Pattern: {
      Pattern pattern;
      std::string error;
      return Pattern::Make(type.pattern, &pattern, &error) && pattern.Parse(text, micros);
    }
  }
  return false;
}

void EncodeTimestamp(const abi::TypeSpec& type, int64_t micros, std::string* out) {
  Pattern pattern;
  std::string error;
  switch (type.time_format) {
    case TimeFormat::Millis:
    case TimeFormat::Seconds: return AppendInt(FloorDiv(micros, UnitOf(type.time_format)), out);
    case TimeFormat::Pattern:
      if (Pattern::Make(type.pattern, &pattern, &error) && pattern.Append(micros, out)) return;
      break;
    case TimeFormat::Rfc3339: break;
  }
  AppendRfc3339(micros, out);
}

}  // namespace

bool DecodeScalarText(const abi::TypeSpec& type, std::string_view text, ScArena* arena, void* value) {
  NumberForm form;
  int64_t number = 0;
  switch (type.logical) {
    case Logical::Bool: return (text == "true" || text == "false") && Put(value, static_cast<uint8_t>(text == "true"));
    case Logical::Int: return IsNumber(text, &form) && ParseInt(text, &number) == SC_OK && Put(value, number);
    case Logical::Float: {
      double parsed = 0;
      return IsNumber(text, &form) && ParseFloat(text, &parsed) == SC_OK && Put(value, parsed);
    }
    case Logical::Decimal: {
      __int128 parsed = 0;
      return IsNumber(text, &form) && ParseDecimal(text, type.precision, type.scale, &parsed) == SC_OK && Put(value, parsed);
    }
    case Logical::String:
      if (!IsUtf8(text.data(), text.size())) return false;
      [[fallthrough]];
    case Logical::Bytes: return Put(value, ScStr{text.data(), static_cast<int64_t>(text.size())});
    case Logical::Timestamp: return DecodeTimestamp(type, text, &number) && Put(value, number);
    case Logical::Date: return ParseDate(text, &number) && Put(value, number);
    case Logical::Duration: return ParseDuration(text, &number) && Put(value, number);
    case Logical::Uuid: {
      ScStr uuid;
      return ParseUuid(text, arena, &uuid) && Put(value, uuid);
    }
    case Logical::Enum:
      for (size_t i = 0; i < type.enum_values.size(); ++i) {
        if (type.enum_values[i] == text) return Put(value, static_cast<int64_t>(i));
      }
      return false;
    case Logical::List:
    case Logical::Record: return false;
  }
  return false;
}

void EncodeScalarText(const abi::TypeSpec& type, const void* value, std::string* out) {
  switch (type.logical) {
    case Logical::Bool: out->append(Load<uint8_t>(value) != 0 ? "true" : "false"); return;
    case Logical::Int: return AppendInt(Load<int64_t>(value), out);
    case Logical::Float: return AppendFloat(Load<double>(value), out);
    case Logical::Decimal: return AppendDecimal(Load<__int128>(value), type.scale, out);
    case Logical::String:
    case Logical::Bytes:
    case Logical::Uuid: {
      ScStr text = Load<ScStr>(value);
      if (text.len > 0) out->append(text.ptr, static_cast<size_t>(text.len));
      return;
    }
    case Logical::Timestamp: return EncodeTimestamp(type, Load<int64_t>(value), out);
    case Logical::Date: return AppendDate(Load<int64_t>(value), out);
    case Logical::Duration: return AppendDuration(Load<int64_t>(value), out);
    case Logical::Enum: {
      size_t index = static_cast<size_t>(Load<int64_t>(value));
      if (index < type.enum_values.size()) out->append(type.enum_values[index]);
      return;
    }
    case Logical::List:
    case Logical::Record: return;
  }
}

}  // namespace streamc::rt::format
