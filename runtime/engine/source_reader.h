// One worker's reader of one source: raw records to column batches with event times and watermarks.
//
// Step polls once and pushes what came through the lane, chunk by chunk: null values and records that cannot be decoded take
// the source's actions, every decoded record's time moves its partition's watermark (before any filter), rows the decoder's
// conditions leave out are dropped, the rest goes to the consumers in record order. Raw records stay until Release at the end
// of the turn.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/batch/batch.h"
#include "runtime/connector/connector.h"
#include "runtime/engine/lane.h"
#include "runtime/format/format.h"
#include "runtime/time/watermark.h"

namespace streamc::rt::engine {

class SourceReader : private connector::RevokeListener {
 public:
  using MakeReader = std::function<Status(connector::RevokeListener*, std::unique_ptr<connector::Reader>*)>;

  // `watermark`: of the source, read when partitions appear.
  SourceReader(const Shared& shared, const NodePlan& node, const time::SourceWatermark& watermark, Lane& lane);
  Status Open(const std::map<std::string, std::string>& format_options, const MakeReader& make);

  // Polls once; adds what was read. Failures of the job's own making are the lane's.
  Status Step(const connector::PollLimits& limits, int64_t* records, int64_t* bytes);
  // The turn is written: raw records go, positions count as done.
  // The lane holds nothing that points into the records read so far.
  void DropViews();
  void FinishTurn();
  // Makes the positions of finished turns durable. Not in a durable job, whose log does so: it takes Positions, of this turn, and
  // says Committed or Aborted.
  Status Commit();
  const std::vector<connector::Position>& Positions();
  bool moved() const;
  void Committed();
  Status Aborted();
  // While held the reader stays a member of its group but gives no records.
  void Hold(bool held);
  // Partitions came or went since the last call.
  bool TakeChanged() { return std::exchange(changed_, false); }
  connector::Reader& reader() { return *reader_; }
  bool Leave() { return reader_ == nullptr || reader_->Leave(); }
  void Close();

  std::vector<time::PartitionTime>& partition_times() { return times_; }
  // All its partitions have ended. `until_end`: a reader without partitions will not get any.
  bool ended(bool until_end) const;
  bool has_partitions() const { return !times_.empty(); }
  // Nothing to read at the last poll.
  bool caught_up() const;
  const std::vector<connector::PartitionInfo>& partitions() const { return reader_->partitions(); }

 private:
  void OnRevoke(const std::vector<int32_t>& slots, bool lost) override;
  void SeePartitions(const std::vector<connector::RawRecords>& polled, int64_t now);
  void Prepare();
  void Process(const connector::RawRecords& raw, int64_t first, int64_t n);
  // Rows [0, rows_) of the chunk: their records, values without nulls.
  void SelectValues(const connector::RawRecords& raw, int64_t first, int64_t n, int64_t rec);
  void FillMeta(const connector::RawRecords& raw, int64_t first);
  void FillHeaders(const connector::RawRecords& raw, int64_t first, const abi::ColumnSpec& column, ScColumn* cells);
  void FillKey(const connector::RawRecords& raw, int64_t first, const abi::ColumnSpec& column, ScColumn* cells);
  void ReadTimes(const connector::RawRecords& raw, int64_t first);
  void Keep(const std::vector<int32_t>& rows);

  const Shared& shared_;
  const NodePlan& node_;
  const abi::SourceSpec& spec_;
  const time::SourceWatermark& watermark_;
  Lane& lane_;
  std::unique_ptr<connector::Reader> reader_;
  std::unique_ptr<format::Decoder> decoder_;
  std::deque<connector::RawRecords> raw_;  // of this turn
  std::vector<connector::RawRecords> polled_;
  std::vector<time::PartitionTime> times_;
  std::vector<int64_t> position_, done_, committed_;  // next offset per slot: read, of finished turns, made durable; -1 none
  std::vector<std::string> notes_;                    // durable job: committed with the position
  std::vector<connector::Position> sent_;             // the last Positions
  bool changed_ = false, held_ = false;

  int64_t room_ = 0;                       // rows per chunk
  std::unique_ptr<batch::Batch> decoded_;  // leaves of the record
  std::unique_ptr<batch::Batch> meta_;     // the columns that are not fields
  std::vector<ScColumn> view_;             // columns of the node's output
  struct MetaColumn {
    abi::ScanOrigin origin;
    const abi::ColumnSpec* column;
    size_t leaf;
  };
  std::vector<MetaColumn> meta_columns_;
  // Per row of the chunk:
  int64_t rows_ = 0;
  std::vector<const char*> values_;
  std::vector<int64_t> lengths_;
  std::vector<int32_t> origin_;  // index behind `first`
  std::vector<int64_t> rec_, time_, row_watermark_;
  std::vector<uint8_t> result_, time_state_;
  std::vector<int32_t> kept_;
};

}  // namespace streamc::rt::engine
