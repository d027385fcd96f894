#include "runtime/engine/aggregate_group.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/engine/call.h"
#include "runtime/format/format.h"
#include "runtime/state/codec.h"

namespace streamc::rt::engine {
namespace {

using state::Table;
using time::kEndOfTime;
using time::kNoTime;

enum Pane : int64_t { kEarly = 0, kFinal = 1, kLate = 2 };

// The slots a result function rejects, while it runs.
struct ResultCall : Call {
  struct Failure {
    int64_t slot;
    int32_t site, code;
  };
  std::vector<Failure> failures;
};

}  // namespace

AggregateGroup::AggregateGroup(const AggregateRules& rules, int32_t group, std::vector<state::SliceSet*> lanes)
    : rules_(rules), group_(group), durable_(lanes.empty()), inputs_(std::move(lanes)), main_(rules.pool), pending_(rules.pool) {
  if (durable_) inputs_ = {&pending_};
  if (!rules.has_window) keep_table_ = std::make_unique<Table>(rules.shape);
  out_ = std::make_unique<batch::Batch>(rules.node.output.leaves);
}

std::vector<state::SliceSet*> AggregateGroup::StateSets() {
  return durable_ ? std::vector<state::SliceSet*>{&main_} : inputs_;
}

template <class P>
void AggregateGroup::DropSlices(state::SliceSet* set, RecordKind kind, P&& gone) {
  set->DropIf([&](const time::SliceKey& key) {
    if (!gone(key)) return false;
    const Table& table = *set->tables().at(key);
    if (durable_) table.ForEach([&](ScSlot* slot) { NoteRemoval(table, kind, key, slot); });
    return true;
  });
}

// --- answering --------------------------------------------------------------------------------------------------

int32_t AggregateGroup::Advance(const AdvanceContext& turn) {
  if (!rules_.has_window) return AdvanceKeep(turn);
  return rules_.final_only ? AdvanceFinal(turn) : AdvanceWindows(turn);
}

void AggregateGroup::CollectEnds(const state::SliceSet& set, int64_t after, int64_t up_to, std::set<int64_t>* ends) const {
  for (const auto& [key, table] : set.tables()) {
    int64_t first = key.not_before;
    if (after >= first) first += ((after - first) / rules_.windows.every() + 1) * rules_.windows.every();
    int64_t last = std::min(rules_.windows.LastEnd(key.start), up_to);
    for (int64_t end = first; end <= last; end += rules_.windows.every()) ends->insert(end);
  }
}

int32_t AggregateGroup::AdvanceFinal(const AdvanceContext& turn) {
  if (durable_) TakeInputs();
  if (turn.watermark <= fired_) return 0;
  std::set<int64_t> ends;
  for (const state::SliceSet* set : StateSets()) CollectEnds(*set, fired_, turn.watermark, &ends);
  for (int64_t end : ends) {
    if (int32_t code = FireFinal(end, turn); code != 0) return code;
  }
  fired_ = turn.watermark;
  for (state::SliceSet* set : StateSets()) {
    DropSlices(set, RecordKind::Slot, [&](const time::SliceKey& key) { return rules_.windows.LastEnd(key.start) <= fired_; });
  }
  return 0;
}

int32_t AggregateGroup::FireFinal(int64_t end, const AdvanceContext& turn) {
  std::vector<const Table*> tables;
  for (const state::SliceSet* set : StateSets()) {
    for (const auto& [key, table] : set->tables()) {
      if (rules_.windows.Takes(end, key)) tables.push_back(table.get());
    }
  }
  const Table* whole = tables.empty() ? nullptr : tables[0];
  if (tables.size() > 1) {
    Table* merged = NewScratch();
    for (const Table* table : tables) table->ForEach([&](ScSlot* slot) { merged->Merge(slot); });
    whole = merged;
  }
  if (whole == nullptr) return 0;
  std::vector<const ScSlot*> slots;
  slots.reserve(static_cast<size_t>(whole->size()));
  whole->ForEach([&](ScSlot* slot) { slots.push_back(slot); });
  out_->Clear();
  std::vector<int64_t> row_of;
  if (int32_t code = ComputeResults(turn, slots, end, kFinal, 1, out_.get(), &row_of); code != 0) return code;
  ForEachPart(*out_, rules_.shared.batch_rows, -1, turn.emit);
  return 0;
}

int32_t AggregateGroup::ComputeResults(const AdvanceContext& turn, const std::vector<const ScSlot*>& slots, int64_t end,
                                  int64_t pane, int64_t sign, batch::Batch* out, std::vector<int64_t>* row_of) {
  auto fn = rules_.shared.plan->Function<ScResultFn>(rules_.spec.result_fn);
  ResultCall call;
  call.shared = &rules_.shared;
  call.reject = [](Call* self, int64_t row, int32_t site, int32_t code) {
    static_cast<ResultCall*>(self)->failures.push_back({row, site, code});
  };
  ScCtx ctx = *turn.ctx;
  ctx.engine = &call;
  std::vector<const ScSlot*> block;
  std::vector<size_t> origin;
  int64_t start = rules_.has_window ? end - rules_.windows.size() : 0;
  for (size_t i = 0; i < slots.size();) {
    block.clear();
    origin.clear();
    for (; i < slots.size() && block.size() < static_cast<size_t>(kBatchRows); ++i) {
      row_of->push_back(-1);
      if (slots[i] == nullptr || slots[i]->rows <= 0) continue;
      block.push_back(slots[i]);
      origin.push_back(row_of->size() - 1);
    }
    if (block.empty()) continue;
    call.failures.clear();
    int64_t row = out->rows();
    int32_t code = fn(&ctx, block.data(), static_cast<int64_t>(block.size()), start, end, pane, sign, out->out());
    if (code != 0) return code;
    size_t failed = 0;
    for (size_t k = 0; k < block.size(); ++k) {
      if (failed < call.failures.size() && call.failures[failed].slot == static_cast<int64_t>(k)) {
        // A row that is taken back was reported when it failed to be sent.
        const ResultCall::Failure& failure = call.failures[failed++];
        if (sign > 0) Reject(turn, block[k], failure.site, failure.code);
        continue;
      }
      (*row_of)[origin[k]] = row++;
    }
  }
  return 0;
}

void AggregateGroup::Reject(const AdvanceContext& turn, const ScSlot* slot, int32_t site, int32_t code) {
  batch::Batch key(rules_.spec.key);
  key.Resize(1);
  rules_.shape.key.Scatter(reinterpret_cast<const char*>(slot) + sizeof(ScSlot), key.columns(), 0);
  std::string row = "{";
  size_t leaf = 0;
  for (const abi::ColumnSpec& column : rules_.spec.key.columns) {
    row += (leaf == 0 ? "\"" : ",\"") + column.name + "\":";
    format::EncodeJsonValue(column.type, key.columns() + leaf, 0, &row);
    leaf += abi::FlattenType(column.type).size();
  }
  turn.reject(row + "}", site, code);
}

// --- changes ----------------------------------------------------------------------------------------------------

Table* AggregateGroup::NewScratch() {
  return scratch_.emplace_back(rules_.pool.Take()).get();
}

AggregateGroup::Results AggregateGroup::NewResults() const {
  return {std::make_unique<batch::Batch>(rules_.node.output.leaves), {}};
}

void AggregateGroup::OwnTexts(batch::Batch* results) {
  if (rules_.output_shape.fixed()) return;
  for (size_t leaf = 0; leaf < rules_.output_shape.leaves().size(); ++leaf) {
    abi::LeafKind kind = rules_.output_shape.leaves()[leaf].kind;
    if (kind != abi::LeafKind::Str && kind != abi::LeafKind::List) continue;
    for (int64_t row = 0; row < results->rows(); ++row) {
      if (results->state(leaf, row) != SC_VALUE) continue;
      batch::CopyDeepValue(kind, rules_.output_shape.element(leaf), results->value(leaf, row), old_texts_.get());
    }
  }
}

void AggregateGroup::Touch(const Table& table, Affected* window) const {
  table.ForEach([&](ScSlot* slot) {
    ScSlot* key = window->keys->FindOrInsert(Table::HashOf(slot), table.KeyOf(slot));
    if (key->rows != 0) return;
    key->rows = 1;
    window->touched.push_back(key);
  });
}

const ScSlot* AggregateGroup::Gather(const ScSlot* key, int64_t end, Table* scratch) {
  const ScSlot* found = nullptr;
  ScSlot* merged = nullptr;
  for (const auto& [slice, table] : main_.tables()) {
    if (!rules_.windows.Takes(end, slice)) continue;
    const ScSlot* part = table->Find(Table::HashOf(key), table->KeyOf(key));
    if (part == nullptr) continue;
    if (found == nullptr) {
      found = part;
      continue;
    }
    if (merged == nullptr) merged = scratch->Merge(found);
    scratch->Merge(part);
  }
  return merged != nullptr ? merged : found;
}

int32_t AggregateGroup::AdvanceWindows(const AdvanceContext& turn) {
  std::set<int64_t> closing, ends;
  if (turn.watermark > fired_) {
    CollectEnds(main_, fired_, turn.watermark, &closing);
    for (const state::SliceSet* input : inputs_) CollectEnds(*input, fired_, turn.watermark, &closing);
  }
  if (!EmitDue(rules_.emit_every, turn.now, turn.finish, &last_emit_) && closing.empty()) {
    fired_ = std::max(fired_, turn.watermark);
    return 0;
  }
  ends = closing;
  for (const state::SliceSet* input : inputs_) CollectEnds(*input, kNoTime, rules_.early ? kEndOfTime : fired_, &ends);
  std::vector<Affected> windows;
  for (int64_t end : ends) {
    Affected& window = windows.emplace_back();
    window.end = end;
    window.keys = NewScratch();
    window.before = NewResults();
    for (const state::SliceSet* input : inputs_) {
      for (const auto& [key, table] : input->tables()) {
        if (rules_.windows.Takes(end, key)) Touch(*table, &window);
      }
    }
    // A window that closes speaks for all its keys, unless they have been sent already and nothing tells the panes apart.
    bool whole = closing.count(end) != 0 && (rules_.pane_shown || !rules_.early);
    for (const auto& [key, table] : main_.tables()) {
      if (whole && rules_.windows.Takes(end, key)) Touch(*table, &window);
    }
    if (int32_t code = ResultsBefore(turn, &window); code != 0) return code;
  }
  TakeInputs();
  for (Affected& window : windows) {
    if (int32_t code = ResultsAfter(turn, &window); code != 0) return code;
  }
  fired_ = std::max(fired_, turn.watermark);
  int64_t closed = fired_ == kEndOfTime ? kEndOfTime : time::HoldBack(fired_, rules_.windows.late());
  DropSlices(&main_, RecordKind::Slot, [&](const time::SliceKey& key) { return rules_.windows.LastEnd(key.start) <= closed; });
  corrected_.erase(corrected_.begin(), corrected_.upper_bound(closed));
  return 0;
}

int32_t AggregateGroup::ResultsBefore(const AdvanceContext& turn, Affected* window) {
  size_t n = window->touched.size();
  window->before.row.assign(n, -1);
  bool fired = window->end <= fired_;
  if (!rules_.early && !fired) return 0;
  auto corrected = corrected_.find(window->end);
  std::vector<const ScSlot*> plain(n, nullptr), late(n, nullptr);
  bool any_late = false;
  Table* scratch = NewScratch();
  for (size_t i = 0; i < n; ++i) {
    const ScSlot* key = window->touched[i];
    bool was_late =
        corrected != corrected_.end() && corrected->second->Find(Table::HashOf(key), scratch->KeyOf(key)) != nullptr;
    (was_late ? late : plain)[i] = Gather(key, window->end, scratch);
    any_late = any_late || was_late;
  }
  window->before.row.clear();
  int32_t code =
      ComputeResults(turn, plain, window->end, fired ? kFinal : kEarly, -1, window->before.batch.get(), &window->before.row);
  if (code != 0) return code;
  std::vector<int64_t> rows;
  if (any_late) code = ComputeResults(turn, late, window->end, kLate, -1, window->before.batch.get(), &rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= 0) window->before.row[i] = rows[i];
  }
  OwnTexts(window->before.batch.get());
  return code;
}

