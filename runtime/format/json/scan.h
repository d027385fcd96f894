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
  uint32_t high = 0;          // not 0: a byte above 127 was seen (perhaps)
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

// Bytes that end the plain part of a string.
inline bool EndsPlain(char c) { return c == '"' || c == '\\' || static_cast<uint8_t>(c) < 0x20; }

#if defined(__SSE2__)
// One bit per byte of 32: it ends the plain part of a string; it is above 127.
struct Marks { uint32_t ends, high; };
inline Marks MarksOf(const char* p) {
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
  auto half = [&](const char* at, uint32_t* high) {
    __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    *high = static_cast<uint32_t>(_mm_movemask_epi8(block));
    __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));
    ends = _mm_or_si128(ends, _mm_cmpeq_epi8(_mm_min_epu8(block, control), block));
    return static_cast<uint32_t>(_mm_movemask_epi8(ends));
  };
  uint32_t high0, high1;
  uint32_t ends0 = half(p, &high0), ends1 = half(p + 16, &high1);
  return {ends0 | ends1 << 16, high0 | high1 << 16};
}
#endif

// The first byte at or after p that ends the plain part of a string, or scan.end.
inline const char* FindPlainEnd(Scan& scan, const char* p) {
#if defined(__SSE2__)
  while (scan.end - p >= 32) {
    Marks marks = MarksOf(p);
    scan.high |= marks.high;
    if (marks.ends != 0) return p + __builtin_ctz(marks.ends);
    p += 32;
  }
  if (scan.end - scan.begin >= 32 && p < scan.end) {
    // The last bytes: a load that ends with the record, its first bytes shifted out.
    int seen = 32 - static_cast<int>(scan.end - p);
    Marks marks = MarksOf(scan.end - 32);
    scan.high |= marks.high;
    uint32_t ends = marks.ends >> seen;
    return ends != 0 ? p + __builtin_ctz(ends) : scan.end;
  }
#endif
  for (; p < scan.end && !EndsPlain(*p); ++p) scan.high |= static_cast<uint8_t>(*p) & 0x80u;
  return p;
}

// p behind the opening quote, `plain_end` where the plain part ended: the rest of a string that holds escapes or is broken.
const char* SkipStringRest(Scan& scan, const char* p, const char* plain_end);
// The same, with the string's meaning. Lone surrogates are broken.
const char* UnescapeString(Scan& scan, const char* p, const char* plain_end, ScArena* arena, ScStr* text);
const char* UnescapeString(Scan& scan, const char* p, const char* plain_end, std::string* text);

// p behind the opening quote: to behind the closing one.
inline const char* SkipString(Scan& scan, const char* p) {
  const char* stop = FindPlainEnd(scan, p);
  if (stop < scan.end && *stop == '"' && stop - p <= scan.max_string) [[likely]] return stop + 1;
  return SkipStringRest(scan, p, stop);
}
// The same; the text as a view, or in the arena when it holds escapes.
inline const char* ReadString(Scan& scan, const char* p, ScArena* arena, ScStr* text) {
  const char* stop = FindPlainEnd(scan, p);
  if (stop < scan.end && *stop == '"' && stop - p <= scan.max_string) [[likely]] {
    *text = {p, stop - p};
    return stop + 1;
  }
  return UnescapeString(scan, p, stop, arena, text);
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
