#include "runtime/engine/top_step.h"

#include <utility>

#include "runtime/state/codec.h"

namespace streamc::rt::engine {

TopStep::TopStep(const Shared& shared, const NodePlan& node, uint16_t step, bool durable)
    : rules_(shared, node, step),
      durable_(durable),
      row_(static_cast<size_t>(rules_.shape.size())),
      per_row_(static_cast<size_t>(rules_.per_shape.size())) {
  groups_.resize(durable ? static_cast<size_t>(shared.spec().key_groups) : 1);
  if (!durable) groups_[0] = std::make_unique<Top>(rules_, 0, false);
}

int32_t TopStep::GroupOf(const char* row) {
  if (!durable_) return 0;
  rules_.GatherPer(row, per_row_.data());
  return state::GroupOf(state::HashKey(rules_.per_shape, per_row_.data()), static_cast<int32_t>(groups_.size()));
}

void TopStep::Add(const ScBatch& work, int64_t now, const Late& late, const Away& away) {
  char* row = row_.data();
  for (int64_t i = 0; i < work.rows; ++i) {
    rules_.shape.Gather(work.columns, i, row);
    int32_t g = GroupOf(row);
    if (Top* owned = group(g)) {
      if (!owned->Add(row, now)) late(work, i);
      continue;
    }
    time::SliceKey slice;
    if (rules_.own_window && !rules_.Place(row, time::kNoTime, &slice)) {
      late(work, i);
      continue;
    }
    std::string encoded;
    state::EncodeRow(rules_.shape, row, &encoded);
    away(g, std::move(encoded));
  }
}

bool TopStep::AddEncoded(int32_t g, std::string_view row, int64_t now) {
  arena_.Reset();
  Top* owned = group(g);
  return state::DecodeRow(rules_.shape, &row, row_.data(), arena_.get()) && row.empty() && owned->Add(row_.data(), now);
}

int64_t TopStep::reserved() const {
  int64_t bytes = 0;
  for (const auto& group : groups_) bytes += group == nullptr ? 0 : group->reserved();
  return bytes;
}

int64_t TopStep::rows() const {
  int64_t count = 0;
  for (const auto& group : groups_) count += group == nullptr ? 0 : group->rows();
  return count;
}

}  // namespace streamc::rt::engine