int32_t AggregateGroup::ResultsAfter(const AdvanceContext& turn, Affected* window) {
  bool fired = window->end <= fired_, closing = !fired && window->end <= turn.watermark;
  int64_t pane = fired ? kLate : closing ? kFinal : kEarly;
  std::vector<const ScSlot*> slots, late(window->touched.size(), nullptr);
  Table* scratch = NewScratch();
  for (const ScSlot* key : window->touched) slots.push_back(Gather(key, window->end, scratch));
  // Rows may correct a window in the very turn that answers it.
  bool any_late = closing && rules_.pane_shown && TakeCorrected(*window, &slots, &late);
  Results after = NewResults();
  if (int32_t code = ComputeResults(turn, slots, window->end, pane, 1, after.batch.get(), &after.row); code != 0) return code;
  if (any_late) {
    std::vector<int64_t> rows;
    if (int32_t code = ComputeResults(turn, late, window->end, kLate, 1, after.batch.get(), &rows); code != 0) return code;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] >= 0) after.row[i] = rows[i];
    }
  }
  std::vector<bool> changed;
  EmitChanges(turn, window->before, after, &changed);
  if (!fired && !any_late) return 0;
  std::unique_ptr<Table>& corrected = corrected_[window->end];
  if (corrected == nullptr) corrected = std::make_unique<Table>(rules_.shape);
  for (size_t i = 0; i < changed.size(); ++i) {
    const ScSlot* key = window->touched[i];
    if (fired ? changed[i] : late[i] != nullptr) corrected->FindOrInsert(Table::HashOf(key), corrected->KeyOf(key));
  }
  return 0;
}

