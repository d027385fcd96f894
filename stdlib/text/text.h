// Small tools for kernels that work on text: views, arena copies, UTF-8 in pieces of one code point.
//
// Everything here is inline, allocates only in the arena it is given and holds no state, so it is part of both the native
// library and the bitcode. Strings that reach a kernel are UTF-8 (decoders check it); the functions still never read
// outside [text, text + size) on other bytes, they only give back code points that mean nothing.
#pragma once

#include <cstdint>
#include <cstring>

#include "runtime/abi/abi.h"
#include "stdlib/text/ascii.h"

namespace streamc::stdlib {

// No kernel makes a string above this: `repeat`, `pad_left`, `pad_right` and `range` reject instead.
inline constexpr int64_t kMaxMade = 1 << 20;

inline ScStr View(const char* text, int64_t size) { return ScStr{text, size}; }

inline char* AllocateText(ScArena* arena, int64_t size) {
  return static_cast<char*>(sc_arena_alloc(arena, size));
}

// Gives the unused end of the newest allocation back to the arena; a no-op when it is not the newest any more.
inline void Shrink(ScArena* arena, const void* block, int64_t reserved, int64_t used) {
  char* start = static_cast<char*>(const_cast<void*>(block));
  if (start + ((reserved + 15) & ~int64_t{15}) == arena->cur) arena->cur = start + ((used + 15) & ~int64_t{15});
}

inline ScStr CopyText(ScArena* arena, const char* text, int64_t size) {
  if (size == 0) return View("", 0);
  char* copy = AllocateText(arena, size);
  std::memcpy(copy, text, static_cast<size_t>(size));
  return View(copy, size);
}

// Every byte that does not continue a code point starts one. Continuations are 10xxxxxx; their number in a word is the sum of its
// bytes, which a multiplication brings into the highest one.
inline int64_t CountCodePoints(const char* text, int64_t size) {
  int64_t count = size;
  int64_t at = 0;
  for (; at + 8 <= size; at += 8) {
    uint64_t word = LoadWord(text + at);
    uint64_t continues = word >> 7 & ~(word >> 6) & kEachByte;
    count -= static_cast<int64_t>(continues * kEachByte >> 56);
  }
  for (; at < size; ++at) count -= static_cast<int8_t>(text[at]) < -0x40;
  return count;
}

// Size in bytes of the code point that starts at `text`, at most `left`, at least 1.
inline int64_t CodePointSize(const char* text, int64_t left) {
  uint8_t lead = static_cast<uint8_t>(*text);
  int64_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return size < left ? size : left;
}

struct CodePoint {
  uint32_t value;
  int64_t size;
};

inline CodePoint Decode(const char* text, int64_t left) {
  auto byte = [&](int i) { return static_cast<uint32_t>(static_cast<uint8_t>(text[i])); };
  int64_t size = CodePointSize(text, left);
  switch (size) {
    case 2: return {(byte(0) & 0x1F) << 6 | (byte(1) & 0x3F), 2};
    case 3: return {(byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
    case 4:
      return {(byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
    default: return {byte(0), 1};
  }
}

// Writes one code point, at most 4 bytes; returns how many.
inline int64_t Encode(uint32_t value, char* out) {
  if (value < 0x80) {
    out[0] = static_cast<char>(value);
    return 1;
  }
  if (value < 0x800) {
    out[0] = static_cast<char>(0xC0 | value >> 6);
    out[1] = static_cast<char>(0x80 | (value & 0x3F));
    return 2;
  }
  if (value < 0x10000) {
    out[0] = static_cast<char>(0xE0 | value >> 12);
    out[1] = static_cast<char>(0x80 | (value >> 6 & 0x3F));
    out[2] = static_cast<char>(0x80 | (value & 0x3F));
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | value >> 18);
  out[1] = static_cast<char>(0x80 | (value >> 12 & 0x3F));
  out[2] = static_cast<char>(0x80 | (value >> 6 & 0x3F));
  out[3] = static_cast<char>(0x80 | (value & 0x3F));
  return 4;
}

// Byte offset of code point number `index` (from 0); `size` when there are not so many.
inline int64_t ByteOffset(const char* text, int64_t size, int64_t index) {
  int64_t at = 0;
  for (; index > 0 && at < size; --index) at += CodePointSize(text + at, size - at);
  return at;
}

// Byte offset of the first `part` at or after `from`, -1 when there is none. An empty part is found at once.
inline int64_t FindText(const char* text, int64_t size, const char* part, int64_t part_size, int64_t from = 0) {
  if (part_size == 0) return from <= size ? from : -1;
  for (int64_t last = size - part_size; from <= last;) {
    const void* hit = std::memchr(text + from, part[0], static_cast<size_t>(last - from + 1));
    if (hit == nullptr) return -1;
    from = static_cast<const char*>(hit) - text;
    if (std::memcmp(text + from, part, static_cast<size_t>(part_size)) == 0) return from;
    ++from;
  }
  return -1;
}

inline bool SameText(const char* a, int64_t a_size, const char* b, int64_t b_size) {
  return a_size == b_size && (a_size == 0 || std::memcmp(a, b, static_cast<size_t>(a_size)) == 0);
}

}  // namespace streamc::stdlib
