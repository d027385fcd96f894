#include "runtime/engine/outbox.h"

#include <cstring>

namespace streamc::rt::engine {
namespace {

constexpr char kVersion = 1;
constexpr uint8_t kPartial = 1, kRow = 2, kTime = 3;
constexpr size_t kRecordBytes = 256 << 10;  // a record that reached it is left, so brokers' limits are far

template <typename T>
void Put(const T& value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}
void PutText(std::string_view text, std::string* out) {
  Put(static_cast<uint32_t>(text.size()), out);
  out->append(text);
}

class Input {
 public:
  explicit Input(std::string_view bytes) : left_(bytes) {}
  bool done() const { return left_.empty(); }
  template <typename T>
  bool Take(T* value) {
    if (left_.size() < sizeof(T)) return false;
    std::memcpy(value, left_.data(), sizeof(T));
    left_.remove_prefix(sizeof(T));
    return true;
  }
  bool TakeText(std::string_view* text) {
    uint32_t size;
    if (!Take(&size) || left_.size() < size) return false;
    *text = left_.substr(0, size);
    left_.remove_prefix(size);
    return true;
  }

 private:
  std::string_view left_;
};

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
  Put(step, &out);
  Put(slice.start, &out);
  Put(slice.not_before, &out);
  Put(slice.on_time_from, &out);
  Put(state::Table::FirstWatermark(slot), &out);
  scratch_.clear();
  state::EncodeRow(shape.key, reinterpret_cast<const char*>(slot) + sizeof(ScSlot), &scratch_);
  PutText(scratch_, &out);
  scratch_.clear();
  state::EncodeSlot(shape, slot, &scratch_);
  PutText(scratch_, &out);
}

void Outbox::AddRow(int32_t group, uint16_t step, std::string_view row) {
  std::string& out = Entry(group, kRow);
  Put(step, &out);
  PutText(row, &out);
}

void Outbox::AddTimes(int32_t group, const std::vector<TimeEntry>& times) {
  for (const TimeEntry& entry : times) {
    std::string& out = Entry(group, kTime);
    Put(static_cast<uint8_t>(entry.step), &out);
    Put(entry.origin, &out);
    Put(entry.channel, &out);
    Put(entry.time.watermark, &out);
    Put(entry.time.last_read, &out);
    Put(entry.time.read_watermark, &out);
    Put(static_cast<uint8_t>((entry.time.caught_up ? 1 : 0) | (entry.time.ended ? 2 : 0)), &out);
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
  Input in(record);
  char version;
  if (!in.Take(&version) || version != kVersion) return false;
  while (!in.done()) {
    uint8_t kind;
    in.Take(&kind);
    if (kind == kPartial) {
      PartialEntry entry;
      bool whole = in.Take(&entry.step) && in.Take(&entry.slice.start) && in.Take(&entry.slice.not_before) &&
                   in.Take(&entry.slice.on_time_from) && in.Take(&entry.first_watermark) && in.TakeText(&entry.key) &&
                   in.TakeText(&entry.slot);
      if (!whole || !handlers.partial(entry)) return false;
    } else if (kind == kRow) {
      RowEntry entry;
      if (!in.Take(&entry.step) || !in.TakeText(&entry.row) || !handlers.row(entry)) return false;
    } else if (kind == kTime) {
      TimeEntry entry;
      uint8_t step, flags;
      bool whole = in.Take(&step) && in.Take(&entry.origin) && in.Take(&entry.channel) && in.Take(&entry.time.watermark) &&
                   in.Take(&entry.time.last_read) && in.Take(&entry.time.read_watermark) && in.Take(&flags);
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