bool AggregateGroup::TakeCorrected(const Affected& window, std::vector<const ScSlot*>* slots,
                              std::vector<const ScSlot*>* late) const {
  bool any = false;
  for (const auto& [slice, table] : main_.tables()) {
    if (!rules_.windows.Takes(window.end, slice) || !time::Windows::Corrects(window.end, slice)) continue;
    for (size_t i = 0; i < slots->size(); ++i) {
      const ScSlot* key = window.touched[i];
      if ((*slots)[i] == nullptr || table->Find(Table::HashOf(key), table->KeyOf(key)) == nullptr) continue;
      (*late)[i] = std::exchange((*slots)[i], nullptr);
      any = true;
    }
  }
  return any;
}

void AggregateGroup::EmitChanges(const AdvanceContext& turn, const Results& before, const Results& after,
                            std::vector<bool>* changed) {
  out_->Clear();
  changed->assign(before.row.size(), false);
  auto same = [&](int64_t old_row, int64_t new_row) {
    for (size_t leaf = 0; leaf < rules_.output_shape.leaves().size(); ++leaf) {
      if (static_cast<int32_t>(leaf) == rules_.sign_leaf) continue;
      if (rules_.output_shape.CompareCells(leaf, before.batch->columns()[leaf], old_row, after.batch->columns()[leaf], new_row) != 0)
        return false;
    }
    return true;
  };
  for (size_t i = 0; i < before.row.size(); ++i) {
    int64_t old_row = before.row[i], new_row = after.row[i];
    if (old_row < 0 && new_row < 0) continue;
    if (old_row >= 0 && new_row >= 0 && same(old_row, new_row)) continue;
    (*changed)[i] = true;
    if (old_row >= 0) out_->AppendRow(*before.batch->view(), old_row);
    if (new_row >= 0) out_->AppendRow(*after.batch->view(), new_row);
  }
  ForEachPart(*out_, rules_.shared.batch_rows, rules_.sign_leaf, turn.emit);
}

