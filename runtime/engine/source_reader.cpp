#include "runtime/engine/source_reader.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "runtime/engine/exchange.h"

namespace streamc::rt::engine {
namespace {

using abi::ScanOrigin;
using abi::TimeKind;
using connector::PartitionInfo;
using connector::PartitionState;
using connector::RawRecords;

// The rows whose time could not be computed, while the function runs.
struct TimeCall : Call {
  struct Failure {
    int64_t row;
    int32_t site, code;
  };
  std::vector<Failure> failures;
};

void Read(time::PartitionTime* partition, int64_t now) {
  partition->last_read = now;
  partition->read_watermark = partition->watermark;
}

void KeepCells(ScColumn& column, int64_t width, const std::vector<int32_t>& rows) {
  auto pick = [&](auto* cells) {
    for (size_t i = 0; i < rows.size(); ++i) cells[i] = cells[rows[i]];
  };
  if (width == 1) {
    pick(static_cast<uint8_t*>(column.data));
  } else if (width == 8) {
    pick(static_cast<int64_t*>(column.data));
  } else {
    pick(static_cast<ScStr*>(column.data));
  }
  if (column.state != nullptr) pick(column.state);
}

void KeepRows(batch::Batch* batch, const std::vector<int32_t>& rows) {
  for (size_t leaf = 0; leaf < batch->leaves().size(); ++leaf) {
    ScColumn& column = batch->columns()[leaf];
    if (column.data != nullptr) KeepCells(column, abi::ColumnWidth(batch->leaves()[leaf].kind), rows);
  }
}

}  // namespace

SourceReader::SourceReader(const Shared& shared, const NodePlan& node, const time::SourceWatermark& watermark, Lane& lane)
    : shared_(shared),
      node_(node),
      spec_(shared.spec().sources[static_cast<size_t>(node.spec->index)]),
      watermark_(watermark),
      lane_(lane),
      room_(std::clamp<int64_t>(shared.batch_rows, 1, kBatchRows)) {}

Status SourceReader::Open(const std::map<std::string, std::string>& format_options, const MakeReader& make) {
  std::vector<abi::Leaf> leaves = abi::FlattenType(spec_.record, true);
  format::DecoderConfig config{&spec_.record, spec_.needed, spec_.predicates, format_options};
  config.needed.resize(leaves.size(), false);
  if (Status status = format::MakeDecoder(spec_.format.format, config, &decoder_); !status.ok()) return status;
  std::vector<bool> absent(leaves.size());
  for (size_t i = 0; i < leaves.size(); ++i) absent[i] = !config.needed[i];
  decoded_ = std::make_unique<batch::Batch>(leaves, absent);
  Prepare();
  if (Status status = make(this, &reader_); !status.ok()) return status;
  return reader_->Open();
}

// Lays the node's output columns over the decoded leaves and the meta columns; the arrays stay where they are from here on.
void SourceReader::Prepare() {
  std::vector<int32_t> first_leaf;
  int32_t next = 0;
  for (const abi::FieldSpec& field : spec_.record.fields) {
    first_leaf.push_back(next);
    next += static_cast<int32_t>(abi::FlattenType(field.type).size());
  }
  const auto& columns = node_.spec->output.columns;
  std::vector<abi::Leaf> meta_leaves;
  for (size_t c = 0; c < columns.size() && c < spec_.scan.size(); ++c) {
    if (spec_.scan[c].origin == ScanOrigin::Field) continue;
    meta_columns_.push_back({spec_.scan[c].origin, &columns[c], meta_leaves.size()});
    abi::Flatten(columns[c].type, true, &meta_leaves);
  }
  meta_ = std::make_unique<batch::Batch>(meta_leaves);
  decoded_->Reserve(room_);
  meta_->Reserve(room_);
  size_t meta = 0;
  for (size_t c = 0; c < columns.size() && c < spec_.scan.size(); ++c) {
    size_t count = abi::FlattenType(columns[c].type).size();
    bool field = spec_.scan[c].origin == ScanOrigin::Field;
    const ScColumn* from = field ? decoded_->columns() + first_leaf[static_cast<size_t>(spec_.scan[c].index)]
                                 : meta_->columns() + meta_columns_[meta].leaf;
    for (size_t i = 0; i < count; ++i) view_.push_back(from[i]);
    if (!field) ++meta;
  }
  size_t rows = static_cast<size_t>(room_);
  values_.resize(rows);
  lengths_.resize(rows);
  origin_.resize(rows);
  rec_.resize(rows);
  time_.resize(rows);
  row_watermark_.resize(rows);
  result_.resize(rows);
  time_state_.resize(rows);
}

// --- reading ----------------------------------------------------------------------------------------------------

Status SourceReader::Step(const connector::PollLimits& limits, int64_t* records, int64_t* bytes) {
  polled_.clear();
  if (Status status = reader_->Poll(limits, &polled_); !status.ok()) return status;
  // What was under way when the reader was paused is read again later.
  if (held_ && !polled_.empty()) return Aborted();
  int64_t now = shared_.clock.Now();
  SeePartitions(polled_, now);
  observe::SourceCounters& counts = lane_.counters().sources[static_cast<size_t>(node_.spec->index)];
  for (RawRecords& part : polled_) {
    if (part.size() == 0) continue;
    const RawRecords& raw = raw_.emplace_back(std::move(part));
    int64_t n = static_cast<int64_t>(raw.size());
    int64_t size = std::accumulate(raw.value_len.begin(), raw.value_len.end(), int64_t{0});
    counts.records.Add(n);
    counts.bytes.Add(size);
    *records += n;
    *bytes += size;
    for (int64_t first = 0; first < n && lane_.failure().ok(); first += room_) Process(raw, first, std::min(room_, n - first));
  }
  return Status::Ok();
}

void SourceReader::SeePartitions(const std::vector<RawRecords>& polled, int64_t now) {
  const std::vector<PartitionInfo>& infos = reader_->partitions();
  for (size_t i = times_.size(); i < infos.size(); ++i) {
    // A partition that joins a running source cannot speak for windows that have been answered.
    time::PartitionTime& time = times_.emplace_back();
    time.watermark = watermark_.watermark() == time::kEndOfTime ? time::kNoTime : watermark_.watermark();
    time.last_read = now;
    time.read_watermark = time.watermark;
    // What was committed with its position says how far its time had come.
    ReadPartitionNote(infos[i].note, &time);
    changed_ = true;
    position_.push_back(-1);
    done_.push_back(-1);
    // The poll that shows a partition may have read of it already.
    int64_t begin = infos[i].position;
    for (const RawRecords& part : polled) {
      if (static_cast<size_t>(part.slot) == i && part.size() > 0) begin = part.offset[0];
    }
    committed_.push_back(shared_.durable ? begin : -1);
    notes_.push_back(infos[i].note);
  }
  for (size_t i = 0; i < infos.size(); ++i) {
    changed_ = changed_ || times_[i].assigned != infos[i].assigned;
    position_[i] = infos[i].position;
    times_[i].assigned = infos[i].assigned;
    times_[i].ended = infos[i].state == PartitionState::Ended;
    times_[i].caught_up = infos[i].state != PartitionState::Active;
    if (!times_[i].caught_up) Read(&times_[i], now);
  }
  for (const RawRecords& part : polled) {
    if (part.size() > 0) Read(&times_[static_cast<size_t>(part.slot)], now);
  }
}

bool SourceReader::ended(bool until_end) const {
  if (!reader_->joined()) return false;
  bool any = false;
  for (const time::PartitionTime& time : times_) {
    if (time.assigned && !time.ended) return false;
    any = any || time.assigned;
  }
  // Without partitions of its own it is done when the others are.
  return any || until_end || watermark_.watermark() == time::kEndOfTime;
}

bool SourceReader::caught_up() const {
  return std::all_of(times_.begin(), times_.end(), [](const time::PartitionTime& t) { return !t.assigned || t.caught_up; });
}

void SourceReader::DropViews() {
  raw_.clear();
  reader_->DropViews();
}

void SourceReader::FinishTurn() {
  raw_.clear();
  reader_->Release();
  done_ = position_;
}

Status SourceReader::Commit() {
  std::vector<connector::Position> positions;
  for (size_t i = 0; i < done_.size(); ++i) {
    if (times_[i].assigned && done_[i] > committed_[i]) positions.push_back({static_cast<int32_t>(i), done_[i], {}});
  }
  if (positions.empty()) return Status::Ok();
  if (Status status = reader_->Commit(positions); !status.ok()) return status;
  for (const connector::Position& position : positions) committed_[static_cast<size_t>(position.slot)] = position.offset;
  return Status::Ok();
}

const std::vector<connector::Position>& SourceReader::Positions() {
  sent_.clear();
  for (size_t i = 0; i < times_.size(); ++i) {
    if (!times_[i].assigned || position_[i] < 0) continue;
    std::string note = NoteOfPartition(times_[i]);
    if (position_[i] == committed_[i] && note == notes_[i]) continue;
    sent_.push_back({static_cast<int32_t>(i), position_[i], std::move(note)});
  }
  return sent_;
}

bool SourceReader::moved() const {
  for (size_t i = 0; i < times_.size(); ++i) {
    if (times_[i].assigned && position_[i] >= 0 && position_[i] != committed_[i]) return true;
  }
  return false;
}

void SourceReader::Committed() {
  for (connector::Position& position : sent_) {
    size_t i = static_cast<size_t>(position.slot);
    committed_[i] = position.offset;
    notes_[i] = std::move(position.note);
  }
  sent_.clear();
}

void SourceReader::Hold(bool held) {
  held_ = held;
  reader_->SetPaused(held);
}

Status SourceReader::Aborted() {
  raw_.clear();
  sent_.clear();
  reader_->Release();
  Status status = reader_->Rewind();
  if (status.ok()) SeePartitions({}, shared_.clock.Now());
  return status;
}

void SourceReader::OnRevoke(const std::vector<int32_t>& slots, bool lost) {
  // The log has committed every turn that counts.
  if (shared_.durable) return;
  // What this turn has read of them is read again by the next owner: at least once.
  std::vector<connector::Position> positions;
  for (int32_t slot : slots) {
    size_t i = static_cast<size_t>(slot);
    if (i >= done_.size()) continue;
    if (done_[i] > committed_[i]) positions.push_back({slot, done_[i], {}});
    times_[i].assigned = false;
  }
  if (lost || positions.empty()) return;
  if (Status status = reader_->Commit(positions); !status.ok()) lane_.Fail(std::move(status));
}

void SourceReader::Close() {
  if (reader_ != nullptr) reader_->Close();
}

// --- one chunk --------------------------------------------------------------------------------------------------

void SourceReader::Process(const RawRecords& raw, int64_t first, int64_t n) {
  int64_t rec = lane_.rejections().Number(node_.spec->index, reader_.get(), &raw, first, n);
  SelectValues(raw, first, n, rec);
  if (rows_ == 0) return;
  std::fill_n(result_.begin(), rows_, uint8_t{0});
  decoder_->Decode(values_.data(), lengths_.data(), rows_, 0, decoded_->columns(), lane_.ctx()->arena, result_.data());
  kept_.clear();
  for (int64_t i = 0; i < rows_; ++i) {
    uint8_t code = result_[static_cast<size_t>(i)];
    if (code != 0 && code != format::kDropped) {
      lane_.RejectRecord(rec_[static_cast<size_t>(i)], -1, -1, code);
    } else {
      kept_.push_back(static_cast<int32_t>(i));
    }
  }
  Keep(kept_);
  FillMeta(raw, first);
  if (spec_.time != TimeKind::None) ReadTimes(raw, first);
  kept_.clear();
  int64_t filtered = 0;
  for (int64_t i = 0; i < rows_; ++i) {
    size_t at = static_cast<size_t>(i);
    if (spec_.time != TimeKind::None && time_state_[at] != 0) {
      lane_.RejectRecord(rec_[at], -1, -1, time_state_[at] == SC_NULL ? int32_t{SC_ERR_TIME_MISSING} : time_state_[at]);
    } else if (result_[at] == format::kDropped) {
      ++filtered;
    } else {
      kept_.push_back(static_cast<int32_t>(i));
    }
  }
  if (filtered > 0) lane_.counters().sources[static_cast<size_t>(node_.spec->index)].filtered.Add(filtered);
  Keep(kept_);
  if (rows_ == 0) return;
  ScBatch batch{rows_, room_, view_.data()};
  lane_.counters().nodes[static_cast<size_t>(node_.index)].rows_out.Add(rows_);
  lane_.Deliver(node_.index, 0, batch);
}

void SourceReader::SelectValues(const RawRecords& raw, int64_t first, int64_t n, int64_t rec) {
  rows_ = 0;
  for (int64_t i = 0; i < n; ++i) {
    size_t from = static_cast<size_t>(first + i), to = static_cast<size_t>(rows_);
    if (raw.value[from] == nullptr) {
      bool drop = !spec_.on_null_is_bad && spec_.on_null.kind == abi::ActionKind::Drop;
      if (drop) {
        lane_.counters().sources[static_cast<size_t>(node_.spec->index)].nulls.Add(1);
      } else {
        lane_.RejectRecord(rec + i, -1, -1, SC_ERR_NULL_VALUE);
      }
      continue;
    }
    values_[to] = raw.value[from];
    lengths_[to] = raw.value_len[from];
    origin_[to] = static_cast<int32_t>(i);
    rec_[to] = rec + i;
    ++rows_;
  }
}

// Closes the gaps: only the named rows of the chunk remain, in order.
void SourceReader::Keep(const std::vector<int32_t>& rows) {
  if (static_cast<int64_t>(rows.size()) == rows_) return;
  KeepRows(decoded_.get(), rows);
  KeepRows(meta_.get(), rows);
  auto pick = [&](auto& cells) {
    for (size_t i = 0; i < rows.size(); ++i) cells[i] = cells[static_cast<size_t>(rows[i])];
  };
  pick(origin_);
  pick(rec_);
  pick(result_);
  rows_ = static_cast<int64_t>(rows.size());
}

void SourceReader::FillMeta(const RawRecords& raw, int64_t first) {
  const PartitionInfo& partition = reader_->partitions()[static_cast<size_t>(raw.slot)];
  for (const MetaColumn& meta : meta_columns_) {
    ScColumn& column = meta_->columns()[meta.leaf];
    std::memset(column.state, 0, static_cast<size_t>(rows_));
    auto each_int = [&](auto&& value) {
      int64_t* cells = static_cast<int64_t*>(column.data);
      for (int64_t i = 0; i < rows_; ++i)
        cells[i] = value(static_cast<size_t>(first + origin_[static_cast<size_t>(i)]), static_cast<size_t>(i));
    };
    ScStr* texts = static_cast<ScStr*>(column.data);
    switch (meta.origin) {
      case ScanOrigin::Field:
      case ScanOrigin::MetaTime:
      case ScanOrigin::Watermark: break;  // by ReadTimes
      case ScanOrigin::RecordKey: FillKey(raw, first, *meta.column, &column); break;
      case ScanOrigin::MetaHeaders: FillHeaders(raw, first, *meta.column, &column); break;
      case ScanOrigin::MetaPartition: each_int([&](size_t, size_t) { return int64_t{partition.id.partition}; }); break;
      case ScanOrigin::MetaOffset: each_int([&](size_t record, size_t) { return raw.offset[record]; }); break;
      case ScanOrigin::Order: {
        int64_t base = static_cast<int64_t>(partition.id.partition) << 44;
        each_int([&](size_t record, size_t) { return base + raw.offset[record]; });
        break;
      }
      case ScanOrigin::Rec: each_int([&](size_t, size_t row) { return rec_[row]; }); break;
      case ScanOrigin::MetaTimestamp:
        each_int([&](size_t record, size_t row) {
          if (raw.timestamp[record] < 0) column.state[row] = SC_NULL;
          return std::max<int64_t>(0, raw.timestamp[record]);
        });
        break;
      case ScanOrigin::MetaTopic: {
        ScStr topic = lane_.arena().CopyString(partition.id.topic.data(), static_cast<int64_t>(partition.id.topic.size()));
        for (int64_t i = 0; i < rows_; ++i) texts[i] = topic;
        break;
      }
      case ScanOrigin::MetaKey:
      case ScanOrigin::MetaValue:
        for (int64_t i = 0; i < rows_; ++i) {
          size_t record = static_cast<size_t>(first + origin_[static_cast<size_t>(i)]);
          bool key = meta.origin == ScanOrigin::MetaKey;
          bool none = key && (raw.key.size() <= record || raw.key[record] == nullptr);
          if (none) column.state[i] = SC_NULL;
          texts[i] = none  ? ScStr{nullptr, 0}
                     : key ? ScStr{raw.key[record], raw.key_len[record]}
                           : ScStr{raw.value[record], raw.value_len[record]};
        }
        break;
    }
  }
}

void SourceReader::FillKey(const RawRecords& raw, int64_t first, const abi::ColumnSpec& column, ScColumn* cells) {
  int64_t width = abi::ColumnWidth(abi::KindOf(column.type));
  char* data = static_cast<char*>(cells->data);
  std::memset(data, 0, static_cast<size_t>(rows_ * width));
  for (int64_t i = 0; i < rows_; ++i) {
    size_t record = static_cast<size_t>(first + origin_[static_cast<size_t>(i)]);
    if (raw.key.size() <= record || raw.key[record] == nullptr) {
      cells->state[i] = SC_NULL;
      continue;
    }
    std::string_view text(raw.key[record], static_cast<size_t>(raw.key_len[record]));
    if (!format::DecodeScalarText(column.type, text, lane_.ctx()->arena, data + i * width)) cells->state[i] = SC_ERR_KEY;
  }
}

void SourceReader::FillHeaders(const RawRecords& raw, int64_t first, const abi::ColumnSpec& column, ScColumn* cells) {
  ScList* lists = static_cast<ScList*>(cells->data);
  std::fill_n(lists, rows_, ScList{nullptr, 0});
  if (raw.handle.empty() || column.type.element.empty()) return;
  // Elements are records of a key and a value; the value may be null.
  batch::RowShape element(abi::FlattenType(column.type.element[0]));
  if (element.leaves().size() < 2) return;
  std::vector<connector::Header> headers;
  for (int64_t i = 0; i < rows_; ++i) {
    headers.clear();
    reader_->Headers(raw, static_cast<size_t>(first + origin_[static_cast<size_t>(i)]), &headers);
    if (headers.empty()) continue;
    int64_t bytes = element.size() * static_cast<int64_t>(headers.size());
    char* memory = static_cast<char*>(sc_arena_alloc(lane_.ctx()->arena, bytes));
    std::memset(memory, 0, static_cast<size_t>(bytes));
    for (size_t h = 0; h < headers.size(); ++h) {
      char* row = memory + static_cast<int64_t>(h) * element.size();
      auto set = [&](size_t leaf, std::string_view text) {
        ScStr cell{text.data(), static_cast<int64_t>(text.size())};
        std::memcpy(row + element.value_offset(leaf), &cell, sizeof cell);
      };
      set(0, headers[h].key);
      if (headers[h].value.has_value()) {
        set(1, *headers[h].value);
      } else if (element.state_offset(1) >= 0) {
        row[element.state_offset(1)] = SC_NULL;
      }
    }
    lists[i] = {memory, static_cast<int64_t>(headers.size())};
  }
}

void SourceReader::ReadTimes(const RawRecords& raw, int64_t first) {
  size_t bytes = static_cast<size_t>(rows_);
  std::memset(time_state_.data(), 0, bytes);
  switch (spec_.time) {
    case TimeKind::None: return;
    case TimeKind::Leaf: {
      const ScColumn& leaf = decoded_->columns()[spec_.time_leaf];
      std::memcpy(time_.data(), leaf.data, bytes * sizeof(int64_t));
      std::memcpy(time_state_.data(), leaf.state, bytes);
      break;
    }
    case TimeKind::MetaTimestamp:
      for (int64_t i = 0; i < rows_; ++i) {
        size_t row = static_cast<size_t>(i);
        time_[row] = raw.timestamp[static_cast<size_t>(first + origin_[row])];
        if (time_[row] < 0) time_state_[row] = SC_NULL;
      }
      break;
    case TimeKind::Arrival: std::fill_n(time_.begin(), rows_, shared_.clock.Now()); break;
    case TimeKind::Function: {
      ScBatch batch{rows_, room_, view_.data()};
      auto fn = shared_.plan->Function<ScTimeFn>(spec_.time_fn);
      TimeCall call;
      call.shared = &shared_;
      call.reject = [](Call* self, int64_t row, int32_t site, int32_t code) {
        static_cast<TimeCall*>(self)->failures.push_back({row, site, code});
      };
      ScCtx ctx = *lane_.ctx();
      ctx.engine = static_cast<Call*>(&call);
      int32_t code = fn(&ctx, &batch, time_.data(), time_state_.data());
      for (const TimeCall::Failure& failure : call.failures) {
        lane_.RejectRecord(rec_[static_cast<size_t>(failure.row)], -1, failure.site, failure.code);
        time_state_[static_cast<size_t>(failure.row)] = static_cast<uint8_t>(failure.code);
      }
      if (code != 0)
        lane_.Fail(Status::Error(Exit::BadInput,
                                 "the time of source " + spec_.name + ": " + std::string(ErrorText(shared_.spec(), -1, code))));
      break;
    }
  }
  time::ObserveTimes(watermark_.rules(), shared_.clock.Now(), SC_ERR_TIME_FUTURE, rows_, time_.data(), time_state_.data(),
                     row_watermark_.data(), &times_[static_cast<size_t>(raw.slot)]);
  for (const MetaColumn& meta : meta_columns_) {
    void* cells = meta_->columns()[meta.leaf].data;
    if (meta.origin == ScanOrigin::MetaTime) std::memcpy(cells, time_.data(), bytes * sizeof(int64_t));
    if (meta.origin == ScanOrigin::Watermark) std::memcpy(cells, row_watermark_.data(), bytes * sizeof(int64_t));
  }
}

}  // namespace streamc::rt::engine
