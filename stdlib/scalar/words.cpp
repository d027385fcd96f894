// words: the words of a text as a list of views into it.
//
// The fast path takes the text in blocks of 64 bytes: two bit masks per block, letters and apostrophes, then one step
// per word by counting zero bits. The first block with a byte above 127 hands the whole text to text/word_scan.
#include <bit>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "stdlib/text/text.h"
#include "stdlib/text/word_scan.h"

using namespace streamc::stdlib;

namespace {

struct Masks {
  uint64_t letters = 0;
  uint64_t apostrophes = 0;
  uint64_t high = 0;
};

#ifdef __SSE2__
Masks Classify(const char* text, int64_t size) {
  char padded[64];
  if (size < 64) {
    std::memset(padded, 0, sizeof padded);
    std::memcpy(padded, text, static_cast<size_t>(size));
    text = padded;
  }
  Masks masks;
  // `first <= byte < first + count` for unsigned bytes, as one signed comparison after a shift of the range.
  auto in_range = [](__m128i v, int first, int count) {
    __m128i moved = _mm_sub_epi8(v, _mm_set1_epi8(static_cast<char>(first + 128)));
    return _mm_cmplt_epi8(moved, _mm_set1_epi8(static_cast<char>(count - 128)));
  };
  for (int i = 0; i < 4; ++i) {
    __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + 16 * i));
    __m128i letter = in_range(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 26);
    __m128i word = _mm_or_si128(letter, in_range(v, '0', 10));
    auto bits = [i](__m128i mask) { return static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(mask))) << 16 * i; };
    masks.letters |= bits(word);
    masks.apostrophes |= bits(_mm_cmpeq_epi8(v, _mm_set1_epi8('\'')));
    masks.high |= bits(v);
  }
  return masks;
}
#else
Masks Classify(const char* text, int64_t size) {
  Masks masks;
  for (int64_t i = 0; i < size && i < 64; ++i) {
    uint8_t c = static_cast<uint8_t>(text[i]);
    bool word = static_cast<uint8_t>((c | 0x20) - 'a') < 26 || static_cast<uint8_t>(c - '0') < 10;
    masks.letters |= static_cast<uint64_t>(word) << i;
    masks.apostrophes |= static_cast<uint64_t>(c == '\'') << i;
    masks.high |= static_cast<uint64_t>(c >= 0x80) << i;
  }
  return masks;
}
#endif

}  // namespace

extern "C" ScList streamc_fn_words(ScArena* arena, const char* s, int64_t n) {
  if (n == 0) return ScList{nullptr, 0};
  // Words and the gaps between them take a byte each at least.
  int64_t reserved = (n + 1) / 2 * static_cast<int64_t>(sizeof(ScStr));
  ScStr* words = static_cast<ScStr*>(sc_arena_alloc(arena, reserved));
  int64_t count = 0;
  int64_t start = 0;       // of the open word
  uint64_t open = 0;       // 1 while a word goes on from the block before
  Masks next = Classify(s, n);
  for (int64_t base = 0; base < n; base += 64) {
    Masks block = next;
    next = base + 64 < n ? Classify(s + base + 64, n - base - 64) : Masks{};
    if (block.high != 0) return WordsUnicode(arena, words, reserved, s, n);
    // An apostrophe belongs to the word when it stands between two letters.
    uint64_t after = block.letters >> 1 | next.letters << 63;
    uint64_t inside = block.letters | (block.apostrophes & (block.letters << 1 | open) & after);
    uint64_t edges = inside ^ (inside << 1 | open);
    uint64_t last = inside >> 63;
    for (; edges != 0; edges &= edges - 1) {
      int64_t at = base + std::countr_zero(edges);
      if (open == 0) {
        start = at;
      } else {
        words[count++] = View(s + start, at - start);
      }
      open ^= 1;
    }
    open = last;
  }
  if (open != 0) words[count++] = View(s + start, n - start);
  Shrink(arena, words, reserved, count * static_cast<int64_t>(sizeof(ScStr)));
  return ScList{words, count};
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(words("Don't panic, it's 42!"))", R"(["Don't", "panic", "it's", "42"])"},
                                 {R"(words("#kafka — Привет, 'мир'"))", R"(["kafka", "Привет", "мир"])"},
                                 {R"(length(words("  ...  ")))", "0"}};
constexpr ScalarFn kVariants[] = {
    {.name = "words",
     .family = "strings",
     .signature = "words(s: string) -> list<string>",
     .kernel = "streamc_fn_words",
     .allocates = true,
     .summary = "The words of a text: the longest runs of Unicode letters, marks and numbers. An apostrophe (' or ’) between two of "
                "them stays inside the word; everything else separates. Scripts written without spaces give whole runs.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_words{kVariants};

}  // namespace streamc::stdlib
#endif
