#include "stdlib/text/word_scan.h"

#include <utf8proc.h>

#include "stdlib/text/text.h"

namespace streamc::stdlib {

namespace {

constexpr uint32_t kRightQuote = 0x2019;

struct AsciiWords {
  bool is_word[128];
};

constexpr AsciiWords MakeAsciiWords() {
  AsciiWords table{};
  for (uint32_t c = 0; c < 128; ++c) table.is_word[c] = (c | 0x20) - 'a' < 26 || c - '0' < 10;
  return table;
}

constexpr AsciiWords kAscii = MakeAsciiWords();

bool IsWord(uint32_t c) {
  if (c < 0x80) return kAscii.is_word[c];
  // Letters, marks and numbers stand together at the beginning of utf8proc's list of categories.
  utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

}  // namespace

ScList WordsUnicode(ScArena* arena, ScStr* words, int64_t reserved, const char* text, int64_t size) noexcept {
  int64_t count = 0;
  int64_t start = -1;
  for (int64_t at = 0; at < size;) {
    uint8_t byte = static_cast<uint8_t>(text[at]);
    if (byte < 0x80 && kAscii.is_word[byte]) {
      if (start < 0) start = at;
      ++at;
      continue;
    }
    CodePoint point = Decode(text + at, size - at);
    int64_t next = at + point.size;
    bool word = IsWord(point.value);
    if (!word && start >= 0 && (point.value == '\'' || point.value == kRightQuote) && next < size)
      word = IsWord(Decode(text + next, size - next).value);
    if (word && start < 0) {
      start = at;
    } else if (!word && start >= 0) {
      words[count++] = View(text + start, at - start);
      start = -1;
    }
    at = next;
  }
  if (start >= 0) words[count++] = View(text + start, size - start);
  Shrink(arena, words, reserved, count * static_cast<int64_t>(sizeof(ScStr)));
  return ScList{words, count};
}

}  // namespace streamc::stdlib
