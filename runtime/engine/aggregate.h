// An aggregate node at run time: what its lanes gather, and the groups that hold its state (aggregate_group.h).
//
// Every lane updates tables of its own through the head generated code keeps (ScAgg), without locks. In a job that is not durable
// these are the inputs of the one group there is. In a durable one the coordinator moves them after the workers' phase: to the
// group of each key where it is owned here, else to the exchange.
#pragma once

#include <memory>
#include <vector>

#include "runtime/engine/aggregate_group.h"

namespace streamc::rt::engine {

class Aggregate;

// One lane's share: the head its update function uses and the tables behind it.
struct AggregateLane {
  explicit AggregateLane(Aggregate& owner, const state::TableShape& shape) : aggregate(owner), pool(shape, 64), slices(pool) {
    head = {0, 0, time::kNoTime, nullptr, this};
  }
  ScTable* Slice(ScAgg* agg, int64_t time, int64_t watermark);
  // Before each call of the update function: partitions differ in their watermarks.
  void ResetHead() {
    late_rows = 0;
    head.lo = head.hi = 0, head.first_end = time::kNoTime, head.table = nullptr;
  }

  Aggregate& aggregate;
  state::TablePool pool;
  state::SliceSet slices;
  ScAgg head;
  int64_t late_rows = 0;  // rows without a slice since ResetHead
};

class Aggregate {
 public:
  // `durable`: groups come and go by Own and Drop; else there is one from the start.
  Aggregate(const Shared& shared, const NodePlan& node, size_t lanes, uint16_t step, bool durable);

  AggregateLane& lane(size_t i) { return *lanes_[i]; }
  const AggregateRules& rules() const { return rules_; }
  // Null when it is not owned.
  AggregateGroup* group(int32_t g) { return groups_[static_cast<size_t>(g)].get(); }
  // The groups there are, by number.
  template <class F>
  void ForEachGroup(F&& f) {
    for (size_t g = 0; g < groups_.size(); ++g) {
      if (groups_[g] != nullptr) f(static_cast<int32_t>(g), *groups_[g]);
    }
  }
  void Own(int32_t g) { groups_[static_cast<size_t>(g)] = std::make_unique<AggregateGroup>(rules_, g, std::vector<state::SliceSet*>()); }
  // Gives a group away, null where it is not owned; and takes it back, in the place of what there is.
  std::unique_ptr<AggregateGroup> Drop(int32_t g) { return std::move(groups_[static_cast<size_t>(g)]); }
  void Own(int32_t g, std::unique_ptr<AggregateGroup> group) { groups_[static_cast<size_t>(g)] = std::move(group); }
  // Hands the lanes' slots to the groups that are owned, the others to away(group, slice, slot). Returns the rows that came too
  // late for their group.
  template <class F>
  int64_t Distribute(F&& away) {
    int64_t late = 0;
    for (auto& lane : lanes_) {
      for (const auto& [slice, table] : lane->slices.tables()) {
        table->ForEach([&, &key = slice](ScSlot* slot) {
          int32_t g = state::GroupOf(state::Table::HashOf(slot), static_cast<int32_t>(groups_.size()));
          if (AggregateGroup* owned = group(g)) {
            if (!owned->AddPartial(key, slot)) late += slot->rows;
          } else {
            away(g, key, slot);
          }
        });
      }
      lane->slices.DropAll();
    }
    return late;
  }
  // Forgets what the lanes hold: the turn does not count.
  void DropLanes();
  void FinishTurn();

  // The watermark of the results: held back by what may still be corrected.
  int64_t OutputWatermark(int64_t input) const { return rules_.has_window ? time::HoldBack(input, rules_.windows.late()) : input; }
  int64_t reserved() const;
  int64_t slots() const;

 private:
  friend struct AggregateLane;
  ScTable* Place(AggregateLane& lane, ScAgg* agg, int64_t time, int64_t watermark);

  AggregateRules rules_;
  const bool durable_;
  std::vector<std::unique_ptr<AggregateLane>> lanes_;
  std::vector<std::unique_ptr<AggregateGroup>> groups_;
};

}  // namespace streamc::rt::engine
