#include <gtest/gtest.h>

#include <algorithm>

#include "test/unit/stdlib/support.h"

namespace streamc::stdlib {
namespace {

// Lists as they stand in memory: 8 bytes a number, 16 a string, or wider rows of which the kernel reads the first leaf.
std::vector<int64_t> Widen(const std::vector<int64_t>& values, size_t words) {
  std::vector<int64_t> rows;
  for (int64_t value : values) {
    rows.push_back(value);
    rows.resize(rows.size() + words - 1, -1);
  }
  return rows;
}

std::vector<int64_t> RandomInts(std::mt19937_64& random, int most, uint64_t range) {
  std::vector<int64_t> values(random() % static_cast<uint64_t>(most + 1));
  for (int64_t& value : values) value = static_cast<int64_t>(random() % range) - static_cast<int64_t>(range / 2);
  return values;
}

using ListToList = ScList(ScArena*, int64_t, const void*, int64_t);

TEST(Lists, DistinctAndSortAgreeWithTheLibrary) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<int64_t> values = RandomInts(random, 100, 40);
    size_t words = 1 + random() % 3;
    std::vector<int64_t> rows = Widen(values, words);
    int64_t stride = static_cast<int64_t>(8 * words), n = static_cast<int64_t>(values.size());
    std::vector<int64_t> first_seen;
    for (int64_t value : values)
      if (std::find(first_seen.begin(), first_seen.end(), value) == first_seen.end()) first_seen.push_back(value);
    ASSERT_EQ(Ints(Kernel<ListToList>("streamc_fn_distinct")(TestArena(), stride, rows.data(), n)), first_seen);
    std::vector<int64_t> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    ASSERT_EQ(Ints(Kernel<ListToList>("streamc_fn_sort")(TestArena(), stride, rows.data(), n)), sorted);
  }
}

TEST(Lists, Strings) {
  std::vector<std::string> texts;
  std::mt19937_64 random(2);
  for (int i = 0; i < 60; ++i) texts.push_back(RandomText(random, {"a", "b", "å"}, 3));
  std::vector<ScStr> list;
  for (const std::string& text : texts) list.push_back({text.data(), static_cast<int64_t>(text.size())});
  std::vector<std::string> first_seen;
  for (const std::string& text : texts)
    if (std::find(first_seen.begin(), first_seen.end(), text) == first_seen.end()) first_seen.push_back(text);
  EXPECT_EQ(Texts(Kernel<ListToList>("streamc_fn_distinct_string")(TestArena(), 16, list.data(), 60)), first_seen);
  std::vector<std::string> sorted = texts;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(Texts(Kernel<ListToList>("streamc_fn_sort_string")(TestArena(), 16, list.data(), 60)), sorted);
  std::vector<std::string> reversed(texts.rbegin(), texts.rend());
  EXPECT_EQ(Texts(Kernel<ListToList>("streamc_fn_reverse_list")(TestArena(), 16, list.data(), 60)), reversed);
  auto* contains = Kernel<uint8_t(int64_t, const void*, int64_t, const char*, int64_t)>("streamc_fn_contains_string");
  EXPECT_EQ(contains(16, list.data(), 60, "zz", 2), 0);
  EXPECT_EQ(contains(16, list.data(), 60, texts[59].data(), static_cast<int64_t>(texts[59].size())), 1);
}

TEST(Lists, SliceStaysInside) {
  auto* slice = Kernel<ScList(int64_t, const void*, int64_t, int64_t, int64_t)>("streamc_fn_slice");
  std::vector<int64_t> values = {0, 1, 2, 3, 4};
  for (int64_t from : {INT64_MIN, int64_t{-2}, int64_t{0}, int64_t{3}, int64_t{5}, INT64_MAX}) {
    for (int64_t count : {INT64_MIN, int64_t{0}, int64_t{2}, int64_t{4}, INT64_MAX}) {
      std::vector<int64_t> expected;
      for (int64_t value : values)
        if (value >= from && count > 0 && static_cast<__int128>(value) < static_cast<__int128>(from) + count) expected.push_back(value);
      ASSERT_EQ(Ints(slice(8, values.data(), 5, from, count)), expected) << from << " " << count;
    }
  }
}

TEST(Lists, FirstAndLast) {
  std::vector<int64_t> values = {7, 8, 9};
  int64_t out = 0;
  auto* first = Kernel<uint8_t(int64_t, const void*, int64_t, int64_t*)>("streamc_fn_first_of");
  auto* last = Kernel<uint8_t(int64_t, const void*, int64_t, int64_t*)>("streamc_fn_last_of");
  EXPECT_EQ(first(8, values.data(), 3, &out), 1);
  EXPECT_EQ(out, 7);
  EXPECT_EQ(last(8, values.data(), 3, &out), 1);
  EXPECT_EQ(out, 9);
  EXPECT_EQ(first(8, nullptr, 0, &out), 0);
  EXPECT_EQ(last(8, nullptr, 0, &out), 0);
}

TEST(Lists, SumAndRange) {
  auto* sum = Kernel<uint8_t(int64_t, const void*, int64_t, int64_t*)>("streamc_fn_sum_of");
  int64_t out = 0;
  std::vector<int64_t> values = {INT64_MAX, 1, -1};
  EXPECT_EQ(sum(8, values.data(), 3, &out), 1);
  EXPECT_EQ(out, INT64_MAX);
  EXPECT_EQ(sum(8, values.data(), 2, &out), 0);
  auto* range = Kernel<uint8_t(ScArena*, int64_t, int64_t, ScList*)>("streamc_fn_range");
  ScList list{};
  EXPECT_EQ(range(TestArena(), -1, 2, &list), 1);
  EXPECT_EQ(Ints(list), (std::vector<int64_t>{-1, 0, 1}));
  EXPECT_EQ(range(TestArena(), INT64_MAX, INT64_MIN, &list), 1);
  EXPECT_EQ(list.len, 0);
  EXPECT_EQ(range(TestArena(), INT64_MIN, INT64_MAX, &list), 0);
  EXPECT_EQ(range(TestArena(), 0, 1 << 21, &list), 0);
}

}  // namespace
}  // namespace streamc::stdlib
