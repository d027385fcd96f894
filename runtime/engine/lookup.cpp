#include "runtime/engine/lookup.h"

#include <cstring>

#include "runtime/batch/batch.h"
#include "runtime/format/format.h"
#include "runtime/observe/heartbeat.h"

namespace streamc::rt::engine {
namespace {

constexpr int64_t kRows = 1024;

// The first error of a decoded row 0, field by field; all fields of a table row are needed. `leaf` moves on behind the value.
uint8_t FindError(const abi::TypeSpec& type, const ScColumn* leaves, size_t* leaf, bool absent) {
  bool presence = type.logical != abi::Logical::Record || type.optional;
  if (presence && !absent) {
    uint8_t state = leaves[*leaf].state[0];
    if (state >= 2) return state;
    if (state == SC_NULL && !type.optional) return SC_ERR_MISSING;
    bool is_record = type.logical == abi::Logical::Record;
    absent = is_record && (state == SC_NULL || static_cast<const uint8_t*>(leaves[*leaf].data)[0] == 0);
  }
  if (presence) ++*leaf;
  if (type.logical != abi::Logical::Record) return SC_OK;
  for (const abi::FieldSpec& field : type.fields) {
    if (uint8_t code = FindError(field.type, leaves, leaf, absent); code != SC_OK) return code;
  }
  return SC_OK;
}

}  // namespace

LookupTable::LookupTable(const abi::TableSpec& spec, std::map<std::string, std::string> format_options, OpenReader open)
    : spec_(spec), format_options_(std::move(format_options)), open_(std::move(open)), row_(abi::FlattenType(spec.record)) {
  std::vector<size_t> first;
  size_t next = 0;
  for (const abi::FieldSpec& field : spec.record.fields) {
    first.push_back(next);
    next += abi::FlattenType(field.type).size();
  }
  for (int32_t index : spec.key) {
    const abi::FieldSpec& field = spec.record.fields[static_cast<size_t>(index)];
    key_layout_.columns.push_back({field.name, field.type, false});
    for (size_t i = 0; i < abi::FlattenType(field.type).size(); ++i)
      key_leaves_.push_back(first[static_cast<size_t>(index)] + i);
  }
  shape_ = std::make_unique<state::TableShape>(key_layout_, row_.size(), nullptr, nullptr);
}

const void* LookupTable::Find(uint64_t hash, const void* key) const {
  if (content_ == nullptr) return nullptr;
  const ScSlot* slot = content_->Find(hash, key);
  return slot == nullptr ? nullptr : reinterpret_cast<const char*>(slot) + shape_->state_offset;
}

Status LookupTable::Load() {
  std::unique_ptr<connector::Reader> reader;
  if (Status status = open_(&reader); !status.ok()) return status;
  if (Status status = reader->Open(); !status.ok()) return status;
  auto fresh = std::make_unique<state::Table>(*shape_);
  bad_ = 0;
  bad_rows_.clear();
  Status status = ReadAll(*reader, fresh.get());
  reader->Close();
  if (status.ok()) content_ = std::move(fresh);
  return status;
}

Status LookupTable::ReadAll(connector::Reader& reader, state::Table* table) {
  connector::PollLimits limits;
  std::vector<connector::RawRecords> records;
  for (bool more = true; more;) {
    observe::Beat();
    if (Status status = reader.Poll(limits, &records); !status.ok()) return status;
    more = false;
    for (const connector::PartitionInfo& partition : reader.partitions()) {
      more = more || partition.state == connector::PartitionState::Active;
    }
    more = more || !records.empty();
    for (const connector::RawRecords& part : records) {
      const std::string& file = reader.partitions()[static_cast<size_t>(part.slot)].id.topic;
      if (Status status = AddRows(part, file, table); !status.ok()) return status;
    }
    records.clear();
    reader.Release();
  }
  return Status::Ok();
}

Status LookupTable::AddRows(const connector::RawRecords& records, const std::string& file, state::Table* table) {
  std::vector<abi::Leaf> leaves = abi::FlattenType(spec_.record, true);
  std::unique_ptr<format::Decoder> decoder;
  format::DecoderConfig config{&spec_.record, std::vector<bool>(leaves.size(), true), {}, format_options_};
  if (Status status = format::MakeDecoder(spec_.format.format, config, &decoder); !status.ok()) return status;
  batch::Batch rows(leaves);
  rows.Resize(kRows);
  batch::Arena arena;
  std::vector<uint8_t> result(kRows);
  std::vector<char> row(static_cast<size_t>(row_.size())), key(static_cast<size_t>(shape_->key.size()));
  for (int64_t i = 0; i < static_cast<int64_t>(records.size()); ++i) {
    size_t at = static_cast<size_t>(i);
    uint8_t code = SC_ERR_NULL_VALUE;
    if (records.value[at] != nullptr) {
      decoder->Decode(&records.value[at], &records.value_len[at], 1, 0, rows.columns(), arena.get(), result.data());
      code = result[0];
    }
    size_t leaf = 0;
    if (code == SC_OK) code = FindError(spec_.record, rows.columns(), &leaf, false);
    if (code != 0) {
      ++bad_;
      if (spec_.on_bad.kind == abi::ActionKind::Stop) {
        return Status::Error(Exit::BadInput,
                             "table " + spec_.name + ": bad row at offset " + std::to_string(records.offset[at]));
      }
      if (spec_.on_bad.kind != abi::ActionKind::Drop) {
        BadRow& bad = bad_rows_.emplace_back(BadRow{code, records.offset[at], file, {}});
        if (records.value[at] != nullptr) bad.value.assign(records.value[at], static_cast<size_t>(records.value_len[at]));
      }
      continue;
    }
    row_.Gather(rows.columns(), 0, row.data());
    for (size_t k = 0; k < key_leaves_.size(); ++k) {
      int64_t width = abi::RowWidth(shape_->key.leaves()[k].kind);
      std::memcpy(key.data() + shape_->key.value_offset(k), row.data() + row_.value_offset(key_leaves_[k]),
                  static_cast<size_t>(width));
    }
    ScSlot* slot = table->FindOrInsert(state::HashKey(shape_->key, key.data()), key.data());
    slot->rows = 1;
    char* state = reinterpret_cast<char*>(slot) + shape_->state_offset;
    std::memcpy(state, row.data(), row.size());
    row_.CopyDeep(state, table->abi()->arena);
    arena.Reset();
  }
  return Status::Ok();
}

}  // namespace streamc::rt::engine
