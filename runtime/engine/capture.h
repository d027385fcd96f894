// Rows that tests and the REPL look at: what reached a Capture node, copied so that it outlives the turn.
#pragma once

#include <vector>

#include "runtime/batch/arena.h"
#include "runtime/batch/batch.h"
#include "runtime/engine/plan.h"

namespace streamc::rt::engine {

class CaptureStore {
 public:
  explicit CaptureStore(const NodePlan& node) : node_(node), shape_(node.work.leaves), rows_(node.work.leaves) {}

  // Appends copies of all rows.
  void Append(const ScBatch& work) {
    int64_t first = rows_.rows();
    rows_.AppendRows(work, 0, work.rows);
    if (shape_.fixed()) return;
    for (size_t leaf = 0; leaf < shape_.leaves().size(); ++leaf) {
      for (int64_t row = first; row < rows_.rows(); ++row) {
        if (rows_.state(leaf, row) != SC_VALUE) continue;
        batch::CopyDeepValue(shape_.leaves()[leaf].kind, shape_.element(leaf), rows_.value(leaf, row), arena_.get());
      }
    }
  }
  // Rows of the node's `work` layout since the last Clear.
  const batch::Batch& rows() const { return rows_; }
  void Clear() {
    rows_.Clear();
    arena_.Reset();
  }
  const NodePlan& node() const { return node_; }

 private:
  const NodePlan& node_;
  batch::RowShape shape_;
  batch::Batch rows_;
  batch::Arena arena_;
};

}  // namespace streamc::rt::engine
