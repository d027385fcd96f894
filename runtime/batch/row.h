// Row layout at run time: moving values between columns and rows, deep copies, order and equality by type.
//
// A RowShape is computed once from a list of leaves (keys, table rows, list elements) and knows every offset; lists hold the shape
// of their elements. Rows are plain bytes of size() (8-byte aligned); copying them by memcpy copies strings and lists as views,
// CopyDeep moves what they point at into an arena.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/abi/layout.h"

namespace streamc::rt::batch {

class RowShape {
 public:
  // The leaves' types must outlive the shape.
  explicit RowShape(std::vector<abi::Leaf> leaves);

  const std::vector<abi::Leaf>& leaves() const { return leaves_; }
  int64_t size() const { return offsets_.size; }
  // No strings or lists: equal rows are equal bytes.
  bool fixed() const { return fixed_; }
  int64_t state_offset(size_t leaf) const { return offsets_.state[leaf]; }  // -1: none
  int64_t value_offset(size_t leaf) const { return offsets_.value[leaf]; }
  // Shape of a list leaf's elements, null for others.
  const RowShape* element(size_t leaf) const { return elements_[leaf].get(); }

  // Columns of the same leaves to a row and back; strings and lists as views. Absent values become zero.
  void Gather(const ScColumn* columns, int64_t row, void* to) const;
  void Scatter(const void* row, ScColumn* columns, int64_t at) const;

  // Moves the row's strings and lists (deeply) into the arena.
  void CopyDeep(void* row, ScArena* arena) const;
  // Bytes CopyDeep would allocate, for memory accounting.
  int64_t DeepBytes(const void* row) const;

  // Total order: leaf by leaf; null before values before errors, false before true, NaN after all numbers, strings bytewise, lists
  // element by element and the shorter first. <0, 0, >0.
  int Compare(const void* a, const void* b) const;
  bool Equal(const void* a, const void* b) const;

  // The same order for one leaf; `a`, `b` point at values in column or row layout.
  int CompareLeaf(size_t leaf, uint8_t state_a, const void* a, uint8_t state_b, const void* b) const;
  // The same for rows of columns.
  int CompareCells(size_t leaf, const ScColumn& a, int64_t row_a, const ScColumn& b, int64_t row_b) const;

 private:
  std::vector<abi::Leaf> leaves_;
  abi::RowOffsets offsets_;
  std::vector<std::unique_ptr<RowShape>> elements_;
  bool fixed_ = true;
};

// Makes a leaf's value (column or row layout) independent of the memory it points at; nothing to do for numbers.
void CopyDeepValue(abi::LeafKind kind, const RowShape* element, void* value, ScArena* arena);

}  // namespace streamc::rt::batch
