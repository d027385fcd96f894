// The key groups of a durable job: which this instance owns, their state, and what they send each other.
//
// Owns the reader of the repartition topic. Poll takes what other instances have sent for owned groups; a group that is newly
// assigned is restored from the changelog first, unless it was owned until then and its state is still here as it was committed.
// After every change of assignment, of groups or of source partitions, the exchange is not ready until the partitions of all owned
// groups have been read up to where they ended then: only so can nothing that was sent before a source partition moved be overtaken
// by what is read of it now. Sources are not read and groups do not answer before.
//
// In: lanes' shares of keyed steps (by Distribute), times of local channels. Out: the records and positions of a commit. Used by
// the engine's coordinator between its phases; see README.md for the whole turn.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/connector/durable_log.h"
#include "runtime/engine/aggregate.h"
#include "runtime/engine/channels.h"
#include "runtime/engine/group_snapshots.h"
#include "runtime/engine/outbox.h"
#include "runtime/engine/top_step.h"

namespace streamc::rt::engine {

// The keyed steps of a job; per node, null or 0 for others.
struct KeyedSteps {
  std::vector<std::unique_ptr<Aggregate>> aggregates;
  std::vector<std::unique_ptr<TopStep>> tops;
  std::vector<uint16_t> number;  // in records and notes
};

class Exchange {
 public:
  // Asks for what is committed of a source's partitions, those of other instances included.
  using CommittedOf = std::function<Status(int32_t source, std::vector<connector::CommittedPosition>*)>;

  // All must outlive the exchange.
  Exchange(const Shared& shared, connector::DurableLog& log, KeyedSteps& steps, CommittedOf committed_of, SnapshotOptions snapshots);
  Status Open();
  bool Leave() { return reader_ == nullptr || reader_->Leave(); }
  void Close();

  // Takes what there is for the owned groups, waiting at most `wait_us` for the first record.
  Status Poll(int64_t wait_us, int64_t* records);
  bool ready() const { return ready_ && !assigned_anew_; }
  // Called with its progress while groups are restored, first before anything is read; false gives up: the exchange stays as it is, not
  // ready, and the job has to end.
  void OnRestore(std::function<bool(const connector::RestoreProgress&)> f) { on_restore_ = std::move(f); }
  // Groups being restored at this moment.
  size_t restoring() const { return restoring_; }
  // Source partitions came or went.
  void SourcesChanged() { assigned_anew_ = true; }
  // The instance owns all groups: nothing crosses, and nobody waits for what it sends.
  bool alone() const { return owned_.size() == static_cast<size_t>(groups_); }
  const std::vector<int32_t>& owned() const { return owned_; }
  Channels& channels() { return channels_; }

  // Hands a node's shares to owned groups, the rest to the outbox.
  void DistributeAggregate(const NodePlan& node);
  void DistributeTop(const NodePlan& node, const ScBatch& work, int64_t now, const TopStep::Late& late);
  // The time of a keyed node's input as a group sees it.
  OriginTime TimeOf(const NodePlan& node, int32_t group) const;
  // The group has answered up to there; `output`: what the results' watermark is.
  void Reached(const NodePlan& node, int32_t group, const OriginTime& input, int64_t output);
  // Tells other instances of local channels that moved. `busy`: the turn has something to commit anyway; else seldom.
  void Publish(int64_t now, bool busy);
  // Every owned group has answered everything and its input has ended.
  bool finished() const;

  // --- commit ---
  const Outbox& outbox() const { return outbox_; }
  void WriteState(StateRecords* records);
  // Positions that moved since they were committed last. `all`: those whose note alone changed as well.
  bool moved() const;
  const std::vector<connector::Position>& Positions();
  connector::Reader& reader() { return *reader_; }
  // What was sent is committed, with the positions where `positions`.
  void Committed(bool positions);
  // The turn has ended, and all it changed in groups is committed.
  void Settled() { settled_ = true; }
  // A round of snapshots is due (`last`: the job is about to stop): the turn is to be committed with a position at least, even if
  // nothing else moved. Before anything of the turn is written.
  bool BeginSnapshots(bool last);
  // The state is as committed. `begun`: BeginSnapshots said so for the turn, which is committed.
  void WriteSnapshots(bool begun, bool last);
  // The same, before the instance leaves the group: says what the state is, where tests ask for that.
  void TellDigests();
  // The turn does not count: everything is forgotten, and taken over again at the next Poll.
  Status Aborted();
  // Milliseconds are not worth a commit of their own, but a long restore is worth a look.
  const connector::RestoreProgress& restore_progress() const { return progress_; }

