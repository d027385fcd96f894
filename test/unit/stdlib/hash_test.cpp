// The hashes of keys (abi.h) and of the language's own functions.
#include <gtest/gtest.h>

#include <bit>
#include <unordered_set>

#include "test/unit/stdlib/support.h"

namespace streamc::stdlib {
namespace {

TEST(KeyHash, ARowIsItsWordsMixed) {
  int64_t row[3] = {1, -2, 3};
  uint64_t hash = 0;
  for (int64_t word : row) hash = sc_hash_mix(hash, static_cast<uint64_t>(word));
  EXPECT_EQ(sc_hash_row(row, sizeof row), hash);
  EXPECT_NE(sc_hash_row(row, 16), hash);
  EXPECT_EQ(sc_hash_row(row, 0), 0u);
}

// Consecutive ids and multiples of a power of two are the keys that break weak hashes.
TEST(KeyHash, LowAndHighBitsSpread) {
  for (uint64_t step : {1ull, 8ull, 4096ull, 1ull << 32, 1ull << 52}) {
    constexpr int kBuckets = 4096;
    std::vector<int> low(kBuckets), high(kBuckets);
    std::unordered_set<uint64_t> all;
    constexpr int kKeys = 16 * kBuckets;
    for (uint64_t i = 0; i < kKeys; ++i) {
      uint64_t hash = sc_hash_mix(0, i * step);
      ++low[hash % kBuckets];
      ++high[hash >> 52];
      all.insert(hash);
    }
    // i * step wraps for the largest step, so there are fewer keys than rounds.
    size_t different = step == 1ull << 52 ? 4096 : kKeys;
    ASSERT_EQ(all.size(), different) << step;
    if (different != kKeys) continue;
    // 16 in each bucket on average; a Poisson count above 48 has a chance below 1e-9.
    for (int i = 0; i < kBuckets; ++i) {
      ASSERT_LT(low[static_cast<size_t>(i)], 48) << step;
      ASSERT_LT(high[static_cast<size_t>(i)], 48) << step;
    }
  }
}

TEST(KeyHash, EveryInputBitMatters) {
  std::mt19937_64 random(1);
  for (int size = 0; size <= 70; ++size) {
    std::string text(static_cast<size_t>(size), '\0');
    for (char& c : text) c = static_cast<char>(random());
    uint64_t hash = sc_hash_str(text.data(), size);
    double changed = 0;
    for (int bit = 0; bit < 8 * size; ++bit) {
      std::string other = text;
      other[static_cast<size_t>(bit / 8)] = static_cast<char>(other[static_cast<size_t>(bit / 8)] ^ 1 << bit % 8);
      uint64_t its = sc_hash_str(other.data(), size);
      ASSERT_NE(its, hash) << size << " " << bit;
      changed += std::popcount(its ^ hash);
    }
    if (size > 0) {
      ASSERT_NEAR(changed / (8 * size), 32, 6) << size;
    }
  }
}

TEST(KeyHash, ZerosOfDifferentSizesDiffer) {
  std::string zeros(100, '\0');
  std::unordered_set<uint64_t> all;
  for (int size = 0; size <= 100; ++size) all.insert(sc_hash_str(zeros.data(), size));
  EXPECT_EQ(all.size(), 101u);
}

TEST(KeyHash, NoCollisionsAmongShortWords) {
  std::unordered_set<uint64_t> all;
  std::string word(4, 'a');
  size_t count = 0;
  for (word[0] = 'a'; word[0] <= 'z'; ++word[0])
    for (word[1] = 'a'; word[1] <= 'z'; ++word[1])
      for (word[2] = 'a'; word[2] <= 'z'; ++word[2])
        for (word[3] = 'a'; word[3] <= 'z'; ++word[3], ++count) all.insert(sc_hash_str(word.data(), 4));
  EXPECT_EQ(all.size(), count);
}

TEST(Strings, EqualAndCompare) {
  EXPECT_EQ(sc_str_equal(nullptr, 0, "", 0), 1);
  EXPECT_EQ(sc_str_equal("ab", 2, "ac", 2), 0);
  EXPECT_EQ(sc_str_equal("ab", 2, "ab", 2), 1);
  EXPECT_LT(sc_str_compare("a", 1, "ab", 2), 0);
  EXPECT_GT(sc_str_compare("b", 1, "ab", 2), 0);
  EXPECT_EQ(sc_str_compare("", 0, nullptr, 0), 0);
  // Bytes are unsigned: å after z.
  EXPECT_GT(sc_str_compare("å", 2, "z", 1), 0);
}

TEST(Hashing, KnownValues) {
  auto* hash64 = Kernel<int64_t(const char*, int64_t)>("streamc_fn_hash64");
  EXPECT_EQ(static_cast<uint64_t>(hash64("", 0)), 0x2D06800538D394C2u);
  EXPECT_EQ(ToNewText("sha256", "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToNewText("md5", ""), "d41d8cd98f00b204e9800998ecf8427e");
  auto* crc = Kernel<int64_t(const char*, int64_t)>("streamc_fn_crc32");
  EXPECT_EQ(crc("123456789", 9), 0xCBF43926);
  EXPECT_EQ(crc("", 0), 0);
}

}  // namespace
}  // namespace streamc::stdlib
