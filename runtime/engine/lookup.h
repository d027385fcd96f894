// Lookup tables: a file read whole, one row per key, swapped between turns.
//
// In: a reader and decoder of the table's records. Out: rows in row layout by key, what sc_lookup hands to generated code.
// Bad rows are counted, and kept for the engine where they go somewhere. Later rows of a key replace earlier ones. Load builds a new content beside the old one and swaps only when it has succeeded.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/abi/job_spec.h"
#include "runtime/connector/connector.h"
#include "runtime/state/table.h"

namespace streamc::rt::engine {

struct BadRow {
  int32_t code = 0;
  int64_t offset = 0;
  std::string file, value;
};

class LookupTable {
 public:
  using OpenReader = std::function<Status(std::unique_ptr<connector::Reader>*)>;

  // `spec` must outlive the table. `format_options`: the decoder's, as text.
  LookupTable(const abi::TableSpec& spec, std::map<std::string, std::string> format_options, OpenReader open);

  // Reads everything there is now. On failure the content stays as it was. A bad row is an error with on_bad stop, else
  // counted.
  Status Load();
  // The row of a key in row layout; null when there is none.
  const void* Find(uint64_t hash, const void* key) const;
  int64_t rows() const { return content_ == nullptr ? 0 : content_->size(); }
  // Bad rows of the last load.
  int64_t bad() const { return bad_; }
  // Those of them that the table's action sends somewhere; they are then forgotten.
  std::vector<BadRow> TakeBadRows() { return std::exchange(bad_rows_, {}); }
  const abi::TableSpec& spec() const { return spec_; }

 private:
  Status ReadAll(connector::Reader& reader, state::Table* table);
  Status AddRows(const connector::RawRecords& records, const std::string& file, state::Table* table);

  const abi::TableSpec& spec_;
  std::map<std::string, std::string> format_options_;
  OpenReader open_;
  abi::LayoutSpec key_layout_;
  batch::RowShape row_;
  std::vector<size_t> key_leaves_;  // leaves of the row that make the key
  std::unique_ptr<state::TableShape> shape_;
  std::unique_ptr<state::Table> content_;
  int64_t bad_ = 0;
  std::vector<BadRow> bad_rows_;
};

}  // namespace streamc::rt::engine
