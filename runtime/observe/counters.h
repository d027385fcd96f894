// What a running job counts, as plain numbers that another thread may read at any time.
//
// Each lane of the engine (a worker, or the coordinator) writes its own block, so counting is a relaxed load and store without
// contention; readers sum over the blocks. Gauges are written by the coordinator between turns. The engine fills this and knows
// nothing of who reads: metrics endpoint, log, progress line, end-of-run summary.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace streamc::rt::observe {

// A number with one writer and any number of readers.
class Counter {
 public:
  void Add(int64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void Set(int64_t n) { value_.store(n, std::memory_order_relaxed); }
  int64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// How often a duration fell below each bound; one writer.
struct Histogram {
  static constexpr std::array<int64_t, 13> kBounds = {1000,   2500,   5000,    10000,   25000,   50000,   100000,
                                                      250000, 500000, 1000000, 2500000, 5000000, 10000000};  // microseconds
  std::array<Counter, kBounds.size() + 1> counts;  // of each bound alone; the last: above all
  Counter sum_micros;
  void Observe(int64_t micros) {
    size_t i = 0;
    while (i < kBounds.size() && micros > kBounds[i]) ++i;
    counts[i].Add(1);
    sum_micros.Add(micros);
  }
};

struct SourceCounters {
  Counter records, bytes;              // read
  Counter filtered;                    // left out by the decoder's conditions
  Counter nulls;                       // without a value and not bad
  Counter bad;                         // records rejected, at the source or by any step; each once
  std::array<Counter, 256> bad_codes;  // the same by error code (runtime/abi/error_codes.def)
};
struct NodeCounters {
  Counter rows_in, rows_out;  // of the node's function; rows_out of combining steps: results
  Counter late;
  Counter rejected;  // rows rejected here
};
struct SinkCounters {
  Counter records, bytes, removals;
};

struct LaneCounters {
  LaneCounters(size_t source_count, size_t node_count, size_t sink_count)
      : sources(source_count), nodes(node_count), sinks(sink_count) {}
  std::vector<SourceCounters> sources;
  std::vector<NodeCounters> nodes;  // JobSpec::nodes
  std::vector<SinkCounters> sinks;
};

struct SourceGauges {
  SourceGauges() { watermark.Set(std::numeric_limits<int64_t>::min()); }
  Counter watermark;   // microseconds since 1970; the least int64: none yet, the greatest: the input has ended
  Counter lag;         // records not yet read, of the partitions whose end is known
  Counter partitions;  // assigned to this instance
};
struct TableGauges {
  Counter rows, loads, failed_loads, bad;
};
struct StepGauges {
  Counter state_bytes, state_rows;  // of an aggregate or top
};

// What the engine is about. Reading: all that is assigned is in place, and sources are read.
enum class Phase : int64_t { Opening, Joining, Restoring, Draining, Reading };

// Of the key groups' state, in a durable job. The last four: of the restore under way, else of the last one.
struct RestoreGauges {
  Counter groups;                // owned
  Counter taking;                // of them, those being restored; 0: none
  Counter rows, bytes;
  Counter offsets, all_offsets;  // passed and to pass; compaction leaves fewer rows than offsets
  Counter since;                 // when it began, microseconds of the monotonic clock
};

// Of a durable job's log (connector/durable_log.h).
struct LogGauges {
  Counter committed, aborted, fenced, recycled, rebalances;
};

struct PartitionLag {
  size_t source = 0;
  std::string topic;
  int32_t partition = 0;
  int64_t lag = -1;  // -1: unknown
};
// The assigned partitions, at most kMost of them. Their writer never waits for readers: what it brings meanwhile is left out.
class PartitionLags {
 public:
  static constexpr size_t kMost = 1000;
  void Offer(std::vector<PartitionLag> lags) {
    if (const std::unique_lock lock(mutex_, std::try_to_lock); lock.owns_lock()) lags_.swap(lags);
  }
  std::vector<PartitionLag> Read() const {
    const std::lock_guard lock(mutex_);
    return lags_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<PartitionLag> lags_;
};

struct JobCounters {
  std::string job;
  std::vector<std::string> source_names, sink_names, table_names;
  std::vector<std::string> node_names;
  std::vector<uint8_t> stateful;                     // per node: an aggregate or top
  std::vector<std::unique_ptr<LaneCounters>> lanes;  // fixed before the first turn
  std::vector<SourceGauges> sources;
  std::vector<TableGauges> tables;
  std::vector<StepGauges> steps;  // per node
  PartitionLags partition_lags;
  RestoreGauges restore;
  LogGauges log;
  Counter phase, stopping;  // Phase; 1 once the job was told to end
  Counter turns, busy_turns, turn_micros, longest_turn_micros;
  Histogram turn_time, commit_time;
  Counter commits, dead_letters, dead_letters_counted_only;
  Counter state_bytes, state_slots, batch_bytes;
  Counter outbox_bytes;   // for key groups of other instances, in the last turn
  Counter memory_budget;  // bytes; 0: none
  Counter started_at, clock;  // microseconds since 1970

  Phase now() const { return static_cast<Phase>(phase.get()); }
  template <class F>
  int64_t Sum(F&& of_lane) const {
    int64_t total = 0;
    for (const auto& lane : lanes) total += of_lane(*lane);
    return total;
  }
  int64_t OfSource(size_t i, Counter SourceCounters::* member) const {
    return Sum([&](const LaneCounters& lane) { return (lane.sources[i].*member).get(); });
  }
  int64_t OfNode(size_t i, Counter NodeCounters::* member) const {
    return Sum([&](const LaneCounters& lane) { return (lane.nodes[i].*member).get(); });
  }
  int64_t OfSink(size_t i, Counter SinkCounters::* member) const {
    return Sum([&](const LaneCounters& lane) { return (lane.sinks[i].*member).get(); });
  }
};

}  // namespace streamc::rt::observe
