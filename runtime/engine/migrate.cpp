#include "runtime/engine/migrate.h"

#include <algorithm>
#include <cstring>

#include "runtime/abi/layout.h"
#include "runtime/abi/type_text.h"
#include "runtime/format/json/plan.h"
#include "runtime/state/codec.h"

namespace streamc::rt::engine {
namespace {

constexpr size_t kWord = 8;  // windows, times, ranks, panes and counts beside rows and slots

bool TakeBytes(std::string_view* in, size_t size, std::string* out) {
  if (in->size() < size) return false;
  out->append(in->substr(0, size));
  in->remove_prefix(size);
  return true;
}

bool ReadCount(std::string_view value, int64_t* count) {
  if (value.size() != sizeof *count) return false;
  std::memcpy(count, value.data(), sizeof *count);
  return *count > 0;
}

// What rows from before a column was there have in it, as a row of its own.
bool EncodeMissing(const abi::StateField& field, std::string* out) {
  abi::TypeSpec type;
  if (!abi::ReadType(field.text, &type) || (!field.has_default && !type.optional)) return false;
  batch::Arena arena(256);
  std::vector<format::json::LeafValue> leaves;
  const batch::RowShape shape(abi::FlattenType(type));
  if (!format::json::LeavesOfDatum(type, field.has_default ? field.deflt : abi::DatumSpec{}, &arena, &leaves) || leaves.size() != shape.leaves().size()) return false;
  std::vector<char> row(static_cast<size_t>(abi::RoundUp16(shape.size() + 1)), 0);
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (shape.state_offset(i) >= 0) row[static_cast<size_t>(shape.state_offset(i))] = static_cast<char>(leaves[i].state);
    std::memcpy(row.data() + shape.value_offset(i), leaves[i].bytes,
                static_cast<size_t>(abi::ColumnWidth(shape.leaves()[i].kind)));
  }
  state::EncodeRow(shape, row.data(), out);
  return true;
}

}  // namespace

Migration::Migration(const abi::ManifestStep& before, const abi::ManifestStep& after, const abi::StepDiff& diff)
    : top_(before.kind == "top"), parts_(before.fields.size()), from_(diff.from) {
  readable_ = before.kind == after.kind && from_.size() == after.fields.size();
  for (size_t i = 0; readable_ && top_ && i < parts_; ++i) readable_ = AddColumn(before.fields[i]);
  constants_.resize(from_.size());
  for (size_t i = 0; readable_ && i < from_.size(); ++i) {
    readable_ = from_[i] >= 0 ? static_cast<size_t>(from_[i]) < parts_ : top_ && EncodeMissing(after.fields[i], &constants_[i]);
  }
}

bool Migration::AddColumn(const abi::StateField& field) {
  auto type = std::make_unique<abi::TypeSpec>();
  if (!abi::ReadType(field.text, type.get())) return false;
  batch::RowShape shape(abi::FlattenType(*type));
  row_.resize(std::max(row_.size(), static_cast<size_t>(abi::RoundUp16(shape.size() + 1))));
  columns_.push_back({std::move(type), std::move(shape)});
  return true;
}

bool Migration::Apply(std::string_view key, std::string_view value, StoredRecords* out) {
  RecordKey record;
  if (!readable_ || !ReadRecordKey(key, &record)) return false;
  switch (record.kind) {
    case RecordKind::Slot:
    case RecordKind::Pending:
    case RecordKind::Kept:
    case RecordKind::KeptPending: return !top_ && ApplySlot(record, key, value, out);
    case RecordKind::TopRow: return top_ && ApplyTopRow(record, key, value, out);
    case RecordKind::TopSent: return top_ && ApplyTopSent(key, value, out);
    case RecordKind::Manifest: return false;
  }
  return false;
}

bool Migration::ApplySlot(const RecordKey& record, std::string_view key, std::string_view value, StoredRecords* out) const {
  std::string slot;
  const bool pending = record.kind == RecordKind::Pending || record.kind == RecordKind::KeptPending;
  if (pending && !TakeBytes(&value, kWord, &slot)) return false;
  std::string_view head;
  std::vector<std::string_view> states;
  if (!state::SplitSlot(value, &head, &states) || states.size() != parts_) return false;
  slot += head;
  for (int32_t from : from_) slot += states[static_cast<size_t>(from)];
  (*out)[std::string(key)] = std::move(slot);
  return true;
}

bool Migration::TakeRow(std::string_view* in, std::string* out) {
  arena_.Reset();
  cells_.clear();
  for (const Column& column : columns_) {
    const std::string_view rest = *in;
    if (!state::DecodeRow(column.shape, in, row_.data(), arena_.get())) return false;
    cells_.push_back(rest.substr(0, rest.size() - in->size()));
  }
  for (size_t i = 0; i < from_.size(); ++i) *out += from_[i] >= 0 ? cells_[static_cast<size_t>(from_[i])] : constants_[i];
  return true;
}

bool Migration::ApplyTopRow(const RecordKey& record, std::string_view key, std::string_view value, StoredRecords* out) {
  std::string row, new_key;
  std::string_view in = record.row;
  int64_t count = 0, more = 0;
  if (!ReadCount(value, &count) || !TakeBytes(&in, 2 * kWord, &row) || !TakeRow(&in, &row) || !in.empty()) return false;
  AppendRecordKey({record.step, record.kind, {}, row}, &new_key);
  out->try_emplace(std::string(key), std::nullopt);
  std::optional<std::string>& stored = (*out)[new_key];
  if (stored.has_value() && (!ReadCount(*stored, &more) || __builtin_add_overflow(count, more, &count))) return false;
  stored.emplace(reinterpret_cast<const char*>(&count), sizeof count);
  return true;
}

bool Migration::ApplyTopSent(std::string_view key, std::string_view value, StoredRecords* out) {
  std::string sent;
  if (!TakeBytes(&value, kWord, &sent)) return false;
  while (!value.empty()) {
    if (!TakeBytes(&value, 2 * kWord, &sent) || !TakeRow(&value, &sent)) return false;
  }
  (*out)[std::string(key)] = std::move(sent);
  return true;
}

}  // namespace streamc::rt::engine