// Slices that are new to the main state become part of it as they are.
void AggregateGroup::AdoptPending() {
  for (auto it = pending_.tables().begin(); it != pending_.tables().end();) {
    time::SliceKey key = (it++)->first;
    Table* table = main_.Adopt(&pending_, key);
    if (table != nullptr) table->ForEach([&](ScSlot* slot) { table->MarkChanged(slot); });
  }
}

void AggregateGroup::TakeInputs() {
  if (durable_ && rules_.emit_every <= 0) AdoptPending();
  for (state::SliceSet* input : inputs_) {
    for (const auto& [key, table] : input->tables()) {
      Table& into = main_.Get(key);
      table->ForEach([&](ScSlot* slot) {
        ScSlot* merged = into.Merge(slot);
        if (durable_) into.MarkChanged(merged);
      });
    }
    DropSlices(input, RecordKind::Pending, [](const time::SliceKey&) { return true; });
  }
}

// --- keep -------------------------------------------------------------------------------------------------------

int32_t AggregateGroup::AdvanceKeep(const AdvanceContext& turn) {
  if (!EmitDue(rules_.emit_every, turn.now, turn.finish, &last_emit_)) return 0;
  Affected all;
  for (const state::SliceSet* input : inputs_) {
    if (input->empty()) continue;
    if (all.keys == nullptr) all.keys = NewScratch();
    for (const auto& [key, table] : input->tables()) Touch(*table, &all);
  }
  bool expiring = rules_.forgets && !deadlines_.empty() && deadlines_.top().at <= ForgetAt(turn);
  if (all.touched.empty() && !expiring) return 0;
  all.before = NewResults();
  std::vector<const ScSlot*> slots;
  for (const ScSlot* key : all.touched) slots.push_back(keep_table_->Find(Table::HashOf(key), all.keys->KeyOf(key)));
  int32_t code = ComputeResults(turn, slots, 0, kEarly, -1, all.before.batch.get(), &all.before.row);
  if (code != 0) return code;
  OwnTexts(all.before.batch.get());
  for (state::SliceSet* input : inputs_) {
    for (const auto& [key, table] : input->tables()) {
      table->ForEach([&](ScSlot* slot) { MergeIntoKeep(turn.now, slot); });
    }
    DropSlices(input, RecordKind::KeptPending, [](const time::SliceKey&) { return true; });
  }
  std::vector<ScSlot*> expired;
  if (rules_.forgets) ExpireKeep(turn, &expired);

  slots.clear();
  std::vector<ScSlot*> ending;
  for (const ScSlot* key : all.touched) {
    ScSlot* slot = keep_table_->Find(Table::HashOf(key), all.keys->KeyOf(key));
    bool gone = std::binary_search(expired.begin(), expired.end(), slot) || slot->rows <= 0;
    slots.push_back(gone ? nullptr : slot);
    if (gone) ending.push_back(slot);
  }
  // Keys that expire without having been touched are removals as well.
  std::sort(ending.begin(), ending.end());
  std::vector<const ScSlot*> untouched;
  for (ScSlot* slot : expired) {
    if (!std::binary_search(ending.begin(), ending.end(), slot)) untouched.push_back(slot);
  }
  code = ComputeResults(turn, untouched, 0, kEarly, -1, all.before.batch.get(), &all.before.row);
  if (code != 0) return code;
  slots.resize(slots.size() + untouched.size(), nullptr);
  Results after = NewResults();
  code = ComputeResults(turn, slots, 0, kEarly, 1, after.batch.get(), &after.row);
  if (code != 0) return code;
  std::vector<bool> changed;
  EmitChanges(turn, all.before, after, &changed);
  for (ScSlot* slot : ending) RemoveKept(slot);
  for (const ScSlot* slot : untouched) RemoveKept(const_cast<ScSlot*>(slot));
  return 0;
}

