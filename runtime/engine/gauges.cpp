// The engine's part in memory and in what others see of the job; all of it between turns, on the coordinator's thread.
#include <malloc.h>

#include <algorithm>

#include "runtime/engine/engine.h"
#include "runtime/observe/health.h"
#include "runtime/observe/heartbeat.h"
#include "runtime/observe/process_memory.h"

namespace streamc::rt::engine {
namespace {

constexpr int64_t kTurnRecords = 131'072;
constexpr int64_t kTurnBytes = 64 << 20;
constexpr int64_t kLeastTurnRecords = 1024, kLeastTurnBytes = 256 << 10;  // however tight memory is
constexpr int64_t kRecordBytes = 512;  // of a small record from the client's queue to the sink's, about
constexpr int64_t kMemoryEvery = 100'000, kTrimEvery = 1'000'000, kLagsEvery = 250'000;

}  // namespace

std::vector<StepMemory> Engine::CountState() {
  observe::JobCounters& counters = shared_.counters;
  std::vector<StepMemory> steps;
  int64_t bytes = 0, rows = 0;
  for (size_t i = 0; i < steps_.aggregates.size(); ++i) {
    if (steps_.aggregates[i] == nullptr && steps_.tops[i] == nullptr) continue;
    StepMemory& step = steps.emplace_back();
    step.name = counters.node_names[i];
    step.bytes = steps_.aggregates[i] != nullptr ? steps_.aggregates[i]->reserved() : steps_.tops[i]->reserved();
    step.rows = steps_.aggregates[i] != nullptr ? steps_.aggregates[i]->slots() : steps_.tops[i]->rows();
    counters.steps[i].state_bytes.Set(step.bytes);
    counters.steps[i].state_rows.Set(step.rows);
    bytes += step.bytes;
    rows += step.rows;
  }
  counters.state_bytes.Set(bytes);
  counters.state_slots.Set(rows);
  return steps;
}

void Engine::SizeTurns() {
  int64_t workers = options_.threads;
  int64_t records = options_.batch_records > 0 ? options_.batch_records : kTurnRecords / workers;
  turn_records_ = records;
  turn_bytes_ = kTurnBytes / workers;
  if (!budget_.limited()) return;
  int64_t room = budget_.for_turn() / workers;
  turn_records_ = std::clamp<int64_t>(room / kRecordBytes, std::min(records, kLeastTurnRecords), records);
  turn_bytes_ = std::clamp<int64_t>(room, kLeastTurnBytes, turn_bytes_);
}

void Engine::CheckMemory() {
  int64_t now = time::SteadyMicros();
  if (!budget_.limited() || !memory_.ok() || (!options_.single_step && now - memory_seen_ < kMemoryEvery)) return;
  memory_seen_ = now;
  resident_ = observe::ResidentBytes();
  if (resident_ > budget_.bytes() / 10 * 9 && now - trimmed_ >= kTrimEvery) {
    trimmed_ = now;
    malloc_trim(0);  // what is only kept for later does not count
    resident_ = observe::ResidentBytes();
  }
  if (!budget_.Fits(shared_.counters.state_bytes.get(), resident_)) memory_ = budget_.Refusal(CountState(), resident_);
  SizeTurns();
}

void Engine::SetGauges() {
  observe::JobCounters& counters = shared_.counters;
  bool joined = true;
  for (SourceState& source : sources_) {
    for (auto& reader : source.readers) joined = joined && reader->reader().joined();
  }
  observe::Phase phase = !joined                                       ? observe::Phase::Joining
                         : exchange_ != nullptr && !exchange_->ready() ? observe::Phase::Draining
                                                                       : observe::Phase::Reading;
  if (phase == observe::Phase::Reading && counters.now() != phase) budget_.Remember(CountState());
  counters.phase.Set(static_cast<int64_t>(phase));
  if (exchange_ != nullptr) {
    counters.restore.groups.Set(static_cast<int64_t>(exchange_->owned().size()));
    counters.restore.taking.Set(0);
  }
  if (log_ != nullptr) {
    const connector::DurableLogCounters& log = log_->counters();
    counters.log.committed.Set(log.committed.load(std::memory_order_relaxed));
    counters.log.aborted.Set(log.aborted.load(std::memory_order_relaxed));
    counters.log.fenced.Set(log.fenced.load(std::memory_order_relaxed));
    counters.log.recycled.Set(log.recycled.load(std::memory_order_relaxed));
    counters.log.rebalances.Set(log.rebalances.load(std::memory_order_relaxed));
  }
  int64_t now = time::SteadyMicros();
  if (now - lags_seen_ < kLagsEvery) return;
  lags_seen_ = now;
  std::vector<observe::PartitionLag> lags;
  for (SourceState& source : sources_) {
    for (auto& reader : source.readers) {
      for (const connector::PartitionInfo& each : reader->partitions()) {
        if (!each.assigned || lags.size() == observe::PartitionLags::kMost) continue;
        int64_t lag = each.end < 0 ? -1 : std::max<int64_t>(0, each.end - each.position);
        lags.push_back({static_cast<size_t>(source.node->spec->index), each.id.topic, each.id.partition, lag});
      }
    }
  }
  counters.partition_lags.Offer(std::move(lags));
}

bool Engine::SeeRestore(const connector::RestoreProgress& progress) {
  observe::RestoreGauges& gauges = shared_.counters.restore;
  if (shared_.counters.now() != observe::Phase::Restoring) gauges.since.Set(observe::MonotonicMicros());
  gauges.groups.Set(static_cast<int64_t>(exchange_->owned().size()));
  gauges.taking.Set(static_cast<int64_t>(exchange_->restoring()));
  gauges.rows.Set(progress.rows);
  gauges.bytes.Set(progress.bytes);
  gauges.offsets.Set(progress.passed);
  gauges.all_offsets.Set(progress.total_rows);
  shared_.counters.phase.Set(static_cast<int64_t>(observe::Phase::Restoring));
  observe::Beat();
  CountState();
  CheckMemory();
  return memory_.ok() && !stop_.load(std::memory_order_relaxed);
}

}  // namespace streamc::rt::engine
