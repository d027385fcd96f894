// The state of one top for one key group: the best rows of each of its groups, per window the rows came with, per own window,
// or kept.
//
// In: rows of the node's `work` layout, added while the turn runs. Advance, called once per turn by the coordinator with the
// state's own watermark, answers:
//  - plain input with windows: a group is answered once, when the watermark reaches its window's end;
//  - otherwise the result is a changing stream: affected groups are compared with what was sent, rank by rank.
// Rows of equal order are told apart by their other columns, nulls first, so results do not depend on arrival. Groups are
// answered by ascending window, then key. For plain input a group holds no more rows than it can show (but for ties).
//
// A job that is not durable has one state. A durable one has one per owned key group; what changes in it is noted, and
// WriteChanges hands it to the changelog: a record per row that is held, and one per group for what it has sent. One thread,
// the coordinator's. TopStep (top_step.h) makes these and gives them their rows.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/engine/aggregate_group.h"
#include "runtime/engine/emit.h"
#include "runtime/engine/state_records.h"
#include "runtime/engine/top_rules.h"

namespace streamc::rt::engine {

class Top {
 public:
  // `rules` must outlive the state.
  Top(const TopRules& rules, int32_t group, bool durable);
  Top(const Top&) = delete;  // its rankings point back at it
  Top& operator=(const Top&) = delete;

  // Takes a row of the `work` layout, copying what it keeps; clears what Normalise clears. False: late for all its own windows,
  // by the row's watermark and, if not durable, by what has been answered.
  bool Add(char* row, int64_t now);
  void Advance(const AdvanceContext& turn);
  int64_t reserved() const { return bytes_; }
  int64_t rows() const { return rows_; }

  // --- durable states ---
  // Windows that end up to here have been answered.
  int64_t answered() const { return answered_; }
  // What differs from what was written last; call when it is about to be committed.
  void WriteChanges(StateRecords* records);
  // All that has been written and still holds: what reading the changelog from its beginning would leave. Call when nothing has
  // changed since WriteChanges.
  void WriteAll(StateRecords* records) const;
  // One record of the changelog, in their order; nullopt takes it back. False: not of this step's format.
  bool Load(const RecordKey& key, const std::optional<std::string_view>& value);
  // The rows each group has sent, or for plain input would send now, by its window's end (0: none). For looking at state that was
  // loaded. `f` receives batches of the node's output.
  void Show(const std::function<void(int64_t end, const ScBatch& rows)>& f);
  // Whether the record is of groups with these `per` columns (encoded).
  bool IsOf(const RecordKey& key, std::string_view per) const;
  // All records have been loaded. `answered`: as of the last commit.
  void Loaded(int64_t answered, int64_t last_emit);
  // When `emit changes every D` answered last; kNoTime: never.
  int64_t last_emit() const { return last_emit_; }

 private:
  struct Better {
    const TopRules* rules;
    using is_transparent = void;
    bool operator()(const RankedRow& a, const RankedRow& b) const { return rules->Order(a.get(), b.get()) < 0; }
    bool operator()(const RankedRow& a, const char* b) const { return rules->Order(a.get(), b) < 0; }
    bool operator()(const char* a, const RankedRow& b) const { return rules->Order(a, b.get()) < 0; }
  };
  using Ranking = std::map<RankedRow, int64_t, Better>;  // rows with how often they are there
  struct Key {
    int64_t end = 0, start = 0;
    RankedRow per;  // a row whose `per` columns are the key; null: none
  };
  struct KeyLess {
    const TopRules* rules;
    bool operator()(const Key& a, const Key& b) const;
  };
  struct Sent {
    RankedRow row;
    int64_t rank, pane;
  };
  struct Group {
    explicit Group(const TopRules* rules) : ranking(Better{rules}) {}
    Ranking ranking;
    int64_t rows = 0;  // of the ranking
    std::vector<Sent> sent;
    int64_t last_time = time::kNoTime;
    bool touched = false;
    bool noted = false;   // its TopSent record is due
    bool stored = false;  // the changelog has a TopSent record of it
  };
  using Groups = std::map<Key, Group, KeyLess>;
  // How often a row is there: as written last, and now.
  struct Change {
    int64_t before, after;
  };

  // Null when there is none and not `make`. The key's row is copied only for a new group.
  Groups::iterator FindGroup(int64_t start, int64_t end, const char* row, bool make);
  void AddToGroup(const char* row, int64_t start, int64_t end, int64_t time, int64_t watermark, int64_t sign);
  void Insert(Groups::iterator group, const char* row);
  void TakeOne(Groups::iterator group, Ranking::iterator row);
  void ClearRanking(Groups::iterator group);
  void AnswerOnce(Groups::iterator group);
  void AnswerChanges(const AdvanceContext& turn, Groups::iterator group, bool remove);
  // Rows of the group as they should stand now.
  std::vector<Sent> Standing(const Group& group, int64_t pane) const;
  void Append(const Key& key, const Sent& sent, int64_t sign);
  void Erase(Groups::iterator group);

  // --- top_state.cpp ---
  // `row`: for TopRow the row, for TopSent any of the group.
  std::string RecordKeyOf(RecordKind kind, const Key& key, const char* row) const;
  void NoteRow(const Key& key, const RankedRow& row, int64_t before, int64_t after);
  void NoteSent(Groups::iterator group);
  void NoteErased(Groups::iterator group);
  void WriteRow(std::string key, int64_t count, StateRecords* records) const;
  void WriteSent(std::string key, const Group& group, StateRecords* records) const;
  bool LoadRow(int64_t start, int64_t end, std::string_view row, const std::optional<std::string_view>& value);
  bool LoadSent(int64_t start, int64_t end, std::string_view per, const std::optional<std::string_view>& value);

  const TopRules& rules_;
  const int32_t group_;
  const bool durable_;
  int64_t last_emit_ = time::kNoTime;
  int64_t answered_ = time::kNoTime;
  Groups groups_;
  std::vector<RankedRow> released_;  // of this turn: emitted batches may view into them
  batch::Batch out_;
  int64_t bytes_ = 0, rows_ = 0;
  std::unordered_map<std::string, Change> changed_rows_;  // by key of the changelog
  std::vector<Key> changed_sent_;                         // groups that were noted; some may be gone
  std::vector<std::string> removed_;                      // keys of the changelog to take back
};

}  // namespace streamc::rt::engine