 private:
  struct Slot {
    int32_t group = -1;
    int64_t committed = -1;
    std::string note;  // committed
    std::string life;  // tells states of the group apart that began anew: committed with each note
  };
  // A group that went, as it was committed: a rebalance takes all groups away, and mostly gives them back.
  struct Parked {
    std::vector<std::unique_ptr<AggregateGroup>> aggregates;  // per node
    std::vector<std::unique_ptr<Top>> tops;
    int64_t position = 0, generation = -1, snapshot_offset = 0;
    std::string note;
  };

  // Parks or drops groups that went and notes those that came, at the positions they begin at.
  void SeeAssignments();
  // What is kept of the slot's group is what is committed, and nothing less.
  bool AsCommitted(size_t slot) const;
  // Takes the slot's group from where it was parked, if nobody else has had it meanwhile.
  bool Unpark(int32_t slot);
  Status RestoreTaken();
  void TellProgress(const connector::RestoreProgress& changelog, int64_t snapshot_rows);
  void Own(int32_t group);
  void WriteAll(int32_t group, StateRecords* records);
  bool LoadRecord(int32_t group, std::string_view key, std::string_view value);
  Status BeginDrain();
  void CheckDrained();
  Status Take(int32_t group, std::string_view record);
  bool TakePartial(int32_t group, const PartialEntry& entry);
  void TakeTime(int32_t group, const TimeEntry& entry);
  Parked DropGroup(int32_t group);
  std::string NoteOf(const Slot& slot) const;
  // By the step's number; -1 for one the program no longer has.
  int32_t NodeOf(uint16_t step) const { return step < node_of_step_.size() ? node_of_step_[step] : -1; }
  template <class F>
  void ForEachStep(F&& f) const;

  const Shared& shared_;
  connector::DurableLog& log_;
  KeyedSteps& steps_;
  CommittedOf committed_of_;
  const int32_t groups_;
  int32_t sources_ = 0;
  std::vector<int32_t> origin_of_;                // per node: of sources and keyed steps
  std::vector<std::vector<int32_t>> inputs_of_;   // per keyed node: origins
  std::vector<int32_t> node_of_step_;             // by number
  Channels channels_;
  Outbox outbox_;
  std::unique_ptr<connector::Reader> reader_;
  std::vector<connector::RawRecords> polled_;
  std::vector<Slot> slots_;                       // of the reader
  std::vector<int32_t> owned_;                    // groups, ascending
  std::vector<std::vector<int64_t>> reached_;     // per node, by group: watermark of the last answer
  std::vector<int32_t> taken_;                    // slots whose groups are not restored yet
  std::map<int32_t, Parked> parked_;              // by group
  int64_t parked_at_ = 0;
  bool settled_ = false;                          // the state of all owned groups is as committed
  bool assigned_anew_ = true, ready_ = false, draining_ = false;
  std::vector<int64_t> drain_to_;                 // by group; -1: nothing to wait for
  std::vector<ChannelUpdate> committed_times_;    // as of the beginning of the drain
  int64_t published_at_ = 0;
  std::vector<std::unique_ptr<state::Table>> incoming_;  // per node: scratch of TakePartial
  batch::Arena incoming_keys_{4096};
  std::vector<char> incoming_key_;
  std::vector<connector::Position> sent_;         // of the last Positions
  std::map<uint32_t, int32_t> origin_of_source_;  // by hash of its name
  std::vector<uint32_t> name_of_origin_;          // as records name it: that hash, or the step's number
  int64_t horizon_ = 0, busy_at_ = 0;             // how long after the last busy turn times are told at all
  bool tell_all_ = false;
  connector::RestoreProgress progress_;
  std::function<bool(const connector::RestoreProgress&)> on_restore_;
  size_t restoring_ = 0;
  bool gave_up_ = false;
  GroupSnapshots snapshots_;
  bool confirming_ = false;  // the turn says a position in any case
};

// What is committed with a source partition's position.
std::string NoteOfPartition(const time::PartitionTime& time);
// False for a text of another kind.
bool ReadPartitionNote(std::string_view note, time::PartitionTime* time);

}  // namespace streamc::rt::engine
