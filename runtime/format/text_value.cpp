#include "runtime/format/text_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace streamc::rt::format {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> Base64Values() {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (int8_t i = 0; i < 64; ++i) values[static_cast<uint8_t>(kBase64[i])] = i;
  return values;
}
constexpr std::array<int8_t, 256> kBase64Values = Base64Values();

constexpr std::array<__int128, 39> PowersOfTen() {
  std::array<__int128, 39> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr std::array<__int128, 39> kPowersOfTen = PowersOfTen();

// The parts of a JSON number: digits without point, and the power of ten of the last one.
struct NumberParts { bool negative = false; std::string_view whole, fraction; int64_t exponent = 0; };
NumberParts SplitNumber(std::string_view number) {
  NumberParts parts;
  size_t at = 0;
  if (number[0] == '-') parts.negative = true, ++at;
  size_t first = at;
  while (at < number.size() && IsDigit(number[at])) ++at;
  parts.whole = number.substr(first, at - first);
  if (at < number.size() && number[at] == '.') {
    first = ++at;
    while (at < number.size() && IsDigit(number[at])) ++at;
    parts.fraction = number.substr(first, at - first);
  }
  if (at < number.size()) {
    ++at;
    bool down = number[at] == '-';
    if (!IsDigit(number[at])) ++at;
    // Capped far above the digits a record can hold, so that the sum below cannot overflow.
    for (; at < number.size(); ++at) parts.exponent = std::min<int64_t>(parts.exponent * 10 + (number[at] - '0'), 1 << 30);
    if (down) parts.exponent = -parts.exponent;
  }
  return parts;
}

}  // namespace

int64_t ScanNumber(const char* p, const char* end, NumberForm* form) {
  const char* first = p;
  *form = NumberForm::None;
  if (p < end && *p == '-') ++p;
  if (p >= end || !IsDigit(*p)) return 0;
  if (*p == '0') {
    ++p;
  } else {
    while (p < end && IsDigit(*p)) ++p;
  }
  *form = NumberForm::Integer;
  if (p < end && *p == '.') {
    if (++p >= end || !IsDigit(*p)) return *form = NumberForm::None, 0;
    while (p < end && IsDigit(*p)) ++p;
    *form = NumberForm::Fractional;
  }
  if (p < end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p < end && (*p == '+' || *p == '-')) ++p;
    if (p >= end || !IsDigit(*p)) return *form = NumberForm::None, 0;
    while (p < end && IsDigit(*p)) ++p;
    *form = NumberForm::Fractional;
  }
  return p - first;
}

bool IsNumber(std::string_view text, NumberForm* form) {
  int64_t length = ScanNumber(text.data(), text.data() + text.size(), form);
  return length != 0 && static_cast<size_t>(length) == text.size();
}

uint8_t ParseInt(std::string_view number, int64_t* value) {
  auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), *value);
  return error == std::errc() && stop == number.data() + number.size() ? uint8_t{SC_OK} : uint8_t{SC_ERR_JSON_RANGE};
}

uint8_t ParseFloat(std::string_view number, double* value) {
  double parsed = 0;
  auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), parsed);
  if (error == std::errc::result_out_of_range) {
    // from_chars says the same of too large and too small: the size of the leading digit decides.
    NumberParts parts = SplitNumber(number);
    size_t zeros = std::min(parts.fraction.find_first_not_of('0'), parts.fraction.size());
    bool has_whole = parts.whole != "0";
    int64_t magnitude = has_whole ? static_cast<int64_t>(parts.whole.size()) : -static_cast<int64_t>(zeros);
    if (magnitude + parts.exponent > 0) return SC_ERR_JSON_RANGE;
    parsed = parts.negative ? -0.0 : 0.0;
  } else if (error != std::errc()) {
    return SC_ERR_JSON_RANGE;
  }
  *value = parsed;
  return SC_OK;
}

