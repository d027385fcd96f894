#include "runtime/engine/top.h"

#include <algorithm>
#include <cstring>

namespace streamc::rt::engine {
namespace {

using time::kEndOfTime;
using time::kNoTime;

enum Pane : int64_t { kEarly = 0, kFinal = 1, kLate = 2 };

}  // namespace

bool Top::KeyLess::operator()(const Key& a, const Key& b) const {
  if (a.end != b.end) return a.end < b.end;
  if (a.start != b.start) return a.start < b.start;
  for (size_t leaf : top->per_) {
    int order = top->CompareLeaf(leaf, a.per.get(), b.per.get(), true);
    if (order != 0) return order < 0;
  }
  return false;
}

Top::Top(const Shared& shared, const NodePlan& node)
    : shared_(shared),
      spec_(shared.spec().tops[static_cast<size_t>(node.spec->index)]),
      shape_(node.work.leaves),
      groups_(KeyLess{this}),
      out_(node.output.leaves) {
  const Columns& work = node.work;
  for (const abi::SortSpec& sort : spec_.order)
    order_.push_back({static_cast<size_t>(work.leaf(sort.column)), sort.descending});
  auto each_leaf = [&](int32_t column, auto&& f) {
    for (int32_t leaf = work.leaf(column); leaf < work.leaf(column + 1); ++leaf) f(static_cast<size_t>(leaf));
  };
  for (int32_t column : spec_.per) each_leaf(column, [&](size_t leaf) { per_.push_back(leaf); });
  in_tie_break_.assign(work.leaves.size(), true);
  sign_leaf_ = work.FindLeaf("$sign");
  // What a row is, not how it came: a row that is taken back has another sign, pane or record order than the one that was sent.
  for (const char* name : {"$sign", "$wm", "$rec"}) {
    if (int32_t leaf = work.FindLeaf(name); leaf >= 0) in_tie_break_[static_cast<size_t>(leaf)] = false;
  }
  kept_leaves_ = static_cast<size_t>(work.leaf(spec_.kept));
  limit_ = std::max<int64_t>(0, shared.params.Int(spec_.limit));
  changing_ = spec_.changing_output;
  if (spec_.per_window) {
    start_leaf_ = work.leaf(spec_.window_start);
    end_leaf_ = work.leaf(spec_.window_end);
  }
  if (spec_.has_bound) {
    const abi::BoundSpec& bound = spec_.bound;
    own_window_ = bound.window != abi::WindowKind::None;
    early_ = bound.emit == abi::EmitKind::Changes;
    emit_every_ = shared.params.Int(bound.emit_every);
    if (own_window_) {
      int64_t size = shared.params.Int(bound.size);
      int64_t every = bound.every.is_set() ? shared.params.Int(bound.every) : size;
      windows_ = {size, every, shared.params.Int(bound.offset), shared.params.Int(bound.late)};
    } else {
      keep_ = shared.params.Int(bound.keep);
      forgets_ = !bound.keep_forever && bound.keep.is_set();
      forgets_by_clock_ = forgets_ && spec_.time < 0;
    }
    time_leaf_ = work.leaf(spec_.time);
    watermark_leaf_ = work.leaf(spec_.watermark);
  }
  // Columns behind the kept ones, wherever the layout has them.
  auto own = [&](const char* name) {
    int32_t column = node.output.Find(name);
    return column >= spec_.kept ? node.output.leaf(column) : -1;
  };
  out_rank_ = own("rank");
  out_start_ = own("window.start");
  out_end_ = own("window.end");
  out_pane_ = own("window.pane");
  out_time_ = own("meta.time");
  out_sign_ = own("$sign");
  scratch_.resize(static_cast<size_t>(shape_.size()) + 16);
}

// --- order ------------------------------------------------------------------------------------------------------

int Top::CompareLeaf(size_t leaf, const char* a, const char* b, bool nulls_first) const {
  uint8_t state_a = SC_VALUE, state_b = SC_VALUE;
  if (int64_t at = shape_.state_offset(leaf); at >= 0) {
    state_a = static_cast<uint8_t>(a[at]);
    state_b = static_cast<uint8_t>(b[at]);
  }
  if (state_a != state_b && nulls_first) return state_a == SC_VALUE ? 1 : state_b == SC_VALUE ? -1 : state_a < state_b ? -1 : 1;
  return shape_.CompareLeaf(leaf, state_a, a + shape_.value_offset(leaf), state_b, b + shape_.value_offset(leaf));
}

int Top::OrderOnly(const char* a, const char* b) const {
  for (const auto& [leaf, descending] : order_) {
    int order = CompareLeaf(leaf, a, b, true);
    if (order != 0) return descending ? -order : order;
  }
  return 0;
}

int Top::Order(const char* a, const char* b) const {
  if (int order = OrderOnly(a, b); order != 0) return order;
  for (size_t leaf = 0; leaf < in_tie_break_.size(); ++leaf) {
    if (!in_tie_break_[leaf]) continue;
    if (int order = CompareLeaf(leaf, a, b, true); order != 0) return order;
  }
  return 0;
}

int64_t Top::IntOf(const char* row, int32_t leaf) const {
  int64_t value;
  std::memcpy(&value, row + shape_.value_offset(static_cast<size_t>(leaf)), sizeof value);
  return value;
}

Top::Row Top::Keep(const char* row) {
  int64_t fixed = abi::RoundUp16(shape_.size());
  int64_t bytes = fixed + shape_.DeepBytes(row);
  char* memory = static_cast<char*>(::operator new(static_cast<size_t>(bytes), std::align_val_t{16}));
  std::memcpy(memory, row, static_cast<size_t>(shape_.size()));
  ScArena rest{memory + fixed, memory + bytes, nullptr};
  shape_.CopyDeep(memory, &rest);
  return {memory, [](const char* p) { ::operator delete(const_cast<char*>(p), std::align_val_t{16}); }};
}

// --- rows -------------------------------------------------------------------------------------------------------

void Top::Add(const ScBatch& work, int64_t now, const Late& late) {
  char* row = scratch_.data();
  for (int64_t i = 0; i < work.rows; ++i) {
    shape_.Gather(work.columns, i, row);
    int64_t sign = sign_leaf_ < 0 ? 1 : IntOf(row, sign_leaf_);
    int64_t watermark = watermark_leaf_ < 0 ? kNoTime : IntOf(row, watermark_leaf_);
    if (spec_.per_window) {
      AddToGroup(row, IntOf(row, start_leaf_), IntOf(row, end_leaf_), kNoTime, kNoTime, sign);
    } else if (own_window_) {
      int64_t time = IntOf(row, time_leaf_);
      time::SliceKey slice;
      if (!windows_.Place(time, std::max(watermark, answered_), &slice)) {
        late(work, i);
        continue;
      }
      windows_.ForEachEnd(slice, [&](int64_t end) { AddToGroup(row, end - windows_.size(), end, time, watermark, sign); });
    } else {
      int64_t time = time_leaf_ < 0 ? now : IntOf(row, time_leaf_);
      AddToGroup(row, 0, 0, time, watermark, sign);
    }
  }
}

void Top::AddToGroup(const char* row, int64_t start, int64_t end, int64_t time, int64_t watermark, int64_t sign) {
  // The key is looked up through the scratch row and copied only for a new group.
  Key key{end, start, per_.empty() ? nullptr : Row(std::shared_ptr<void>(), row)};
  auto found = groups_.find(key);
  if (found == groups_.end()) {
    if (sign < 0) return;
    if (key.per != nullptr) key.per = Keep(row);
    found = groups_.emplace(std::move(key), Group(this)).first;
  }
  Group& group = found->second;
  group.touched = true;
  bool forgotten = forgets_ && !forgets_by_clock_ && group.last_time != kNoTime && watermark != kNoTime &&
                   watermark >= time::AddSaturating(group.last_time, keep_);
  if (forgotten) {
    rows_ -= static_cast<int64_t>(group.ranking.size());
    group.ranking.clear();
    group.last_time = kNoTime;
  }
  group.last_time = std::max(group.last_time, time);
  if (sign < 0) {
    auto gone = group.ranking.find(row);
    if (gone == group.ranking.end()) return;
    bytes_ -= shape_.size();
    --rows_;
    group.ranking.erase(gone);
    return;
  }
  bool full = !spec_.changing_input && !spec_.with_ties && static_cast<int64_t>(group.ranking.size()) >= limit_;
  if (full && (limit_ == 0 || Order(group.ranking.rbegin()->get(), row) <= 0)) return;
  group.ranking.insert(Keep(row));
  bytes_ += shape_.size();
  ++rows_;
  if (full) {
    group.ranking.erase(std::prev(group.ranking.end()));
    bytes_ -= shape_.size();
    --rows_;
  }
}

std::vector<Top::Sent> Top::Standing(const Group& group, int64_t pane) const {
  std::vector<Sent> rows;
  int64_t position = 0, rank = 0;
  const char* previous = nullptr;
  for (const Row& row : group.ranking) {
    bool tied = previous != nullptr && OrderOnly(previous, row.get()) == 0;
    ++position;
    if (!spec_.with_ties || !tied) rank = position;
    if (rank > limit_) break;
    rows.push_back({row, rank, pane});
    previous = row.get();
  }
  return rows;
}

// --- answers ----------------------------------------------------------------------------------------------------

bool Top::Due(const AdvanceContext& turn) {
  if (emit_every_ <= 0 || turn.finish) return true;
  int64_t bucket = time::FloorTo(turn.now, emit_every_);
  bool due = last_emit_ != kNoTime && bucket > last_emit_;
  if (last_emit_ == kNoTime || due) last_emit_ = bucket;
  return due;
}

void Top::Append(const Key& key, const Sent& sent, int64_t sign) {
  int64_t at = out_.rows();
  out_.Resize(at + 1);
  ScColumn* columns = out_.columns();
  const char* row = sent.row.get();
  for (size_t leaf = 0; leaf < kept_leaves_; ++leaf) {
    int64_t width = abi::ColumnWidth(shape_.leaves()[leaf].kind);
    std::memcpy(static_cast<char*>(columns[leaf].data) + at * width, row + shape_.value_offset(leaf),
                static_cast<size_t>(width));
    if (columns[leaf].state == nullptr) continue;
    int64_t state = shape_.state_offset(leaf);
    columns[leaf].state[at] = state < 0 ? uint8_t{SC_VALUE} : static_cast<uint8_t>(row[state]);
  }
  auto set = [&](int32_t leaf, int64_t value) {
    if (leaf < 0) return;
    static_cast<int64_t*>(columns[leaf].data)[at] = value;
    if (columns[leaf].state != nullptr) columns[leaf].state[at] = SC_VALUE;
  };
  set(out_rank_, sent.rank);
  set(out_start_, key.start);
  set(out_end_, key.end);
  set(out_pane_, sent.pane);
  bool windowed = own_window_ || spec_.per_window;
  set(out_time_, windowed ? key.end - 1 : time_leaf_ >= 0 ? IntOf(row, time_leaf_) : 0);
  set(out_sign_, sign);
}

void Top::Advance(const AdvanceContext& turn) {
  released_.clear();
  out_.Clear();
  bool windowed = own_window_ || spec_.per_window;
  if (!changing_) {
    // Groups stand in order of their windows.
    while (!groups_.empty() && groups_.begin()->first.end <= turn.watermark) AnswerOnce(turn, groups_.begin());
    answered_ = std::max(answered_, turn.watermark);
    ForEachPart(out_, shared_.batch_rows, -1, turn.emit);
    return;
  }
  bool due = Due(turn);
  int64_t closed =
      turn.watermark == kEndOfTime ? kEndOfTime : time::HoldBack(turn.watermark, own_window_ ? windows_.late() : 0);
  int64_t forget_at = forgets_by_clock_ ? turn.now : turn.last_finite;
  for (auto it = groups_.begin(); it != groups_.end();) {
    auto group = it++;
    const Key& key = group->first;
    bool closing = own_window_ && key.end <= turn.watermark && key.end > answered_;
    bool forgotten = forgets_ && group->second.last_time != kNoTime && forget_at != kNoTime &&
                     forget_at >= time::AddSaturating(group->second.last_time, keep_);
    bool silent = own_window_ && !early_ && key.end > turn.watermark;
    bool answer = forgotten || closing || (group->second.touched && (due || key.end <= answered_));
    if (answer && !silent) AnswerChanges(turn, key, &group->second, forgotten);
    bool over = windowed ? key.end <= closed : forgotten || group->second.ranking.empty();
    if (over && !group->second.touched) Erase(group);
  }
  answered_ = std::max(answered_, turn.watermark);
  ForEachPart(out_, shared_.batch_rows, out_sign_, turn.emit);
}

void Top::AnswerOnce(const AdvanceContext&, Groups::iterator group) {
  for (const Sent& sent : Standing(group->second, kFinal)) {
    Append(group->first, sent, 1);
    released_.push_back(sent.row);
  }
  Erase(group);
}

void Top::AnswerChanges(const AdvanceContext& turn, const Key& key, Group* group, bool remove) {
  int64_t pane = !own_window_ ? kEarly : key.end <= answered_ ? kLate : key.end <= turn.watermark ? kFinal : kEarly;
  std::vector<Sent> now;
  if (!remove) now = Standing(*group, pane);
  bool pane_shown = out_pane_ >= 0;
  for (size_t i = 0; i < std::max(now.size(), group->sent.size()); ++i) {
    const Sent* before = i < group->sent.size() ? &group->sent[i] : nullptr;
    Sent* after = i < now.size() ? &now[i] : nullptr;
    bool same_row =
        before != nullptr && after != nullptr && before->rank == after->rank && Order(before->row.get(), after->row.get()) == 0;
    // A correction marks only what it changes as late.
    if (same_row && (pane == kLate || !pane_shown || before->pane == after->pane)) {
      after->pane = before->pane;
      after->row = before->row;
      continue;
    }
    if (before != nullptr) Append(key, *before, -1);
    if (after != nullptr) Append(key, *after, 1);
  }
  for (Sent& sent : group->sent) released_.push_back(std::move(sent.row));
  group->sent = std::move(now);
  group->touched = false;
}

void Top::Erase(Groups::iterator group) {
  int64_t count = static_cast<int64_t>(group->second.ranking.size());
  rows_ -= count;
  bytes_ -= count * shape_.size();
  for (Sent& sent : group->second.sent) released_.push_back(std::move(sent.row));
  groups_.erase(group);
}

}  // namespace streamc::rt::engine
