// One lane's encoded records for one sink, gathered during a turn and written when it ends.
//
// In: batches of the sink's `work` layout. Out: OutRecords with views into this buffer, valid until Clear. For changing streams
// the sink is an upsert: -1 followed by +1 of the same key writes the new row (nothing when the bytes are the same), a lone -1
// a null value.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/connector/connector.h"
#include "runtime/engine/shared.h"
#include "runtime/format/format.h"

namespace streamc::rt::engine {

class SinkBuffer {
 public:
  // Row `row` of the batch cannot be written in the sink's format.
  using Reject = std::function<void(const ScBatch& work, int64_t row, int32_t code)>;

  // Makes the encoder; `format_options` are texts.
  static Status Make(const Shared& shared, const NodePlan& node, const std::map<std::string, std::string>& format_options,
                     std::unique_ptr<SinkBuffer>* buffer);

  void Add(const ScBatch& work, observe::SinkCounters* counters, const Reject& reject);
  bool empty() const { return records_.empty(); }
  int64_t bytes() const { return static_cast<int64_t>(text_.size()); }
  // Appends the gathered records.
  void AppendTo(connector::OutRecords* out) const;
  void Clear();

 private:
  struct Part {
    int64_t at = -1;
    int64_t size = 0;
  };  // at -1: null
  struct Record {
    Part value, key, topic;
    int32_t partition = -1;
    int64_t timestamp = -1;
    size_t headers = 0;
  };
  struct HeaderPart {
    Part key, value;
  };

  SinkBuffer(const Shared& shared, const NodePlan& node);
  uint8_t EncodeValue(const ScBatch& work, int64_t row, Part* value);
  Part EncodeKey(const ScBatch& work, int64_t row);
  void AddHeaders(const ScBatch& work, int64_t row);
  void AddForwardedHeaders(const ScBatch& work, int64_t row);
  bool SameKey(const ScBatch& work, int64_t a, int64_t b) const;
  Part Text(const ScColumn& column, int64_t row);
  std::string_view View(const Part& part) const {
    return part.at < 0 ? std::string_view()
                       : std::string_view(text_).substr(static_cast<size_t>(part.at), static_cast<size_t>(part.size));
  }

  const NodePlan& node_;
  const abi::SinkSpec& spec_;
  batch::RowShape shape_;
  std::unique_ptr<format::Encoder> encoder_;
  std::unique_ptr<batch::RowShape> header_shape_;
  int32_t value_ = -1, headers_ = -1, partition_ = -1, timestamp_ = -1, delete_when_ = -1, topic_ = -1, sign_ = -1;  // leaves
  std::string text_;
  std::vector<Record> records_;
  std::vector<HeaderPart> header_parts_;  // of all records, Record::headers counts
};

}  // namespace streamc::rt::engine
