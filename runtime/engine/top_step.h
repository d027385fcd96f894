// A top node at run time: its groups, and which of them a row belongs to.
//
// In: batches of the node's `work` layout. In a job that is not durable there is one group, which also decides what is late. In
// a durable one, rows go to the group of their `per` columns where it is owned here, else encoded to the exchange (all to one
// group when there is no `per`); what is late is decided here, before they cross, by the row's own watermark. Called by the
// coordinator.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/top.h"

namespace streamc::rt::engine {

class TopStep {
 public:
  // Receives late rows of an own window: row `row` of the batch.
  using Late = std::function<void(const ScBatch& work, int64_t row)>;
  // Receives rows of groups that are not owned, for AddEncoded of their owner.
  using Away = std::function<void(int32_t group, std::string row)>;

  // `shared` and `node` must outlive the step. `durable`: groups come and go by Own and Drop; else there is one from the start.
  TopStep(const Shared& shared, const NodePlan& node, uint16_t step, bool durable);

  // Takes rows of the `work` layout in their order; copies what it keeps. `away` is called in durable jobs only.
  void Add(const ScBatch& work, int64_t now, const Late& late, const Away& away);
  // Takes a row another instance or turn has sent to a group that is owned. False: not a row of this step, or of no window it
  // may still join.
  bool AddEncoded(int32_t group, std::string_view row, int64_t now);

  const TopRules& rules() const { return rules_; }
  // Null when it is not owned.
  Top* group(int32_t g) { return groups_[static_cast<size_t>(g)].get(); }
  // The groups there are, by number.
  template <class F>
  void ForEachGroup(F&& f) {
    for (size_t g = 0; g < groups_.size(); ++g) {
      if (groups_[g] != nullptr) f(static_cast<int32_t>(g), *groups_[g]);
    }
  }
  void Own(int32_t g) { groups_[static_cast<size_t>(g)] = std::make_unique<Top>(rules_, g, true); }
  // Gives a group away, null where it is not owned; and takes it back, in the place of what there is.
  std::unique_ptr<Top> Drop(int32_t g) { return std::move(groups_[static_cast<size_t>(g)]); }
  void Own(int32_t g, std::unique_ptr<Top> group) { groups_[static_cast<size_t>(g)] = std::move(group); }

  // The watermark of the results: held back by what may still be corrected.
  int64_t OutputWatermark(int64_t input) const {
    return rules_.own_window ? time::HoldBack(input, rules_.windows.late()) : input;
  }
  int64_t reserved() const;
  int64_t rows() const;

 private:
  int32_t GroupOf(const char* row);

  TopRules rules_;
  const bool durable_;
  std::vector<std::unique_ptr<Top>> groups_;
  std::vector<char> row_, per_row_;  // scratch
  batch::Arena arena_{1024};
};

}  // namespace streamc::rt::engine
