#include "runtime/engine/sink_buffer.h"

#include <cstring>

#include "runtime/connector/kafka/topic_name.h"

namespace streamc::rt::engine {
namespace {

uint8_t StateOf(const ScColumn& column, int64_t row) {
  return column.state == nullptr ? uint8_t{SC_VALUE} : column.state[row];
}

template <class T>
T ValueOf(const ScColumn& column, int64_t row) {
  T value;
  std::memcpy(&value, static_cast<const char*>(column.data) + row * static_cast<int64_t>(sizeof(T)), sizeof value);
  return value;
}

}  // namespace

SinkBuffer::SinkBuffer(const Shared& shared, const NodePlan& node)
    : node_(node), spec_(shared.spec().sinks[static_cast<size_t>(node.spec->index)]), shape_(node.work.leaves) {
  const Columns& work = node.work;
  value_ = work.leaf(spec_.value);
  headers_ = work.leaf(spec_.headers);
  partition_ = work.leaf(spec_.partition);
  timestamp_ = work.leaf(spec_.timestamp);
  delete_when_ = work.leaf(spec_.delete_when);
  topic_ = work.leaf(spec_.topic);
  sign_ = work.leaf(spec_.sign);
}

Status SinkBuffer::Make(const Shared& shared, const NodePlan& node, const std::map<std::string, std::string>& format_options,
                        std::unique_ptr<SinkBuffer>* buffer) {
  std::unique_ptr<SinkBuffer> made(new SinkBuffer(shared, node));
  if (made->value_ < 0) {
    format::EncoderConfig config{&made->spec_.record, format_options};
    if (Status status = format::MakeEncoder(made->spec_.format.format, config, &made->encoder_); !status.ok()) return status;
  }
  *buffer = std::move(made);
  return Status::Ok();
}

SinkBuffer::Part SinkBuffer::Text(const ScColumn& column, int64_t row) {
  if (StateOf(column, row) != SC_VALUE) return {};
  ScStr text = ValueOf<ScStr>(column, row);
  Part part{static_cast<int64_t>(text_.size()), text.len};
  text_.append(text.ptr, static_cast<size_t>(text.len));
  return part;
}

uint8_t SinkBuffer::EncodeValue(const ScBatch& work, int64_t row, Part* value) {
  bool removed = delete_when_ >= 0 && StateOf(work.columns[delete_when_], row) == SC_VALUE &&
                 ValueOf<uint8_t>(work.columns[delete_when_], row) != 0;
  if (removed) return SC_OK;
  if (value_ >= 0) {
    *value = Text(work.columns[value_], row);
    return SC_OK;
  }
  int64_t at = static_cast<int64_t>(text_.size());
  if (uint8_t code = encoder_->Encode(work.columns, row, &text_); code != SC_OK) return code;
  *value = {at, static_cast<int64_t>(text_.size()) - at};
  return SC_OK;
}

SinkBuffer::Part SinkBuffer::EncodeKey(const ScBatch& work, int64_t row) {
  if (spec_.key.empty()) return {};
  int64_t at = static_cast<int64_t>(text_.size());
  const auto& columns = node_.work.layout->columns;
  if (!spec_.key_as_json) {
    int32_t leaf = node_.work.leaf(spec_.key[0]);
    const ScColumn& column = work.columns[leaf];
    if (StateOf(column, row) != SC_VALUE) return {};
    const void* value =
        static_cast<const char*>(column.data) + row * abi::ColumnWidth(node_.work.leaves[static_cast<size_t>(leaf)].kind);
    format::EncodeScalarText(columns[static_cast<size_t>(spec_.key[0])].type, value, &text_);
  } else {
    for (size_t i = 0; i < spec_.key.size(); ++i) {
      const abi::ColumnSpec& column = columns[static_cast<size_t>(spec_.key[i])];
      text_ += i == 0 ? "{\"" : ",\"";
      text_ += i < spec_.key_names.size() ? spec_.key_names[i] : column.name;
      text_ += "\":";
      format::EncodeJsonValue(column.type, work.columns + node_.work.leaf(spec_.key[i]), row, &text_);
    }
    text_ += '}';
  }
  return {at, static_cast<int64_t>(text_.size()) - at};
}

// `headers { name: text }`: one leaf for each field; a field without a value gives no header.
void SinkBuffer::AddHeaders(const ScBatch& work, int64_t row) {
  if (headers_ < 0) return;
  const abi::TypeSpec& type = node_.work.layout->columns[static_cast<size_t>(spec_.headers)].type;
  if (type.logical != abi::Logical::Record) return AddForwardedHeaders(work, row);
  for (size_t i = 0; i < type.fields.size(); ++i) {
    const Part value = Text(work.columns[headers_ + static_cast<int32_t>(i)], row);
    if (value.at < 0) continue;
    const std::string& name = type.fields[i].name;
    header_parts_.push_back({{static_cast<int64_t>(text_.size()), static_cast<int64_t>(name.size())}, value});
    text_ += name;
    ++records_.back().headers;
  }
}

// `headers meta.headers`: a list, as the record came.
void SinkBuffer::AddForwardedHeaders(const ScBatch& work, int64_t row) {
  if (StateOf(work.columns[headers_], row) != SC_VALUE) return;
  // Elements are records of a key and a value text; the first two leaves, whatever their names.
  const batch::RowShape* element = shape_.element(static_cast<size_t>(headers_));
  if (element == nullptr || element->leaves().size() < 2) return;
  ScList list = ValueOf<ScList>(work.columns[headers_], row);
  for (int64_t i = 0; i < list.len; ++i) {
    const char* at = static_cast<const char*>(list.ptr) + i * element->size();
    auto part = [&](size_t leaf) -> Part {
      if (element->state_offset(leaf) >= 0 && at[element->state_offset(leaf)] != SC_VALUE) return {};
      ScStr text;
      std::memcpy(&text, at + element->value_offset(leaf), sizeof text);
      Part kept{static_cast<int64_t>(text_.size()), text.len};
      text_.append(text.ptr, static_cast<size_t>(text.len));
      return kept;
    };
    Part key = part(0);
    header_parts_.push_back({key, part(1)});
    ++records_.back().headers;
  }
}

bool SinkBuffer::SameKey(const ScBatch& work, int64_t a, int64_t b) const {
  for (int32_t column : spec_.key) {
    for (int32_t leaf = node_.work.leaf(column); leaf < node_.work.leaf(column + 1); ++leaf) {
      const ScColumn& cells = work.columns[leaf];
      if (shape_.CompareCells(static_cast<size_t>(leaf), cells, a, cells, b) != 0) return false;
    }
  }
  return true;
}

void SinkBuffer::Add(const ScBatch& work, observe::SinkCounters* counters, const Reject& reject) {
  size_t before = records_.size(), bytes_before = text_.size();
  int64_t removals = 0;
  std::string old_value;
  for (int64_t row = 0; row < work.rows; ++row) {
    bool compare = false, removal = false;
    size_t row_start = text_.size();
    if (sign_ >= 0 && ValueOf<int64_t>(work.columns[sign_], row) < 0) {
      bool replaced = row + 1 < work.rows && ValueOf<int64_t>(work.columns[sign_], row + 1) > 0 && SameKey(work, row, row + 1);
      removal = !replaced;
      if (replaced) {
        Part old;
        compare = EncodeValue(work, row, &old) == SC_OK;
        old_value.assign(View(old));
        text_.resize(row_start);
        ++row;
      } else if (!spec_.upsert) {
        continue;
      }
    }
    Record record;
    if (topic_ >= 0) {
      record.topic = Text(work.columns[topic_], row);
      if (!connector::kafka::ValidTopicName(View(record.topic))) {
        text_.resize(row_start);
        // What is removed was not written either.
        if (!removal) reject(work, row, SC_ERR_TOPIC);
        continue;
      }
    }
    if (!removal) {
      if (uint8_t code = EncodeValue(work, row, &record.value); code != SC_OK) {
        text_.resize(row_start);
        reject(work, row, code);
        continue;
      }
      if (compare && View(record.value) == old_value) {
        text_.resize(row_start);
        continue;
      }
    }
    record.key = EncodeKey(work, row);
    if (partition_ >= 0 && StateOf(work.columns[partition_], row) == SC_VALUE) {
      record.partition = static_cast<int32_t>(ValueOf<int64_t>(work.columns[partition_], row));
    }
    if (timestamp_ >= 0 && StateOf(work.columns[timestamp_], row) == SC_VALUE)
      record.timestamp = ValueOf<int64_t>(work.columns[timestamp_], row);
    removals += record.value.at < 0 ? 1 : 0;
    records_.push_back(record);
    AddHeaders(work, row);
  }
  counters->records.Add(static_cast<int64_t>(records_.size() - before));
  counters->bytes.Add(static_cast<int64_t>(text_.size() - bytes_before));
  counters->removals.Add(removals);
}

void SinkBuffer::AppendTo(connector::OutRecords* out) const {
  size_t header = 0;
  for (const Record& record : records_) {
    // An empty value is not a null one.
    out->value.push_back(View(record.value));
    out->key.push_back(View(record.key));
    if (topic_ >= 0) out->topic.push_back(View(record.topic));
    if (partition_ >= 0) out->partition.push_back(record.partition);
    if (timestamp_ >= 0) out->timestamp.push_back(record.timestamp);
    if (headers_ < 0) continue;
    std::vector<connector::Header>& headers = out->headers.emplace_back();
    for (size_t i = 0; i < record.headers; ++i, ++header) {
      const HeaderPart& part = header_parts_[header];
      headers.push_back({View(part.key), std::nullopt});
      if (part.value.at >= 0) headers.back().value = View(part.value);
    }
  }
}

void SinkBuffer::Clear() {
  records_.clear();
  header_parts_.clear();
  text_.clear();
}

}  // namespace streamc::rt::engine