void AggregateGroup::RemoveKept(ScSlot* slot) {
  NoteRemoval(*keep_table_, RecordKind::Kept, {}, slot);
  keep_table_->Remove(slot);
}

void AggregateGroup::MergeIntoKeep(int64_t now, const ScSlot* from) {
  ScSlot* slot = keep_table_->FindOrInsert(Table::HashOf(from), keep_table_->KeyOf(from));
  if (rules_.ForgottenBefore(slot, from)) keep_table_->ResetStates(slot);
  rules_.shape.merge(keep_table_->abi()->arena, slot, from);
  if (durable_) keep_table_->MarkChanged(slot);
  if (!rules_.forgets) return;
  if (rules_.forgets_by_clock) slot->last_time = now;
  Queue(slot);
}

void AggregateGroup::Queue(ScSlot* slot) {
  if (Table::queued(slot)) return;
  Table::set_queued(slot, true);
  deadlines_.push({time::AddSaturating(slot->last_time, rules_.keep), slot});
}

void AggregateGroup::ExpireKeep(const AdvanceContext& turn, std::vector<ScSlot*>* expired) {
  int64_t until = ForgetAt(turn);
  while (!deadlines_.empty() && deadlines_.top().at <= until) {
    ScSlot* slot = deadlines_.top().slot;
    deadlines_.pop();
    if (!Table::live(slot)) {
      Table::set_queued(slot, false);
      continue;
    }
    // The slot may have seen newer rows, or another key, since it was queued.
    int64_t at = time::AddSaturating(slot->last_time, rules_.keep);
    if (at > until) {
      deadlines_.push({at, slot});
      continue;
    }
    Table::set_queued(slot, false);
    expired->push_back(slot);
  }
  std::sort(expired->begin(), expired->end());
}

