// What keeps a job's state, the rows between its instances and its positions: two internal topics and, with exactly-once, one
// transaction for each turn.
//
// A job with keyed steps divides its keys into `key groups` (hash of the key modulo their number, which never changes for a
// job). Group g is partition g of both internal topics: `<group>-repartition` carries what belongs to groups of other instances
// (engine/exchange.h), `<group>-changelog`, compacted, carries every change of state (state/README.md). Whoever is assigned
// partition g of the repartition topic owns the group: its reader is an ordinary Reader that MakeGroupReader gives.
//
// In: bytes from the engine, made durable together or not at all. Implementations: kafka/ (a real cluster), file/ (a folder, for one
// process that reads files) and memory/ (tests: several engines in one process). One thread, the engine's coordinator, uses a log. The calls of a turn, in this order:
//   Begin, then Write and the writers of MakeWriter in any order, then SendPositions for each reader, then Commit or Abort.
// A turn that has nothing to say begins nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/connector/connector.h"

namespace streamc::rt::connector {

enum class InternalTopic : uint8_t { Repartition, Changelog };

// Records for partitions of one internal topic, in order within a partition. Views stay valid until Commit or Abort returned.
struct GroupRecords {
  std::vector<int32_t> group;
  std::vector<std::string_view> key;    // data() null: none (repartition)
  std::vector<std::string_view> value;  // data() null: tombstone (changelog)
  size_t size() const { return value.size(); }
  void clear() { group.clear(); key.clear(); value.clear(); }
};

enum class CommitOutcome : uint8_t {
  Committed,
  // Nothing of the turn counts, or nobody knows yet whether it does. The engine forgets the turn and all state, lets its readers
  // Rewind to what is committed and restores; the log has by then made a new producer where the old one cannot be trusted.
  Aborted,
};

// Of one ReadChangelog. Compaction leaves fewer rows than offsets, so `passed` of `total_rows` offsets says how far it is.
struct RestoreProgress { int64_t rows = 0, bytes = 0, total_rows = 0, passed = 0; };

struct DurableLogConfig {
  std::string group;                        // consumer group and prefix of the internal topics
  std::string brokers;
  std::string instance_id;                  // empty: dynamic
  std::map<std::string, std::string> kafka; // --kafka, as for readers and writers
  bool exactly_once = false;                // false: Commit waits for acknowledgements, then commits positions
  // For one turn: after an abort there is no new producer, which would fence whoever was faster.
  bool one_turn = false;
  bool keyed = false;                       // the job has keyed steps: internal topics are needed
  bool read_only = false;                   // for Ends and ReadChangelog alone: nothing is made, fenced or written
  int32_t key_groups = 64;
  // memory/ only, for tests: which share of the groups, and which commits are aborted: n, n*n, n*n*n, ... (0: none; else at least 2).
  int32_t instance = 0, instances = 1;
  int32_t abort_every = 0;
  // file/ only: the folder, whether the run ends with its input, and the size at which a journal is begun anew.
  std::string dir;
  bool until_end = false;
  int64_t journal_bytes = 64 << 20;
  const std::atomic<bool>* stop = nullptr;  // once true, waiting for brokers ends within seconds, as an error (69)
  int64_t buffer_bytes = 0;                 // most each of its clients may hold in queues; 0: their own choice
};

// Counters for metrics; written by the log, read by any thread.
struct DurableLogCounters {
  std::atomic<int64_t> committed{0}, aborted{0}, fenced{0}, recycled{0}, rebalances{0};
};

class DurableLog {
 public:
  virtual ~DurableLog() = default;

  // Makes or checks the internal topics (exit 65 when an existing one does not fit, with what to do) and opens the producer,
  // which fences earlier producers of the same transactional id.
  virtual Status Open() = 0;
  // A writer of a sink or dead-letter topic of the home cluster whose records belong to the turn. Not owned by the log.
  virtual Status MakeWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer) = 0;
  // A reader of a source on the log's connector.
  virtual Status MakeReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader) {
    return connector::MakeReader(binding, config, reader);
  }
  // The reader whose assigned partitions are the owned key groups. Records: as written by Write(Repartition).
  virtual Status MakeGroupReader(RevokeListener* listener, std::unique_ptr<Reader>* reader) = 0;

  virtual Status Begin() = 0;
  virtual Status Write(InternalTopic topic, const GroupRecords& records) = 0;
  // Positions of what the turn has read from `reader` (one that MakeReader or MakeGroupReader made).
  virtual Status SendPositions(Reader& reader, const std::vector<Position>& positions) = 0;
  // After Committed everything of the turn is acknowledged and visible. An error (not an abort) ends the job.
  virtual Status Commit(CommitOutcome* outcome) = 0;
  virtual Status Abort() = 0;
  // After Committed, when positions of the group reader were sent: they were taken from a member that had its partitions until
  // then, so nobody else can have written to their changelogs before. At-least-once commits may be refused without an error.
  virtual bool confirmed() const = 0;

  // No other process can use what this log has open: each turn is committed whole, whatever the delivery, and a start may change the
  // job's state through it. The log also keeps the state's snapshots.
  virtual bool alone() const { return false; }
  // The input has ended and all of it is committed: outputs that wait for that are complete.
  virtual Status Finish() { return Status::Ok(); }

  // Ends of a topic's partitions, uncommitted records included: whoever has read up to there has missed nothing.
  virtual Status Ends(InternalTopic topic, const std::vector<int32_t>& groups, std::vector<int64_t>* ends) = 0;
  // Reads the changelog of each group from from[i] (0: all) up to its end at this moment, in order within a group, groups
  // interleaved; only committed records. take(i, key, value, offset): i indexes `groups`, a null value is a tombstone; a false
  // result stops reading. next[i] becomes the offset behind the last one. `progress` is called first of all, now and then, and last. An offset that is no
  // longer there starts at 0 anew after restart(i).
  using TakeRecord = std::function<bool(size_t i, std::string_view key, std::string_view value, int64_t offset)>;
  virtual Status ReadChangelog(const std::vector<int32_t>& groups, const std::vector<int64_t>& from, const TakeRecord& take,
                               const std::function<void(size_t i)>& restart,
                               const std::function<void(const RestoreProgress&)>& progress, std::vector<int64_t>* next) = 0;
  // Reads what stands in the repartition topic behind the committed positions of all groups: nobody has merged it yet.
  virtual Status ReadUnmerged(const std::function<void(int32_t group, std::string_view value)>& take) = 0;
  // How many members the group has, of other processes or this one.
  virtual Status Members(int32_t* members) = 0;
  virtual void Close() = 0;
  virtual const DurableLogCounters& counters() const = 0;
};

// A file that a folder with a log of files has, and no other.
inline constexpr std::string_view kFileLogMark = "lock";

// By name: "kafka", "file" or "memory".
Status MakeDurableLog(std::string_view connector, const DurableLogConfig& config, std::unique_ptr<DurableLog>* log);

}  // namespace streamc::rt::connector
