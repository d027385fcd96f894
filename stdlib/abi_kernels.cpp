// Hashing and comparison of keys: the sc_hash_* and sc_str_* functions of runtime/abi/abi.h.
//
// They stand here because generated code inlines them from the bitcode, like kernels; the native copy serves the runtime.
// The hash multiplies 64 x 64 bits by an odd constant and folds the halves of the product, so the low bits (table
// index) and the high ones (fingerprint, partition) both depend on every input bit. No word is ever multiplied by
// another input word, which would let a single zero swallow the rest.
#include <cstring>

#include "runtime/abi/abi.h"

namespace {

constexpr uint64_t kWord = 0x9E3779B97F4A7C15u;
constexpr uint64_t kMultiplier = 0xD6E8FEB86659FD93u;

inline uint64_t Fold(uint64_t x) {
  unsigned __int128 product = static_cast<unsigned __int128>(x) * kMultiplier;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t Mix(uint64_t seed, uint64_t value) { return Fold((seed << 32 | seed >> 32) ^ value ^ kWord); }

inline uint64_t Load64(const char* p) {
  uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

inline uint64_t Load32(const char* p) {
  uint32_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

}  // namespace

// A row's hash is sc_hash_mix over its words from seed 0, so code that mixes leaf by leaf finds the same slot.
extern "C" uint64_t sc_hash_row(const void* key, int64_t fixed_size) {
  const char* bytes = static_cast<const char*>(key);
  uint64_t hash = 0;
  for (int64_t i = 0; i < fixed_size; i += 8) hash = Mix(hash, Load64(bytes + i));
  return hash;
}

extern "C" uint64_t sc_hash_mix(uint64_t seed, uint64_t value) { return Mix(seed, value); }

extern "C" uint64_t sc_hash_str(const char* ptr, int64_t len) {
  uint64_t hash = static_cast<uint64_t>(len);
  for (; len > 16; ptr += 16, len -= 16) hash = Mix(Mix(hash, Load64(ptr)), Load64(ptr + 8));
  // The last 1 to 16 bytes as two words that may overlap: their size is in the seed, so nothing is ambiguous.
  uint64_t first = 0, second = 0;
  if (len >= 8) {
    first = Load64(ptr);
    second = Load64(ptr + len - 8);
  } else if (len >= 4) {
    first = Load32(ptr);
    second = Load32(ptr + len - 4);
  } else if (len > 0) {
    auto byte = [&](int64_t i) { return static_cast<uint64_t>(static_cast<uint8_t>(ptr[i])); };
    first = byte(0) | byte(len / 2) << 8 | byte(len - 1) << 16;
  }
  return Mix(Mix(hash, first), second);
}

extern "C" uint8_t sc_str_equal(const char* a, int64_t alen, const char* b, int64_t blen) {
  return alen == blen && (alen == 0 || std::memcmp(a, b, static_cast<size_t>(alen)) == 0);
}

extern "C" int64_t sc_str_compare(const char* a, int64_t alen, const char* b, int64_t blen) {
  int64_t common = alen < blen ? alen : blen;
  int order = common == 0 ? 0 : std::memcmp(a, b, static_cast<size_t>(common));
  if (order != 0) return order;
  return alen < blen ? -1 : alen > blen;
}
