#include "stdlib/text/number_text.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace streamc::stdlib {

int64_t WriteInt(int64_t value, char* out) noexcept { return std::to_chars(out, out + kMaxNumberText, value).ptr - out; }

int64_t WriteFloat(double value, char* out) noexcept {
  char* end = std::to_chars(out, out + kMaxNumberText, value).ptr;
  std::string_view text(out, static_cast<size_t>(end - out));
  if (std::isfinite(value) && text.find_first_of(".e") == text.npos) {
    *end++ = '.';
    *end++ = '0';
  }
  return end - out;
}

int64_t WriteDecimal(__int128 value, int64_t scale, char* out) noexcept {
  unsigned __int128 rest = value < 0 ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  char digits[kMaxNumberText];
  char* first = digits + kMaxNumberText;
  for (int64_t count = 0; rest != 0 || count <= scale; ++count) {
    if (count == scale && scale > 0) *--first = '.';
    *--first = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  int64_t size = 0;
  if (value < 0) out[size++] = '-';
  while (first < digits + kMaxNumberText) out[size++] = *first++;
  return size;
}

bool ReadFloat(const char* text, int64_t size, double* out) noexcept {
  const char* end = text + size;
  // from_chars knows no plus sign, but the words inf and nan.
  if (size > 0 && *text == '+') {
    ++text;
    if (text < end && *text == '-') return false;
  }
  std::from_chars_result read = std::from_chars(text, end, *out);
  return read.ec == std::errc() && read.ptr == end && std::isfinite(*out);
}

}  // namespace streamc::stdlib
