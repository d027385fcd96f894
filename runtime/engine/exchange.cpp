#include "runtime/engine/exchange.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <random>
#include <set>
#include <utility>

#include "runtime/batch/bytes.h"
#include "runtime/batch/fault_point.h"
#include "runtime/engine/state_digest.h"
#include "runtime/observe/log.h"

namespace streamc::rt::engine {
namespace {

using abi::NodeKind;
using time::kEndOfTime;
using time::kNoTime;

constexpr int64_t kTellEvery = 1'000'000;       // of an idle instance, microseconds
constexpr int64_t kTellSlack = 60'000'000;      // beyond the longest bound
constexpr int64_t kMostRecords = 65536, kMostBytes = 32 << 20;
constexpr int64_t kParkedFor = 60'000'000;      // an instance that gets no group hears nothing of it

bool TakeInt(std::string_view* text, int64_t* value) {
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), *value);
  if (error != std::errc()) return false;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return true;
}

bool TakeText(std::string_view* text, std::string_view what) {
  if (!text->starts_with(what)) return false;
  text->remove_prefix(what.size());
  return true;
}

// What is committed with a key group's position, of one step.
struct StepNote {
  uint16_t step = 0;
  int64_t reached = kNoTime, last_emit = kNoTime;
};

// `s1=WATERMARK[eLAST_EMIT];s2=...;life=LIFE`; what is not of this form ends the list of steps.
std::vector<StepNote> ReadStepNotes(std::string_view note) {
  std::vector<StepNote> notes;
  StepNote next;
  for (int64_t number; TakeText(&note, "s") && TakeInt(&note, &number) && TakeText(&note, "=") && TakeInt(&note, &next.reached);) {
    next.last_emit = kNoTime;
    if (TakeText(&note, "e") && !TakeInt(&note, &next.last_emit)) break;
    if (!TakeText(&note, ";") || number < 0 || number > UINT16_MAX) break;
    next.step = static_cast<uint16_t>(number);
    notes.push_back(next);
  }
  return notes;
}

constexpr std::string_view kLife = "life=";

std::string ReadLife(std::string_view note) {
  size_t at = note.rfind(kLife);
  return at == note.npos ? "" : std::string(note.substr(at + kLife.size()));
}

std::string NewLife() {
  std::random_device random;
  char text[17];
  snprintf(text, sizeof text, "%08x%08x", random(), random());
  return text;
}

}  // namespace

std::string NoteOfPartition(const time::PartitionTime& time) {
  if (time.watermark == kNoTime) return "";
  return "w=" + std::to_string(time.watermark) + ";r=" + std::to_string(time.last_read) + ";b=" + std::to_string(time.read_watermark);
}

bool ReadPartitionNote(std::string_view note, time::PartitionTime* time) {
  return TakeText(&note, "w=") && TakeInt(&note, &time->watermark) && TakeText(&note, ";r=") && TakeInt(&note, &time->last_read) &&
         TakeText(&note, ";b=") && TakeInt(&note, &time->read_watermark);
}

