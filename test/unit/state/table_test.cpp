// Tables against std::map: the same inserts, look-ups, removals and merges, for each kind of key.
#include "runtime/state/table.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

#include "runtime/state/slices.h"

namespace streamc::rt::state {
namespace {

using abi::LayoutSpec;
using abi::Logical;

// A state of one int64, added up.
int64_t& Sum(const TableShape& shape, ScSlot* slot) {
  return *reinterpret_cast<int64_t*>(reinterpret_cast<char*>(slot) + shape.state_offset);
}

int64_t state_offset_of_merge = 0;
void MergeSums(ScArena*, ScSlot* into, const ScSlot* from) {
  into->rows += from->rows;
  into->last_time = std::max(into->last_time, from->last_time);
  int64_t part;
  std::memcpy(&part, reinterpret_cast<const char*>(from) + state_offset_of_merge, sizeof part);
  *reinterpret_cast<int64_t*>(reinterpret_cast<char*>(into) + state_offset_of_merge) += part;
}

int destroyed = 0;
void CountDestroyed(ScSlot*) {
  ++destroyed;
}

LayoutSpec Layout(std::vector<Logical> kinds) {
  LayoutSpec layout;
  for (Logical kind : kinds) {
    abi::TypeSpec type;
    type.logical = kind;
    layout.columns.push_back({"k" + std::to_string(layout.columns.size()), type, false});
  }
  return layout;
}

// Key number n of a layout, in memory that is overwritten by the next call: the table must have its own copy.
class Keys {
 public:
  explicit Keys(const LayoutSpec& layout)
      : shape_(abi::FlattenLayout(layout, false)), row_(static_cast<size_t>(shape_.size())) {}
  const void* Make(int64_t n) {
    std::fill(row_.begin(), row_.end(), 0);
    text_.clear();
    std::vector<std::string> texts;
    for (size_t leaf = 0; leaf < shape_.leaves().size(); ++leaf) {
      char* at = row_.data() + shape_.value_offset(leaf);
      if (shape_.leaves()[leaf].kind == abi::LeafKind::Str) {
        text_ = n % 7 == 0 ? "" : std::string(static_cast<size_t>(n % 40), 'x') + std::to_string(n);
        ScStr string{text_.data(), static_cast<int64_t>(text_.size())};
        std::memcpy(at, &string, sizeof string);
      } else {
        int64_t number = leaf == 0 ? n : n / 3;
        std::memcpy(at, &number, sizeof number);
      }
    }
    return row_.data();
  }
  // What tells keys apart.
  std::string Name(int64_t n) const {
    std::string name;
    for (const abi::Leaf& leaf : shape_.leaves()) {
      if (leaf.kind == abi::LeafKind::Str) {
        name += n % 7 == 0 ? "|" : std::to_string(n) + "|";
      } else {
        name += std::to_string(name.empty() ? n : n / 3) + ",";
      }
    }
    return name;
  }
  const batch::RowShape& shape() const { return shape_; }

