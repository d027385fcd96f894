#include "stdlib/text/case_map.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "stdlib/text/text.h"

namespace streamc::stdlib {

namespace {

struct SpecialUpper {
  uint16_t from;
  uint16_t to[3];
};

constexpr SpecialUpper kSpecialUpper[] = {
#define STREAMC_UPPER(from, a, b, c) {from, {a, b, c}},
#include "stdlib/text/upper_special.def"
#undef STREAMC_UPPER
};

constexpr uint32_t kSigma = 0x3A3;
constexpr uint32_t kFinalSigma = 0x3C2;
constexpr uint32_t kDottedI = 0x130;
constexpr uint32_t kDotAbove = 0x307;

bool IsCased(uint32_t c) {
  utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT ||
         utf8proc_toupper(static_cast<utf8proc_int32_t>(c)) != static_cast<utf8proc_int32_t>(c);
}

// What Unicode's Final_Sigma condition looks through: marks, format characters, modifiers and apostrophe-like signs.
bool IsCaseIgnorable(uint32_t c) {
  if (c == '\'' || c == '.' || c == ':' || c == 0xB7 || c == 0x2019 || c == 0x2018 || c == 0xAD) return true;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: return false;
  }
}

// Whether the sigma at `at` ends a word: a cased letter before it, none after it.
bool IsFinalSigma(const char* text, int64_t size, int64_t at) {
  bool before = false;
  for (int64_t end = at; end > 0;) {
    int64_t start = end - 1;
    while (start > 0 && static_cast<int8_t>(text[start]) < -0x40) --start;
    uint32_t c = Decode(text + start, end - start).value;
    end = start;
    if (IsCaseIgnorable(c)) continue;
    before = IsCased(c);
    break;
  }
  if (!before) return false;
  for (int64_t next = at + 2; next < size;) {
    CodePoint point = Decode(text + next, size - next);
    next += point.size;
    if (IsCaseIgnorable(point.value)) continue;
    return !IsCased(point.value);
  }
  return true;
}

// Maps the eight ASCII bytes, or the one, at `at`; false when there is none.
bool TurnAscii(const char* text, int64_t size, char first, int64_t* at, char* out, int64_t* used) {
  if (size - *at >= 8) {
    uint64_t word = LoadWord(text + *at);
    if ((word & kHighBits) == 0) {
      StoreWord(out + *used, TurnLetters(word, first));
      *at += 8;
      *used += 8;
      return true;
    }
  }
  uint8_t byte = static_cast<uint8_t>(text[*at]);
  if (byte >= 0x80) return false;
  out[(*used)++] = static_cast<char>(TurnLetters(byte, first));
  ++*at;
  return true;
}

}  // namespace

ScStr LowerUnicode(ScArena* arena, const char* text, int64_t size) noexcept {
  // One code point grows to at most 1.5 times its bytes (U+0130, U+023A), so twice the size is always enough.
  int64_t reserved = 2 * size;
  char* out = AllocateText(arena, reserved);
  int64_t used = 0;
  for (int64_t at = 0; at < size;) {
    if (TurnAscii(text, size, 'A', &at, out, &used)) continue;
    CodePoint point = Decode(text + at, size - at);
    if (point.value == kSigma && IsFinalSigma(text, size, at)) {
      used += Encode(kFinalSigma, out + used);
    } else if (point.value == kDottedI) {
      out[used++] = 'i';
      used += Encode(kDotAbove, out + used);
    } else {
      used += Encode(static_cast<uint32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(point.value))), out + used);
    }
    at += point.size;
  }
  Shrink(arena, out, reserved, used);
  return View(out, used);
}

ScStr UpperUnicode(ScArena* arena, const char* text, int64_t size) noexcept {
  // The worst case is U+0390: two bytes that become six.
  int64_t reserved = 3 * size;
  char* out = AllocateText(arena, reserved);
  int64_t used = 0;
  for (int64_t at = 0; at < size;) {
    if (TurnAscii(text, size, 'a', &at, out, &used)) continue;
    CodePoint point = Decode(text + at, size - at);
    at += point.size;
    const SpecialUpper* special = std::lower_bound(std::begin(kSpecialUpper), std::end(kSpecialUpper), point.value,
                                                   [](const SpecialUpper& s, uint32_t c) { return s.from < c; });
    if (special != std::end(kSpecialUpper) && special->from == point.value) {
      for (uint16_t c : special->to)
        if (c != 0) used += Encode(c, out + used);
    } else {
      used += Encode(static_cast<uint32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(point.value))), out + used);
    }
  }
  Shrink(arena, out, reserved, used);
  return View(out, used);
}

}  // namespace streamc::stdlib
