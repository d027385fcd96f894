// State of an earlier program in the form of this one.
//
// In: the changelog records of a step that CompareManifests calls Migrated. Out: the records that take their place: for an aggregate
// the same keys with the parts of its states in their new places, for a ranking the rows (which are part of the keys) with their
// new columns. Used by upgrade.cpp when a program with such a step starts.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi/manifest.h"
#include "runtime/batch/arena.h"
#include "runtime/batch/row.h"
#include "runtime/engine/state_records.h"

namespace streamc::rt::engine {

// Records of one key group, at most one for a key; null takes the key back.
using StoredRecords = std::map<std::string, std::optional<std::string>>;

class Migration {
 public:
  // The step in the two manifests; `diff.from` says where each part or column comes from. Keeps nothing of them.
  Migration(const abi::ManifestStep& before, const abi::ManifestStep& after, const abi::StepDiff& diff);

  // Adds what replaces the record. All records of the key group must go to the same `out`, whose values are then right: a row may get a
  // key that another one gives up, and rows that differed in a column that is gone are one row, as often as all of them together.
  // False: the record is not of the old form, or the manifests do not say how to read it; `out` may hold part of it.
  bool Apply(std::string_view key, std::string_view value, StoredRecords* out);

 private:
  struct Column {  // of the old rows
    std::unique_ptr<const abi::TypeSpec> type;
    batch::RowShape shape;
  };

  bool AddColumn(const abi::StateField& field);
  bool ApplySlot(const RecordKey& record, std::string_view key, std::string_view value, StoredRecords* out) const;
  bool ApplyTopRow(const RecordKey& record, std::string_view key, std::string_view value, StoredRecords* out);
  bool ApplyTopSent(std::string_view key, std::string_view value, StoredRecords* out);
  // Takes an old row off the front of `in` and appends the new one.
  bool TakeRow(std::string_view* in, std::string* out);

  bool readable_ = true, top_ = false;
  size_t parts_ = 0;                    // of an old state
  std::vector<int32_t> from_;           // per part or column of the new form; -1: constants_
  std::vector<Column> columns_;
  std::vector<std::string> constants_;  // encoded; empty for columns there were
  std::vector<char> row_;               // scratch
  std::vector<std::string_view> cells_;
  batch::Arena arena_{1024};
};

}  // namespace streamc::rt::engine
