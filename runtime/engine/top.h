// A top node at run time: the best rows of each group, per window the rows came with, per own window, or kept.
//
// In: batches of the node's `work` layout, added while the turn runs. Advance, called once per turn by the coordinator,
// answers:
//  - plain input with windows: a group is answered once, when the watermark reaches its window's end;
//  - otherwise the result is a changing stream: affected groups are compared with what was sent, rank by rank.
// Rows of equal order are told apart by their other columns, nulls first, so results do not depend on arrival. Groups are
// answered by ascending window, then key. For plain input a group holds no more rows than it can show (but for ties).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "runtime/engine/aggregate.h"
#include "runtime/engine/emit.h"
#include "runtime/engine/shared.h"
#include "runtime/time/window.h"

namespace streamc::rt::engine {

class Top {
 public:
  // Receives late rows of an own window: row `row` of the batch.
  using Late = std::function<void(const ScBatch& work, int64_t row)>;

  Top(const Shared& shared, const NodePlan& node);
  // Takes rows of the `work` layout; copies what it keeps.
  void Add(const ScBatch& work, int64_t now, const Late& late);
  void Advance(const AdvanceContext& turn);
  int64_t OutputWatermark(int64_t input) const { return own_window_ ? time::HoldBack(input, windows_.late()) : input; }
  int64_t reserved() const { return bytes_; }
  int64_t rows() const { return rows_; }

 private:
  using Row = std::shared_ptr<const char>;  // row layout of `work`, with what it points at
  struct Better {
    const Top* top;
    using is_transparent = void;
    bool operator()(const Row& a, const Row& b) const { return top->Order(a.get(), b.get()) < 0; }
    bool operator()(const Row& a, const char* b) const { return top->Order(a.get(), b) < 0; }
    bool operator()(const char* a, const Row& b) const { return top->Order(a, b.get()) < 0; }
  };
  using Ranking = std::multiset<Row, Better>;
  struct Key {
    int64_t end = 0, start = 0;
    Row per;  // a row whose `per` columns are the key; null: none
  };
  struct KeyLess {
    const Top* top;
    bool operator()(const Key& a, const Key& b) const;
  };
  struct Sent {
    Row row;
    int64_t rank, pane;
  };
  struct Group {
    explicit Group(const Top* top) : ranking(Better{top}) {}
    Ranking ranking;
    std::vector<Sent> sent;
    int64_t last_time = time::kNoTime;
    bool touched = false;
  };
  using Groups = std::map<Key, Group, KeyLess>;

  // <0: a goes before b.
  int OrderOnly(const char* a, const char* b) const;
  int Order(const char* a, const char* b) const;
  int CompareLeaf(size_t leaf, const char* a, const char* b, bool nulls_first) const;
  int64_t IntOf(const char* row, int32_t leaf) const;
  Row Keep(const char* row);
  void AddToGroup(const char* row, int64_t start, int64_t end, int64_t time, int64_t watermark, int64_t sign);
  bool Due(const AdvanceContext& turn);
  void AnswerOnce(const AdvanceContext& turn, Groups::iterator group);
  void AnswerChanges(const AdvanceContext& turn, const Key& key, Group* group, bool remove);
  // Rows of the group as they should stand now.
  std::vector<Sent> Standing(const Group& group, int64_t pane) const;
  void Append(const Key& key, const Sent& sent, int64_t sign);
  void Erase(Groups::iterator group);

  const Shared& shared_;
  const abi::TopSpec& spec_;
  batch::RowShape shape_;
  std::vector<std::pair<size_t, bool>> order_;  // leaf, descending
  std::vector<size_t> per_;                     // leaves
  std::vector<bool> in_tie_break_;              // per leaf: part of what tells rows apart
  int64_t limit_ = 0, keep_ = 0, emit_every_ = 0, last_emit_ = time::kNoTime;
  bool own_window_ = false, forgets_ = false, forgets_by_clock_ = false, changing_ = false, early_ = false;
  time::Windows windows_;
  int64_t answered_ = time::kNoTime;
  int32_t sign_leaf_ = -1, start_leaf_ = -1, end_leaf_ = -1, time_leaf_ = -1, watermark_leaf_ = -1;
  int32_t out_rank_ = -1, out_start_ = -1, out_end_ = -1, out_pane_ = -1, out_time_ = -1, out_sign_ = -1;
  size_t kept_leaves_ = 0;
  Groups groups_;
  std::vector<char> scratch_;
  std::vector<Row> released_;  // of this turn: emitted batches may view into them
  batch::Batch out_;
  int64_t bytes_ = 0, rows_ = 0;
};

}  // namespace streamc::rt::engine
