// ASCII text eight bytes at a time. Plain 64-bit arithmetic, so that it is fast whichever compiler built it.
#pragma once

#include <cstdint>
#include <cstring>

namespace streamc::stdlib {

inline constexpr uint64_t kEachByte = 0x0101010101010101u;
inline constexpr uint64_t kHighBits = 0x80 * kEachByte;

inline uint64_t LoadWord(const char* text) {
  uint64_t word;
  std::memcpy(&word, text, sizeof word);
  return word;
}

inline void StoreWord(char* text, uint64_t word) { std::memcpy(text, &word, sizeof word); }

// The high bit of each byte that is one of the 26 letters from `first` on. A byte's low seven bits plus 128 - c reach its high
// bit when they are at least c, without a carry into the next byte.
inline uint64_t LettersFrom(uint64_t word, char first) {
  uint64_t low = word & ~kHighBits;
  uint64_t at_least_first = low + static_cast<uint64_t>(0x80 - first) * kEachByte;
  uint64_t beyond_last = low + static_cast<uint64_t>(0x80 - first - 26) * kEachByte;
  return at_least_first & ~beyond_last & ~word & kHighBits;
}

// The word with the case of those letters turned: 'A' for lower, 'a' for upper case.
inline uint64_t TurnLetters(uint64_t word, char first) { return word ^ LettersFrom(word, first) >> 2; }

struct CaseScan {
  bool ascii;    // no byte above 127
  bool letters;  // some of the letters looked for
};

// Whole words first, then a last word that overlaps them, or for texts below eight bytes one of their own.
template <typename Visit>
void EachWord(const char* text, int64_t size, Visit visit) {
  if (size < 8) {
    uint64_t word = 0;
    for (int64_t i = 0; i < size; ++i) word |= static_cast<uint64_t>(static_cast<uint8_t>(text[i])) << 8 * i;
    visit(word);
    return;
  }
  for (int64_t i = 0; i + 8 < size; i += 8) visit(LoadWord(text + i));
  visit(LoadWord(text + size - 8));
}

inline CaseScan ScanCase(const char* text, int64_t size, char first) {
  uint64_t high = 0, letters = 0;
  EachWord(text, size, [&](uint64_t word) {
    high |= word;
    letters |= LettersFrom(word, first);
  });
  return {(high & kHighBits) == 0, letters != 0};
}

inline bool IsAscii(const char* text, int64_t size) {
  uint64_t high = 0;
  EachWord(text, size, [&](uint64_t word) { high |= word; });
  return (high & kHighBits) == 0;
}

// Writes `size` bytes to `out`, which is not `text`.
inline void TurnCase(const char* text, int64_t size, char first, char* out) {
  if (size < 8) {
    for (int64_t i = 0; i < size; ++i)
      out[i] = static_cast<char>(TurnLetters(static_cast<uint8_t>(text[i]), first));
    return;
  }
  for (int64_t i = 0; i + 8 < size; i += 8) StoreWord(out + i, TurnLetters(LoadWord(text + i), first));
  StoreWord(out + size - 8, TurnLetters(LoadWord(text + size - 8), first));
}

}  // namespace streamc::stdlib
