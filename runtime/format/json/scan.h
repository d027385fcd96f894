// The bytes of one JSON record: whitespace, strings, numbers, literals, and skipping values while checking every byte of them.
//
// All functions take a position in [scan.begin, scan.end], never read outside, and return the position after what they read, or
// null after setting scan.error. Strings are checked for escapes and control characters here; bytes above 127 are only noted in
// scan.high, the caller checks the whole record's UTF-8 once. Inlined into the decoder's loops.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "runtime/abi/abi.h"
#include "runtime/format/text_value.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace streamc::rt::format::json {

struct Scan {
  const char* begin = nullptr;
  const char* end = nullptr;
  const unsigned char* index = nullptr;  // marks as IndexRecord makes them; null: none, or strings must be measured
  bool high = false;          // a byte above 127 was seen, perhaps behind the string's end
  uint8_t error = SC_OK;
  int max_depth = 64;
  int64_t max_string = 1 << 20;
};

// Sets the record's error.
inline const char* Fail(Scan& scan, uint8_t code = SC_ERR_JSON_SYNTAX) {
  scan.error = code;
  return nullptr;
}

inline bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
inline bool IsDigit(char c) { return static_cast<uint8_t>(c - '0') < 10; }

inline const char* SkipSpace(const Scan& scan, const char* p) {
  while (p < scan.end && IsSpace(*p)) ++p;
  return p;
}
// Behind `mark` and the space around it; null: another byte.
inline const char* SkipMark(const Scan& scan, const char* p, char mark) {
  p = SkipSpace(scan, p);
  return p < scan.end && *p == mark ? SkipSpace(scan, p + 1) : nullptr;
}

// Bytes that end the plain part of a string.
inline bool EndsPlain(char c) { return c == '"' || c == '\\' || static_cast<uint8_t>(c) < 0x20; }

#if defined(__SSE2__)
// One bit per byte of 32: it ends the plain part of a string.
struct Marks { uint32_t ends; bool high; };
[[gnu::always_inline]] inline Marks MarksOf(const char* p) {
  const __m128i two = _mm_set1_epi8(2), blank = _mm_set1_epi8(0x20), backslash = _mm_set1_epi8('\\');
  __m128i block0 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  __m128i block1 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16));
  auto ends = [&](__m128i block) {
    // A quote (0x22) with bit 1 flipped is 0x20, and nothing else moves to 0x20 or below but control characters.
    __m128i flipped = _mm_xor_si128(block, two);
    __m128i text = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(flipped, blank), flipped), _mm_cmpeq_epi8(block, backslash));
    return static_cast<uint32_t>(_mm_movemask_epi8(text));
  };
  return {ends(block0) | ends(block1) << 16, _mm_movemask_epi8(_mm_or_si128(block0, block1)) != 0};
}
#endif

// The first byte at or after p that ends the plain part of a string, or scan.end.
inline const char* FindPlainEnd(Scan& scan, const char* p) {
#if defined(__SSE2__)
  while (scan.end - p >= 32) {
    Marks marks = MarksOf(p);
    if (marks.high) [[unlikely]] scan.high = true;
    if (marks.ends != 0) return p + __builtin_ctz(marks.ends);
    p += 32;
  }
  if (scan.end - scan.begin >= 32 && p < scan.end) {
    // The last bytes: a load that ends with the record, its first bytes shifted out.
    Marks marks = MarksOf(scan.end - 32);
    if (marks.high) [[unlikely]] scan.high = true;
    uint32_t ends = marks.ends >> (32 - static_cast<int>(scan.end - p));
    return ends != 0 ? p + __builtin_ctz(ends) : scan.end;
  }
#endif
  for (; p < scan.end && !EndsPlain(*p); ++p) scan.high |= static_cast<uint8_t>(*p) >= 0x80;
  return p;
}

// p behind the opening quote: the closing quote of a string without escapes, or null: look the general way.
[[gnu::always_inline]] inline const char* FindQuote(const Scan& scan, const char* p) {
  if (scan.index == nullptr) [[unlikely]] return nullptr;
  for (;;) {
    // 57 marks or more at once, wherever p stands.
    const uint64_t at = static_cast<uint64_t>(p - scan.begin);
    uint64_t marks;
    std::memcpy(&marks, scan.index + (at >> 3), sizeof marks);
    marks >>= at & 7;
    if (marks != 0) [[likely]] {
      p += __builtin_ctzll(marks);
      return *p == '"' ? p : nullptr;
    }
    p += 57;
    if (p >= scan.end) return nullptr;
  }
}

// p behind the opening quote, `plain_end` where the plain part ended: the rest of a string that holds escapes or is broken.
const char* SkipStringRest(Scan& scan, const char* p, const char* plain_end);
// The same, with the string's meaning. Lone surrogates are broken.
const char* UnescapeString(Scan& scan, const char* p, const char* plain_end, ScArena* arena, char* value);
const char* UnescapeString(Scan& scan, const char* p, const char* plain_end, std::string* text);

// p behind the opening quote: to behind the closing one.
const char* SkipStringSlowly(Scan& scan, const char* p);
inline const char* SkipString(Scan& scan, const char* p) {
  const char* quote = FindQuote(scan, p);
  return quote != nullptr ? quote + 1 : SkipStringSlowly(scan, p);
}
// The same; the text, an ScStr, as a view, or in the arena when it holds escapes.
const char* ReadStringSlowly(Scan& scan, const char* p, ScArena* arena, char* value);
inline const char* ReadString(Scan& scan, const char* p, ScArena* arena, char* value) {
  const char* quote = FindQuote(scan, p);
  if (quote == nullptr) [[unlikely]] return ReadStringSlowly(scan, p, arena, value);
  const ScStr text{p, quote - p};
  std::memcpy(value, &text, sizeof text);
  return quote + 1;
}

inline const char* SkipLiteral(Scan& scan, const char* p, const char* word, size_t size) {
  if (static_cast<size_t>(scan.end - p) < size || std::memcmp(p, word, size) != 0) return Fail(scan);
  return p + size;
}
inline const char* SkipNull(Scan& scan, const char* p) { return SkipLiteral(scan, p, "null", 4); }

// An object or array with its members, p at its bracket; `depth`: its nesting level, 1 for the record's own object.
const char* SkipContainer(Scan& scan, const char* p, int depth);

// Any value, p at its first byte; `depth`: nesting level a container here would have.
inline const char* SkipValue(Scan& scan, const char* p, int depth) {
  if (p >= scan.end) return Fail(scan);
  switch (*p) {
    case '"': return SkipString(scan, p + 1);
    case '{':
    case '[': return SkipContainer(scan, p, depth);
    case 't': return SkipLiteral(scan, p, "true", 4);
    case 'f': return SkipLiteral(scan, p, "false", 5);
    case 'n': return SkipNull(scan, p);
    default: {
      NumberForm form;
      int64_t length = ScanNumber(p, scan.end, &form);
      return length != 0 ? p + length : Fail(scan);
    }
  }
}

}  // namespace streamc::rt::format::json
