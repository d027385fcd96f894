#include "runtime/format/json/index.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace streamc::rt::format::json {
namespace {

// The marks of 64 bytes at data[at], the last of which may be cut: then a load that ends with the data is shifted, or, when there
// are less than 64 bytes in all, blanks fill a copy up.
template <typename Block>
[[gnu::always_inline]] inline bool IndexBy(const char* data, int64_t size, uint64_t* words, Block block) {
  bool high = false;
  int64_t at = 0;
  for (; size - at >= 64; at += 64) *words++ = block(data + at, &high);
  if (at < size) {
    const int64_t rest = size - at;
    if (at > 0) {
      *words++ = block(data + size - 64, &high) >> (64 - rest);
    } else {
      char copy[64];
      std::memset(copy, ' ', sizeof copy);
      std::memcpy(copy, data, static_cast<size_t>(size));
      *words++ = block(copy, &high);
    }
  }
  *words = 0;
  return high;
}

#if defined(__x86_64__)
// A quote (0x22) with bit 1 flipped is 0x20, and nothing else moves to 0x20 or below but control characters.
__attribute__((target("avx2"))) bool IndexAvx2(const char* data, int64_t size, uint64_t* words) {
  const __m256i two = _mm256_set1_epi8(2), blank = _mm256_set1_epi8(0x20), backslash = _mm256_set1_epi8('\\');
  // Written out here: a lambda would not inherit the target.
  int64_t at = 0;
  __m256i any = _mm256_setzero_si256();
  char copy[64];
  const char* tail = size >= 64 ? data + (size - 64) : copy;
  if (size < 64) {
    std::memset(copy, ' ', sizeof copy);
    std::memcpy(copy, data, static_cast<size_t>(size));
  }
  while (at < size) {
    const bool whole = size - at >= 64;
    const char* from = whole ? data + at : tail;
    __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 32));
    any = _mm256_or_si256(any, _mm256_or_si256(low, high));
    __m256i flipped_low = _mm256_xor_si256(low, two), flipped_high = _mm256_xor_si256(high, two);
    __m256i ends_low = _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_min_epu8(flipped_low, blank), flipped_low),
                                       _mm256_cmpeq_epi8(low, backslash));
    __m256i ends_high = _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_min_epu8(flipped_high, blank), flipped_high),
                                        _mm256_cmpeq_epi8(high, backslash));
    uint64_t ends = static_cast<uint32_t>(_mm256_movemask_epi8(ends_low)) |
                    static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(ends_high))) << 32;
    if (!whole && size >= 64) ends >>= 64 - (size - at);
    *words++ = ends;
    at += 64;
  }
  *words = 0;
  return _mm256_movemask_epi8(any) != 0;
}

uint64_t BlockSse2(const char* from, bool* high) {
  const __m128i two = _mm_set1_epi8(2), blank = _mm_set1_epi8(0x20), backslash = _mm_set1_epi8('\\');
  uint64_t ends = 0;
  for (int i = 0; i < 4; ++i) {
    __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 16 * i));
    __m128i flipped = _mm_xor_si128(block, two);
    __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(flipped, blank), flipped), _mm_cmpeq_epi8(block, backslash));
    ends |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(marks))) << (16 * i);
    *high = *high || _mm_movemask_epi8(block) != 0;
  }
  return ends;
}
bool IndexBaseline(const char* data, int64_t size, uint64_t* words) { return IndexBy(data, size, words, BlockSse2); }
#else
uint64_t BlockBytes(const char* from, bool* high) {
  uint64_t ends = 0;
  for (int i = 0; i < 64; ++i) {
    uint8_t byte = static_cast<uint8_t>(from[i]);
    ends |= static_cast<uint64_t>(byte == '"' || byte == '\\' || byte < 0x20) << i;
    *high = *high || byte >= 0x80;
  }
  return ends;
}
bool IndexBaseline(const char* data, int64_t size, uint64_t* words) { return IndexBy(data, size, words, BlockBytes); }
#endif

using IndexFn = bool (*)(const char*, int64_t, uint64_t*);
IndexFn ChooseIndex() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return IndexAvx2;
#endif
  return IndexBaseline;
}

}  // namespace

bool IndexRecord(const char* data, int64_t size, uint64_t* words) {
  static const IndexFn index = ChooseIndex();
  return index(data, size, words);
}

}  // namespace streamc::rt::format::json
