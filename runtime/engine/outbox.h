// What crosses between instances in the repartition topic: partial aggregates, rows for `top`, and event times of channels.
//
// A record's value is a version byte and entries one after the other, little-endian, in the order they must be taken. Numbers of
// steps are those of the manifest, so records of an earlier program are understood. Outbox gathers the entries of a turn by key
// group; ReadEntries walks those of one record and never reads past its end.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/connector/durable_log.h"
#include "runtime/engine/channels.h"
#include "runtime/state/codec.h"
#include "runtime/time/window.h"

namespace streamc::rt::engine {

struct PartialEntry {
  uint16_t step = 0;
  time::SliceKey slice;
  int64_t first_watermark = 0;
  std::string_view key, slot;  // encoded (state/codec.h)
};
struct RowEntry {
  uint16_t step = 0;
  std::string_view row;  // encoded
};
// Channel times: the origin is named by the hash of the source's name or the step's number.
struct TimeEntry {
  bool step = false;
  uint32_t origin = 0;
  int32_t channel = 0;
  time::PartitionTime time;
};

class Outbox {
 public:
  explicit Outbox(int32_t groups) : records_(static_cast<size_t>(groups)) {}

  void AddPartial(int32_t group, uint16_t step, const time::SliceKey& slice, const state::TableShape& shape, const ScSlot* slot);
  void AddRow(int32_t group, uint16_t step, std::string_view row);
  void AddTimes(int32_t group, const std::vector<TimeEntry>& times);
  bool empty() const { return empty_; }
  // Views into this.
  void AppendTo(connector::GroupRecords* out) const;
  void Clear();

 private:
  std::string& Entry(int32_t group, uint8_t kind);

  std::vector<std::vector<std::string>> records_;  // by group: full ones and the one that grows
  std::string scratch_;
  bool empty_ = true;
};

struct EntryHandlers {
  std::function<bool(const PartialEntry&)> partial;
  std::function<bool(const RowEntry&)> row;
  std::function<void(const TimeEntry&)> time;
};
// False when the record is not of this format, or a handler says so.
bool ReadEntries(std::string_view record, const EntryHandlers& handlers);

}  // namespace streamc::rt::engine
