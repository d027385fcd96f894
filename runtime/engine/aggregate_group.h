// The state of one aggregate for one key group, when windows are answered, and what changes travel on.
//
// A group takes what its lanes (or, in a durable job, the exchange) have gathered since the last answer. Advance, called by the
// coordinator once per turn with the group's own watermark, answers what is due. Two ways of keeping state:
//  - final results only (a window, no `late`): a window is answered once, by merging the slices it takes.
//  - changes (keep, early results, `late`): the inputs hold what came since the last answer; Advance compares each touched key's
//    result before and after merging them into the main state, and emits the net change.
// A job that is not durable has one group, whose inputs are the lanes' own slices. A durable one has one object per owned key
// group; what changes in it is noted, and WriteChanges hands it to the changelog. One thread, the coordinator's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "runtime/batch/arena.h"
#include "runtime/engine/emit.h"
#include "runtime/engine/shared.h"
#include "runtime/engine/state_records.h"
#include "runtime/state/slices.h"

namespace streamc::rt::engine {

// What is the same for all groups of an aggregate node.
struct AggregateRules {
  AggregateRules(const Shared& shared, const NodePlan& node, uint16_t step);

  // The row of a key that comes to `from`, the first since, is the first of a new life: `slot` had expired.
  bool ForgottenBefore(const ScSlot* slot, const ScSlot* from) const {
    return by_time() && slot->rows > 0 && time::AddSaturating(slot->last_time, keep) <= state::Table::FirstWatermark(from);
  }
  bool by_time() const { return forgets && !forgets_by_clock; }

  const Shared& shared;
  const NodePlan& node;
  const abi::AggregateSpec& spec;
  uint16_t step;  // number of the step in records
  state::TableShape shape;
  batch::RowShape output_shape;
  bool has_window = false, final_only = false, early = false;
  bool forgets = false, forgets_by_clock = false, pane_shown = false;
  time::Windows windows;
  int64_t keep = 0, emit_every = 0;
  int32_t sign_leaf = -1;
  // Of the coordinator: groups come by the dozen, and each has a few small tables for every window.
  mutable state::TablePool pool{shape, 1024};
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

class AggregateGroup {
 public:
  // `lanes`: the lanes' slices, which are then the group's inputs; none: a durable group with inputs of its own.
  AggregateGroup(const AggregateRules& rules, int32_t group, std::vector<state::SliceSet*> lanes);

  // Answers windows and keys that are due. Returns 0 or the ScError that stops the job.
  int32_t Advance(const AdvanceContext& turn);
  // After the turn's results are written: gives dropped memory back.
  void FinishTurn();
  int64_t reserved() const;
  int64_t slots() const;

  // --- durable groups ---
  // Takes a slot another table has gathered; copies what it keeps. False, and nothing taken, when all its windows are closed for
  // good: cannot be unless a clock jumped, so it is the caller's to count.
  bool AddPartial(const time::SliceKey& slice, const ScSlot* from);
  // Windows that end up to here have been answered.
  int64_t fired() const { return fired_; }
  // What differs from what was written last; call when it is about to be committed.
  void WriteChanges(StateRecords* records);
  // All that has been written and still holds: what reading the changelog from its beginning would leave. Call when nothing has
  // changed since WriteChanges.
  void WriteAll(StateRecords* records) const;
  // One record of the changelog, in their order; nullopt takes it back. False: not of this step's format.
  bool Load(const RecordKey& key, const std::optional<std::string_view>& value);
  // When `emit changes every D` answered last; kNoTime: never.
  int64_t last_emit() const { return last_emit_; }
  // The results as the state has them: of each window with rows, by its end, or of each key (end 0). For looking at state that was
  // loaded. `f` receives batches of the node's output. Returns 0 or an ScError.
  int32_t Show(const AdvanceContext& turn, const std::function<void(int64_t end, const ScBatch& rows)>& f);
  // All records have been loaded. The rest as of the last commit.
  void Loaded(int64_t fired, int64_t last_emit);

 private:
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

