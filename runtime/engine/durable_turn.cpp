// The engine's part in durable jobs: what a turn made is written and committed as one, or does not count.
#include <algorithm>
#include <thread>

#include "runtime/batch/fault_point.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/upgrade.h"
#include "runtime/observe/log.h"

namespace streamc::rt::engine {
namespace {

using abi::NodeKind;

constexpr int64_t kDrainWait = 20'000;  // for records that must come before anything else may be read

}  // namespace

bool Engine::keyed() const {
  return std::any_of(steps_.number.begin(), steps_.number.end(), [](uint16_t number) { return number != 0; });
}

Status Engine::OpenLog() {
  const auto& nodes = shared_.plan->nodes();
  steps_.number.assign(nodes.size(), 0);
  uint16_t next = 1;
  for (const NodePlan& node : nodes) {
    bool is_keyed = node.spec->kind == NodeKind::Aggregate || node.spec->kind == NodeKind::Top;
    if (is_keyed) steps_.number[static_cast<size_t>(node.index)] = next++;
  }
  std::string connector = wiring_->DurableConnector(keyed());
  if (connector.empty()) return Status::Ok();
  connector::DurableLogConfig config = wiring_->DurableConfig(keyed());
  if (Status status = connector::MakeDurableLog(connector, config, &log_); !status.ok()) return status;
  if (Status status = log_->Open(); !status.ok()) return status;
  wiring_->SetLog(log_.get(), connector);
  shared_.durable = true;
  return keyed() ? NumberSteps(connector, config) : Status::Ok();
}

// In records and notes a step goes by the number its manifest gives it.
Status Engine::NumberSteps(std::string_view connector, const connector::DurableLogConfig& config) {
  const abi::JobSpec& spec = shared_.spec();
  abi::Manifest program = abi::MakeManifest(spec, [&](int32_t param) { return shared_.params.Datum(param); });
  abi::Manifest numbered;
  if (Status status = TakeStateOver(*log_, connector, config, program, options_.reset, &numbered); !status.ok()) return status;
  manifest_ = abi::WriteManifest(numbered);
  for (const NodePlan& node : shared_.plan->nodes()) {
    uint16_t& number = steps_.number[static_cast<size_t>(node.index)];
    if (number == 0) continue;
    auto named = std::find_if(numbered.steps.begin(), numbered.steps.end(),
                              [&](const abi::ManifestStep& step) { return step.name == node.spec->name; });
    if (named == numbered.steps.end())
      return Status::Error(Exit::Internal, "step " + node.spec->name + " is missing in the job's manifest");
    number = named->id;
  }
  return Status::Ok();
}

Status Engine::PollExchange() {
  exchange_records_ = 0;
  bool ready = exchange_->ready();
  int64_t wait = options_.single_step || ready ? 0 : kDrainWait;
  if (Status status = exchange_->Poll(wait, &exchange_records_); !status.ok()) return status;
  if (!memory_.ok()) return memory_;
  // The sources' readers go on being members of the group, but give nothing until the exchange is ready.
  for (SourceState& source : sources_) {
    for (auto& reader : source.readers) reader->Hold(!exchange_->ready());
  }
  // The first turn then waits for them: one that commits without them would let them wait for its commit.
  released_ = !ready && exchange_->ready();
  return Status::Ok();
}

// Before the time of the sources goes on: what it came to by records that others read again, or read on, does not count.
void Engine::SeeSourceChanges() {
  for (SourceState& source : sources_) {
    bool changed = false;
    for (auto& reader : source.readers) changed = reader->TakeChanged() || changed;
    if (!changed) continue;
    *source.watermark = source.committed;
    exchange_->SourcesChanged();
  }
}

void Engine::SeeLocalChannels() {
  Channels& channels = exchange_->channels();
  for (size_t s = 0; s < sources_.size(); ++s) {
    int32_t origin = static_cast<int32_t>(s);
    std::vector<const time::PartitionTime*> local(static_cast<size_t>(channels.count(origin)), nullptr);
    for (auto& reader : sources_[s].readers) {
      const auto& infos = reader->partitions();
      for (size_t i = 0; i < infos.size(); ++i) {
        size_t partition = static_cast<size_t>(infos[i].id.partition);
        if (!infos[i].assigned || i >= reader->partition_times().size()) continue;
        if (local.size() <= partition) local.resize(partition + 1, nullptr);
        local[partition] = &reader->partition_times()[i];
      }
    }
    for (size_t partition = 0; partition < local.size(); ++partition) {
      int32_t channel = static_cast<int32_t>(partition);
      if (local[partition] != nullptr) {
        channels.SetLocal(origin, channel, *local[partition]);
      } else {
        channels.ReleaseLocal(origin, channel);
      }
    }
  }
}

Status Engine::CommitTurn(TurnResult* result) {
  // Until the exchange is ready what has been taken stays uncommitted: after a failure it is taken again.
  bool draining = exchange_ != nullptr && !exchange_->ready();
  CheckMemory();
  bool whole = shared_.spec().exactly_once || log_->alone() || options_.single_step || commit_each_turn_ ||
               time::SteadyMicros() - last_commit_ >= commit_every_ || stop_.load(std::memory_order_relaxed) || !memory_.ok();
  bool moved = false, writes = false;
  for (SourceState& source : sources_) {
    for (auto& reader : source.readers) moved = moved || reader->moved();
  }
  size_t reported = rejection_log_.size();
  int64_t rows_before = result->rows_out;
  for (auto& lane : lanes_) {
    for (SinkState& sink : sinks_) writes = writes || !lane->sink(sink.node->index)->empty();
    writes = writes || !lane->rejections().empty();
  }
  // Partitions changed hands while the turn read others: it is read again when the groups are taken over.
  if (draining && (writes || moved)) return Recover();
  StateRecords state;
  bool snapshots = false, last = stop_.load(std::memory_order_relaxed);
  if (exchange_ != nullptr && !draining) {
    if (whole) exchange_->WriteState(&state);
    snapshots = whole && exchange_->BeginSnapshots(last);
    moved = moved || exchange_->moved() || snapshots;
    exchange_->Publish(now_, moved || writes || !state.empty() || options_.single_step);
    writes = writes || !exchange_->outbox().empty() || !state.empty();
  }
  connector::CommitOutcome outcome = connector::CommitOutcome::Committed;
  if (!draining && (writes || (whole && moved))) {
    int64_t start = time::SteadyMicros();
    batch::FaultAt(batch::FaultPoint::TurnBefore);
    Status status = log_->Begin();
    batch::FaultAt(batch::FaultPoint::TurnBegun);
    if (status.ok()) status = WriteOut(result);
    batch::FaultAt(batch::FaultPoint::TurnSinks);
    if (status.ok()) status = WriteDeadLetters(result);
    batch::FaultAt(batch::FaultPoint::TurnLetters);
    if (status.ok()) status = SendAll(whole, state);
    if (!status.ok()) {
      // What ends the job is the first failure; the abort only makes readers see it sooner.
      if (Status abort = log_->Abort(); !abort.ok()) observe::Log(observe::LogLevel::Warn, "abort_failed", {{"text", abort.message}});
      return status;
    }
    batch::FaultAt(batch::FaultPoint::TurnWhole);
    if (status = log_->Commit(&outcome); !status.ok()) return status;
    if (outcome == connector::CommitOutcome::Committed) {
      batch::FaultAt(batch::FaultPoint::TurnNoted);
      if (exchange_ != nullptr) exchange_->Committed(whole);
      for (SourceState& source : sources_) {
        if (!whole) break;
        source.committed = *source.watermark;
        for (auto& reader : source.readers) reader->Committed();
      }
      batch::FaultAt(batch::FaultPoint::TurnApplied);
      if (whole) last_commit_ = start;
      shared_.counters.commits.Add(1);
      last_commit_took_ = time::SteadyMicros() - start;
      shared_.counters.commit_time.Observe(last_commit_took_);
    }
  }
  if (outcome == connector::CommitOutcome::Aborted) {
    rejection_log_.resize(reported);
    result->rows_out = rows_before;
    return Recover();
  }
  if (exchange_ != nullptr && whole && !draining) {
    exchange_->WriteSnapshots(snapshots, last);
    if (last) exchange_->TellDigests();
    exchange_->Settled();
  }
  AdvanceCaptures(result);
  Conclude(result);
  if (exchange_ != nullptr) {
    result->ended = result->ended && !draining && exchange_->finished() && !exchange_->moved();
    result->caught_up = result->caught_up && !draining && exchange_records_ == 0;
  }
  return memory_;
}

Status Engine::SendAll(bool whole, const StateRecords& state) {
  connector::GroupRecords records;
  if (exchange_ != nullptr && !exchange_->outbox().empty()) {
    exchange_->outbox().AppendTo(&records);
    int64_t bytes = 0;
    for (std::string_view value : records.value) bytes += static_cast<int64_t>(value.size());
    shared_.counters.outbox_bytes.Set(bytes);
    if (Status status = log_->Write(connector::InternalTopic::Repartition, records); !status.ok()) return status;
    batch::FaultAt(batch::FaultPoint::TurnOutbox);
  }
  if (!whole) return Status::Ok();
  if (!state.empty()) {
    records.clear();
    state.AppendTo(&records);
    if (Status status = log_->Write(connector::InternalTopic::Changelog, records); !status.ok()) return status;
    batch::FaultAt(batch::FaultPoint::TurnChangelog);
  }
  for (SourceState& source : sources_) {
    for (auto& reader : source.readers) {
      const auto& positions = reader->Positions();
      if (positions.empty()) continue;
      batch::FaultAt(batch::FaultPoint::TurnPositions);
      if (Status status = log_->SendPositions(reader->reader(), positions); !status.ok()) return status;
      batch::FaultAt(batch::FaultPoint::TurnPositionsSent);
    }
  }
  if (exchange_ == nullptr) return Status::Ok();
  const auto& positions = exchange_->Positions();
  if (positions.empty()) return Status::Ok();
  batch::FaultAt(batch::FaultPoint::TurnPositions);
  Status status = log_->SendPositions(exchange_->reader(), positions);
  batch::FaultAt(batch::FaultPoint::TurnPositionsSent);
  return status;
}

Status Engine::Recover() {
  // A job that ends leaves the turn to the next start.
  undone_ = stop_.load(std::memory_order_relaxed);
  if (undone_) return Status::Ok();
  observe::Log(observe::LogLevel::Warn, "turn_aborted", {{"note", "back to what is committed"}});
  batch::FaultAt(batch::FaultPoint::RewindBefore);
  const bool keep_state = batch::Breaks(batch::Rule::StateAfterCommit);
  for (auto& lane : lanes_) lane->FinishTurn();
  for (auto& aggregate : steps_.aggregates) {
    if (aggregate != nullptr) aggregate->DropLanes();
  }
  if (exchange_ != nullptr && !keep_state) {
    if (Status status = exchange_->Aborted(); !status.ok()) return status;
  }
  batch::FaultAt(batch::FaultPoint::RewindForgotten);
  for (SourceState& source : sources_) {
    *source.watermark = source.committed = time::SourceWatermark(source.watermark->rules());
    for (auto& reader : source.readers) {
      if (Status status = reader->Aborted(); !status.ok()) return status;
      reader->TakeChanged();  // the exchange begins anew in any case
    }
  }
  batch::FaultAt(batch::FaultPoint::RewindDone);
  return Status::Ok();
}

}  // namespace streamc::rt::engine
