// A record type, its decoder and one row of leaves, for tests of the JSON format.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/batch/arena.h"
#include "runtime/batch/batch.h"
#include "runtime/format/format.h"

namespace streamc::rt::format {

inline abi::TypeSpec Type(abi::Logical logical, bool optional = false) {
  abi::TypeSpec type;
  type.logical = logical;
  type.optional = optional;
  return type;
}
inline abi::TypeSpec Optional(abi::TypeSpec type) {
  type.optional = true;
  return type;
}
inline abi::TypeSpec Decimal(int precision, int scale) {
  abi::TypeSpec type = Type(abi::Logical::Decimal);
  type.precision = static_cast<uint8_t>(precision);
  type.scale = static_cast<uint8_t>(scale);
  return type;
}
inline abi::TypeSpec Time(abi::TimeFormat form, std::string pattern = "") {
  abi::TypeSpec type = Type(abi::Logical::Timestamp);
  type.time_format = form;
  type.pattern = std::move(pattern);
  return type;
}
inline abi::TypeSpec Enum(std::vector<std::string> values) {
  abi::TypeSpec type = Type(abi::Logical::Enum);
  type.enum_values = std::move(values);
  return type;
}
inline abi::TypeSpec List(abi::TypeSpec element) {
  abi::TypeSpec type = Type(abi::Logical::List);
  type.element.push_back(std::move(element));
  return type;
}
inline abi::TypeSpec Record(std::vector<std::pair<std::string, abi::TypeSpec>> fields) {
  abi::TypeSpec type = Type(abi::Logical::Record);
  for (auto& [name, field] : fields) type.fields.push_back({name, name, field, false, {}});
  return type;
}

inline abi::TypeSpec Rest() {
  abi::TypeSpec type = Type(abi::Logical::String);
  type.is_rest = true;
  return type;
}

// Reads one record at a time; every leaf needed unless said otherwise.
class JsonReader {
 public:
  explicit JsonReader(abi::TypeSpec schema, std::map<std::string, std::string> options = {}, std::vector<bool> needed = {},
                      std::vector<abi::ScanPredicate> predicates = {})
      : schema_(std::move(schema)) {
    std::vector<abi::Leaf> leaves = abi::FlattenType(schema_, true);
    if (needed.empty()) needed.assign(leaves.size(), true);
    DecoderConfig config{&schema_, needed, std::move(predicates), std::move(options)};
    status_ = MakeDecoder("json", config, &decoder_);
    needed.flip();
    batch_ = std::make_unique<batch::Batch>(leaves, needed);
    batch_->Resize(3);
  }

  const Status& status() const { return status_; }
  const abi::TypeSpec& schema() const { return schema_; }
  batch::Batch& batch() { return *batch_; }
  // Decode's result; the row is number 1 of three.
  uint8_t Read(std::string_view text) {
    // A heap block of exactly the record's size: reading behind it is seen by sanitizers.
    record_.reset(new char[text.size()]);
    std::memcpy(record_.get(), text.data(), text.size());
    const char* value = record_.get();
    int64_t size = static_cast<int64_t>(text.size());
    uint8_t result = 99;
    decoder_->Decode(&value, &size, 1, 1, batch_->columns(), arena_.get(), &result);
    return result;
  }
  uint8_t state(size_t leaf) const { return batch_->state(leaf, 1); }
  int64_t integer(size_t leaf) const { return *static_cast<int64_t*>(batch_->value(leaf, 1)); }
  double real(size_t leaf) const { return *static_cast<double*>(batch_->value(leaf, 1)); }
  bool boolean(size_t leaf) const { return *static_cast<uint8_t*>(batch_->value(leaf, 1)) != 0; }
  ScList list(size_t leaf) const { return *static_cast<ScList*>(batch_->value(leaf, 1)); }
  std::string text(size_t leaf) const {
    ScStr text = *static_cast<ScStr*>(batch_->value(leaf, 1));
    return text.len == 0 ? "" : std::string(text.ptr, static_cast<size_t>(text.len));
  }
  // The leaf's value as JSON: `null` when it has none.
  std::string json(size_t leaf) const {
    std::string out;
    EncodeJsonValue(*batch_->leaves()[leaf].type, batch_->columns() + leaf, 1, &out);
    return out;
  }

 private:
  abi::TypeSpec schema_;
  Status status_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<batch::Batch> batch_;
  batch::Arena arena_;
  std::unique_ptr<char[]> record_;
};

}  // namespace streamc::rt::format
