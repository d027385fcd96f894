// Reading texts that this program or an earlier one wrote: cursor, words, numbers, quoted strings. Internal to abi/.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

namespace streamc::abi {

// `"` around it; quotes, backslashes and control characters as \xHH.
inline std::string QuoteText(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && c != '"' && c != '\\') {
      out += c;
    } else {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out + '"';
}

// Every function takes what it reads off the front and is false, having taken nothing of use, when that is not there.
class TextReader {
 public:
  explicit TextReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool Take(std::string_view exactly) {
    if (!rest_.starts_with(exactly)) return false;
    rest_.remove_prefix(exactly.size());
    return true;
  }
  // Letters, digits and `_`; may be empty.
  std::string_view Word() {
    size_t length = 0;
    while (length < rest_.size() && IsWordCharacter(rest_[length])) ++length;
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return word;
  }
  template <typename T>
  bool Number(T* value) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), *value);
    if (error != std::errc{}) return false;
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return true;
  }
  // What QuoteText wrote.
  bool Quoted(std::string* text) {
    text->clear();
    if (!Take("\"")) return false;
    while (!rest_.empty() && rest_[0] != '"' && static_cast<unsigned char>(rest_[0]) >= 0x20) {
      if (rest_[0] != '\\') {
        text->push_back(rest_[0]);
        rest_.remove_prefix(1);
        continue;
      }
      uint8_t byte = 0;
      if (rest_.size() < 4 || rest_[1] != 'x') return false;
      const auto [end, error] = std::from_chars(rest_.data() + 2, rest_.data() + 4, byte, 16);
      if (error != std::errc{} || end != rest_.data() + 4) return false;
      text->push_back(static_cast<char>(byte));
      rest_.remove_prefix(4);
    }
    return Take("\"");
  }

  static bool IsWordCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }

 private:
  std::string_view rest_;
};

}  // namespace streamc::abi
