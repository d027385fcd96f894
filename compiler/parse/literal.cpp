#include "compiler/parse/literal.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include "compiler/support/text.h"

namespace streamc::parse {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Takes digits off the front; nullopt when there are none or the number does not fit.
std::optional<int64_t> TakeNumber(std::string_view& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

bool TakeChar(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::string WithoutUnderscores(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits += c;
  }
  return digits;
}

// Exactly `width` digits with a value in [low, high].
bool TakeField(std::string_view& text, size_t width, int64_t low, int64_t high, int64_t& value) {
  std::string_view digits = text.substr(0, width);
  if (digits.size() != width || !IsDigit(digits[0])) return false;
  const auto number = TakeNumber(digits);
  if (!number || !digits.empty() || *number < low || *number > high) return false;
  value = *number;
  text.remove_prefix(width);
  return text.empty() || !IsDigit(text[0]);
}

bool TakeFraction(std::string_view& text, int64_t& micros) {
  if (!TakeChar(text, '.')) return true;
  int64_t unit = 100000;
  size_t digits = 0;
  for (; !text.empty() && IsDigit(text[0]); text.remove_prefix(1), unit /= 10, ++digits) micros += (text[0] - '0') * unit;
  return digits >= 1 && digits <= 6;
}

bool TakeZone(std::string_view& text, int64_t& minutes_east) {
  if (TakeChar(text, 'Z')) return true;
  const int64_t sign = text.starts_with('-') ? -1 : 1;
  if (!TakeChar(text, '+') && !TakeChar(text, '-')) return false;
  int64_t hours = 0, minutes = 0;
  if (!TakeField(text, 2, 0, 23, hours) || !TakeChar(text, ':') || !TakeField(text, 2, 0, 59, minutes)) return false;
  minutes_east = sign * (hours * 60 + minutes);
  return true;
}

class StringDecoder {
 public:
  explicit StringDecoder(std::string_view token) : token_(token) {}

  DecodedString Decode() {
    const size_t end = token_.size() - 1;
    at_ = 1;
    while (at_ < end) {
      if (token_[at_] == '\\') {
        TakeEscape(end);
      } else if (token_[at_] == '{') {
        TakePath(end);
      } else {
        AppendText(token_.substr(at_, 1), at_, at_ + 1);
        ++at_;
      }
    }
    return std::move(result_);
  }

 private:
  void AppendText(std::string_view text, size_t begin, size_t end) {
    auto& pieces = result_.pieces;
    if (pieces.empty() || !pieces.back().path.empty()) pieces.push_back({begin, begin, "", {}});
    pieces.back().text += text;
    pieces.back().end = end;
  }

  void Fail(StringProblem::Kind kind, size_t begin, size_t end) { result_.problems.push_back({kind, begin, end}); }

  void TakeEscape(size_t end) {
    static constexpr std::string_view kLetters = "nrt0\\\"{}";
    static constexpr std::string_view kMeanings{"\n\r\t\0\\\"{}", 8};
    const size_t begin = at_;
    const char letter = token_[at_ + 1];
    at_ += 2;
    if (letter == 'u') return TakeCodePoint(begin, end);
    const size_t index = kLetters.find(letter);
    if (index == std::string_view::npos) {
      while (at_ < end && (static_cast<unsigned char>(token_[at_]) & 0xC0) == 0x80) ++at_;
      return Fail(StringProblem::Kind::Escape, begin, at_);
    }
    AppendText(kMeanings.substr(index, 1), begin, at_);
  }

  // `\u{1F600}`: one to six hexadecimal digits of a code point.
  void TakeCodePoint(size_t begin, size_t end) {
    const size_t close = token_.find('}', at_);
    if (token_[at_] != '{' || close == std::string_view::npos || close >= end) {
      return Fail(StringProblem::Kind::Escape, begin, at_);
    }
    const std::string_view digits = token_.substr(at_ + 1, close - at_ - 1);
    uint32_t code_point = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), code_point, 16);
    const bool complete = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
    at_ = close + 1;
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (!complete || digits.size() > 6 || code_point > 0x10FFFF || surrogate) {
      return Fail(StringProblem::Kind::Escape, begin, at_);
    }
    std::string text;
    support::AppendUtf8(text, code_point);
    AppendText(text, begin, at_);
  }

  void TakePath(size_t end) {
    const size_t begin = at_;
    const size_t close = token_.find('}', begin);
    if (close == std::string_view::npos || close >= end) {
      at_ = end;
      return Fail(StringProblem::Kind::UnclosedBrace, begin, begin + 1);
    }
    at_ = begin + 1;
    StringPiece piece{begin, close + 1, "", {}};
    bool good = TakeName(piece, close);
    while (good && at_ < close) {
      good = token_[at_] == '.';
      ++at_;
      good = good && TakeName(piece, close);
    }
    at_ = close + 1;
    if (!good) return Fail(StringProblem::Kind::NotAPath, begin, at_);
    result_.pieces.push_back(std::move(piece));
  }

