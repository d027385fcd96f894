// A top's durable state: what is noted while it changes, and its records.
//
// Both keys begin with the window's start and end (8 bytes each). TopRow: then the row; value: how often it is there (8 bytes).
// TopSent: then the `per` columns; value: time of the last row (8 bytes), then rank, pane (8 bytes each) and row of all that
// has been sent.
#include <algorithm>
#include <cstring>

#include "runtime/batch/arena.h"
#include "runtime/batch/bytes.h"
#include "runtime/engine/top.h"
#include "runtime/state/codec.h"

namespace streamc::rt::engine {
namespace {

using batch::Put;
using batch::Take;

}  // namespace

std::string Top::RecordKeyOf(RecordKind kind, const Key& key, const char* row) const {
  std::string rest, bytes;
  Put(&rest, key.start);
  Put(&rest, key.end);
  if (kind == RecordKind::TopRow) {
    state::EncodeRow(rules_.shape, row, &rest);
  } else {
    std::vector<char> per(static_cast<size_t>(rules_.per_shape.size()));
    rules_.GatherPer(row, per.data());
    state::EncodeRow(rules_.per_shape, per.data(), &rest);
  }
  AppendRecordKey({rules_.step, kind, {}, rest}, &bytes);
  return bytes;
}

void Top::NoteRow(const Key& key, const RankedRow& row, int64_t before, int64_t after) {
  if (!durable_) return;
  auto [change, first] = changed_rows_.try_emplace(RecordKeyOf(RecordKind::TopRow, key, row.get()), Change{before, after});
  if (!first) change->second.after = after;
}

void Top::NoteSent(Groups::iterator group) {
  if (!durable_ || group->second.noted) return;
  group->second.noted = true;
  changed_sent_.push_back(group->first);
}

void Top::NoteErased(Groups::iterator group) {
  if (!group->second.stored) return;
  removed_.push_back(RecordKeyOf(RecordKind::TopSent, group->first, group->first.per.get()));
}

void Top::WriteChanges(StateRecords* records) {
  for (std::string& key : removed_) records->Remove(group_, std::move(key));
  removed_.clear();
  while (!changed_rows_.empty()) {
    auto node = changed_rows_.extract(changed_rows_.begin());
    const Change& change = node.mapped();
    if (change.before == change.after) continue;
    if (change.after == 0) {
      records->Remove(group_, std::move(node.key()));
      continue;
    }
    WriteRow(std::move(node.key()), change.after, records);
  }
  for (const Key& key : changed_sent_) {
    auto found = groups_.find(key);
    if (found == groups_.end() || !found->second.noted) continue;
    Group& group = found->second;
    group.noted = false;
    bool needed = !group.sent.empty() || (rules_.forgets && group.last_time != time::kNoTime);
    if (!needed && !group.stored) continue;
    group.stored = needed;
    std::string bytes = RecordKeyOf(RecordKind::TopSent, key, key.per.get());
    if (needed) {
      WriteSent(std::move(bytes), group, records);
    } else {
      records->Remove(group_, std::move(bytes));
    }
  }
  changed_sent_.clear();
}

void Top::WriteRow(std::string key, int64_t count, StateRecords* records) const {
  std::string value;
  Put(&value, count);
  records->Put(group_, std::move(key), std::move(value));
}

void Top::WriteSent(std::string key, const Group& group, StateRecords* records) const {
  std::string value;
  // Without a time to forget at it says nothing, and is not noted when it changes.
  Put(&value, rules_.forgets ? group.last_time : time::kNoTime);
  for (const Sent& sent : group.sent) {
    Put(&value, sent.rank);
    Put(&value, sent.pane);
    state::EncodeRow(rules_.shape, sent.row.get(), &value);
  }
  records->Put(group_, std::move(key), std::move(value));
}

void Top::WriteAll(StateRecords* records) const {
  for (const auto& [key, group] : groups_) {
    for (const auto& [row, count] : group.ranking) WriteRow(RecordKeyOf(RecordKind::TopRow, key, row.get()), count, records);
    if (group.stored) WriteSent(RecordKeyOf(RecordKind::TopSent, key, key.per.get()), group, records);
  }
}

bool Top::Load(const RecordKey& key, const std::optional<std::string_view>& value) {
  std::string_view rest = key.row;
  int64_t start = 0, end = 0;
  if (!Take(&rest, &start) || !Take(&rest, &end)) return false;
  if (key.kind == RecordKind::TopRow) return LoadRow(start, end, rest, value);
  return key.kind == RecordKind::TopSent && rules_.changing && LoadSent(start, end, rest, value);
}

bool Top::LoadRow(int64_t start, int64_t end, std::string_view bytes, const std::optional<std::string_view>& value) {
  std::vector<char> row(static_cast<size_t>(rules_.shape.size()));
  batch::Arena arena(1024);
  if (!state::DecodeRow(rules_.shape, &bytes, row.data(), arena.get()) || !bytes.empty()) return false;
  int64_t count = 0;
  if (std::string_view in = value.value_or(std::string_view());
      value.has_value() && (!Take(&in, &count) || !in.empty() || count <= 0)) {
    return false;
  }
  auto group = FindGroup(start, end, row.data(), count > 0);
  if (group == groups_.end()) return true;
  Ranking& ranking = group->second.ranking;
  auto at = ranking.find(row.data());
  if (at == ranking.end()) {
    if (count == 0) return true;
    at = ranking.emplace(rules_.Keep(row.data()), 0).first;
    bytes_ += rules_.shape.size();
  }
  group->second.rows += count - at->second;
  rows_ += count - at->second;
  at->second = count;
  if (count > 0) return true;
  ranking.erase(at);
  bytes_ -= rules_.shape.size();
  return true;
}

bool Top::LoadSent(int64_t start, int64_t end, std::string_view per, const std::optional<std::string_view>& value) {
  std::vector<char> per_row(static_cast<size_t>(rules_.per_shape.size())), row(static_cast<size_t>(rules_.shape.size()));
  batch::Arena arena(1024);
  if (!state::DecodeRow(rules_.per_shape, &per, per_row.data(), arena.get()) || !per.empty()) return false;
  rules_.ScatterPer(per_row.data(), row.data());
  auto group = FindGroup(start, end, row.data(), value.has_value());
  if (group == groups_.end()) return true;
  group->second.sent.clear();
  group->second.last_time = time::kNoTime;
  group->second.stored = value.has_value();
  if (!value.has_value()) return true;
  std::string_view in = *value;
  if (!Take(&in, &group->second.last_time)) return false;
  while (!in.empty()) {
    Sent sent{};
    if (!Take(&in, &sent.rank) || !Take(&in, &sent.pane) || !state::DecodeRow(rules_.shape, &in, row.data(), arena.get())) {
      return false;
    }
    sent.row = rules_.Keep(row.data());
    group->second.sent.push_back(std::move(sent));
  }
  return true;
}

void Top::Show(const std::function<void(int64_t end, const ScBatch& rows)>& f) {
  for (const auto& [key, group] : groups_) {
    out_.Clear();
    const std::vector<Sent> rows = rules_.changing ? group.sent : Standing(group, 0);
    for (const Sent& sent : rows) Append(key, sent, 1);
    if (out_.rows() > 0) f(key.end, *out_.view());
  }
}

bool Top::IsOf(const RecordKey& key, std::string_view per) const {
  std::string_view rest = key.row;
  int64_t start = 0, end = 0;
  if (!Take(&rest, &start) || !Take(&rest, &end)) return false;
  if (key.kind != RecordKind::TopRow) return rest == per;
  std::vector<char> row(static_cast<size_t>(rules_.shape.size())), per_row(static_cast<size_t>(rules_.per_shape.size()));
  batch::Arena arena(1024);
  if (!state::DecodeRow(rules_.shape, &rest, row.data(), arena.get())) return false;
  rules_.GatherPer(row.data(), per_row.data());
  std::string encoded;
  state::EncodeRow(rules_.per_shape, per_row.data(), &encoded);
  return encoded == per;
}

void Top::Loaded(int64_t answered, int64_t last_emit) {
  last_emit_ = last_emit;
  answered_ = std::max(answered_, answered);
  for (auto it = groups_.begin(); it != groups_.end();) {
    auto group = it++;
    Ranking& ranking = group->second.ranking;
    if (ranking.empty() && group->second.sent.empty() && !group->second.stored) {
      groups_.erase(group);
      continue;
    }
    // Rows may have come since the last answer.
    group->second.touched = true;
    for (Sent& sent : group->second.sent) {
      if (auto held = ranking.find(sent.row); held != ranking.end()) sent.row = held->first;
    }
  }
}

}  // namespace streamc::rt::engine
