// An owning column batch for a list of leaves: what pipelines read and append to, and what sources decode into.
//
// Columns are arrays with room for capacity() rows, moved when they grow. Strings and lists in them are views: into record
// payloads, an arena or another batch's; the batch owns only the arrays. `out()` is what generated code appends to: it writes at
// out()->batch.rows, counts it up and calls sc_out_grow when full, which lands in Reserve. One thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/abi/layout.h"

namespace streamc::rt::batch {

class Batch {
 public:
  // Leaves point at types that must outlive the batch. `absent`: leaves without data (not needed ones of a source); empty: none.
  explicit Batch(std::vector<abi::Leaf> leaves, std::vector<bool> absent = {});
  // The leaves of a layout; `layout` must outlive the batch.
  explicit Batch(const abi::LayoutSpec& layout, bool all_states = false) : Batch(abi::FlattenLayout(layout, all_states)) {}
  ~Batch();
  Batch(const Batch&) = delete;  // ScOut points back at its owner
  Batch& operator=(const Batch&) = delete;

  const std::vector<abi::Leaf>& leaves() const { return leaves_; }
  int64_t rows() const { return out_.batch.rows; }
  int64_t capacity() const { return out_.batch.capacity; }
  const ScBatch* view() const { return &out_.batch; }
  ScOut* out() { return &out_; }
  ScColumn* columns() { return columns_.data(); }
  const ScColumn* columns() const { return columns_.data(); }

  // Room for at least `rows` rows; rows in use are kept, the arrays may move.
  void Reserve(int64_t rows);
  // Sets the number of rows in use, for owners that fill columns themselves; rows beyond the old count are unspecified.
  void Resize(int64_t rows);
  void Clear() { out_.batch.rows = 0; }

  // Appends rows [first, first + n) of a batch of the same leaves (strings and lists stay views).
  void AppendRows(const ScBatch& from, int64_t first, int64_t n);
  void AppendRow(const ScBatch& from, int64_t row) { AppendRows(from, row, 1); }

  // State of a leaf (SC_VALUE when it has none) and its value's address.
  uint8_t state(size_t leaf, int64_t row) const { return columns_[leaf].state ? columns_[leaf].state[row] : uint8_t{SC_VALUE}; }
  void* value(size_t leaf, int64_t row) const {
    return static_cast<char*>(columns_[leaf].data) + row * abi::ColumnWidth(leaves_[leaf].kind);
  }
  // Bytes of the arrays.
  int64_t reserved() const;

 private:
  std::vector<abi::Leaf> leaves_;
  std::vector<bool> absent_;
  std::vector<ScColumn> columns_;
  ScOut out_{};
};

}  // namespace streamc::rt::batch
