#include "runtime/engine/state_records.h"

namespace streamc::rt::engine {
namespace {

constexpr uint64_t kSignBit = uint64_t{1} << 63;

void AppendBigEndian(uint64_t value, int bytes, std::string* out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift & 0xFF));
}

bool TakeBigEndian(std::string_view* in, size_t bytes, uint64_t* value) {
  if (in->size() < bytes) return false;
  *value = 0;
  for (size_t i = 0; i < bytes; ++i) *value = *value << 8 | static_cast<uint8_t>((*in)[i]);
  in->remove_prefix(bytes);
  return true;
}

}  // namespace

void AppendRecordKey(const RecordKey& key, std::string* out) {
  AppendBigEndian(key.step, 2, out);
  AppendBigEndian(static_cast<uint64_t>(key.kind), 1, out);
  if (HasSlice(key.kind)) {
    for (int64_t time : {key.slice.start, key.slice.not_before, key.slice.on_time_from}) {
      AppendBigEndian(static_cast<uint64_t>(time) ^ kSignBit, 8, out);
    }
  }
  out->append(key.row);
}

bool ReadRecordKey(std::string_view bytes, RecordKey* key) {
  uint64_t step, kind;
  if (!TakeBigEndian(&bytes, 2, &step) || !TakeBigEndian(&bytes, 1, &kind)) return false;
  if (kind < static_cast<uint64_t>(RecordKind::Slot) || kind > static_cast<uint64_t>(RecordKind::Manifest)) return false;
  key->step = static_cast<uint16_t>(step);
  key->kind = static_cast<RecordKind>(kind);
  key->slice = {};
  if (HasSlice(key->kind)) {
    for (int64_t* time : {&key->slice.start, &key->slice.not_before, &key->slice.on_time_from}) {
      uint64_t flipped;
      if (!TakeBigEndian(&bytes, 8, &flipped)) return false;
      *time = static_cast<int64_t>(flipped ^ kSignBit);
    }
  }
  key->row = bytes;
  return true;
}

void StateRecords::AppendTo(connector::GroupRecords* out) const {
  for (const auto* records : {&removals_, &puts_}) {
    for (const Record& record : *records) {
      out->group.push_back(record.group);
      out->key.push_back(record.key);
      out->value.push_back(record.value.has_value() ? std::string_view(*record.value) : std::string_view());
    }
  }
}

}  // namespace streamc::rt::engine