// Keys and values that have been replaced stay in the table's arena; when they are most of it, the table is copied.
void AggregateGroup::Compact() {
  if (keep_table_->arena_used() < compact_at_ || !keep_table_->changed().empty()) return;
  auto fresh = std::make_unique<Table>(rules_.shape);
  deadlines_ = {};
  keep_table_->ForEach([&](ScSlot* slot) {
    ScSlot* copy = fresh->Merge(slot);
    if (Table::stored(slot)) Table::set_stored(copy);
    if (rules_.forgets) Queue(copy);
  });
  keep_table_ = std::move(fresh);
  compact_at_ = std::max<int64_t>(compact_at_, 2 * keep_table_->arena_used());
}

void AggregateGroup::FinishTurn() {
  for (auto& table : scratch_) rules_.pool.Give(std::move(table));
  scratch_.clear();
  old_texts_.Reset();
  main_.Recycle();
  pending_.Recycle();
  if (keep_table_ != nullptr) Compact();
}

int64_t AggregateGroup::reserved() const {
  return main_.reserved() + pending_.reserved() + (keep_table_ == nullptr ? 0 : keep_table_->reserved());
}

int64_t AggregateGroup::slots() const {
  return main_.slots() + pending_.slots() + (keep_table_ == nullptr ? 0 : keep_table_->size());
}

// --- durable state ----------------------------------------------------------------------------------------------

bool AggregateGroup::AddPartial(const time::SliceKey& slice, const ScSlot* from) {
  if (rules_.has_window && rules_.windows.LastEnd(slice.start) <= time::HoldBack(fired_, rules_.windows.late())) return false;
  Table& table = pending_.Get(slice);
  ScSlot* slot = table.FindOrInsert(Table::HashOf(from), table.KeyOf(from));
  if (slot->rows == 0 && slot->last_time == kNoTime) {
    Table::SetFirstWatermark(slot, Table::FirstWatermark(from));
  } else if (rules_.ForgottenBefore(slot, from)) {
    table.ResetStates(slot);
    Table::SetFirstWatermark(slot, kEndOfTime);
  }
  rules_.shape.merge(table.abi()->arena, slot, from);
  if (rules_.emit_every > 0) table.MarkChanged(slot);
  return true;
}

std::string AggregateGroup::KeyOf(const Table& table, RecordKind kind, const time::SliceKey& slice, const ScSlot* slot) const {
  std::string row, key;
  state::EncodeRow(rules_.shape.key, table.KeyOf(slot), &row);
  AppendRecordKey({rules_.step, kind, slice, row}, &key);
  return key;
}

void AggregateGroup::NoteRemoval(const Table& table, RecordKind kind, const time::SliceKey& slice, const ScSlot* slot) {
  if (durable_ && Table::stored(slot)) removed_.push_back(KeyOf(table, kind, slice, slot));
}

void AggregateGroup::WriteSlot(const Table& table, RecordKind kind, const time::SliceKey& slice, const ScSlot* slot,
                               StateRecords* records) const {
  std::string value;
  if (kind == RecordKind::Pending || kind == RecordKind::KeptPending) {
    int64_t first_watermark = Table::FirstWatermark(slot);
    value.append(reinterpret_cast<const char*>(&first_watermark), sizeof first_watermark);
  }
  state::EncodeSlot(rules_.shape, slot, &value);
  records->Put(group_, KeyOf(table, kind, slice, slot), std::move(value));
}

void AggregateGroup::WriteTable(Table& table, RecordKind kind, const time::SliceKey& slice, StateRecords* records) {
  for (ScSlot* slot : table.changed()) {
    if (!Table::live(slot)) continue;
    WriteSlot(table, kind, slice, slot, records);
    Table::set_stored(slot);
  }
  table.ForgetChanged();
}

template <class F>
void AggregateGroup::ForEachTable(F&& f) const {
  for (const auto& [slice, table] : main_.tables()) f(*table, RecordKind::Slot, slice);
  RecordKind pending = rules_.has_window ? RecordKind::Pending : RecordKind::KeptPending;
  for (const auto& [slice, table] : pending_.tables()) f(*table, pending, slice);
  if (keep_table_ != nullptr) f(*keep_table_, RecordKind::Kept, time::SliceKey());
}

void AggregateGroup::WriteChanges(StateRecords* records) {
  for (std::string& key : removed_) records->Remove(group_, std::move(key));
  removed_.clear();
  ForEachTable([&](Table& table, RecordKind kind, const time::SliceKey& slice) { WriteTable(table, kind, slice, records); });
}