Exchange::Exchange(const Shared& shared, connector::DurableLog& log, KeyedSteps& steps, CommittedOf committed_of,
                   SnapshotOptions snapshots)
    : shared_(shared),
      log_(log),
      steps_(steps),
      committed_of_(std::move(committed_of)),
      groups_(shared.spec().key_groups),
      origin_of_(shared.plan->nodes().size(), -1),
      inputs_of_(shared.plan->nodes().size()),
      channels_(0, groups_),
      outbox_(groups_),
      reached_(shared.plan->nodes().size()),
      drain_to_(static_cast<size_t>(groups_), -1),
      incoming_(shared.plan->nodes().size()),
      snapshots_(std::move(snapshots)) {
  int32_t origins = 0;
  const auto& nodes = shared.plan->nodes();
  for (const NodePlan& node : nodes) {
    if (node.spec->kind != NodeKind::Source) continue;
    size_t i = static_cast<size_t>(node.index);
    origin_of_[i] = origins;
    name_of_origin_.push_back(batch::Fnv1a(node.spec->name));
    origin_of_source_[name_of_origin_.back()] = origins++;
  }
  sources_ = origins;
  for (const NodePlan& node : nodes) {
    size_t i = static_cast<size_t>(node.index);
    std::vector<int32_t> inputs;  // of any node: the origins its rows get their times from
    // Bad rows have no time, but an end: that of all sources.
    if (node.spec->kind == NodeKind::BadRows) {
      for (int32_t source = 0; source < sources_; ++source) inputs.push_back(source);
    }
    for (const abi::InputRef& input : node.spec->inputs) {
      size_t from = static_cast<size_t>(input.node);
      if (origin_of_[from] >= 0) {
        inputs.push_back(origin_of_[from]);
      } else {
        inputs.insert(inputs.end(), inputs_of_[from].begin(), inputs_of_[from].end());
      }
    }
    std::sort(inputs.begin(), inputs.end());
    inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
    inputs_of_[i] = std::move(inputs);
    if (steps_.number[i] == 0) continue;
    origin_of_[i] = origins++;
    name_of_origin_.push_back(steps_.number[i]);
    reached_[i].assign(static_cast<size_t>(groups_), kNoTime);
    size_t number = steps_.number[i];
    if (node_of_step_.size() <= number) node_of_step_.resize(number + 1, -1);
    node_of_step_[number] = node.index;
    if (steps_.aggregates[i] != nullptr) {
      const AggregateRules& rules = steps_.aggregates[i]->rules();
      incoming_[i] = std::make_unique<state::Table>(rules.shape);
      horizon_ = std::max(horizon_, rules.has_window ? rules.windows.size() + rules.windows.late() : rules.keep);
    } else {
      const abi::BoundSpec& bound = shared.spec().tops[static_cast<size_t>(node.spec->index)].bound;
      horizon_ = std::max(horizon_, shared.params.Int(bound.size) + shared.params.Int(bound.late) + shared.params.Int(bound.keep));
    }
  }
  channels_ = Channels(origins, groups_);
  for (size_t i = 0; i < origin_of_.size(); ++i) {
    if (steps_.number[i] != 0) channels_.SetCount(origin_of_[i], groups_);
  }
}

Status Exchange::Open() {
  if (Status status = log_.MakeGroupReader(nullptr, &reader_); !status.ok()) return status;
  return reader_->Open();
}

void Exchange::Close() {
  if (reader_ != nullptr) reader_->Close();
}

template <class F>
void Exchange::ForEachStep(F&& f) const {
  for (size_t i = 0; i < steps_.number.size(); ++i) {
    if (steps_.number[i] != 0) f(i);
  }
}

// --- reading ----------------------------------------------------------------------------------------------------

Status Exchange::Poll(int64_t wait_us, int64_t* records) {
  reader_->Release();
  polled_.clear();
  if (Status status = reader_->Poll({kMostRecords, kMostBytes, wait_us}, &polled_); !status.ok()) return status;
  SeeAssignments();
  if (Status status = RestoreTaken(); !status.ok() || gave_up_) return status;
  if (assigned_anew_ && reader_->joined()) {
    if (Status status = BeginDrain(); !status.ok()) return status;
  }
  for (const connector::RawRecords& part : polled_) {
    int32_t group = slots_[static_cast<size_t>(part.slot)].group;
    if (group < 0) continue;
    *records += static_cast<int64_t>(part.size());
    for (size_t i = 0; i < part.size(); ++i) {
      if (part.value[i] == nullptr) continue;
      std::string_view value(part.value[i], static_cast<size_t>(part.value_len[i]));
      if (Status status = Take(group, value); !status.ok()) return status;
    }
  }
  CheckDrained();
  settled_ = settled_ && *records == 0 && !ready();
  return Status::Ok();
}

void Exchange::SeeAssignments() {
  const std::vector<connector::PartitionInfo>& infos = reader_->partitions();
  const int64_t now = time::SteadyMicros();
  if (now - parked_at_ > kParkedFor) parked_.clear();
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].group < 0 || infos[i].assigned) continue;
    const bool keep = AsCommitted(i);
    const int32_t group = std::exchange(slots_[i].group, -1);
    Parked parked = DropGroup(group);
    if (keep) {
      parked.position = infos[i].position;
      parked.generation = infos[i].generation;
      parked.note = std::move(slots_[i].note);
      parked_[group] = std::move(parked);
      parked_at_ = now;
    }
    assigned_anew_ = true;
  }
  for (size_t i = slots_.size(); i < infos.size(); ++i) {
    Slot& slot = slots_.emplace_back();
    if (!infos[i].assigned) continue;
    slot = {infos[i].id.partition, infos[i].position, infos[i].note, ReadLife(infos[i].note)};
    taken_.push_back(static_cast<int32_t>(i));
    assigned_anew_ = true;
  }
}