  // Where final results are kept.
  std::vector<state::SliceSet*> StateSets();
  // Drops the slices for which gone(key) holds, and notes what the changelog has of them.
  template <class P>
  void DropSlices(state::SliceSet* set, RecordKind kind, P&& gone);
  int32_t AdvanceFinal(const AdvanceContext& turn);
  int32_t FireFinal(int64_t end, const AdvanceContext& turn);
  int32_t AdvanceWindows(const AdvanceContext& turn);
  int32_t AdvanceKeep(const AdvanceContext& turn);
  // Ends of windows with rows in `set`, in (after, up_to].
  void CollectEnds(const state::SliceSet& set, int64_t after, int64_t up_to, std::set<int64_t>* ends) const;
  void Touch(const state::Table& table, Affected* window) const;
  int32_t ResultsBefore(const AdvanceContext& turn, Affected* window);
  int32_t ResultsAfter(const AdvanceContext& turn, Affected* window);
  // Moves the keys with rows that came after the window was answered, by their partitions' time, from `slots` to `late`.
  bool TakeCorrected(const Affected& window, std::vector<const ScSlot*>* slots, std::vector<const ScSlot*>* late) const;
  // Merges the inputs into the main state.
  void TakeInputs();
  void AdoptPending();
  // Appends the results of those slots that are not null and hold rows; row_of gets one entry per slot.
  int32_t ComputeResults(const AdvanceContext& turn, const std::vector<const ScSlot*>& slots, int64_t end, int64_t pane,
                         int64_t sign, batch::Batch* out, std::vector<int64_t>* row_of);
  // Emits what differs: -1 old, +1 new. Both have one entry per key.
  void EmitChanges(const AdvanceContext& turn, const Results& before, const Results& after, std::vector<bool>* changed);
  void Reject(const AdvanceContext& turn, const ScSlot* slot, int32_t site, int32_t code);
  void MergeIntoKeep(int64_t now, const ScSlot* from);
  void RemoveKept(ScSlot* slot);
  void Queue(ScSlot* slot);
  // How far time has come for keys: event time, or the clock where there is none.
  int64_t ForgetAt(const AdvanceContext& turn) const { return rules_.forgets_by_clock ? turn.now : turn.last_finite; }
  void ExpireKeep(const AdvanceContext& turn, std::vector<ScSlot*>* expired);
  // The merged state of a key over the main slices of a window; null when there is none.
  const ScSlot* Gather(const ScSlot* key, int64_t end, state::Table* scratch);
  state::Table* NewScratch();
  Results NewResults() const;
  // Makes results independent of the states, which are about to take the turn's rows.
  void OwnTexts(batch::Batch* results);
  void Compact();
  std::string KeyOf(const state::Table& table, RecordKind kind, const time::SliceKey& slice, const ScSlot* slot) const;
  // The slot is about to go: the changelog takes back what it has of it.
  void NoteRemoval(const state::Table& table, RecordKind kind, const time::SliceKey& slice, const ScSlot* slot);
  void WriteSlot(const state::Table& table, RecordKind kind, const time::SliceKey& slice, const ScSlot* slot,
                 StateRecords* records) const;
  void WriteTable(state::Table& table, RecordKind kind, const time::SliceKey& slice, StateRecords* records);
  // Calls f(table, kind, slice) for all tables of the state.
  template <class F>
  void ForEachTable(F&& f) const;

  const AggregateRules& rules_;
  const int32_t group_;
  const bool durable_;
  std::vector<state::SliceSet*> inputs_;
  int64_t last_emit_ = time::kNoTime;
  int64_t fired_ = time::kNoTime;
  state::SliceSet main_;                                        // the state up to the last answer
  state::SliceSet pending_;                                     // durable: the input
  std::map<int64_t, std::unique_ptr<state::Table>> corrected_;  // by window end: keys whose pane is `late`
  std::unique_ptr<state::Table> keep_table_;
  std::vector<std::unique_ptr<state::Table>> scratch_;  // of this turn: results view into them
  batch::Arena old_texts_{1024};                        // of this turn: what the results before view into
  std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>> deadlines_;
  std::vector<std::string> removed_;  // keys of the changelog to take back
  int64_t compact_at_ = 4 << 20;
  std::unique_ptr<batch::Batch> out_;
};

}  // namespace streamc::rt::engine
