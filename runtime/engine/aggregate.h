// An aggregate node at run time: its slices, when windows are answered, and what changes travel on.
//
// Every lane updates tables of its own through the head generated code keeps (ScAgg), without locks. Advance, called by the
// coordinator once per turn, answers what is due. Two ways of keeping state:
//  - final results only (a window, no `late`): the lanes' slices are the state; a window is answered once, by merging them.
//  - changes (keep, early results, `late`): the lanes' slices hold what came since the last answer; Advance compares each
//  touched
//    key's result before and after merging them into the main state, and emits the net change.
// In: rows by the update function. Out: batches of the node's output layout through `Emit`.
#pragma once

#include <memory>
#include <queue>
#include <set>
#include <vector>

#include "runtime/batch/arena.h"
#include "runtime/engine/emit.h"
#include "runtime/engine/shared.h"
#include "runtime/state/slices.h"

namespace streamc::rt::engine {

class Aggregate;

// One lane's share: the head its update function uses and the tables behind it.
struct AggregateLane {
  explicit AggregateLane(Aggregate& owner, const state::TableShape& shape) : aggregate(owner), slices(shape) {
    head = {0, 0, time::kNoTime, nullptr, this};
  }
  ScTable* Slice(ScAgg* agg, int64_t time, int64_t watermark);
  // Before each call of the update function: partitions differ in their watermarks.
  void ResetHead() {
    late_rows = 0;
    head.lo = head.hi = 0, head.first_end = time::kNoTime, head.table = nullptr;
  }

  Aggregate& aggregate;
  state::SliceSet slices;
  ScAgg head;
  int64_t late_rows = 0;  // rows without a slice since ResetHead
};

struct AdvanceContext {
  ScCtx* ctx = nullptr;
  int64_t watermark = time::kNoTime;  // of the node's input
  int64_t last_finite = time::kNoTime;
  int64_t now = 0;
  bool finish = false;  // the input has ended: answer whatever is held back by the clock
  Emit emit;
  // A result that could not be computed: the group as JSON.
  std::function<void(const std::string& row, int32_t site, int32_t code)> reject;
};

class Aggregate {
 public:
  Aggregate(const Shared& shared, const NodePlan& node, size_t lanes);

  AggregateLane& lane(size_t i) { return *lanes_[i]; }
  // Answers windows and keys that are due. Returns 0 or the ScError that stops the job.
  int32_t Advance(const AdvanceContext& turn);
  // After the turn's results are written: gives dropped memory back.
  void FinishTurn();

  // The watermark of the results: held back by what may still be corrected.
  int64_t OutputWatermark(int64_t input) const { return has_window_ ? time::HoldBack(input, windows_.late()) : input; }
  int64_t reserved() const;
  int64_t slots() const;

 private:
  friend struct AggregateLane;
  struct Deadline {
    int64_t at;
    ScSlot* slot;
    bool operator>(const Deadline& other) const { return at > other.at; }
  };
  // Results of the touched keys of one window, before and after the turn's rows; row[i]: the batch row of key i, -1 none.
  struct Results {
    std::unique_ptr<batch::Batch> batch;
    std::vector<int64_t> row;
  };
  struct Affected {
    int64_t end = 0;
    state::Table* keys = nullptr;        // scratch
    std::vector<const ScSlot*> touched;  // slots of `keys`, in the order they were touched
    Results before;
  };

  ScTable* Place(AggregateLane& lane, ScAgg* agg, int64_t time, int64_t watermark);
  int32_t AdvanceFinal(const AdvanceContext& turn);
  int32_t FireFinal(int64_t end, const AdvanceContext& turn);
  int32_t AdvanceWindows(const AdvanceContext& turn);
  int32_t AdvanceKeep(const AdvanceContext& turn);
  bool Due(const AdvanceContext& turn);
  // Ends of windows with rows in `set`, in (after, up_to].
  void CollectEnds(const state::SliceSet& set, int64_t after, int64_t up_to, std::set<int64_t>* ends) const;
  void Touch(const state::Table& table, Affected* window) const;
  int32_t ResultsBefore(const AdvanceContext& turn, Affected* window);
  int32_t ResultsAfter(const AdvanceContext& turn, Affected* window);
  // Moves the keys with rows that came after the window was answered, by their partitions' time, from `slots` to `late`.
  bool TakeCorrected(const Affected& window, std::vector<const ScSlot*>* slots, std::vector<const ScSlot*>* late) const;
  void MergeLanes();
  // Appends the results of those slots that are not null and hold rows; row_of gets one entry per slot.
  int32_t ComputeResults(const AdvanceContext& turn, const std::vector<const ScSlot*>& slots, int64_t end, int64_t pane,
                         int64_t sign, batch::Batch* out, std::vector<int64_t>* row_of);
  // Emits what differs: -1 old, +1 new. Both have one entry per key.
  void EmitChanges(const AdvanceContext& turn, const Results& before, const Results& after, std::vector<bool>* changed);
  void Reject(const AdvanceContext& turn, const ScSlot* slot, int32_t site, int32_t code);
  void MergeIntoKeep(int64_t now, const ScSlot* from);
  // How far time has come for keys: event time, or the clock where there is none.
  int64_t ForgetAt(const AdvanceContext& turn) const { return forgets_by_clock_ ? turn.now : turn.last_finite; }
  void ExpireKeep(const AdvanceContext& turn, std::vector<ScSlot*>* expired);
  // The merged state of a key over the main slices of a window; null when there is none.
  const ScSlot* Gather(const ScSlot* key, int64_t end, state::Table* scratch);
  state::Table* NewScratch();
  Results NewResults() const;
  // Makes results independent of the states, which are about to take the turn's rows.
  void OwnTexts(batch::Batch* results);
  void Compact();

  const Shared& shared_;
  const NodePlan& node_;
  const abi::AggregateSpec& spec_;
  state::TableShape shape_;
  batch::RowShape output_shape_;
  bool has_window_ = false, final_only_ = false, early_ = false;
  bool forgets_ = false, forgets_by_clock_ = false, pane_shown_ = false;
  time::Windows windows_;
  int64_t keep_ = 0, emit_every_ = 0, last_emit_ = time::kNoTime;
  int64_t fired_ = time::kNoTime;  // windows that end up to here have been answered
  int32_t sign_leaf_ = -1;
  std::vector<std::unique_ptr<AggregateLane>> lanes_;
  state::SliceSet main_;                                        // changes: the state up to the last answer
  std::map<int64_t, std::unique_ptr<state::Table>> corrected_;  // by window end: keys whose pane is `late`
  std::unique_ptr<state::Table> keep_table_;
  std::vector<std::unique_ptr<state::Table>> scratch_;  // of this turn: results view into them
  batch::Arena old_texts_;                              // of this turn: what the results before view into
  std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>> deadlines_;
  int64_t compact_at_ = 4 << 20;
  std::unique_ptr<batch::Batch> out_;
};

}  // namespace streamc::rt::engine
