#include "runtime/format/json/scalar.h"

namespace streamc::rt::format::json {
namespace {

template <typename T>
uint8_t Put(char* to, const T& value) {
  std::memcpy(to, &value, sizeof value);
  return SC_OK;
}

bool IsNumeric(Read read) {
  switch (read) {
    case Read::Int:
    case Read::Float:
    case Read::Decimal:
    case Read::Millis:
    case Read::Seconds: return true;
    default: return false;
  }
}

uint8_t ScaledInt(std::string_view number, int64_t factor, char* value) {
  int64_t parsed = 0;
  if (uint8_t code = ParseInt(number, &parsed); code != SC_OK) return code;
  if (__builtin_mul_overflow(parsed, factor, &parsed)) return SC_ERR_JSON_RANGE;
  return Put(value, parsed);
}

uint8_t EnumIndex(const std::vector<EnumText>& values, std::string_view text, char* value) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].text == text) return Put(value, static_cast<int64_t>(i));
  }
  return SC_ERR_ENUM;
}

}  // namespace

uint8_t ScalarReader::FromNumber(const ValuePlan& plan, std::string_view number, char* value) {
  switch (plan.read) {
    case Read::Int:
    case Read::Duration: return ScaledInt(number, 1, value);
    case Read::Millis: return ScaledInt(number, 1000, value);
    case Read::Seconds: return ScaledInt(number, kMicrosPerSecond, value);
    case Read::Float: {
      double parsed = 0;
      uint8_t code = ParseFloat(number, &parsed);
      return code == SC_OK ? Put(value, parsed) : code;
    }
    case Read::Decimal: {
      __int128 parsed = 0;
      uint8_t code = ParseDecimal(number, plan.precision, plan.scale, &parsed);
      return code == SC_OK ? Put(value, parsed) : code;
    }
    default: return SC_ERR_JSON_TYPE;
  }
}

uint8_t ScalarReader::FromText(const ValuePlan& plan, std::string_view text, char* value) const {
  if (IsNumeric(plan.read)) {
    if (!quoted_numbers) return SC_ERR_JSON_TYPE;
    NumberForm form;
    return IsNumber(text, &form) ? FromNumber(plan, text, value) : uint8_t{SC_ERR_JSON_TYPE};
  }
  int64_t number = 0;
  ScStr result;
  switch (plan.read) {
    case Read::String: return Put(value, ScStr{text.data(), static_cast<int64_t>(text.size())});
    case Read::Enum: return EnumIndex(plan.enum_texts, text, value);
    case Read::Rfc3339: return ParseRfc3339(text, &number) ? Put(value, number) : uint8_t{SC_ERR_TIME_FORMAT};
    case Read::Pattern: return plan.pattern.Parse(text, &number) ? Put(value, number) : uint8_t{SC_ERR_TIME_FORMAT};
    case Read::Date: return ParseDate(text, &number) ? Put(value, number) : uint8_t{SC_ERR_TIME_FORMAT};
    case Read::Duration: return ParseDuration(text, &number) ? Put(value, number) : uint8_t{SC_ERR_TIME_FORMAT};
    case Read::Uuid: return ParseUuid(text, arena, &result) ? Put(value, result) : uint8_t{SC_ERR_JSON_TYPE};
    case Read::Bytes: return ParseBase64(text, arena, &result) ? Put(value, result) : uint8_t{SC_ERR_JSON_TYPE};
    default: return SC_ERR_JSON_TYPE;
  }
}

const char* ScalarReader::ReadUnquoted(const ValuePlan& plan, Scan& scan, const char* p, int depth, char* value, uint8_t* code) const {
  const char* after = SkipValue(scan, p, depth);
  if (after == nullptr) return nullptr;
  if (*p == 't' || *p == 'f') {
    *code = plan.read == Read::Bool ? Put(value, static_cast<uint8_t>(*p == 't')) : uint8_t{SC_ERR_JSON_TYPE};
  } else if (*p == '{' || *p == '[') {
    *code = SC_ERR_JSON_TYPE;
  } else {
    *code = FromNumber(plan, {p, static_cast<size_t>(after - p)}, value);
  }
  return after;
}

}  // namespace streamc::rt::format::json
