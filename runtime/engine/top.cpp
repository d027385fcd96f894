#include "runtime/engine/top.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace streamc::rt::engine {
namespace {

using time::kEndOfTime;
using time::kNoTime;

enum Pane : int64_t { kEarly = 0, kFinal = 1, kLate = 2 };

}  // namespace

bool Top::KeyLess::operator()(const Key& a, const Key& b) const {
  if (a.end != b.end) return a.end < b.end;
  if (a.start != b.start) return a.start < b.start;
  return rules->OrderPer(a.per.get(), b.per.get()) < 0;
}

Top::Top(const TopRules& rules, int32_t group, bool durable)
    : rules_(rules), group_(group), durable_(durable), groups_(KeyLess{&rules}), out_(rules.node.output.leaves) {}

// --- rows -------------------------------------------------------------------------------------------------------

bool Top::Add(char* row, int64_t now) {
  int64_t sign = rules_.SignOf(row), watermark = rules_.WatermarkOf(row);
  if (rules_.spec.per_window) {
    rules_.Normalise(row);
    AddToGroup(row, rules_.IntOf(row, rules_.start_leaf), rules_.IntOf(row, rules_.end_leaf), kNoTime, kNoTime, sign);
    return true;
  }
  int64_t time = rules_.time_leaf < 0 ? now : rules_.IntOf(row, rules_.time_leaf);
  if (!rules_.own_window) {
    rules_.Normalise(row);
    AddToGroup(row, 0, 0, time, watermark, sign);
    return true;
  }
  time::SliceKey slice;
  if (!rules_.Place(row, durable_ ? kNoTime : answered_, &slice)) return false;
  rules_.Normalise(row);
  const time::Windows& windows = rules_.windows;
  windows.ForEachEnd(slice, [&](int64_t end) { AddToGroup(row, end - windows.size(), end, time, watermark, sign); });
  return true;
}

Top::Groups::iterator Top::FindGroup(int64_t start, int64_t end, const char* row, bool make) {
  Key key{end, start, rules_.per.empty() ? nullptr : RankedRow(std::shared_ptr<void>(), row)};
  auto found = groups_.find(key);
  if (found != groups_.end() || !make) return found;
  if (key.per != nullptr) key.per = rules_.Keep(row);
  return groups_.emplace(std::move(key), Group(&rules_)).first;
}

void Top::AddToGroup(const char* row, int64_t start, int64_t end, int64_t time, int64_t watermark, int64_t sign) {
  auto found = FindGroup(start, end, row, sign > 0);
  if (found == groups_.end()) return;
  Group& group = found->second;
  group.touched = true;
  bool by_time = rules_.forgets && !rules_.forgets_by_clock && group.last_time != kNoTime && watermark != kNoTime;
  if (by_time && watermark >= time::AddSaturating(group.last_time, rules_.keep)) {
    ClearRanking(found);
    group.last_time = kNoTime;
  }
  if (time > group.last_time) {
    group.last_time = time;
    if (rules_.forgets) NoteSent(found);
  }
  if (sign < 0) {
    if (auto gone = group.ranking.find(row); gone != group.ranking.end()) TakeOne(found, gone);
    return;
  }
  bool full = !rules_.spec.changing_input && !rules_.spec.with_ties && group.rows >= rules_.limit;
  if (full && (rules_.limit == 0 || rules_.Order(group.ranking.rbegin()->first.get(), row) <= 0)) return;
  Insert(found, row);
  if (full) TakeOne(found, std::prev(group.ranking.end()));
}

void Top::Insert(Groups::iterator group, const char* row) {
  Ranking& ranking = group->second.ranking;
  auto at = ranking.lower_bound(row);
  if (at == ranking.end() || rules_.Order(at->first.get(), row) != 0) {
    at = ranking.emplace_hint(at, rules_.Keep(row), 0);
    bytes_ += rules_.shape.size();
  }
  NoteRow(group->first, at->first, at->second, at->second + 1);
  ++at->second;
  ++group->second.rows;
  ++rows_;
}

void Top::TakeOne(Groups::iterator group, Ranking::iterator row) {
  NoteRow(group->first, row->first, row->second, row->second - 1);
  --group->second.rows;
  --rows_;
  if (--row->second > 0) return;
  bytes_ -= rules_.shape.size();
  group->second.ranking.erase(row);
}

void Top::ClearRanking(Groups::iterator group) {
  Ranking& ranking = group->second.ranking;
  for (const auto& [row, count] : ranking) NoteRow(group->first, row, count, 0);
  bytes_ -= static_cast<int64_t>(ranking.size()) * rules_.shape.size();
  rows_ -= std::exchange(group->second.rows, 0);
  ranking.clear();
}

std::vector<Top::Sent> Top::Standing(const Group& group, int64_t pane) const {
  std::vector<Sent> rows;
  int64_t position = 0, rank = 0;
  const char* previous = nullptr;
  for (const auto& [row, count] : group.ranking) {
    for (int64_t i = 0; i < count; ++i) {
      bool tied = previous != nullptr && rules_.OrderOnly(previous, row.get()) == 0;
      ++position;
      if (!rules_.spec.with_ties || !tied) rank = position;
      if (rank > rules_.limit) return rows;
      rows.push_back({row, rank, pane});
      previous = row.get();
    }
  }
  return rows;
}

