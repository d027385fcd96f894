// Rejected records and rows: collected while a turn runs, given their action when it ends.
//
// A record is rejected at most once, however many rows of it fail. While rows can be traced to their record ($rec), the action
// is the source's and a dead letter carries the record as it came; after that it is the job's and carries the row as JSON. Each
// lane collects its own; the engine settles them between the workers' phase and the flush, while the raw records are still
// there.
#pragma once

#include <string>
#include <vector>

#include "runtime/connector/connector.h"
#include "runtime/engine/shared.h"

namespace streamc::rt::engine {

inline constexpr int32_t kLateRow = -1;  // pseudo code of rows that an `on late` action takes

struct Rejection {
  int32_t code = 0;  // ScError or kLateRow
  int32_t site = -1;
  int32_t node = -1;
  int64_t rec = -1;  // number of the record in this lane and turn; -1: `row` holds it
  std::string row;   // JSON
  const abi::ActionSpec* action = nullptr;
  int32_t table = -1;   // `row` is a bad row of this table, from:
  std::string topic{};  // the file
  int64_t offset = -1;
};

// Where record numbers of a lane's turn come from.
struct RecordRange {
  int64_t first = 0;  // number of the first record
  int32_t source = -1;
  const connector::Reader* reader = nullptr;
  const connector::RawRecords* raw = nullptr;
  int64_t index = 0;  // of the first record in `raw`
};
struct RecordRef {
  int32_t source = -1;
  const connector::Reader* reader = nullptr;
  const connector::RawRecords* raw = nullptr;
  size_t index = 0;
};

// One record error as tests and messages show it.
struct RejectionReport {
  std::string source;  // source or table; of rows: the stream's
  std::string stream;
  std::string code, place;
  std::string key, value, topic;
  bool has_key = false, has_value = false;
  int64_t partition = -1, offset = -1, timestamp = -1;
};

class Rejections {
 public:
  // Gives n records the next numbers and returns the first.
  int64_t Number(int32_t source, const connector::Reader* reader, const connector::RawRecords* raw, int64_t index, int64_t n);
  RecordRef Resolve(int64_t rec) const;
  // False when the record has been rejected in this turn already.
  bool Add(Rejection rejection);
  // Into record order, rows last: steps find their errors chunk by chunk.
  void Sort();
  const std::vector<Rejection>& all() const { return all_; }
  bool empty() const { return all_.empty(); }
  void Clear();

  RejectionReport Report(const Shared& shared, const Rejection& rejection) const;
  // One line for a job that stops on this.
  std::string Describe(const Shared& shared, const Rejection& rejection) const;
  // Appends the record with its headers and headers that say why; strings live in `text`, which must not move before the write.
  void AppendDeadLetter(const Shared& shared, const Rejection& rejection, batch::Arena* text, connector::OutRecords* out) const;

 private:
  std::vector<RecordRange> ranges_;
  int64_t next_ = 0;
  std::vector<bool> seen_;
  std::vector<Rejection> all_;
};

}  // namespace streamc::rt::engine
