#include "runtime/batch/arena.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace streamc::rt::batch {
namespace {

TEST(Arena, BlocksAreAlignedAndDoNotOverlap) {
  std::mt19937 random(1);
  Arena arena;
  for (int round = 0; round < 5; ++round) {
    std::vector<std::pair<unsigned char*, size_t>> blocks;
    for (int i = 0; i < 2000; ++i) {
      size_t size = random() % (i % 100 == 0 ? 300'000 : 200) + 1;
      auto* block = static_cast<unsigned char*>(arena.Allocate(static_cast<int64_t>(size)));
      ASSERT_EQ(reinterpret_cast<uintptr_t>(block) % 16, 0u);
      std::memset(block, i & 0xFF, size);
      blocks.emplace_back(block, size);
    }
    for (size_t i = 0; i < blocks.size(); ++i) {
      for (size_t k = 0; k < blocks[i].second; ++k) ASSERT_EQ(blocks[i].first[k], i & 0xFF);
    }
    arena.Reset();
    EXPECT_EQ(arena.used(), 0);
  }
}

TEST(Arena, ResetKeepsMemoryForTheNextBatch) {
  Arena arena;
  for (int i = 0; i < 1000; ++i) arena.Allocate(1000);
  int64_t reserved = arena.reserved();
  EXPECT_GE(arena.used(), 1'000'000);
  for (int round = 0; round < 10; ++round) {
    arena.Reset();
    for (int i = 0; i < 1000; ++i) arena.Allocate(1000);
  }
  EXPECT_EQ(arena.reserved(), reserved);
}

TEST(Arena, ResetReturnsWhatOneHugeBatchTook) {
  int64_t before = Arena::total_reserved();
  {
    Arena arena;
    arena.Allocate(Arena::kKeep + (1 << 20));
    for (int i = 0; i < 100; ++i) arena.Allocate(1 << 20);
    EXPECT_GT(arena.reserved(), Arena::kKeep);
    arena.Reset();
    EXPECT_LE(arena.reserved(), Arena::kKeep);
    EXPECT_NE(arena.Allocate(16), nullptr);
    EXPECT_EQ(Arena::total_reserved() - before, arena.reserved());
  }
  EXPECT_EQ(Arena::total_reserved(), before);
}

TEST(Arena, CopiesStrings) {
  Arena arena;
  char text[] = "kafka";
  ScStr copy = arena.CopyString(text, 5);
  text[0] = 'K';
  EXPECT_EQ(std::string_view(copy.ptr, static_cast<size_t>(copy.len)), "kafka");
  EXPECT_EQ(arena.CopyString(nullptr, 0).len, 0);
}

}  // namespace
}  // namespace streamc::rt::batch