void AggregateGroup::WriteAll(StateRecords* records) const {
  ForEachTable([&](const Table& table, RecordKind kind, const time::SliceKey& slice) {
    table.ForEach([&](ScSlot* slot) {
      if (Table::stored(slot)) WriteSlot(table, kind, slice, slot, records);
    });
  });
}

bool AggregateGroup::Load(const RecordKey& key, const std::optional<std::string_view>& value) {
  bool windowed = key.kind == RecordKind::Slot || key.kind == RecordKind::Pending;
  bool pending = key.kind == RecordKind::Pending || key.kind == RecordKind::KeptPending;
  if (key.kind > RecordKind::KeptPending || windowed != rules_.has_window) return false;
  std::vector<int64_t> row(static_cast<size_t>(rules_.shape.key.size()) / sizeof(int64_t) + 1);
  std::string_view encoded = key.row;
  batch::Arena arena(1024);
  if (!state::DecodeRow(rules_.shape.key, &encoded, row.data(), arena.get()) || !encoded.empty()) return false;
  Table& table = pending ? pending_.Get(key.slice) : windowed ? main_.Get(key.slice) : *keep_table_;
  uint64_t hash = state::HashKey(rules_.shape.key, row.data());
  if (!value.has_value()) {
    if (ScSlot* slot = table.Find(hash, row.data()); slot != nullptr) table.Remove(slot);
    return true;
  }
  ScSlot* slot = table.FindOrInsert(hash, row.data());
  table.ResetStates(slot);
  std::string_view bytes = *value;
  if (pending) {
    int64_t first_watermark;
    if (bytes.size() < sizeof first_watermark) return false;
    std::memcpy(&first_watermark, bytes.data(), sizeof first_watermark);
    bytes.remove_prefix(sizeof first_watermark);
    Table::SetFirstWatermark(slot, first_watermark);
  }
  if (!state::DecodeSlot(rules_.shape, bytes, slot, table.abi()->arena)) return false;
  Table::set_stored(slot);
  return true;
}

int32_t AggregateGroup::Show(const AdvanceContext& turn, const std::function<void(int64_t end, const ScBatch& rows)>& f) {
  AdvanceContext shown = turn;
  if (rules_.has_window) {
    std::set<int64_t> ends;
    CollectEnds(main_, kNoTime, kEndOfTime, &ends);
    int32_t code = 0;
    for (int64_t end : ends) {
      shown.emit = [&](const ScBatch& rows) { f(end, rows); };
      if (code == 0) code = FireFinal(end, shown);
    }
    return code;
  }
  std::vector<const ScSlot*> slots;
  keep_table_->ForEach([&](ScSlot* slot) { slots.push_back(slot); });
  out_->Clear();
  std::vector<int64_t> row_of;
  int32_t code = ComputeResults(shown, slots, 0, kEarly, 1, out_.get(), &row_of);
  if (code == 0 && out_->rows() > 0) f(0, *out_->view());
  return code;
}

void AggregateGroup::Loaded(int64_t fired, int64_t last_emit) {
  last_emit_ = last_emit;
  fired_ = std::max(fired_, fired);
  if (keep_table_ != nullptr && rules_.forgets) keep_table_->ForEach([&](ScSlot* slot) { Queue(slot); });
  for (state::SliceSet* set : {&main_, &pending_}) {
    set->DropIf([&](const time::SliceKey& key) { return set->tables().at(key)->size() == 0; });
    set->Recycle();
  }
  if (!rules_.has_window || rules_.final_only) return;
  // Which answers were corrections follows from the slices: their rows came after the window's answer.
  for (const auto& [slice, table] : main_.tables()) {
    for (int64_t end = slice.not_before; end <= std::min(rules_.windows.LastEnd(slice.start), fired_);
         end += rules_.windows.every()) {
      if (!time::Windows::Corrects(end, slice)) continue;
      std::unique_ptr<Table>& corrected = corrected_[end];
      if (corrected == nullptr) corrected = std::make_unique<Table>(rules_.shape);
      table->ForEach([&](ScSlot* slot) { corrected->FindOrInsert(Table::HashOf(slot), table->KeyOf(slot)); });
    }
  }
}

}  // namespace streamc::rt::engine