bool Exchange::AsCommitted(size_t slot) const {
  const connector::PartitionInfo& info = reader_->partitions()[slot];
  return settled_ && info.generation >= 0 && info.position == slots_[slot].committed && NoteOf(slots_[slot]) == slots_[slot].note;
}

Exchange::Parked Exchange::DropGroup(int32_t group) {
  Parked parked;
  parked.aggregates.resize(steps_.number.size());
  parked.tops.resize(steps_.number.size());
  parked.snapshot_offset = snapshots_.Drop(group);
  channels_.DropGroup(group);
  owned_.erase(std::remove(owned_.begin(), owned_.end(), group), owned_.end());
  ForEachStep([&](size_t i) {
    channels_.ReleaseLocal(origin_of_[i], group);
    if (steps_.aggregates[i] != nullptr) parked.aggregates[i] = steps_.aggregates[i]->Drop(group);
    if (steps_.tops[i] != nullptr) parked.tops[i] = steps_.tops[i]->Drop(group);
  });
  return parked;
}

bool Exchange::Unpark(int32_t slot) {
  const connector::PartitionInfo& info = reader_->partitions()[static_cast<size_t>(slot)];
  auto found = parked_.find(info.id.partition);
  if (found == parked_.end()) return false;
  Parked parked = std::move(found->second);
  parked_.erase(found);
  // Whoever has had the group since has committed something for it, or a generation has passed.
  if (info.generation != parked.generation + 1 || info.position != parked.position || info.note != parked.note) return false;
  ForEachStep([&](size_t i) {
    if (steps_.aggregates[i] != nullptr) steps_.aggregates[i]->Own(info.id.partition, std::move(parked.aggregates[i]));
    if (steps_.tops[i] != nullptr) steps_.tops[i]->Own(info.id.partition, std::move(parked.tops[i]));
  });
  snapshots_.Own(info.id.partition, parked.snapshot_offset, true);
  return true;
}

void Exchange::Own(int32_t group) {
  ForEachStep([&](size_t i) {
    if (steps_.aggregates[i] != nullptr) steps_.aggregates[i]->Own(group);
    if (steps_.tops[i] != nullptr) steps_.tops[i]->Own(group);
  });
}

void Exchange::TellProgress(const connector::RestoreProgress& changelog, int64_t snapshot_rows) {
  progress_ = changelog;
  connector::RestoreProgress both = changelog;
  both.rows += snapshot_rows;
  gave_up_ = gave_up_ || (on_restore_ && !on_restore_(both));
}

