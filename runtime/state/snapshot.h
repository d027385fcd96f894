// Snapshots: the state of a key group in a file of this machine, so that a restart reads less of the changelog.
//
// A snapshot is a convenience, never the truth: whatever is wrong with it is found by checksums, and the changelog has everything.
// In: key-value pairs (the records of the changelog) and a text that says what they belong to. Out: `group-<g>.snapshot` in a folder,
// with the one before it as `.prev`; README.md describes the file. A folder serves one job; the writer of a group is whoever owns
// it. One thread per object.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/batch/status.h"

namespace streamc::rt::state {

// The file of a number: `group-7.snapshot`. Other names than `group` are for those who keep something else by number.
std::string SnapshotName(int32_t number, std::string_view name = "group");

// Writes one snapshot. Nobody sees it before Commit; without Commit nothing remains. An error (no space, no such folder, a failing
// disk) leaves the older snapshots as they are and ends the writer's use until the next Open.
class SnapshotWriter {
 public:
  SnapshotWriter() = default;
  ~SnapshotWriter() { Drop(); }
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  // Begins a file in `dir`, which is made when it is missing. `meta` comes back to the reader before any record. Removes what crashed
  // writers of the group have left.
  Status Open(const std::string& dir, int32_t group, std::string_view meta, std::string_view name = "group");
  // Keys should be distinct; they come back in this order.
  Status Add(std::string_view key, std::string_view value);
  // Makes the file durable, then the group's newest snapshot.
  Status Commit();
  // Bytes of the file so far.
  int64_t size() const { return written_ + static_cast<int64_t>(section_.size()); }
  int64_t records() const { return static_cast<int64_t>(total_ + records_); }

 private:
  Status Seal(uint8_t kind);
  Status Write(std::string_view bytes);
  Status Failed(const std::string& what, int error);
  void Drop();

  std::string dir_, path_, temporary_;
  int file_ = -1;
  std::string section_;  // head and payload of the section being filled
  uint32_t records_ = 0;
  uint64_t total_ = 0, hash_ = 0;
  int64_t written_ = 0;
};

// What a reader does with a snapshot.
struct SnapshotUse {
  // Whether a snapshot with this text is of use; it is passed over otherwise.
  std::function<bool(std::string_view meta)> accept;
  // A record, from a block whose checksum is right. False: it is none, and the snapshot is damaged. The views die with the call.
  std::function<bool(std::string_view key, std::string_view value)> take;
  // The snapshot turned out to be damaged after records were taken: they are void.
  std::function<void()> restart;
};
struct SnapshotFound {
  bool found = false;
  std::string meta;
  int64_t records = 0, bytes = 0;
  std::vector<std::string> passed_over;  // a line for each file that was there and not used, with why
};

// Reads the group's newest snapshot that is whole and accepted; when there is none, nothing is found and nothing is taken.
SnapshotFound ReadSnapshot(const std::string& dir, int32_t group, const SnapshotUse& use, std::string_view name = "group");

}  // namespace streamc::rt::state
