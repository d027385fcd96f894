#include "compiler/support/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace streamc::support {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

// Decodes the code point at `offset`; `length` becomes the bytes taken. Ill-formed text: false, and one byte.
bool DecodeAt(std::string_view text, size_t offset, uint32_t& code_point, size_t& length) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + offset;
  utf8proc_int32_t decoded = 0;
  const auto taken = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - offset), &decoded);
  length = taken > 0 ? static_cast<size_t>(taken) : 1;
  code_point = taken > 0 ? static_cast<uint32_t>(decoded) : kReplacement;
  return taken > 0;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  const auto same = [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

}  // namespace

std::optional<size_t> FindInvalidUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      ++i;
      continue;
    }
    uint32_t code_point;
    size_t length;
    if (!DecodeAt(text, i, code_point, length)) return i;
    i += length;
  }
  return std::nullopt;
}

size_t CountCodePoints(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++count) {
    uint32_t code_point;
    size_t length;
    DecodeAt(text, i, code_point, length);
    i += length;
  }
  return count;
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size();) {
    uint32_t code_point;
    size_t length;
    DecodeAt(text, i, code_point, length);
    width += static_cast<size_t>(utf8proc_charwidth(static_cast<utf8proc_int32_t>(code_point)));
    i += length;
  }
  return width;
}

std::string ToPrintable(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    uint32_t code_point;
    size_t length;
    DecodeAt(text, i, code_point, length);
    const bool control =
        (code_point < 0x20 && code_point != '\n' && code_point != '\t') || (code_point >= 0x7F && code_point < 0xA0);
    AppendUtf8(out, control ? kReplacement : code_point);
    i += length;
  }
  return out;
}

void AppendUtf8(std::string& out, uint32_t code_point) {
  utf8proc_uint8_t bytes[4];
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
}

std::string QuoteJson(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      uint32_t code_point;
      size_t length;
      DecodeAt(text, i, code_point, length);
      AppendUtf8(out, code_point);
      i += length;
      continue;
    }
    ++i;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (c < 0x20) {
          out += "\\u00";
          out += kHex[c >> 4];
          out += kHex[c & 15];
        } else {
          out += static_cast<char>(c);
        }
    }
  }
  return out + '"';
}

std::string JoinWords(const std::vector<std::string>& words, std::string_view last) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " " + std::string(last) + " " : ", ";
    out += "`" + words[i] + "`";
  }
  return out;
}

size_t EditDistance(std::string_view a, std::string_view b) {
  // Optimal string alignment; three rows of the table are all it looks at.
  std::vector<size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t k = 1; k <= b.size(); ++k) {
      const size_t replace = above[k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1);
      row[k] = std::min({replace, above[k] + 1, row[k - 1] + 1});
      const bool swapped = i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1];
      if (swapped) row[k] = std::min(row[k], before[k - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::optional<std::string> FindNearest(std::string_view word, const std::vector<std::string>& candidates) {
  const size_t limit = std::max<size_t>(1, word.size() / 3);
  size_t best = limit + 1;
  std::optional<std::string> nearest;
  for (const std::string& candidate : candidates) {
    const size_t length_gap = std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
    const bool same = EqualsIgnoringCase(word, candidate);
    if (!same && length_gap > limit) continue;
    // One letter is within one edit of every other; that tells nothing.
    if (!same && word.size() < 2) continue;
    const size_t distance = same ? 0 : EditDistance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace streamc::support