// --- answers ----------------------------------------------------------------------------------------------------

void Top::Append(const Key& key, const Sent& sent, int64_t sign) {
  int64_t at = out_.rows();
  out_.Resize(at + 1);
  ScColumn* columns = out_.columns();
  const batch::RowShape& shape = rules_.shape;
  const char* row = sent.row.get();
  for (size_t leaf = 0; leaf < rules_.kept_leaves; ++leaf) {
    int64_t width = abi::ColumnWidth(shape.leaves()[leaf].kind);
    std::memcpy(static_cast<char*>(columns[leaf].data) + at * width, row + shape.value_offset(leaf),
                static_cast<size_t>(width));
    if (columns[leaf].state == nullptr) continue;
    int64_t state = shape.state_offset(leaf);
    columns[leaf].state[at] = state < 0 ? uint8_t{SC_VALUE} : static_cast<uint8_t>(row[state]);
  }
  auto set = [&](int32_t leaf, int64_t value) {
    if (leaf < 0) return;
    static_cast<int64_t*>(columns[leaf].data)[at] = value;
    if (columns[leaf].state != nullptr) columns[leaf].state[at] = SC_VALUE;
  };
  set(rules_.out_rank, sent.rank);
  set(rules_.out_start, key.start);
  set(rules_.out_end, key.end);
  set(rules_.out_pane, sent.pane);
  set(rules_.out_time, rules_.windowed ? key.end - 1 : rules_.time_leaf >= 0 ? rules_.IntOf(row, rules_.time_leaf) : 0);
  set(rules_.out_sign, sign);
}

void Top::Advance(const AdvanceContext& turn) {
  released_.clear();
  out_.Clear();
  if (!rules_.changing) {
    // Groups stand in order of their windows.
    while (!groups_.empty() && groups_.begin()->first.end <= turn.watermark) AnswerOnce(groups_.begin());
    answered_ = std::max(answered_, turn.watermark);
    ForEachPart(out_, rules_.shared.batch_rows, -1, turn.emit);
    return;
  }
  bool due = EmitDue(rules_.emit_every, turn.now, turn.finish, &last_emit_);
  int64_t closed =
      turn.watermark == kEndOfTime ? kEndOfTime : time::HoldBack(turn.watermark, rules_.own_window ? rules_.windows.late() : 0);
  int64_t forget_at = rules_.forgets_by_clock ? turn.now : turn.last_finite;
  for (auto it = groups_.begin(); it != groups_.end();) {
    auto group = it++;
    int64_t end = group->first.end;
    bool closing = rules_.own_window && end <= turn.watermark && end > answered_;
    bool forgotten = rules_.forgets && group->second.last_time != kNoTime && forget_at != kNoTime &&
                     forget_at >= time::AddSaturating(group->second.last_time, rules_.keep);
    bool silent = rules_.own_window && !rules_.early && end > turn.watermark;
    bool correction = rules_.windowed && end <= answered_;
    bool answer = forgotten || closing || (group->second.touched && (due || correction));
    if (answer && !silent) AnswerChanges(turn, group, forgotten);
    bool over = rules_.windowed ? end <= closed : forgotten || group->second.ranking.empty();
    if (over && !group->second.touched) Erase(group);
  }
  answered_ = std::max(answered_, turn.watermark);
  ForEachPart(out_, rules_.shared.batch_rows, rules_.out_sign, turn.emit);
}

void Top::AnswerOnce(Groups::iterator group) {
  for (const Sent& sent : Standing(group->second, kFinal)) {
    Append(group->first, sent, 1);
    released_.push_back(sent.row);
  }
  Erase(group);
}

void Top::AnswerChanges(const AdvanceContext& turn, Groups::iterator it, bool remove) {
  const Key& key = it->first;
  Group& group = it->second;
  int64_t pane = !rules_.own_window ? kEarly : key.end <= answered_ ? kLate : key.end <= turn.watermark ? kFinal : kEarly;
  std::vector<Sent> now;
  if (!remove) now = Standing(group, pane);
  bool pane_shown = rules_.out_pane >= 0, changed = false;
  for (size_t i = 0; i < std::max(now.size(), group.sent.size()); ++i) {
    const Sent* before = i < group.sent.size() ? &group.sent[i] : nullptr;
    Sent* after = i < now.size() ? &now[i] : nullptr;
    bool same_row = before != nullptr && after != nullptr && before->rank == after->rank &&
                    rules_.Order(before->row.get(), after->row.get()) == 0;
    // A correction marks only what it changes as late.
    if (same_row && (pane == kLate || !pane_shown || before->pane == after->pane)) {
      after->pane = before->pane;
      after->row = before->row;
      continue;
    }
    if (before != nullptr) Append(key, *before, -1);
    if (after != nullptr) Append(key, *after, 1);
    changed = true;
  }
  for (Sent& sent : group.sent) released_.push_back(std::move(sent.row));
  group.sent = std::move(now);
  group.touched = false;
  if (changed) NoteSent(it);
}

void Top::Erase(Groups::iterator group) {
  ClearRanking(group);
  NoteErased(group);
  for (Sent& sent : group->second.sent) released_.push_back(std::move(sent.row));
  groups_.erase(group);
}

}  // namespace streamc::rt::engine
