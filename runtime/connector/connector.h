// Readers and writers: how raw records enter and leave a job, whatever stands behind them.
//
// A Reader hands the engine, per partition, columns of pointers, lengths, offsets and timestamps; a Writer takes whole batches of
// encoded records per topic. The engine knows nothing else of a connector. Implementations live in kafka/ file/ stdio/
// generator/ memory/, one folder each; MakeReader and MakeWriter choose by name. One thread uses a Reader or Writer at a
// time; there are no virtual calls per record.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/batch/status.h"

namespace streamc::rt::connector {

// Identity of a partition within one source.
struct PartitionId {
  std::string topic;   // topic, file path, "generator", ...
  int32_t partition = 0;
  auto operator<=>(const PartitionId&) const = default;
};

struct Header { std::string_view key; std::optional<std::string_view> value; };

// Records of one partition, in offset order. Arrays are parallel; views stay valid until the reader's next Release().
struct RawRecords {
  int32_t slot = -1;                       // index into Reader::partitions()
  std::vector<const char*> value;          // null pointer: null value
  std::vector<int64_t> value_len;
  std::vector<const char*> key;            // null pointer: no key
  std::vector<int64_t> key_len;
  std::vector<int64_t> offset;             // strictly ascending, gaps allowed
  std::vector<int64_t> timestamp;          // microseconds; -1 unknown
  std::vector<const void*> handle;         // for Headers(); may be empty when the connector has none
  int64_t next_offset = 0;                 // position after this batch (steps over markers)
  size_t size() const { return value.size(); }
};

struct PollLimits { int64_t max_records = 65536; int64_t max_bytes = 32 << 20; int64_t max_wait_us = 5000; };

enum class PartitionState : uint8_t { Active, CaughtUp, Ended };  // CaughtUp: nothing to read now; Ended: will never have more (bounded)
struct PartitionInfo {
  PartitionId id;
  PartitionState state = PartitionState::Active;
  bool assigned = true;                    // false: revoked; the slot number is not reused
  int64_t position = 0;                    // next offset to read
  int64_t end = -1;                        // end offset where known (lag = end - position)
  std::string note;                        // what was committed with the position this assignment began at
  // Numbers the assignments of a group: between two that follow each other nobody else has had the partition. -1: not known.
  int64_t generation = -1;
};

// The next offset to read of a partition, and a text of at most 4096 bytes that is committed with it.
struct Position { int32_t slot = -1; int64_t offset = 0; std::string note; };
struct CommittedPosition { int64_t offset = -1; std::string note; };  // -1: none

class Reader {
 public:
  virtual ~Reader() = default;
  // Connects and takes the first partitions. `until_end`: the end of each partition at this moment bounds it.
  virtual Status Open() = 0;
  // Appends what there is, at most the limits, waiting at most max_wait_us for the first record. Partitions may be added or revoked
  // inside; before a revocation returns, the reader calls the engine's `on_revoke` (see ReaderConfig) so that it can finish its batch.
  virtual Status Poll(const PollLimits& limits, std::vector<RawRecords>* out) = 0;
  // Ends the validity of all views handed out since the last call, and the turn they were for.
  virtual void Release() = 0;
  // Ends the validity of the views while the turn goes on: what is in flight stays in the cache. Readers may keep them.
  virtual void DropViews() {}
  virtual void Headers(const RawRecords& records, size_t index, std::vector<Header>* out) const { (void)records; (void)index; out->clear(); }
  virtual const std::vector<PartitionInfo>& partitions() const = 0;
  // False while a member of a group waits for its partitions (possibly none): a bounded run must not end then.
  virtual bool joined() const { return true; }
  // Makes the positions (next offset per slot) durable for the group: at-least-once. Sources without groups keep none and return ok.
  virtual Status Commit(const std::vector<Position>& positions) { (void)positions; return Status::Ok(); }
  // Goes back to what the group has committed: all partitions get new slots. After a turn that does not count.
  virtual Status Rewind() { return Status::Ok(); }
  // All partitions of the topic, of other members as well: what the group has committed for each. Empty where there are no groups.
  virtual Status Committed(std::vector<CommittedPosition>* all) { all->clear(); return Status::Ok(); }
  // Back-pressure: while paused Poll returns no records but keeps the membership alive.
  virtual void SetPaused(bool paused) { (void)paused; }
  // Begins to leave the group, or goes on with it for some milliseconds; true once it is done or given up. Readers of one group
  // leave together: brokers may keep one waiting until the others have left or joined again. Nothing but Close may follow.
  virtual bool Leave() { return true; }
  virtual void Close() {}
};

// One batch of encoded records for one sink; views into the engine's memory, valid until Flush returned.
struct OutRecords {
  std::vector<std::string_view> value;     // data() null: null value (tombstone)
  std::vector<std::string_view> key;       // data() null: no key
  std::vector<std::string_view> topic;     // empty vector: the sink's own topic for all
  std::vector<int32_t> partition;          // empty vector or -1: partitioner
  std::vector<int64_t> timestamp;          // microseconds; empty vector or -1: now
  std::vector<std::vector<Header>> headers; // empty vector: none
  size_t size() const { return value.size(); }
  void clear() { value.clear(); key.clear(); topic.clear(); partition.clear(); timestamp.clear(); headers.clear(); }
};

class Writer {
 public:
  virtual ~Writer() = default;
  virtual Status Open() = 0;
  // Takes the batch over; may block for back-pressure, never longer than its delivery timeout.
  virtual Status Write(const OutRecords& records) = 0;
  // Returns ok only when everything written before is acknowledged (kafka: acks=all; file: written, and fsynced when asked).
  virtual Status Flush() = 0;
  virtual void Close() {}
};

// How one source or sink is bound at start: connector, positional arguments and options as text, after parameters and --bind.
struct Binding {
  std::string name;                        // source or sink name, for messages
  std::string connector;                   // a name of connectors.def
  std::vector<std::string> args;
  std::map<std::string, std::string> options;
};
// --bind texts: `file:path`, `kafka:topic`, `stdin`, `stdout`, `stderr`, `generator:ysb`, `generator:ysb,count=1000`, `memory`,
// `memory:name`. An error for anything else.
Status ParseBinding(std::string_view text, Binding* binding);

enum class StartFrom : uint8_t { Earliest, Latest, At };
class RevokeListener {
 public:
  virtual ~RevokeListener() = default;
  // The slots are about to be taken away; called inside Poll on the polling thread. `lost`: they are gone already.
  virtual void OnRevoke(const std::vector<int32_t>& slots, bool lost) = 0;
};
struct ReaderConfig {
  std::string group;
  std::string brokers;
  std::string instance_id;                 // static membership; empty: dynamic
  std::map<std::string, std::string> kafka; // --kafka key=value, after the program's options
  StartFrom start = StartFrom::Earliest;
  int64_t start_at = 0;                    // microseconds
  bool until_end = false;
  bool want_keys = false, want_headers = false;
  int32_t worker = 0, workers = 1;         // kafka: each worker is its own group member; others: partition i belongs to worker i % workers
  int64_t max_record_bytes = 1 << 20;
  RevokeListener* listener = nullptr;
  const std::atomic<int64_t>* manual_clock = nullptr;  // tests: microseconds; null: system clock
  const std::atomic<bool>* stop = nullptr;             // once true, waiting for brokers ends within seconds, as an error
  int64_t buffer_bytes = 0;                // most it may read ahead; 0: its own choice. What the program or --kafka says wins
};
struct WriterConfig {
  std::string brokers;
  std::string client_id;
  std::map<std::string, std::string> kafka;
  int64_t buffer_bytes = 0;                // most that waits to be sent; as for readers
};

// Null with a status when the connector or an option is unknown or refused.
Status MakeReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader);
Status MakeWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer);

}  // namespace streamc::rt::connector