Status Exchange::RestoreTaken() {
  std::vector<int32_t> slots;
  for (int32_t slot : std::exchange(taken_, {})) {
    if (slots_[static_cast<size_t>(slot)].group >= 0) slots.push_back(slot);
  }
  if (slots.empty()) return Status::Ok();
  batch::FaultAt(batch::FaultPoint::RestoreBefore);
  auto started = std::chrono::steady_clock::now();
  for (int32_t slot : slots) {
    int32_t group = slots_[static_cast<size_t>(slot)].group;
    owned_.push_back(group);
    channels_.OwnGroup(group);
  }
  std::sort(owned_.begin(), owned_.end());
  assigned_anew_ = true;
  const size_t count = slots.size();
  std::erase_if(slots, [&](int32_t slot) { return Unpark(slot); });
  parked_.clear();
  std::vector<int32_t> groups;
  for (int32_t slot : slots) groups.push_back(slots_[static_cast<size_t>(slot)].group);
  restoring_ = groups.size();
  TellProgress({}, 0);
  std::vector<int64_t> from, ends, next;
  int64_t snapshots = 0, snapshot_rows = 0;
  for (int32_t slot : slots) {
    Slot& taken = slots_[static_cast<size_t>(slot)];
    Own(taken.group);
    auto take = [&](std::string_view key, std::string_view value) { return LoadRecord(taken.group, key, value); };
    GroupSnapshots::Found found = snapshots_.Read(taken.group, taken.life, take, [&] { Own(taken.group); });
    batch::FaultAt(batch::FaultPoint::RestoreSnapshot);
    from.push_back(found.offset);
    snapshots += found.offset > 0 ? 1 : 0;
    snapshot_rows += found.records;
    TellProgress({}, snapshot_rows);
    if (gave_up_) return Status::Ok();
    if (taken.life.empty()) taken.life = NewLife();
  }
  if (snapshots > 0) {
    if (Status status = log_.Ends(connector::InternalTopic::Changelog, groups, &ends); !status.ok()) return status;
    for (size_t i = 0; i < groups.size(); ++i) {
      if (from[i] > ends[i]) return snapshots_.Ahead(groups[i], from[i], ends[i]);
    }
  }
  // Records from before the state was migrated are in another form; all of them have a successor.
  std::set<std::pair<int32_t, std::string>> damaged;
  std::vector<bool> read(groups.size(), false);
  auto take = [&](size_t i, std::string_view key, std::string_view value, int64_t) {
    read[i] = true;
    const bool good = LoadRecord(groups[i], key, value) || value.data() == nullptr;
    if (!good) damaged.emplace(groups[i], key);
    if (good && !damaged.empty()) damaged.erase({groups[i], std::string(key)});
    return !gave_up_;
  };
  auto restart = [&](size_t i) {
    Own(groups[i]);
    std::erase_if(damaged, [&](const auto& each) { return each.first == groups[i]; });
  };
  Status status;
  if (!groups.empty()) {
    status = log_.ReadChangelog(
        groups, from, take, restart, [&](const connector::RestoreProgress& progress) { TellProgress(progress, snapshot_rows); }, &next);
  }
  if (gave_up_) return Status::Ok();
  if (!status.ok()) return status;
  restoring_ = 0;
  if (!damaged.empty()) {
    return Status::Error(Exit::Incompatible, std::to_string(damaged.size()) +
                                                 " records of the changelog are not in a form this build reads; it was written by"
                                                 " a newer one, or not by streamc");
  }
  for (int32_t slot : slots) {
    const Slot& taken = slots_[static_cast<size_t>(slot)];
    std::vector<StepNote> notes(node_of_step_.size());
    for (const StepNote& note : ReadStepNotes(taken.note)) {
      if (note.step < notes.size()) notes[note.step] = note;
    }
    ForEachStep([&](size_t i) {
      const StepNote& note = notes[steps_.number[i]];
      reached_[i][static_cast<size_t>(taken.group)] = note.reached;
      if (steps_.aggregates[i] != nullptr) steps_.aggregates[i]->group(taken.group)->Loaded(note.reached, note.last_emit);
      if (steps_.tops[i] != nullptr) steps_.tops[i]->group(taken.group)->Loaded(note.reached, note.last_emit);
    });
  }
  for (size_t i = 0; i < groups.size(); ++i) snapshots_.Own(groups[i], next[i], read[i]);
  settled_ = count == owned_.size();
  batch::FaultAt(batch::FaultPoint::RestoreDone);
  int64_t millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
  observe::Log(observe::LogLevel::Info, "groups_taken",
               {{"count", count},
                {"kept", count - groups.size()},
                {"rows", progress_.rows},
                {"bytes", progress_.bytes},
                {"snapshots", snapshots},
                {"snapshot_rows", snapshot_rows},
                {"ms", millis}});
  return Status::Ok();
}

bool Exchange::LoadRecord(int32_t group, std::string_view key, std::string_view value) {
  RecordKey record;
  if (!ReadRecordKey(key, &record)) return false;
  int32_t node = NodeOf(record.step);
  // The state of a step that is gone is left alone: a later program may have it again.
  if (record.kind == RecordKind::Manifest || node < 0) return true;
  std::optional<std::string_view> content;
  if (value.data() != nullptr) content = value;
  size_t i = static_cast<size_t>(node);
  if (steps_.aggregates[i] != nullptr) return steps_.aggregates[i]->group(group)->Load(record, content);
  return steps_.tops[i]->group(group)->Load(record, content);
}

// --- taking over ------------------------------------------------------------------------------------------------

