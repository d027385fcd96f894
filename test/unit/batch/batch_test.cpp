#include "runtime/batch/batch.h"

#include <gtest/gtest.h>

namespace streamc::rt::batch {
namespace {

abi::TypeSpec Type(abi::Logical logical, bool optional = false) {
  abi::TypeSpec type;
  type.logical = logical;
  type.optional = optional;
  return type;
}

abi::LayoutSpec TwoColumns() {
  abi::LayoutSpec layout;
  layout.columns.push_back({"n", Type(abi::Logical::Int), false});
  layout.columns.push_back({"s", Type(abi::Logical::String, true), false});
  return layout;
}

TEST(Batch, GrowsAsGeneratedCodeAppends) {
  abi::LayoutSpec layout = TwoColumns();
  Batch batch(layout);
  ScOut* out = batch.out();
  for (int64_t i = 0; i < 1000; ++i) {
    if (out->batch.rows == out->batch.capacity) sc_out_grow(nullptr, out);
    int64_t row = out->batch.rows++;
    static_cast<int64_t*>(out->batch.columns[0].data)[row] = i;
    static_cast<ScStr*>(out->batch.columns[1].data)[row] = {"x", i % 2};
    out->batch.columns[1].state[row] = i % 3 == 0 ? SC_NULL : SC_VALUE;
  }
  ASSERT_EQ(batch.rows(), 1000);
  for (int64_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(*static_cast<int64_t*>(batch.value(0, i)), i);
    EXPECT_EQ(static_cast<ScStr*>(batch.value(1, i))->len, i % 2);
    EXPECT_EQ(batch.state(1, i), i % 3 == 0 ? SC_NULL : SC_VALUE);
    EXPECT_EQ(batch.state(0, i), SC_VALUE);
  }
}

TEST(Batch, AppendsRowsOfAnother) {
  abi::LayoutSpec layout = TwoColumns();
  Batch from(layout), to(layout);
  from.Resize(10);
  for (int64_t i = 0; i < 10; ++i) {
    *static_cast<int64_t*>(from.value(0, i)) = i;
    *static_cast<ScStr*>(from.value(1, i)) = {"abc", 3};
    from.columns()[1].state[i] = SC_VALUE;
  }
  to.AppendRows(*from.view(), 3, 4);
  to.AppendRow(*from.view(), 9);
  ASSERT_EQ(to.rows(), 5);
  EXPECT_EQ(*static_cast<int64_t*>(to.value(0, 0)), 3);
  EXPECT_EQ(*static_cast<int64_t*>(to.value(0, 4)), 9);
  EXPECT_EQ(to.state(1, 4), SC_VALUE);
  to.Clear();
  EXPECT_EQ(to.rows(), 0);
  EXPECT_GE(to.capacity(), 5);
}

TEST(Batch, AbsentLeavesHaveNoDataAndReadAsNull) {
  abi::LayoutSpec layout = TwoColumns();
  Batch from(abi::FlattenLayout(layout, true), {false, true}), to(abi::FlattenLayout(layout, true));
  from.Resize(2);
  *static_cast<int64_t*>(from.value(0, 1)) = 7;
  from.columns()[0].state[1] = SC_VALUE;
  EXPECT_EQ(from.columns()[1].data, nullptr);
  to.AppendRow(*from.view(), 1);
  EXPECT_EQ(*static_cast<int64_t*>(to.value(0, 0)), 7);
  EXPECT_EQ(to.state(1, 0), SC_NULL);
  EXPECT_EQ(static_cast<ScStr*>(to.value(1, 0))->len, 0);
}

}  // namespace
}  // namespace streamc::rt::batch
