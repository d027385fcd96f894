#include "runtime/batch/row.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "runtime/batch/arena.h"
#include "runtime/batch/batch.h"

namespace streamc::rt::batch {
namespace {

abi::TypeSpec Type(abi::Logical logical, bool optional = false) {
  abi::TypeSpec type;
  type.logical = logical;
  type.optional = optional;
  return type;
}

// int?, string, list<string?>, decimal, bool, float
abi::LayoutSpec Layout() {
  abi::TypeSpec list = Type(abi::Logical::List);
  list.element.push_back(Type(abi::Logical::String, true));
  abi::LayoutSpec layout;
  layout.columns.push_back({"i", Type(abi::Logical::Int, true), false});
  layout.columns.push_back({"s", Type(abi::Logical::String), false});
  layout.columns.push_back({"l", list, false});
  layout.columns.push_back({"d", Type(abi::Logical::Decimal), false});
  layout.columns.push_back({"b", Type(abi::Logical::Bool), false});
  layout.columns.push_back({"f", Type(abi::Logical::Float), false});
  return layout;
}

struct Row { bool null; int64_t i; std::string s; std::vector<std::string> l; int64_t d; bool b; double f; };

void Fill(Batch* batch, int64_t at, const Row& row, Arena* arena) {
  batch->columns()[0].state[at] = row.null ? SC_NULL : SC_VALUE;
  *static_cast<int64_t*>(batch->value(0, at)) = row.null ? 0 : row.i;
  *static_cast<ScStr*>(batch->value(1, at)) = arena->CopyString(row.s.data(), static_cast<int64_t>(row.s.size()));
  char* items = static_cast<char*>(arena->Allocate(static_cast<int64_t>(row.l.size()) * 24 + 1));
  std::memset(items, 0, row.l.size() * 24);
  for (size_t k = 0; k < row.l.size(); ++k) {
    ScStr text = arena->CopyString(row.l[k].data(), static_cast<int64_t>(row.l[k].size()));
    std::memcpy(items + k * 24 + 8, &text, sizeof text);
  }
  *static_cast<ScList*>(batch->value(2, at)) = {items, static_cast<int64_t>(row.l.size())};
  __int128 decimal = row.d;
  std::memcpy(batch->value(3, at), &decimal, sizeof decimal);
  *static_cast<uint8_t*>(batch->value(4, at)) = row.b;
  *static_cast<double*>(batch->value(5, at)) = row.f;
}

auto OrderOf(const Row& row) {
  return std::make_tuple(!row.null, row.null ? 0 : row.i, row.s, row.l, row.d, row.b, row.f);
}

TEST(RowShape, OrderEqualityAndCopiesAgreeWithAModel) {
  std::mt19937 random(3);
  abi::LayoutSpec layout = Layout();
  RowShape shape(abi::FlattenLayout(layout, false));
  EXPECT_FALSE(shape.fixed());
  std::vector<Row> rows;
  auto word = [&] { return std::string(random() % 3, static_cast<char>('a' + random() % 2)); };
  for (int i = 0; i < 200; ++i) {
    Row row{random() % 4 == 0, static_cast<int64_t>(random() % 3) - 1, word(), {}, static_cast<int64_t>(random() % 3) - 1,
            random() % 2 == 0, static_cast<double>(random() % 3) - 1};
    for (unsigned k = random() % 3; k > 0; --k) row.l.push_back(word());
    rows.push_back(row);
  }
  Arena kept;
  std::vector<std::vector<char>> packed;
  {
    Arena arena;
    Batch batch(layout);
    batch.Resize(static_cast<int64_t>(rows.size()));
    for (size_t i = 0; i < rows.size(); ++i) Fill(&batch, static_cast<int64_t>(i), rows[i], &arena);
    for (size_t i = 0; i < rows.size(); ++i) {
      packed.emplace_back(static_cast<size_t>(shape.size()));
      shape.Gather(batch.columns(), static_cast<int64_t>(i), packed.back().data());
      EXPECT_GT(shape.DeepBytes(packed.back().data()), -1);
      shape.CopyDeep(packed.back().data(), kept.get());
    }
  }  // the memory the rows came from is gone
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t k = 0; k < rows.size(); ++k) {
      int got = shape.Compare(packed[i].data(), packed[k].data());
      auto a = OrderOf(rows[i]), b = OrderOf(rows[k]);
      ASSERT_EQ(got < 0, a < b) << i << " " << k;
      ASSERT_EQ(got == 0, a == b) << i << " " << k;
      ASSERT_EQ(shape.Equal(packed[i].data(), packed[k].data()), a == b);
    }
  }
  Batch back(layout);
  back.Resize(1);
  shape.Scatter(packed[5].data(), back.columns(), 0);
  std::vector<char> again(static_cast<size_t>(shape.size()));
  shape.Gather(back.columns(), 0, again.data());
  EXPECT_EQ(shape.Compare(again.data(), packed[5].data()), 0);
}

TEST(RowShape, NullsComeFirstNotANumberLastErrorsBehindValues) {
  abi::LayoutSpec layout;
  layout.columns.push_back({"f", Type(abi::Logical::Float, true), false});
  RowShape shape(abi::FlattenLayout(layout, false));
  EXPECT_TRUE(shape.fixed());
  double one = 1, nan = std::nan("");
  EXPECT_LT(shape.CompareLeaf(0, SC_NULL, &one, SC_VALUE, &one), 0);
  EXPECT_LT(shape.CompareLeaf(0, SC_VALUE, &one, SC_VALUE, &nan), 0);
  EXPECT_EQ(shape.CompareLeaf(0, SC_VALUE, &nan, SC_VALUE, &nan), 0);
  EXPECT_LT(shape.CompareLeaf(0, SC_VALUE, &nan, SC_ERR_JSON_TYPE, &one), 0);
  EXPECT_EQ(shape.CompareLeaf(0, SC_NULL, &one, SC_NULL, &nan), 0);
}

}  // namespace
}  // namespace streamc::rt::batch