uint8_t ParseDecimal(std::string_view number, int precision, int scale, __int128* value) {
  NumberParts parts = SplitNumber(number);
  // Position of a digit counted in units of 10^-scale: digits below position 0 must be zero, digits at `precision` or above too.
  int64_t position = static_cast<int64_t>(parts.whole.size()) - 1 + parts.exponent + scale;
  unsigned __int128 total = 0;
  auto add = [&](std::string_view digits) {
    for (char c : digits) {
      if (c != '0') {
        if (position < 0 || position >= precision) return false;
        total += static_cast<unsigned __int128>(kPowersOfTen[static_cast<size_t>(position)]) * static_cast<unsigned>(c - '0');
      }
      --position;
    }
    return true;
  };
  if (!add(parts.whole) || !add(parts.fraction)) return SC_ERR_JSON_RANGE;
  *value = parts.negative ? -static_cast<__int128>(total) : static_cast<__int128>(total);
  return SC_OK;
}

void AppendFloat(double value, std::string* out) {
  char buffer[40];
  auto [stop, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out->append(buffer, error == std::errc() ? stop : buffer);
}

void AppendInt(int64_t value, std::string* out) {
  char buffer[24];
  auto [stop, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out->append(buffer, error == std::errc() ? stop : buffer);
}

void AppendDecimal(__int128 value, int scale, std::string* out) {
  auto left = value < 0 ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  char buffer[48];
  char* p = buffer + sizeof buffer;
  for (int digits = 0; left != 0 || digits <= scale; ++digits) {
    if (digits == scale && scale > 0) *--p = '.';
    *--p = static_cast<char>('0' + static_cast<int>(left % 10));
    left /= 10;
  }
  if (value < 0) *--p = '-';
  out->append(p, buffer + sizeof buffer);
}

bool ParseBase64(std::string_view text, ScArena* arena, ScStr* bytes) {
  if (text.size() % 4 != 0) return false;
  if (text.empty()) return *bytes = {"", 0}, true;
  size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  int64_t size = static_cast<int64_t>(text.size() / 4 * 3 - padding);
  char* out = static_cast<char*>(sc_arena_alloc(arena, size));
  int64_t written = 0;
  for (size_t at = 0; at < text.size(); at += 4) {
    uint32_t group = 0;
    for (size_t i = 0; i < 4; ++i) {
      int8_t value = kBase64Values[static_cast<uint8_t>(text[at + i])];
      if (at + i >= text.size() - padding) value = 0;
      if (value < 0) return false;
      group = group << 6 | static_cast<uint32_t>(value);
    }
    for (int shift = 16; shift >= 0; shift -= 8) {
      if (written < size) {
        out[written++] = static_cast<char>(group >> shift);
      } else if ((group >> shift & 0xFF) != 0) {
        return false;  // bits behind the last byte must be zero: one text per value
      }
    }
  }
  *bytes = {out, size};
  return true;
}

void AppendBase64(std::string_view bytes, std::string* out) {
  size_t at = 0;
  auto byte = [&](size_t i) { return i < bytes.size() ? static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) : 0u; };
  for (; at < bytes.size(); at += 3) {
    uint32_t group = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    out->push_back(kBase64[group >> 18]);
    out->push_back(kBase64[group >> 12 & 63]);
    out->push_back(at + 1 < bytes.size() ? kBase64[group >> 6 & 63] : '=');
    out->push_back(at + 2 < bytes.size() ? kBase64[group & 63] : '=');
  }
}

bool ParseUuid(std::string_view text, ScArena* arena, ScStr* uuid) {
  if (text.size() != 36) return false;
  bool upper = false;
  for (size_t i = 0; i < 36; ++i) {
    char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return false;
    } else if (c >= 'A' && c <= 'F') {
      upper = true;
    } else if (!IsDigit(c) && (c < 'a' || c > 'f')) {
      return false;
    }
  }
  if (!upper) return *uuid = {text.data(), 36}, true;
  char* copy = static_cast<char*>(sc_arena_alloc(arena, 36));
  for (size_t i = 0; i < 36; ++i) copy[i] = static_cast<char>(text[i] >= 'A' && text[i] <= 'F' ? text[i] + 32 : text[i]);
  *uuid = {copy, 36};
  return true;
}

}  // namespace streamc::rt::format
