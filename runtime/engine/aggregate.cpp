#include "runtime/engine/aggregate.h"

#include <algorithm>
#include <utility>

#include "runtime/engine/call.h"
#include "runtime/format/format.h"

namespace streamc::rt::engine {
namespace {

using abi::EmitKind;
using abi::WindowKind;
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

time::Windows MakeWindows(const Params& params, const abi::BoundSpec& bound) {
  int64_t size = params.Int(bound.size);
  int64_t every = bound.every.is_set() ? params.Int(bound.every) : size;
  return {size, every, params.Int(bound.offset), params.Int(bound.late)};
}

}  // namespace

ScTable* AggregateLane::Slice(ScAgg* agg, int64_t time, int64_t watermark) {
  ScTable* table = aggregate.Place(*this, agg, time, watermark);
  if (table == nullptr) ++late_rows;
  return table;
}

Aggregate::Aggregate(const Shared& shared, const NodePlan& node, size_t lanes)
    : shared_(shared),
      node_(node),
      spec_(shared.spec().aggregates[static_cast<size_t>(node.spec->index)]),
      shape_(spec_.key, spec_.state_size, shared.plan->Function<ScMergeFn>(spec_.merge_fn),
             shared.plan->Function<ScDestroyFn>(spec_.destroy_fn)),
      output_shape_(node.output.leaves),
      main_(shape_) {
  const abi::BoundSpec& bound = spec_.bound;
  has_window_ = bound.window != WindowKind::None;
  early_ = bound.emit == EmitKind::Changes;
  if (has_window_) windows_ = MakeWindows(shared.params, bound);
  final_only_ = has_window_ && !early_ && windows_.late() == 0;
  emit_every_ = shared.params.Int(bound.emit_every);
  if (!has_window_) {
    keep_ = shared.params.Int(bound.keep);
    forgets_ = !bound.keep_forever && bound.keep.is_set();
    forgets_by_clock_ = forgets_ && !spec_.has_time;
    keep_table_ = std::make_unique<Table>(shape_);
  }
  pane_shown_ = node.output.Find("window.pane") >= 0;
  sign_leaf_ = node.output.FindLeaf("$sign");
  out_ = std::make_unique<batch::Batch>(node.output.leaves);
  for (size_t i = 0; i < lanes; ++i) lanes_.push_back(std::make_unique<AggregateLane>(*this, shape_));
}

// --- where a row goes -------------------------------------------------------------------------------------------

ScTable* Aggregate::Place(AggregateLane& lane, ScAgg* agg, int64_t time, int64_t watermark) {
  if (!has_window_) {
    Table& table = lane.slices.Get({});
    agg->lo = kNoTime;
    agg->hi = kEndOfTime;
    agg->first_end = kEndOfTime;
    if (forgets_ && !forgets_by_clock_) {
      // Asked again whenever the watermark moves: a key may have been forgotten by then.
      table.Forget(keep_);
      table.SetRowWatermark(watermark);
      agg->first_end = time::AddSaturating(watermark, 1);
    }
    return agg->table = table.abi();
  }
  time::SliceKey key;
  if (!windows_.Place(time, std::max(watermark, fired_), &key)) return nullptr;
  agg->lo = key.start;
  agg->hi = time::AddSaturating(key.start, windows_.slice());
  agg->first_end = std::min(time::AddSaturating(key.not_before, windows_.late()), key.on_time_from);
  return agg->table = lane.slices.Get(key).abi();
}

// --- answering --------------------------------------------------------------------------------------------------

int32_t Aggregate::Advance(const AdvanceContext& turn) {
  if (!has_window_) return AdvanceKeep(turn);
  return final_only_ ? AdvanceFinal(turn) : AdvanceWindows(turn);
}

void Aggregate::CollectEnds(const state::SliceSet& set, int64_t after, int64_t up_to, std::set<int64_t>* ends) const {
  for (const auto& [key, table] : set.tables()) {
    int64_t first = key.not_before;
    if (after >= first) first += ((after - first) / windows_.every() + 1) * windows_.every();
    int64_t last = std::min(windows_.LastEnd(key.start), up_to);
    for (int64_t end = first; end <= last; end += windows_.every()) ends->insert(end);
  }
}

int32_t Aggregate::AdvanceFinal(const AdvanceContext& turn) {
  if (turn.watermark <= fired_) return 0;
  std::set<int64_t> ends;
  for (auto& lane : lanes_) CollectEnds(lane->slices, fired_, turn.watermark, &ends);
  for (int64_t end : ends) {
    if (int32_t code = FireFinal(end, turn); code != 0) return code;
  }
  fired_ = turn.watermark;
  for (auto& lane : lanes_) {
    lane->slices.DropIf([&](const time::SliceKey& key) { return windows_.LastEnd(key.start) <= fired_; });
  }
  return 0;
}

int32_t Aggregate::FireFinal(int64_t end, const AdvanceContext& turn) {
  std::vector<const Table*> tables;
  for (auto& lane : lanes_) {
    for (const auto& [key, table] : lane->slices.tables()) {
      if (windows_.Takes(end, key)) tables.push_back(table.get());
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
  ForEachPart(*out_, shared_.batch_rows, -1, turn.emit);
  return 0;
}

int32_t Aggregate::ComputeResults(const AdvanceContext& turn, const std::vector<const ScSlot*>& slots, int64_t end,
                                  int64_t pane, int64_t sign, batch::Batch* out, std::vector<int64_t>* row_of) {
  auto fn = shared_.plan->Function<ScResultFn>(spec_.result_fn);
  ResultCall call;
  call.shared = &shared_;
  call.reject = [](Call* self, int64_t row, int32_t site, int32_t code) {
    static_cast<ResultCall*>(self)->failures.push_back({row, site, code});
  };
  ScCtx ctx = *turn.ctx;
  ctx.engine = &call;
  std::vector<const ScSlot*> block;
  std::vector<size_t> origin;
  int64_t start = has_window_ ? end - windows_.size() : 0;
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

void Aggregate::Reject(const AdvanceContext& turn, const ScSlot* slot, int32_t site, int32_t code) {
  batch::Batch key(spec_.key);
  key.Resize(1);
  shape_.key.Scatter(reinterpret_cast<const char*>(slot) + sizeof(ScSlot), key.columns(), 0);
  std::string row = "{";
  size_t leaf = 0;
  for (const abi::ColumnSpec& column : spec_.key.columns) {
    row += (leaf == 0 ? "\"" : ",\"") + column.name + "\":";
    format::EncodeJsonValue(column.type, key.columns() + leaf, 0, &row);
    leaf += abi::FlattenType(column.type).size();
  }
  turn.reject(row + "}", site, code);
}

// --- changes ----------------------------------------------------------------------------------------------------

bool Aggregate::Due(const AdvanceContext& turn) {
  if (emit_every_ <= 0 || turn.finish) return true;
  int64_t bucket = time::FloorTo(turn.now, emit_every_);
  bool due = last_emit_ != kNoTime && bucket > last_emit_;
  if (last_emit_ == kNoTime || due) last_emit_ = bucket;
  return due;
}

Table* Aggregate::NewScratch() {
  return scratch_.emplace_back(std::make_unique<Table>(shape_)).get();
}

Aggregate::Results Aggregate::NewResults() const {
  return {std::make_unique<batch::Batch>(node_.output.leaves), {}};
}

void Aggregate::OwnTexts(batch::Batch* results) {
  if (output_shape_.fixed()) return;
  for (size_t leaf = 0; leaf < output_shape_.leaves().size(); ++leaf) {
    abi::LeafKind kind = output_shape_.leaves()[leaf].kind;
    if (kind != abi::LeafKind::Str && kind != abi::LeafKind::List) continue;
    for (int64_t row = 0; row < results->rows(); ++row) {
      if (results->state(leaf, row) != SC_VALUE) continue;
      batch::CopyDeepValue(kind, output_shape_.element(leaf), results->value(leaf, row), old_texts_.get());
    }
  }
}

void Aggregate::Touch(const Table& table, Affected* window) const {
  table.ForEach([&](ScSlot* slot) {
    ScSlot* key = window->keys->FindOrInsert(Table::HashOf(slot), table.KeyOf(slot));
    if (key->rows != 0) return;
    key->rows = 1;
    window->touched.push_back(key);
  });
}

const ScSlot* Aggregate::Gather(const ScSlot* key, int64_t end, Table* scratch) {
  const ScSlot* found = nullptr;
  ScSlot* merged = nullptr;
  for (const auto& [slice, table] : main_.tables()) {
    if (!windows_.Takes(end, slice)) continue;
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

int32_t Aggregate::AdvanceWindows(const AdvanceContext& turn) {
  std::set<int64_t> closing, ends;
  if (turn.watermark > fired_) {
    CollectEnds(main_, fired_, turn.watermark, &closing);
    for (auto& lane : lanes_) CollectEnds(lane->slices, fired_, turn.watermark, &closing);
  }
  if (!Due(turn) && closing.empty()) {
    fired_ = std::max(fired_, turn.watermark);
    return 0;
  }
  ends = closing;
  for (auto& lane : lanes_) CollectEnds(lane->slices, kNoTime, early_ ? kEndOfTime : fired_, &ends);
  std::vector<Affected> windows;
  for (int64_t end : ends) {
    Affected& window = windows.emplace_back();
    window.end = end;
    window.keys = NewScratch();
    window.before = NewResults();
    for (auto& lane : lanes_) {
      for (const auto& [key, table] : lane->slices.tables()) {
        if (windows_.Takes(end, key)) Touch(*table, &window);
      }
    }
    // A window that closes speaks for all its keys, unless they have been sent already and nothing tells the panes apart.
    bool whole = closing.count(end) != 0 && (pane_shown_ || !early_);
    for (const auto& [key, table] : main_.tables()) {
      if (whole && windows_.Takes(end, key)) Touch(*table, &window);
    }
    if (int32_t code = ResultsBefore(turn, &window); code != 0) return code;
  }
  MergeLanes();
  for (Affected& window : windows) {
    if (int32_t code = ResultsAfter(turn, &window); code != 0) return code;
  }
  fired_ = std::max(fired_, turn.watermark);
  int64_t closed = fired_ == kEndOfTime ? kEndOfTime : time::HoldBack(fired_, windows_.late());
  main_.DropIf([&](const time::SliceKey& key) { return windows_.LastEnd(key.start) <= closed; });
  corrected_.erase(corrected_.begin(), corrected_.upper_bound(closed));
  return 0;
}

int32_t Aggregate::ResultsBefore(const AdvanceContext& turn, Affected* window) {
  size_t n = window->touched.size();
  window->before.row.assign(n, -1);
  bool fired = window->end <= fired_;
  if (!early_ && !fired) return 0;
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

int32_t Aggregate::ResultsAfter(const AdvanceContext& turn, Affected* window) {
  bool fired = window->end <= fired_, closing = !fired && window->end <= turn.watermark;
  int64_t pane = fired ? kLate : closing ? kFinal : kEarly;
  std::vector<const ScSlot*> slots, late(window->touched.size(), nullptr);
  Table* scratch = NewScratch();
  for (const ScSlot* key : window->touched) slots.push_back(Gather(key, window->end, scratch));
  // Rows may correct a window in the very turn that answers it.
  bool any_late = closing && pane_shown_ && TakeCorrected(*window, &slots, &late);
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
  if (corrected == nullptr) corrected = std::make_unique<Table>(shape_);
  for (size_t i = 0; i < changed.size(); ++i) {
    const ScSlot* key = window->touched[i];
    if (fired ? changed[i] : late[i] != nullptr) corrected->FindOrInsert(Table::HashOf(key), corrected->KeyOf(key));
  }
  return 0;
}

bool Aggregate::TakeCorrected(const Affected& window, std::vector<const ScSlot*>* slots,
                              std::vector<const ScSlot*>* late) const {
  bool any = false;
  for (const auto& [slice, table] : main_.tables()) {
    if (!windows_.Takes(window.end, slice) || !time::Windows::Corrects(window.end, slice)) continue;
    for (size_t i = 0; i < slots->size(); ++i) {
      const ScSlot* key = window.touched[i];
      if ((*slots)[i] == nullptr || table->Find(Table::HashOf(key), table->KeyOf(key)) == nullptr) continue;
      (*late)[i] = std::exchange((*slots)[i], nullptr);
      any = true;
    }
  }
  return any;
}

void Aggregate::EmitChanges(const AdvanceContext& turn, const Results& before, const Results& after,
                            std::vector<bool>* changed) {
  out_->Clear();
  changed->assign(before.row.size(), false);
  auto same = [&](int64_t old_row, int64_t new_row) {
    for (size_t leaf = 0; leaf < output_shape_.leaves().size(); ++leaf) {
      if (static_cast<int32_t>(leaf) == sign_leaf_) continue;
      if (output_shape_.CompareCells(leaf, before.batch->columns()[leaf], old_row, after.batch->columns()[leaf], new_row) != 0)
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
  ForEachPart(*out_, shared_.batch_rows, sign_leaf_, turn.emit);
}

void Aggregate::MergeLanes() {
  for (auto& lane : lanes_) {
    for (const auto& [key, table] : lane->slices.tables()) {
      Table& into = main_.Get(key);
      table->ForEach([&](ScSlot* slot) { into.Merge(slot); });
    }
    lane->slices.DropAll();
  }
}

// --- keep -------------------------------------------------------------------------------------------------------

int32_t Aggregate::AdvanceKeep(const AdvanceContext& turn) {
  if (!Due(turn)) return 0;
  Affected all;
  for (auto& lane : lanes_) {
    if (lane->slices.empty()) continue;
    if (all.keys == nullptr) all.keys = NewScratch();
    for (const auto& [key, table] : lane->slices.tables()) Touch(*table, &all);
  }
  bool expiring = forgets_ && !deadlines_.empty() && deadlines_.top().at <= ForgetAt(turn);
  if (all.touched.empty() && !expiring) return 0;
  all.before = NewResults();
  std::vector<const ScSlot*> slots;
  for (const ScSlot* key : all.touched) slots.push_back(keep_table_->Find(Table::HashOf(key), all.keys->KeyOf(key)));
  int32_t code = ComputeResults(turn, slots, 0, kEarly, -1, all.before.batch.get(), &all.before.row);
  if (code != 0) return code;
  OwnTexts(all.before.batch.get());
  for (auto& lane : lanes_) {
    for (const auto& [key, table] : lane->slices.tables()) {
      table->ForEach([&](ScSlot* slot) { MergeIntoKeep(turn.now, slot); });
    }
    lane->slices.DropAll();
  }
  std::vector<ScSlot*> expired;
  if (forgets_) ExpireKeep(turn, &expired);

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
  for (ScSlot* slot : ending) keep_table_->Remove(slot);
  for (const ScSlot* slot : untouched) keep_table_->Remove(const_cast<ScSlot*>(slot));
  return 0;
}

void Aggregate::MergeIntoKeep(int64_t now, const ScSlot* from) {
  ScSlot* slot = keep_table_->FindOrInsert(Table::HashOf(from), keep_table_->KeyOf(from));
  bool by_time = forgets_ && !forgets_by_clock_;
  if (by_time && slot->rows > 0 && time::AddSaturating(slot->last_time, keep_) <= Table::FirstWatermark(from)) {
    keep_table_->ResetStates(slot);
  }
  shape_.merge(keep_table_->abi()->arena, slot, from);
  if (!forgets_) return;
  if (forgets_by_clock_) slot->last_time = now;
  if (Table::queued(slot)) return;
  Table::set_queued(slot, true);
  deadlines_.push({time::AddSaturating(slot->last_time, keep_), slot});
}

void Aggregate::ExpireKeep(const AdvanceContext& turn, std::vector<ScSlot*>* expired) {
  int64_t until = ForgetAt(turn);
  while (!deadlines_.empty() && deadlines_.top().at <= until) {
    ScSlot* slot = deadlines_.top().slot;
    deadlines_.pop();
    if (!Table::live(slot)) {
      Table::set_queued(slot, false);
      continue;
    }
    // The slot may have seen newer rows, or another key, since it was queued.
    int64_t at = time::AddSaturating(slot->last_time, keep_);
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
void Aggregate::Compact() {
  if (keep_table_->arena_used() < compact_at_) return;
  auto fresh = std::make_unique<Table>(shape_);
  deadlines_ = {};
  keep_table_->ForEach([&](ScSlot* slot) {
    ScSlot* copy = fresh->Merge(slot);
    if (!forgets_) return;
    Table::set_queued(copy, true);
    deadlines_.push({time::AddSaturating(copy->last_time, keep_), copy});
  });
  keep_table_ = std::move(fresh);
  compact_at_ = std::max<int64_t>(compact_at_, 2 * keep_table_->arena_used());
}

void Aggregate::FinishTurn() {
  scratch_.clear();
  old_texts_.Reset();
  main_.Recycle();
  for (auto& lane : lanes_) lane->slices.Recycle();
  if (keep_table_ != nullptr) Compact();
}

int64_t Aggregate::reserved() const {
  int64_t bytes = main_.reserved() + (keep_table_ == nullptr ? 0 : keep_table_->reserved());
  for (const auto& lane : lanes_) bytes += lane->slices.reserved();
  return bytes;
}

int64_t Aggregate::slots() const {
  int64_t count = main_.slots() + (keep_table_ == nullptr ? 0 : keep_table_->size());
  for (const auto& lane : lanes_) count += lane->slices.slots();
  return count;
}

}  // namespace streamc::rt::engine

extern "C" ScTable* sc_agg_slice(ScCtx*, ScAgg* agg, int64_t time, int64_t watermark) {
  return static_cast<streamc::rt::engine::AggregateLane*>(agg->owner)->Slice(agg, time, watermark);
}