// First what is committed, then the ends: whatever came before those positions is then before the ends.
Status Exchange::BeginDrain() {
  assigned_anew_ = false;
  ready_ = false;
  draining_ = true;
  committed_times_.clear();
  std::vector<connector::CommittedPosition> positions;
  for (int32_t source = 0; source < sources_; ++source) {
    if (Status status = committed_of_(source, &positions); !status.ok()) return status;
    channels_.SetCount(source, static_cast<int32_t>(positions.size()));
    for (size_t i = 0; i < positions.size(); ++i) {
      ChannelUpdate update{source, static_cast<int32_t>(i), {}};
      if (ReadPartitionNote(positions[i].note, &update.time)) committed_times_.push_back(update);
    }
  }
  if (Status status = reader_->Committed(&positions); !status.ok()) return status;
  for (size_t group = 0; group < positions.size(); ++group) {
    for (const StepNote& note : ReadStepNotes(positions[group].note)) {
      int32_t node = NodeOf(note.step);
      if (node < 0 || note.reached == kNoTime) continue;
      size_t i = static_cast<size_t>(node);
      ChannelUpdate update{origin_of_[i], static_cast<int32_t>(group), {}};
      update.time.watermark = steps_.aggregates[i] != nullptr ? steps_.aggregates[i]->OutputWatermark(note.reached)
                                                              : steps_.tops[i]->OutputWatermark(note.reached);
      committed_times_.push_back(update);
    }
  }
  std::fill(drain_to_.begin(), drain_to_.end(), -1);
  std::vector<int64_t> ends;
  if (Status status = log_.Ends(connector::InternalTopic::Repartition, owned_, &ends); !status.ok()) return status;
  for (size_t i = 0; i < owned_.size(); ++i) drain_to_[static_cast<size_t>(owned_[i])] = ends[i];
  batch::FaultAt(batch::FaultPoint::DrainBegun);
  return Status::Ok();
}

void Exchange::CheckDrained() {
  if (!draining_ || assigned_anew_) return;
  const std::vector<connector::PartitionInfo>& infos = reader_->partitions();
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].group >= 0 && infos[i].position < drain_to_[static_cast<size_t>(slots_[i].group)]) return;
  }
  for (const ChannelUpdate& update : committed_times_) channels_.ReceiveForAll(update);
  channels_.ForgetTaken();
  draining_ = false;
  ready_ = tell_all_ = true;
  batch::FaultAt(batch::FaultPoint::DrainDone);
}

Status Exchange::Take(int32_t group, std::string_view record) {
  EntryHandlers handlers;
  handlers.partial = [&](const PartialEntry& entry) { return TakePartial(group, entry); };
  handlers.row = [&](const RowEntry& entry) {
    int32_t node = NodeOf(entry.step);
    return node < 0 || steps_.tops[static_cast<size_t>(node)]->AddEncoded(group, entry.row, shared_.clock.Now());
  };
  handlers.time = [&](const TimeEntry& entry) { TakeTime(group, entry); };
  if (ReadEntries(record, handlers)) return Status::Ok();
  return Status::Error(Exit::Incompatible, "a record of the repartition topic, key group " + std::to_string(group) +
                                               ", is not in a form this build reads; it was written by a newer one, or not by"
                                               " streamc");
}

bool Exchange::TakePartial(int32_t group, const PartialEntry& entry) {
  int32_t node = NodeOf(entry.step);
  if (node < 0) return true;
  size_t i = static_cast<size_t>(node);
  if (steps_.aggregates[i] == nullptr) return false;
  const state::TableShape& shape = steps_.aggregates[i]->rules().shape;
  incoming_key_.resize(static_cast<size_t>(shape.key.size()) + 16);
  std::string_view key = entry.key;
  state::Table& table = *incoming_[i];
  bool good = state::DecodeRow(shape.key, &key, incoming_key_.data(), incoming_keys_.get()) && key.empty();
  if (good) {
    ScSlot* slot = table.FindOrInsert(state::HashKey(shape.key, incoming_key_.data()), incoming_key_.data());
    good = state::DecodeSlot(shape, entry.slot, slot, table.abi()->arena);
    state::Table::SetFirstWatermark(slot, entry.first_watermark);
    if (good && !steps_.aggregates[i]->group(group)->AddPartial(entry.slice, slot)) {
      shared_.counters.lanes.back()->nodes[i].late.Add(slot->rows);
    }
  }
  table.Clear();
  incoming_keys_.Reset();
  return good;
}

