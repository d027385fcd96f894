// Named logs in the process's memory: what `memory` sources read and `memory` sinks append to.
//
// Tests use them as their broker: several partitions with offsets from 0, record timestamps, headers, committed positions per
// group that outlive readers (so a job can be stopped and started again on them). All calls may come from any thread. Appended
// records never move or change until Clear, so readers hand out views into them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/connector/connector.h"

namespace streamc::rt::connector {

struct MemoryRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;        // nullopt: a null value
  int64_t timestamp = -1;                  // microseconds; -1 unknown
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

class MemoryLog {
 public:
  // The log of that name, made at first use with one partition; lives as long as the process.
  static MemoryLog& Get(std::string_view name);
  // Clears every log (records, partitions, commits). No reader or writer may be open.
  static void ClearAll();

  // At least `count` partitions from now on.
  void SetPartitions(int32_t count);
  int32_t partitions() const;
  // Appends and returns the record's offset; a partition beyond the count is added.
  int64_t Append(int32_t partition, MemoryRecord record);
  // No more records will come: readers that have read all report Ended.
  void Finish();
  bool finished() const;

  // End offset: the offset the next record of the partition gets.
  int64_t end(int32_t partition) const;
  // The record at an offset below end(); stays valid and unchanged until Clear.
  const MemoryRecord& At(int32_t partition, int64_t offset) const;
  // Offset of the first record with a timestamp of at least `timestamp`, or end().
  int64_t FirstAt(int32_t partition, int64_t timestamp) const;
  // Appends pointers to at most `limit` records from `offset` on.
  void Read(int32_t partition, int64_t offset, int64_t limit, std::vector<const MemoryRecord*>* out) const;
  // Waits until anything was appended after `seen` appends in total, or `micros` passed.
  void WaitForAppend(int64_t seen, int64_t micros) const;
  int64_t appends() const;

  // Committed positions per group.
  void Commit(const std::string& group, int32_t partition, CommittedPosition position);
  CommittedPosition committed(const std::string& group, int32_t partition) const;

  // Forgets records, commits and the end mark; one partition remains. No reader may be open.
  void Clear();

 private:
  MemoryLog() : partitions_(1) {}

  mutable std::mutex mutex_;
  mutable std::condition_variable appended_;
  std::deque<std::deque<MemoryRecord>> partitions_;  // deques: growing moves no record
  std::map<std::pair<std::string, int32_t>, CommittedPosition> commits_;
  int64_t appends_ = 0;
  bool finished_ = false;
};

}  // namespace streamc::rt::connector
