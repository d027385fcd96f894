// Changelog records of keyed steps: keys that say whose state a record is, and the records of a commit gathered by group.
//
// Key of a record: step id (2 bytes, big-endian) | kind (1 byte) | slice (3 x 8 bytes, big-endian with the sign bit flipped, so
// that records sort by time; only for slots of slices) | the key row (state/codec.h). The value is a slot, or what the kind says;
// null takes the record back. One key is written at most once per commit. Used by aggregate_group, top_group and recovery.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/connector/durable_log.h"
#include "runtime/time/window.h"

namespace streamc::rt::engine {

enum class RecordKind : uint8_t {
  Slot = 1,     // of a slice of a window: the state up to the last answer
  Pending = 2,  // the same, rows that are not answered yet (`emit changes every D`)
  Kept = 3,     // of `keep`: no slice
  KeptPending = 4,
  TopRow = 5,   // a row of a ranking, with how often it is there
  TopSent = 6,  // what a ranking has sent
  Manifest = 7,
};

struct RecordKey {
  uint16_t step = 0;
  RecordKind kind = RecordKind::Slot;
  time::SliceKey slice;
  std::string_view row;  // encoded key row
};
inline bool HasSlice(RecordKind kind) { return kind == RecordKind::Slot || kind == RecordKind::Pending; }

void AppendRecordKey(const RecordKey& key, std::string* out);
// False when it is no key of this format; `row` views into `bytes`.
bool ReadRecordKey(std::string_view bytes, RecordKey* key);

// The records of one commit. Tombstones of a group come before its values: a key may end and begin anew within a turn.
class StateRecords {
 public:
  struct Record {
    int32_t group;
    std::string key;
    std::optional<std::string> value;
  };

  void Put(int32_t group, std::string key, std::string value) { puts_.push_back({group, std::move(key), std::move(value)}); }
  void Remove(int32_t group, std::string key) { removals_.push_back({group, std::move(key), std::nullopt}); }
  bool empty() const { return puts_.empty() && removals_.empty(); }
  size_t size() const { return puts_.size() + removals_.size(); }
  const std::deque<Record>& puts() const { return puts_; }
  // Views into this.
  void AppendTo(connector::GroupRecords* out) const;
  void Clear() {
    puts_.clear();
    removals_.clear();
  }

 private:
  std::deque<Record> puts_, removals_;
};

}  // namespace streamc::rt::engine