void Exchange::TakeTime(int32_t group, const TimeEntry& entry) {
  ChannelUpdate update{-1, entry.channel, entry.time};
  if (entry.step) {
    int32_t node = entry.origin > UINT16_MAX ? -1 : NodeOf(static_cast<uint16_t>(entry.origin));
    if (node >= 0) update.origin = origin_of_[static_cast<size_t>(node)];
  } else if (auto found = origin_of_source_.find(entry.origin); found != origin_of_source_.end()) {
    update.origin = found->second;
  }
  bool sane = entry.channel >= 0 && entry.channel < (entry.step ? groups_ : 1 << 20);
  if (update.origin >= 0 && sane) channels_.Receive(group, update);
}

// --- answering --------------------------------------------------------------------------------------------------

void Exchange::DistributeAggregate(const NodePlan& node) {
  size_t i = static_cast<size_t>(node.index);
  Aggregate& aggregate = *steps_.aggregates[i];
  int64_t late = aggregate.Distribute([&](int32_t group, const time::SliceKey& slice, ScSlot* slot) {
    outbox_.AddPartial(group, steps_.number[i], slice, aggregate.rules().shape, slot);
  });
  shared_.counters.lanes.back()->nodes[i].late.Add(late);
}

void Exchange::DistributeTop(const NodePlan& node, const ScBatch& work, int64_t now, const TopStep::Late& late) {
  size_t i = static_cast<size_t>(node.index);
  steps_.tops[i]->Add(work, now, late,
                      [&](int32_t group, const std::string& row) { outbox_.AddRow(group, steps_.number[i], row); });
}

OriginTime Exchange::TimeOf(const NodePlan& node, int32_t group) const {
  const std::vector<int32_t>& inputs = inputs_of_[static_cast<size_t>(node.index)];
  if (inputs.empty()) return {kNoTime, kNoTime};
  OriginTime least;
  for (int32_t origin : inputs) {
    OriginTime time = channels_.At(group, origin);
    least.watermark = std::min(least.watermark, time.watermark);
    least.last_finite = std::min(least.last_finite, time.last_finite);
  }
  return least;
}

void Exchange::Reached(const NodePlan& node, int32_t group, const OriginTime& input, int64_t output) {
  size_t i = static_cast<size_t>(node.index);
  time::PartitionTime time;
  time.ended = input.watermark == kEndOfTime;
  time.watermark = time.ended ? input.last_finite : output;
  // A partition that is new to the source takes the time away until it is heard of; what has been answered stays answered.
  int64_t& reached = reached_[i][static_cast<size_t>(group)];
  reached = std::max(reached, time.ended ? input.last_finite : input.watermark);
  channels_.SetLocal(origin_of_[i], group, time);
}

void Exchange::Publish(int64_t now, bool busy) {
  if (busy) busy_at_ = now;
  if (alone() || !ready_) return;
  bool seldom = now - published_at_ >= kTellEvery && now - busy_at_ <= horizon_ + kTellSlack;
  if (!busy && !tell_all_ && !seldom && !finished()) return;
  std::vector<ChannelUpdate> changed = channels_.TakeChanged();
  tell_all_ = false;
  if (changed.empty()) return;
  published_at_ = now;
  std::vector<TimeEntry> entries;
  for (const ChannelUpdate& update : changed) {
    TimeEntry& entry = entries.emplace_back();
    entry.channel = update.channel;
    entry.time = update.time;
    entry.step = update.origin >= sources_;
    entry.origin = name_of_origin_[static_cast<size_t>(update.origin)];
  }
  size_t next = 0;
  for (int32_t group = 0; group < groups_; ++group) {
    while (next < owned_.size() && owned_[next] < group) ++next;
    if (next < owned_.size() && owned_[next] == group) continue;
    outbox_.AddTimes(group, entries);
  }
}

bool Exchange::finished() const {
  if (!ready_) return false;
  bool all = true;
  for (int32_t group : owned_) {
    for (const NodePlan& node : shared_.plan->nodes()) {
      if (steps_.number[static_cast<size_t>(node.index)] == 0 || inputs_of_[static_cast<size_t>(node.index)].empty()) continue;
      all = all && TimeOf(node, group).watermark == kEndOfTime;
    }
  }
  return all;
}

// --- commit -----------------------------------------------------------------------------------------------------

void Exchange::WriteState(StateRecords* records) {
  auto write = [&](int32_t g, auto& group) {
    size_t before = records->size();
    group.WriteChanges(records);
    if (records->size() > before) snapshots_.Changed(g);
  };
  ForEachStep([&](size_t i) {
    if (steps_.aggregates[i] != nullptr) steps_.aggregates[i]->ForEachGroup(write);
    if (steps_.tops[i] != nullptr) steps_.tops[i]->ForEachGroup(write);
  });
}

