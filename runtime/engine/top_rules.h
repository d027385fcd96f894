// What is the same for all groups of a top node: bounds and limits, and how rows of its `work` layout are ordered, told apart
// and kept. Made once per node; read only. Used by Top and TopStep.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/engine/shared.h"
#include "runtime/time/window.h"

namespace streamc::rt::engine {

// A row of the `work` layout in memory of its own, with what it points at.
using RankedRow = std::shared_ptr<const char>;

struct TopRules {
  // Both must outlive the rules. `step`: number of the step in records.
  TopRules(const Shared& shared, const NodePlan& node, uint16_t step);

  // <0: a goes before b. By the order alone, by all of the row (0: the same row), by the `per` columns.
  int OrderOnly(const char* a, const char* b) const;
  int Order(const char* a, const char* b) const;
  int OrderPer(const char* a, const char* b) const;

  int64_t IntOf(const char* row, int32_t leaf) const;
  int64_t SignOf(const char* row) const { return sign_leaf < 0 ? 1 : IntOf(row, sign_leaf); }
  int64_t WatermarkOf(const char* row) const { return watermark_leaf < 0 ? time::kNoTime : IntOf(row, watermark_leaf); }
  // The own windows a row joins; false when it is late for all of them. `answered`: what has been answered whatever the row
  // says.
  bool Place(const char* row, int64_t answered, time::SliceKey* slice) const;
  // Leaves what a row is, not how it came: a row that is taken back has another sign, watermark or record than the one sent.
  void Normalise(char* row) const;
  RankedRow Keep(const char* row) const;

  // The `per` columns as a row of `per_shape`, and back. The target's other bytes must be zero.
  void GatherPer(const char* row, char* per_row) const;
  void ScatterPer(const char* per_row, char* row) const;

  const Shared& shared;
  const NodePlan& node;
  const abi::TopSpec& spec;
  uint16_t step;
  batch::RowShape shape;
  std::vector<std::pair<size_t, bool>> order;  // leaf, descending
  std::vector<size_t> per;                     // leaves
  batch::RowShape per_shape;
  int64_t limit = 0, keep = 0, emit_every = 0;
  bool own_window = false, windowed = false, forgets = false, forgets_by_clock = false, changing = false, early = false;
  time::Windows windows;
  int32_t sign_leaf = -1, start_leaf = -1, end_leaf = -1, time_leaf = -1, watermark_leaf = -1;
  std::vector<int32_t> passing_leaves;  // what Normalise clears
  int32_t out_rank = -1, out_start = -1, out_end = -1, out_pane = -1, out_time = -1, out_sign = -1;
  size_t kept_leaves = 0;

 private:
  int CompareLeaf(size_t leaf, const char* a, const char* b) const;
};

}  // namespace streamc::rt::engine
