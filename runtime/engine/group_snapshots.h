// Snapshots of a job's key groups in a folder of this machine (state/snapshot.h): when they are written, what they say, which fit.
//
// A round of snapshots begins every so often, for groups that changed since their last one. It asks where the changelog ends, then the
// turn commits: when that is accepted, nobody else has owned the groups in between, so all that stands before those ends is in
// the state of this instance, and a restart may read on from there. A snapshot holds later changes as well; reading their records
// once more changes nothing. Files are written by a thread of their own, one at a time. A snapshot that is missing, damaged, too old
// or of another state costs time at the next restart and nothing else. Used by Exchange, on the coordinator's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/batch/status.h"
#include "runtime/engine/state_records.h"

namespace streamc::rt::engine {

struct SnapshotOptions {
  std::string dir;               // empty: none are written or read
  int64_t every = 30'000'000;    // microseconds; 0 (tests): at each commit, written at once
  std::string manifest;          // of the job, with the numbers of its steps; one of another manifest does not fit
};

// What a snapshot says of itself.
struct SnapshotMeta {
  int64_t offset = 0;    // of the changelog: all that stands before is in it
  int64_t written = 0;   // microseconds since 1970
  std::string life;      // of the group's state, see Exchange
  std::string manifest;
};
std::string WriteSnapshotMeta(const SnapshotMeta& meta);
bool ReadSnapshotMeta(std::string_view text, SnapshotMeta* meta);

class GroupSnapshots {
 public:
  // Writes the records of a group's state.
  using WriteAll = std::function<void(int32_t group, StateRecords* records)>;

  explicit GroupSnapshots(SnapshotOptions options) : options_(std::move(options)) {}
  // Waits for the file being written.
  ~GroupSnapshots() = default;
  GroupSnapshots(const GroupSnapshots&) = delete;
  GroupSnapshots& operator=(const GroupSnapshots&) = delete;
  bool enabled() const { return !options_.dir.empty(); }

  // --- a group comes ---
  struct Found {
    int64_t offset = 0, records = 0;  // nothing found: 0, the beginning of the changelog
  };
  // The newest snapshot that fits. `restart`: what was taken is void.
  Found Read(int32_t group, const std::string& life, const std::function<bool(std::string_view key, std::string_view value)>& take,
             const std::function<void()>& restart) const;
  // The changelog the snapshot was taken of went on further than the one there is.
  Status Ahead(int32_t group, int64_t offset, int64_t end) const;
  // The group's state is now as of this offset, which its next snapshot can say. `behind`: there is none that holds all of it.
  void Own(int32_t group, int64_t offset, bool behind);
  // The group goes; as of which offset its state is, 0 where that is not known.
  int64_t Drop(int32_t group);

  // --- and is written ---
  void Changed(int32_t group) { groups_[group].changed_in = turn_; }
  // Whether a round is to begin. `now`: of a steady clock; `last`: the job is about to stop.
  bool Due(int64_t now, bool last) const;
  // A round begins; where the changelogs of the groups end, asked before the turn is committed.
  void Begin(int64_t now, const std::vector<int32_t>& groups, const std::vector<int64_t>& ends);
  // The turn of Begin is committed by the owner of the groups; or it is not known to be.
  void Confirm(bool committed);
  // The state is as committed: one more group of the round is written; all of it, for at most 3 s, when this is the last.
  // `life_of`: as committed with the group's position.
  void Write(const WriteAll& write_all, const std::function<std::string(int32_t group)>& life_of, bool last);

 private:
  struct Group {
    int64_t offset = 0, ends = -1;
    // Numbers of turns: the last that changed the group, and the one from which on changes lie behind its snapshot's offset.
    int64_t changed_in = -1, covered_to = 0;
    bool due() const { return changed_in >= covered_to; }
  };
  struct File {
    std::string dir, meta;
    int32_t group = 0;
    StateRecords records;
  };
  static Status WriteFile(const File& file);
  // The writer is done with its file, or there is none. False: it still writes.
  bool Done(bool wait);

  const SnapshotOptions options_;
  std::map<int32_t, Group> groups_;  // owned
  std::deque<int32_t> round_;        // still to be written
  int64_t turn_ = 0, round_turn_ = 0, begun_at_ = 0;
  bool warned_ = false;
  int32_t writing_ = -1;
  std::future<Status> written_;      // its end waits for the thread
};

}  // namespace streamc::rt::engine