bool Exchange::BeginSnapshots(bool last) {
  confirming_ = false;
  int64_t now = time::SteadyMicros();
  if (owned_.empty() || !snapshots_.Due(now, last)) return false;
  std::vector<int64_t> ends;
  // Without an answer the turn says soon enough what is wrong.
  if (!log_.Ends(connector::InternalTopic::Changelog, owned_, &ends).ok()) return false;
  snapshots_.Begin(now, owned_, ends);
  return confirming_ = true;
}

void Exchange::WriteSnapshots(bool begun, bool last) {
  if (begun) snapshots_.Confirm(log_.confirmed());
  auto write_all = [&](int32_t group, StateRecords* records) { WriteAll(group, records); };
  auto life_of = [&](int32_t group) {
    auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& each) { return each.group == group; });
    return slot == slots_.end() ? "" : ReadLife(slot->note);
  };
  snapshots_.Write(write_all, life_of, last);
}

void Exchange::WriteAll(int32_t group, StateRecords* records) {
  ForEachStep([&](size_t i) {
    if (steps_.aggregates[i] != nullptr) steps_.aggregates[i]->group(group)->WriteAll(records);
    if (steps_.tops[i] != nullptr) steps_.tops[i]->group(group)->WriteAll(records);
  });
}

void Exchange::TellDigests() {
  if (!StateDigestsWanted() || !ready() || owned_.empty()) return;
  std::vector<int64_t> ends;
  if (!log_.Ends(connector::InternalTopic::Changelog, owned_, &ends).ok()) return;
  for (size_t i = 0; i < owned_.size(); ++i) {
    StateRecords records;
    WriteAll(owned_[i], &records);
    TellStateDigest(owned_[i], ends[i], records);
  }
}

bool Exchange::moved() const {
  const std::vector<connector::PartitionInfo>& infos = reader_->partitions();
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].group >= 0 && infos[i].position != slots_[i].committed) return true;
  }
  return false;
}

std::string Exchange::NoteOf(const Slot& slot) const {
  const int32_t group = slot.group;
  std::string note;
  ForEachStep([&](size_t i) {
    int64_t reached = reached_[i][static_cast<size_t>(group)];
    int64_t last_emit = steps_.aggregates[i] != nullptr ? steps_.aggregates[i]->group(group)->last_emit()
                                                        : steps_.tops[i]->group(group)->last_emit();
    if (reached == kNoTime && last_emit == kNoTime) return;
    note += "s" + std::to_string(steps_.number[i]) + "=" + std::to_string(reached);
    if (last_emit != kNoTime) note += "e" + std::to_string(last_emit);
    note += ";";
  });
  return note + std::string(kLife) + slot.life;
}

const std::vector<connector::Position>& Exchange::Positions() {
  sent_.clear();
  const std::vector<connector::PartitionInfo>& infos = reader_->partitions();
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].group < 0) continue;
    std::string note = NoteOf(slots_[i]);
    bool same = infos[i].position == slots_[i].committed && note == slots_[i].note;
    if (same && !std::exchange(confirming_, false)) continue;
    sent_.push_back({static_cast<int32_t>(i), infos[i].position, std::move(note)});
  }
  return sent_;
}

void Exchange::Committed(bool positions) {
  outbox_.Clear();
  if (!positions) return;
  for (connector::Position& position : sent_) {
    Slot& slot = slots_[static_cast<size_t>(position.slot)];
    slot.committed = position.offset;
    slot.note = std::move(position.note);
  }
  sent_.clear();
}

Status Exchange::Aborted() {
  outbox_.Clear();
  sent_.clear();
  while (!owned_.empty()) DropGroup(owned_.back());
  for (Slot& slot : slots_) slot.group = -1;
  channels_.Reset();
  for (auto& reached : reached_) std::fill(reached.begin(), reached.end(), kNoTime);
  ready_ = draining_ = false;
  assigned_anew_ = true;
  taken_.clear();
  parked_.clear();
  settled_ = false;
  reader_->Release();
  Status status = reader_->Rewind();
  if (status.ok()) SeeAssignments();
  return status;
}

}  // namespace streamc::rt::engine