 private:
  batch::RowShape shape_;
  std::vector<char> row_;
  std::string text_;
};

void CompareWithMap(const LayoutSpec& layout, uint32_t seed) {
  TableShape shape(layout, 8, MergeSums, nullptr);
  state_offset_of_merge = shape.state_offset;
  Table table(shape);
  Keys keys(layout);
  std::map<std::string, int64_t> model;
  std::mt19937 random(seed);
  for (int i = 0; i < 30000; ++i) {
    int64_t n = static_cast<int64_t>(random() % 3000);
    const void* key = keys.Make(n);
    uint64_t hash = HashKey(keys.shape(), key);
    std::string name = keys.Name(n);
    if (random() % 4 == 0) {
      ScSlot* slot = table.Find(hash, key);
      ASSERT_EQ(slot != nullptr, model.count(name) == 1) << name;
      if (slot == nullptr) continue;
      ASSERT_EQ(Sum(shape, slot), model[name]);
      if (random() % 2 == 0) {
        table.Remove(slot);
        model.erase(name);
      }
    } else {
      ScSlot* slot = sc_table_slot(table.abi(), hash, key);
      if (model.count(name) == 0) {
        ASSERT_EQ(slot->rows, 0) << "a new slot is empty, also where another key stood";
        ASSERT_EQ(Sum(shape, slot), 0);
      }
      slot->rows = 1;
      Sum(shape, slot) += n;
      model[name] += n;
    }
    ASSERT_EQ(table.size(), static_cast<int64_t>(model.size()));
  }
  int64_t total = 0, expected = 0;
  table.ForEach([&](ScSlot* slot) { total += Sum(shape, slot); });
  for (const auto& [name, sum] : model) expected += sum;
  EXPECT_EQ(total, expected);
}

TEST(Table, IntKeysAgreeWithAMap) {
  CompareWithMap(Layout({Logical::Int}), 1);
}
TEST(Table, StringKeysAgreeWithAMap) {
  CompareWithMap(Layout({Logical::String}), 2);
}
TEST(Table, SeveralIntsAgreeWithAMap) {
  CompareWithMap(Layout({Logical::Int, Logical::Date}), 3);
}
TEST(Table, MixedKeysAgreeWithAMap) {
  CompareWithMap(Layout({Logical::Int, Logical::String}), 4);
}

TEST(Table, SlotsStayWhereTheyAreWhileTheTableGrows) {
  LayoutSpec layout = Layout({Logical::Int});
  TableShape shape(layout, 8, MergeSums, nullptr);
  Table table(shape);
  Keys keys(layout);
  std::vector<ScSlot*> slots;
  for (int64_t n = 0; n < 10000; ++n) {
    const void* key = keys.Make(n);
    slots.push_back(table.FindOrInsert(HashKey(keys.shape(), key), key));
    slots.back()->rows = n + 1;
  }
  for (int64_t n = 0; n < 10000; ++n) {
    const void* key = keys.Make(n);
    ASSERT_EQ(table.Find(HashKey(keys.shape(), key), key), slots[static_cast<size_t>(n)]);
    ASSERT_EQ(slots[static_cast<size_t>(n)]->rows, n + 1);
  }
  int64_t next = 1;
  table.ForEach([&](ScSlot* slot) { EXPECT_EQ(slot->rows, next++) << "insertion order"; });
}

TEST(Table, WithoutKeyColumnsThereIsOneSlot) {
  LayoutSpec layout;
  TableShape shape(layout, 8, MergeSums, nullptr);
  Table table(shape);
  char nothing = 0;
  ScSlot* slot = table.FindOrInsert(sc_hash_row(&nothing, 0), &nothing);
  EXPECT_EQ(table.FindOrInsert(sc_hash_row(&nothing, 0), &nothing), slot);
  EXPECT_EQ(table.size(), 1);
}

TEST(Table, MergeAddsAndCopiesKeys) {
  LayoutSpec layout = Layout({Logical::String});
  TableShape shape(layout, 8, MergeSums, nullptr);
  state_offset_of_merge = shape.state_offset;
  Keys keys(layout);
  Table into(shape);
  {
    Table from(shape);
    for (int64_t n = 1; n < 7; ++n) {
      const void* key = keys.Make(n);
      for (Table* table : {&from, &into}) {
        ScSlot* slot = table->FindOrInsert(HashKey(keys.shape(), key), key);
        slot->rows = 1;
        slot->last_time = table == &from ? n : 0;
        Sum(shape, slot) = n;
      }
    }
    const void* key = keys.Make(20);
    from.FindOrInsert(HashKey(keys.shape(), key), key)->rows = 5;
    from.ForEach([&](ScSlot* slot) { into.Merge(slot); });
  }
  EXPECT_EQ(into.size(), 7);
  const void* key = keys.Make(3);
  ScSlot* slot = into.Find(HashKey(keys.shape(), key), key);
  ASSERT_NE(slot, nullptr);
  EXPECT_EQ(slot->rows, 2);
  EXPECT_EQ(slot->last_time, 3);
  EXPECT_EQ(Sum(shape, slot), 6);
  key = keys.Make(20);
  ASSERT_NE(into.Find(HashKey(keys.shape(), key), key), nullptr) << "the key outlives the table it came from";
}

TEST(Table, ClearAndDestroyReleaseEveryState) {
  LayoutSpec layout = Layout({Logical::Int});
  TableShape shape(layout, 8, MergeSums, CountDestroyed);
  Keys keys(layout);
  destroyed = 0;
  {
    Table table(shape);
    for (int64_t n = 0; n < 100; ++n) table.FindOrInsert(HashKey(keys.shape(), keys.Make(n)), keys.Make(n));
    table.Remove(table.Find(HashKey(keys.shape(), keys.Make(5)), keys.Make(5)));
    EXPECT_EQ(destroyed, 1);
    table.Clear();
    EXPECT_EQ(destroyed, 100);
    EXPECT_EQ(table.size(), 0);
    for (int64_t n = 0; n < 50; ++n) {
      ScSlot* slot = table.FindOrInsert(HashKey(keys.shape(), keys.Make(n)), keys.Make(n));
      EXPECT_EQ(Sum(shape, slot), 0);
    }
  }
  EXPECT_EQ(destroyed, 150);
}

TEST(Table, AKeyForgottenByItsPartitionStartsAnew) {
  LayoutSpec layout = Layout({Logical::Int});
  TableShape shape(layout, 8, MergeSums, nullptr);
  Keys keys(layout);
  Table table(shape);
  table.Forget(10);
  auto row = [&](int64_t time, int64_t watermark) {
    table.SetRowWatermark(watermark);
    ScSlot* slot = table.FindOrInsert(HashKey(keys.shape(), keys.Make(1)), keys.Make(1));
    slot->rows += 1;
    slot->last_time = std::max(slot->last_time, time);
    return slot;
  };
  EXPECT_EQ(row(100, 90)->rows, 1);
  EXPECT_EQ(row(105, 100)->rows, 2);
  EXPECT_EQ(Table::FirstWatermark(row(106, 114)), 90);
  ScSlot* slot = row(120, 116);
  EXPECT_EQ(slot->rows, 1) << "116 is 10 after the last row";
  EXPECT_EQ(Table::FirstWatermark(slot), time::kEndOfTime) << "what was before is void in any case";
}

TEST(SliceSet, DropsWholeSlicesAndUsesTheirMemoryAgain) {
  LayoutSpec layout = Layout({Logical::Int});
  TableShape shape(layout, 8, MergeSums, nullptr);
  Keys keys(layout);
  TablePool pool(shape, 8);
  SliceSet slices(pool);
  for (int64_t start = 0; start < 5; ++start) {
    Table& table = slices.Get({start, start + 1});
    for (int64_t n = 0; n <= start; ++n) table.FindOrInsert(HashKey(keys.shape(), keys.Make(n)), keys.Make(n));
  }
  EXPECT_EQ(slices.slots(), 15);
  slices.DropIf([](const time::SliceKey& key) { return key.start < 3; });
  EXPECT_EQ(slices.tables().size(), 2u);
  EXPECT_EQ(slices.slots(), 9);
  slices.Recycle();
  EXPECT_EQ(slices.Get({9, 10}).size(), 0) << "a used table comes back empty";
}

}  // namespace
}  // namespace streamc::rt::state
