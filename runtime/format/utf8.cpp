#include "runtime/format/utf8.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace streamc::rt::format {
namespace {

// One sequence of a lead byte above 127 at data[at]; its length, or 0 when it is broken.
size_t SequenceLength(const uint8_t* data, size_t left) {
  uint8_t lead = data[0];
  size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || length > left) return 0;
  // The second byte's range excludes overlong forms, surrogates and values above U+10FFFF.
  uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (data[1] < low || data[1] > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((data[i] & 0xC0) != 0x80) return 0;
  }
  return length;
}

bool IsUtf8Scalar(const uint8_t* data, size_t size) {
  size_t at = 0;
  while (at < size) {
    if (size - at >= 8) {
      uint64_t word;
      std::memcpy(&word, data + at, 8);
      if ((word & 0x8080808080808080u) == 0) {
        at += 8;
        continue;
      }
    }
    if (data[at] < 0x80) {
      ++at;
      continue;
    }
    size_t length = SequenceLength(data + at, size - at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

#if defined(__x86_64__)
// Classification of adjacent byte pairs by three nibble tables (Keiser and Lemire, "Validating UTF-8 in less than one instruction
// per byte", 2020): each table maps a nibble to the set of errors it is compatible with; a pair is broken when all three agree.
// The two-continuations bit alone is not an error: it must hold exactly where a lead two or three bytes before asks for one.
enum : uint8_t {
  kTooShort = 1 << 0,   // lead without continuation
  kTooLong = 1 << 1,    // continuation after ASCII
  kOverlong3 = 1 << 2,
  kTooLarge = 1 << 3,   // above U+10FFFF
  kSurrogate = 1 << 4,
  kOverlong2 = 1 << 5,
  kOverlong4 = 1 << 6,  // also F5.. with 8x
  kTwoConts = 1 << 7,
  kCarry = kTooShort | kTooLong | kTwoConts,
};

__attribute__((target("ssse3"))) inline __m128i Look(__m128i table, __m128i nibbles) { return _mm_shuffle_epi8(table, nibbles); }

__attribute__((target("ssse3"))) bool IsUtf8Vector(const uint8_t* data, size_t size) {
  const __m128i by_first_high = _mm_setr_epi8(
      kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong,
      static_cast<char>(kTwoConts), static_cast<char>(kTwoConts), static_cast<char>(kTwoConts), static_cast<char>(kTwoConts),
      kTooShort | kOverlong2, kTooShort, kTooShort | kOverlong3 | kSurrogate, kTooShort | kTooLarge | kOverlong4);
  constexpr char kC = static_cast<char>(kCarry);
  const __m128i by_first_low = _mm_setr_epi8(
      kC | kOverlong3 | kOverlong2 | kOverlong4, kC | kOverlong2, kC, kC, kC | kTooLarge, kC | kTooLarge | kOverlong4,
      kC | kTooLarge | kOverlong4, kC | kTooLarge | kOverlong4, kC | kTooLarge | kOverlong4, kC | kTooLarge | kOverlong4,
      kC | kTooLarge | kOverlong4, kC | kTooLarge | kOverlong4, kC | kTooLarge | kOverlong4,
      kC | kTooLarge | kOverlong4 | kSurrogate, kC | kTooLarge | kOverlong4, kC | kTooLarge | kOverlong4);
  constexpr char kCont = static_cast<char>(kTooLong | kOverlong2 | kTwoConts);
  const __m128i by_second_high = _mm_setr_epi8(
      kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort,
      kCont | kOverlong3 | kOverlong4, kCont | kOverlong3 | kTooLarge, kCont | kSurrogate | kTooLarge,
      kCont | kSurrogate | kTooLarge, kTooShort, kTooShort, kTooShort, kTooShort);
  const __m128i low_nibble = _mm_set1_epi8(0x0F);
  // A lead in the last bytes of a block needs its continuations in the next.
  const __m128i open_limit = _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, static_cast<char>(0xEF),
                                           static_cast<char>(0xDF), static_cast<char>(0xBF));
  __m128i error = _mm_setzero_si128(), before = _mm_setzero_si128(), open = _mm_setzero_si128();
  for (size_t at = 0; at < size; at += 16) {
    __m128i block;
    if (size - at >= 16) {
      block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at));
    } else {
      uint8_t rest[16] = {};
      std::memcpy(rest, data + at, size - at);
      block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(rest));
    }
    if (_mm_movemask_epi8(block) == 0) {
      error = _mm_or_si128(error, open);
      open = _mm_setzero_si128();
    } else {
      __m128i previous1 = _mm_alignr_epi8(block, before, 15);
      __m128i previous2 = _mm_alignr_epi8(block, before, 14);
      __m128i previous3 = _mm_alignr_epi8(block, before, 13);
      __m128i first_high = _mm_and_si128(_mm_srli_epi16(previous1, 4), low_nibble);
      __m128i second_high = _mm_and_si128(_mm_srli_epi16(block, 4), low_nibble);
      __m128i pairs = _mm_and_si128(
          _mm_and_si128(Look(by_first_high, first_high), Look(by_first_low, _mm_and_si128(previous1, low_nibble))),
          Look(by_second_high, second_high));
      __m128i third = _mm_subs_epu8(previous2, _mm_set1_epi8(static_cast<char>(0xE0 - 0x80)));
      __m128i fourth = _mm_subs_epu8(previous3, _mm_set1_epi8(static_cast<char>(0xF0 - 0x80)));
      __m128i must_continue = _mm_and_si128(_mm_or_si128(third, fourth), _mm_set1_epi8(static_cast<char>(0x80)));
      error = _mm_or_si128(error, _mm_xor_si128(must_continue, pairs));
      open = _mm_subs_epu8(block, open_limit);
    }
    before = block;
  }
  error = _mm_or_si128(error, open);
  return _mm_movemask_epi8(_mm_cmpeq_epi8(error, _mm_setzero_si128())) == 0xFFFF;
}
#endif

}  // namespace

bool IsUtf8(const char* data, size_t size) {
  const uint8_t* bytes = reinterpret_cast<const uint8_t*>(data);
#if defined(__x86_64__)
  static const bool vector = __builtin_cpu_supports("ssse3");
  if (vector && size >= 16) return IsUtf8Vector(bytes, size);
#endif
  return IsUtf8Scalar(bytes, size);
}

}  // namespace streamc::rt::format