  // A name, or one in back-ticks, up to `close`.
  bool TakeName(StringPiece& piece, size_t close) {
    const size_t begin = at_;
    if (at_ < close && token_[at_] == '`') {
      const size_t tick = token_.find('`', at_ + 1);
      if (tick == std::string_view::npos || tick >= close || tick == at_ + 1) return false;
      at_ = tick + 1;
      piece.path.push_back({begin, at_, std::string(token_.substr(begin + 1, tick - begin - 1)), true});
      return true;
    }
    if (at_ >= close || !IsNameStart(token_[at_])) return false;
    while (at_ < close && (IsNameStart(token_[at_]) || IsDigit(token_[at_]))) ++at_;
    piece.path.push_back({begin, at_, std::string(token_.substr(begin, at_ - begin)), false});
    return true;
  }

  std::string_view token_;
  size_t at_ = 0;
  DecodedString result_;
};

}  // namespace

std::optional<int64_t> DecodeInt(std::string_view text, bool negative) {
  const std::string digits = (negative ? "-" : "") + WithoutUnderscores(text);
  int64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc()) return std::nullopt;
  return value;
}

std::optional<double> DecodeFloat(std::string_view text) {
  const std::string digits = WithoutUnderscores(text);
  double value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec == std::errc::result_out_of_range) {
    // from_chars says the same of too small and too large; what is too small is zero.
    const size_t exponent = digits.find_first_of("eE");
    if (exponent != std::string::npos && digits[exponent + 1] == '-') return 0.0;
    return std::nullopt;
  }
  if (parsed.ec != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<int64_t> DecodeDuration(std::string_view text) {
  struct Unit {
    std::string_view suffix;
    int64_t micros;
  };
  // `ms` and `us` before `m`, which begins like them.
  static constexpr Unit kUnits[] = {{"us", 1},       {"ms", 1000},      {"s", 1000000},
                                    {"m", 60000000}, {"h", 3600000000}, {"d", 86400000000}};
  int64_t total = 0;
  while (!text.empty()) {
    const auto count = TakeNumber(text);
    if (!count) return std::nullopt;
    int64_t part = 0;
    for (const Unit& unit : kUnits) {
      if (!text.starts_with(unit.suffix)) continue;
      if (__builtin_mul_overflow(*count, unit.micros, &part)) return std::nullopt;
      text.remove_prefix(unit.suffix.size());
      break;
    }
    if (__builtin_add_overflow(total, part, &total)) return std::nullopt;
  }
  return total;
}

std::optional<int64_t> DecodeSize(std::string_view text) {
  const auto count = TakeNumber(text);
  if (!count) return std::nullopt;
  const int64_t unit = text == "KB" ? int64_t{1} << 10 : text == "MB" ? int64_t{1} << 20 : int64_t{1} << 30;
  int64_t bytes = 0;
  if (__builtin_mul_overflow(*count, unit, &bytes)) return std::nullopt;
  return bytes;
}

DecodedTimestamp DecodeTimestamp(std::string_view text) {
  text.remove_prefix(1);
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0, minutes_east = 0;
  const bool date = TakeField(text, 4, 1, 9999, year) && TakeChar(text, '-') && TakeField(text, 2, 1, 12, month) &&
                    TakeChar(text, '-') && TakeField(text, 2, 1, 31, day);
  if (!date) return {0, "a date is four, two and two digits: year, month, day"};
  using namespace std::chrono;
  const year_month_day civil{std::chrono::year(static_cast<int>(year)), std::chrono::month(static_cast<unsigned>(month)),
                             std::chrono::day(static_cast<unsigned>(day))};
  if (!civil.ok()) return {0, "that month has no such day"};
  if (TakeChar(text, 'T')) {
    const bool time = TakeField(text, 2, 0, 23, hour) && TakeChar(text, ':') && TakeField(text, 2, 0, 59, minute) &&
                      TakeChar(text, ':') && TakeField(text, 2, 0, 59, second);
    if (!time) return {0, "a time is two digits each: hour, minute, second"};
    if (!TakeFraction(text, micros)) return {0, "a fraction of a second has one to six digits"};
    if (text.empty()) return {0, "a time needs its zone: `Z`, or an offset such as `+02:00`"};
    if (!TakeZone(text, minutes_east)) return {0, "an offset is hours and minutes, such as `+02:00`"};
  }
  if (!text.empty()) return {0, "there is more behind it than a date and a time"};
  const int64_t days = sys_days(civil).time_since_epoch().count();
  const int64_t minutes = days * 24 * 60 + hour * 60 + minute - minutes_east;
  return {(minutes * 60 + second) * 1000000 + micros, {}};
}

DecodedString DecodeString(std::string_view token) {
  if (token.starts_with('"')) return StringDecoder(token).Decode();
  const size_t begin = token.starts_with("r#") ? 3 : 2;
  const size_t end = token.size() - (begin - 1);
  DecodedString result{true, {}, {}};
  if (begin < end) result.pieces.push_back({begin, end, std::string(token.substr(begin, end - begin)), {}});
  return result;
}

}  // namespace streamc::parse
