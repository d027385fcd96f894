#include "runtime/engine/group_snapshots.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <utility>

#include "runtime/observe/log.h"
#include "runtime/state/snapshot.h"
#include "runtime/time/clock.h"

namespace streamc::rt::engine {
namespace {

// Brokers keep tombstones for a day unless told otherwise; a snapshot from before one would bring back what it took.
constexpr int64_t kOldest = int64_t{20} * 3600 * 1'000'000;
constexpr int64_t kLastWithin = 3'000'000;

int64_t NowMicros() {
  auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

// `NAME VALUE` and a line feed.
bool TakeLine(std::string_view* text, std::string_view name, std::string_view* value) {
  size_t end = text->find('\n');
  if (end == text->npos || !text->starts_with(name) || name.size() >= end || (*text)[name.size()] != ' ') return false;
  *value = text->substr(name.size() + 1, end - name.size() - 1);
  text->remove_prefix(end + 1);
  return true;
}

bool TakeNumber(std::string_view* text, std::string_view name, int64_t* number) {
  std::string_view digits;
  if (!TakeLine(text, name, &digits)) return false;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *number);
  return error == std::errc() && end == digits.data() + digits.size();
}

}  // namespace

std::string WriteSnapshotMeta(const SnapshotMeta& meta) {
  return "changelog " + std::to_string(meta.offset) + "\nwritten " + std::to_string(meta.written) + "\nlife " + meta.life + "\n" +
         meta.manifest;
}

bool ReadSnapshotMeta(std::string_view text, SnapshotMeta* meta) {
  std::string_view life;
  if (!TakeNumber(&text, "changelog", &meta->offset) || !TakeNumber(&text, "written", &meta->written) ||
      !TakeLine(&text, "life", &life)) {
    return false;
  }
  meta->life = life;
  meta->manifest = text;
  return meta->offset >= 0;
}

// --- reading ----------------------------------------------------------------------------------------------------

GroupSnapshots::Found GroupSnapshots::Read(int32_t group, const std::string& life,
                                           const std::function<bool(std::string_view key, std::string_view value)>& take,
                                           const std::function<void()>& restart) const {
  Found result;
  // Without a committed life the group has no state that a snapshot could be of.
  if (!enabled() || life.empty()) return result;
  int64_t now = NowMicros();
  SnapshotMeta meta;
  state::SnapshotUse use;
  use.accept = [&](std::string_view text) {
    return ReadSnapshotMeta(text, &meta) && meta.life == life && meta.manifest == options_.manifest && meta.written <= now + kOldest &&
           now - meta.written <= kOldest;
  };
  use.take = take;
  use.restart = restart;
  state::SnapshotFound found = state::ReadSnapshot(options_.dir, group, use);
  for (const std::string& text : found.passed_over) observe::Log(observe::LogLevel::Info, "snapshot_passed_over", {{"text", text}});
  if (!found.found || !ReadSnapshotMeta(found.meta, &meta)) return result;
  result.offset = meta.offset;
  result.records = found.records;
  return result;
}

Status GroupSnapshots::Ahead(int32_t group, int64_t offset, int64_t end) const {
  return Status::Error(Exit::Incompatible, "the snapshot of key group " + std::to_string(group) + " in " + options_.dir +
                                               " was taken at offset " + std::to_string(offset) + " of the job's changelog, which ends at " +
                                               std::to_string(end) + ": the topic lost records or was made anew; to go on with what it" +
                                               " has, remove the folder; to begin with no state, give another --group");
}

void GroupSnapshots::Own(int32_t group, int64_t offset, bool behind) {
  Group& owned = groups_[group] = Group();
  owned.offset = offset;
  if (behind) Changed(group);
}

int64_t GroupSnapshots::Drop(int32_t group) {
  auto found = groups_.find(group);
  if (found == groups_.end()) return 0;
  int64_t offset = found->second.offset;
  groups_.erase(found);
  return offset;
}

// --- writing ----------------------------------------------------------------------------------------------------

bool GroupSnapshots::Due(int64_t now, bool last) const {
  if (!enabled() || (!last && (now - begun_at_ < options_.every || !round_.empty()))) return false;
  return std::any_of(groups_.begin(), groups_.end(), [](const auto& group) { return group.second.due(); });
}

void GroupSnapshots::Begin(int64_t now, const std::vector<int32_t>& groups, const std::vector<int64_t>& ends) {
  begun_at_ = now;
  round_turn_ = turn_;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (auto found = groups_.find(groups[i]); found != groups_.end()) found->second.ends = ends[i];
  }
}

void GroupSnapshots::Confirm(bool committed) {
  round_.clear();
  for (auto& [number, group] : groups_) {
    if (committed && group.ends >= 0) group.offset = group.ends;
    group.ends = -1;
    if (committed && group.due()) round_.push_back(number);
  }
}

bool GroupSnapshots::Done(bool wait) {
  if (!written_.valid()) return true;
  if (!wait && written_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
  Status status = written_.get();
  int32_t group = std::exchange(writing_, -1);
  if (status.ok()) return true;
  // The next round tries again; until then there is no use in it.
  if (auto found = groups_.find(group); found != groups_.end()) found->second.covered_to = 0;
  round_.clear();
  if (!std::exchange(warned_, true)) {
    observe::Log(observe::LogLevel::Warn, "snapshot_failed",
                 {{"text", status.message}, {"note", "the job goes on; a restart reads more of its changelog"}});
  }
  return true;
}

void GroupSnapshots::Write(const WriteAll& write_all, const std::function<std::string(int32_t group)>& life_of, bool last) {
  if (!enabled()) return;
  ++turn_;
  const bool at_once = last || options_.every == 0;
  const int64_t until = time::SteadyMicros() + kLastWithin;
  while (Done(at_once) && !round_.empty()) {
    int32_t group = round_.front();
    round_.pop_front();
    auto owned = groups_.find(group);
    std::string life = owned == groups_.end() ? "" : life_of(group);
    if (life.empty()) continue;
    auto file = std::make_shared<File>();
    file->dir = options_.dir;
    file->group = group;
    file->meta = WriteSnapshotMeta({owned->second.offset, NowMicros(), std::move(life), options_.manifest});
    write_all(group, &file->records);
    owned->second.covered_to = round_turn_;
    writing_ = group;
    written_ = std::async(at_once ? std::launch::deferred : std::launch::async, [file] { return WriteFile(*file); });
    if (!at_once) return;
    if (last && time::SteadyMicros() > until) break;
  }
  if (at_once) Done(true);
}

Status GroupSnapshots::WriteFile(const File& file) {
  state::SnapshotWriter writer;
  if (Status status = writer.Open(file.dir, file.group, file.meta); !status.ok()) return status;
  for (const StateRecords::Record& record : file.records.puts()) {
    if (Status status = writer.Add(record.key, *record.value); !status.ok()) return status;
  }
  return writer.Commit();
}

}  // namespace streamc::rt::engine
