#include "runtime/engine/outbox.h"

#include "runtime/batch/bytes.h"

namespace streamc::rt::engine {
namespace {

using batch::Put;
using batch::Take;

constexpr char kVersion = 1;
constexpr uint8_t kPartial = 1, kRow = 2, kTime = 3;
constexpr size_t kRecordBytes = 256 << 10;  // a record that reached it is left, so brokers' limits are far

void PutText(std::string* out, std::string_view text) {
  Put(out, static_cast<uint32_t>(text.size()));
  out->append(text);
}
bool TakeText(std::string_view* in, std::string_view* text) {
  uint32_t size;
  if (!Take(in, &size) || in->size() < size) return false;
  *text = in->substr(0, size);
  in->remove_prefix(size);
  return true;
}

}  // namespace

std::string& Outbox::Entry(int32_t group, uint8_t kind) {
  empty_ = false;
  std::vector<std::string>& records = records_[static_cast<size_t>(group)];
  if (records.empty() || records.back().size() >= kRecordBytes) records.emplace_back(1, kVersion);
  records.back().push_back(static_cast<char>(kind));
  return records.back();
}

void Outbox::AddPartial(int32_t group, uint16_t step, const time::SliceKey& slice, const state::TableShape& shape,
                        const ScSlot* slot) {
  std::string& out = Entry(group, kPartial);
  Put(&out, step);
  Put(&out, slice.start);
  Put(&out, slice.not_before);
  Put(&out, slice.on_time_from);
  Put(&out, state::Table::FirstWatermark(slot));
  scratch_.clear();
  state::EncodeRow(shape.key, reinterpret_cast<const char*>(slot) + sizeof(ScSlot), &scratch_);
  PutText(&out, scratch_);
  scratch_.clear();
  state::EncodeSlot(shape, slot, &scratch_);
  PutText(&out, scratch_);
}

void Outbox::AddRow(int32_t group, uint16_t step, std::string_view row) {
  std::string& out = Entry(group, kRow);
  Put(&out, step);
  PutText(&out, row);
}

void Outbox::AddTimes(int32_t group, const std::vector<TimeEntry>& times) {
  for (const TimeEntry& entry : times) {
    std::string& out = Entry(group, kTime);
    Put(&out, static_cast<uint8_t>(entry.step));
    Put(&out, entry.origin);
    Put(&out, entry.channel);
    Put(&out, entry.time.watermark);
    Put(&out, entry.time.last_read);
    Put(&out, entry.time.read_watermark);
    Put(&out, static_cast<uint8_t>((entry.time.caught_up ? 1 : 0) | (entry.time.ended ? 2 : 0)));
  }
}

void Outbox::AppendTo(connector::GroupRecords* out) const {
  for (size_t group = 0; group < records_.size(); ++group) {
    for (const std::string& record : records_[group]) {
      out->group.push_back(static_cast<int32_t>(group));
      out->key.push_back({});
      out->value.push_back(record);
    }
  }
}

void Outbox::Clear() {
  if (empty_) return;
  for (auto& records : records_) records.clear();
  empty_ = true;
}

bool ReadEntries(std::string_view record, const EntryHandlers& handlers) {
  std::string_view in = record;
  char version;
  if (!Take(&in, &version) || version != kVersion) return false;
  while (!in.empty()) {
    uint8_t kind;
    Take(&in, &kind);
    if (kind == kPartial) {
      PartialEntry entry;
      bool whole = Take(&in, &entry.step) && Take(&in, &entry.slice.start) && Take(&in, &entry.slice.not_before) &&
                   Take(&in, &entry.slice.on_time_from) && Take(&in, &entry.first_watermark) && TakeText(&in, &entry.key) &&
                   TakeText(&in, &entry.slot);
      if (!whole || !handlers.partial(entry)) return false;
    } else if (kind == kRow) {
      RowEntry entry;
      if (!Take(&in, &entry.step) || !TakeText(&in, &entry.row) || !handlers.row(entry)) return false;
    } else if (kind == kTime) {
      TimeEntry entry;
      uint8_t step, flags;
      bool whole = Take(&in, &step) && Take(&in, &entry.origin) && Take(&in, &entry.channel) && Take(&in, &entry.time.watermark) &&
                   Take(&in, &entry.time.last_read) && Take(&in, &entry.time.read_watermark) && Take(&in, &flags);
      if (!whole) return false;
      entry.step = step != 0;
      entry.time.caught_up = (flags & 1) != 0;
      entry.time.ended = (flags & 2) != 0;
      handlers.time(entry);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace streamc::rt::engine
