// Snapshots of key groups: what they hold is what the changelog says, a restart goes on from them, and none that does not fit is used.
#include "runtime/engine/group_snapshots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "runtime/connector/memory/memory_log.h"
#include "runtime/state/snapshot.h"
#include "test/unit/engine/word_job.h"
#include "test/unit/state/formats.h"

namespace streamc::rt::engine::testing {
namespace {

namespace fs = std::filesystem;
using connector::MemoryLog;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using State = std::map<std::pair<int32_t, std::string>, std::string>;

abi::BoundSpec Window(int64_t seconds, int64_t late, abi::EmitKind emit) {
  abi::BoundSpec bound;
  bound.window = abi::WindowKind::Tumbling;
  bound.size = Micros(seconds * kSecond);
  bound.late = Micros(late * kSecond);
  bound.emit = emit;
  return bound;
}
abi::BoundSpec Forever(int64_t emit_every = 0) {
  abi::BoundSpec bound;
  bound.keep_forever = true;
  bound.emit = abi::EmitKind::Changes;
  if (emit_every > 0) bound.emit_every = Micros(emit_every * kSecond);
  return bound;
}

class GroupSnapshotsTest : public ::testing::Test {
 protected:
  GroupSnapshotsTest() {
    // In memory where that is possible: what is synced here is small and much.
    std::string pattern = access("/dev/shm", W_OK) == 0 ? "/dev/shm/streamc-groups-XXXXXX" : "/tmp/streamc-groups-XXXXXX";
    dir_ = mkdtemp(pattern.data());
  }
  ~GroupSnapshotsTest() override { fs::remove_all(dir_); }

  EngineOptions Options() const {
    EngineOptions options;
    options.durable_log = "memory";
    options.state_dir = dir_;
    options.snapshot_every = 0;
    return options;
  }
  static MemoryLog& Changelog() { return MemoryLog::Get("words-changelog"); }
  // What reading the changelog from its beginning leaves.
  static State OfChangelog() {
    State state;
    for (int32_t group = 0; group < Changelog().partitions(); ++group) {
      for (int64_t offset = 0; offset < Changelog().end(group); ++offset) {
        const connector::MemoryRecord& record = Changelog().At(group, offset);
        RecordKey key;
        EXPECT_TRUE(ReadRecordKey(*record.key, &key));
        if (key.kind == RecordKind::Manifest) continue;
        if (record.value.has_value()) {
          state[{group, *record.key}] = *record.value;
        } else {
          state.erase({group, *record.key});
        }
      }
    }
    return state;
  }
  State OfSnapshots() const {
    State state;
    for (int32_t group = 0; group < 64; ++group) {
      state::ReadSnapshot(dir_, group,
                          {[](std::string_view) { return true; },
                           [&](std::string_view key, std::string_view value) {
                             return state.emplace(std::pair(group, std::string(key)), value).second;
                           },
                           [] {}});
    }
    return state;
  }
  // The group that holds state.
  static int32_t Group() { return OfChangelog().begin()->first.first; }
  // Writes the group's snapshot anew, with another meta text or other records.
  void Rewrite(int32_t group, const std::function<void(SnapshotMeta*)>& edit, std::optional<std::string> value = {}) {
    std::vector<std::pair<std::string, std::string>> records;
    state::SnapshotFound found =
        state::ReadSnapshot(dir_, group,
                            {[](std::string_view) { return true; },
                             [&](std::string_view key, std::string_view old) {
                               records.emplace_back(key, old);
                               return true;
                             },
                             [] {}});
    ASSERT_TRUE(found.found);
    SnapshotMeta meta;
    ASSERT_TRUE(ReadSnapshotMeta(found.meta, &meta));
    edit(&meta);
    fs::remove(dir_ + "/group-" + std::to_string(group) + ".snapshot.prev");
    fs::remove(dir_ + "/group-" + std::to_string(group) + ".snapshot");
    state::SnapshotWriter writer;
    ASSERT_TRUE(writer.Open(dir_, group, WriteSnapshotMeta(meta)).ok());
    for (const auto& [key, old] : records) ASSERT_TRUE(writer.Add(key, value.value_or(old)).ok());
    ASSERT_TRUE(writer.Commit().ok());
  }

  std::string dir_;
};

TEST_F(GroupSnapshotsTest, HoldWhatTheChangelogSays) {
  for (auto bound : {Forever(), Forever(10), Window(60, 0, abi::EmitKind::Final), Window(60, 30, abi::EmitKind::Changes)}) {
    bool changing = bound.emit == abi::EmitKind::Changes;
    WordJob job(bound, changing);
    job.AddCapture(job.aggregate);
    abi::TopSpec top;
    top.per = {};
    top.order = {{1, true}};
    top.limit = Constant({int64_t{2}});
    top.changing_input = changing;
    if (changing) {
      top.has_bound = true;
      top.bound.keep_forever = true;
      job.AddTop(top, job.aggregate, true);
    }
    fs::remove_all(dir_);
    Harness h(job, Options());
    for (int64_t i = 0; i < 12; ++i) {
      h.SetClock(i * 21);
      for (int64_t j = 0; j < 3; ++j) h.Feed("w" + std::to_string((3 * i + j) % 7), i, i * 21);
      h.Settle();
    }
    State state = OfChangelog();
    EXPECT_FALSE(state.empty());
    // A group that holds nothing any more may have no file, or an empty one.
    State snapshots = OfSnapshots();
    std::string differs;
    for (const auto& [key, value] : state) {
      if (snapshots.count(key) == 0) differs += "lacks " + std::to_string(key.first) + " " + state::ToHex(key.second) + "\n";
      if (snapshots.count(key) != 0 && snapshots[key] != value) differs += "other " + std::to_string(key.first) + " " + state::ToHex(key.second) + "\n";
    }
    for (const auto& [key, value] : snapshots) {
      if (state.count(key) == 0) differs += "too much " + std::to_string(key.first) + " " + state::ToHex(key.second) + "\n";
    }
    EXPECT_EQ(differs, "");
    ASSERT_TRUE(h.Restart().ok());
    h.Settle();
    EXPECT_TRUE(OfChangelog() == state);
  }
}

class OneWord : public GroupSnapshotsTest {
 protected:
  OneWord() : job_(Forever(), true), capture_(job_.AddCapture(job_.aggregate)), h_(job_, Options()) {
    for (int64_t v : {1, 2, 3}) Add(v);
    h_.Take(capture_, {"n"});
  }
  void Add(int64_t v) {
    h_.Feed("word", v, 0);
    h_.Settle();
  }
  // n and s of the word after one more row, in which a wrong state would show.
  std::vector<std::string> AfterRestart() {
    Status status = h_.Restart();
    EXPECT_TRUE(status.ok()) << status.message;
    h_.Settle();
    Add(10);
    return h_.Take(capture_, {"$sign", "n", "s"});
  }
  int64_t RowsRestored() { return h_.engine().counters().restore.rows.get(); }

  WordJob job_;
  int32_t capture_;
  Harness h_;
};

TEST_F(OneWord, ARestartReadsTheTailOnly) {
  EXPECT_THAT(AfterRestart(), ElementsAre("-1 3 6", "1 4 16"));
  EXPECT_EQ(RowsRestored(), 1);  // the snapshot's
  // Without the folder all of it.
  fs::remove_all(dir_);
  EXPECT_THAT(AfterRestart(), ElementsAre("-1 4 16", "1 5 26"));
  EXPECT_EQ(RowsRestored(), 5);  // the manifest and four states
}

TEST_F(OneWord, TheStateIsTheSnapshots) {
  // Its value is not that of the changelog, so it shows where it came from.
  std::string value = OfSnapshots().begin()->second;
  value[17 + 4] = 0;
  int64_t count = 40, sum = 60;
  ASSERT_GE(value.size(), 32u);
  std::memcpy(value.data() + value.size() - 16, &count, 8);
  std::memcpy(value.data() + value.size() - 8, &sum, 8);
  Rewrite(Group(), [](SnapshotMeta*) {}, value);
  EXPECT_THAT(AfterRestart(), ElementsAre("-1 40 60", "1 41 70"));
}

TEST_F(OneWord, WhatTheChangelogSaysAfterwardsCounts) {
  const fs::path old = dir_ + "-old";
  fs::copy(dir_, old, fs::copy_options::recursive);
  Add(4);
  Add(5);
  h_.Take(capture_, {"n"});
  fs::remove_all(dir_);
  fs::rename(old, dir_);
  EXPECT_THAT(AfterRestart(), ElementsAre("-1 5 15", "1 6 25"));
  EXPECT_EQ(RowsRestored(), 3);  // the snapshot's, and what came after it
}

TEST_F(OneWord, ADamagedOneIsPassedOver) {
  const std::string file = dir_ + "/group-" + std::to_string(Group()) + ".snapshot";
  fs::resize_file(file, fs::file_size(file) - 1);
  EXPECT_THAT(AfterRestart(), ElementsAre("-1 3 6", "1 4 16"));
}

TEST_F(OneWord, OnesOfAnotherJobLifeOrTimeAreNotUsed) {
  std::string wrong(40, '\1');
  const std::function<void(SnapshotMeta*)> edits[] = {
      [](SnapshotMeta* meta) { meta->manifest += "more\n"; }, [](SnapshotMeta* meta) { meta->life = "0123456789abcdef"; },
      [](SnapshotMeta* meta) { meta->written -= int64_t{21} * 3600 * kSecond; }};
  int64_t n = 3, s = 6;
  for (const auto& edit : edits) {
    Rewrite(Group(), edit, wrong);
    EXPECT_THAT(AfterRestart(), ElementsAre("-1 " + std::to_string(n) + " " + std::to_string(s),
                                            "1 " + std::to_string(n + 1) + " " + std::to_string(s + 10)));
    ++n, s += 10;
    EXPECT_GE(RowsRestored(), 3);
  }
}

TEST_F(OneWord, AChangelogThatEndsBeforeItIsRefused) {
  Rewrite(Group(), [](SnapshotMeta* meta) { meta->offset += 100; });
  ASSERT_TRUE(h_.Restart().ok());
  Status status = h_.Turns();
  EXPECT_EQ(status.code, Exit::Incompatible);
  EXPECT_THAT(status.message, HasSubstr("was taken at offset 1"));
  EXPECT_THAT(status.message, HasSubstr("--group"));
}

TEST_F(OneWord, AFolderThatCannotBeWrittenStopsNothing) {
  fs::remove_all(dir_);
  std::ofstream(dir_) << "a file";
  EXPECT_THAT(AfterRestart(), ElementsAre("-1 3 6", "1 4 16"));
  EXPECT_THAT(AfterRestart(), ElementsAre("-1 4 16", "1 5 26"));
}

TEST(SnapshotMeta, IsReadBack) {
  SnapshotMeta meta{12, 1'700'000'000'000'000, "0f", "streamc manifest 1\nstep ...\n"}, back;
  ASSERT_TRUE(ReadSnapshotMeta(WriteSnapshotMeta(meta), &back));
  EXPECT_EQ(back.offset, 12);
  EXPECT_EQ(back.written, meta.written);
  EXPECT_EQ(back.life, "0f");
  EXPECT_EQ(back.manifest, meta.manifest);
  for (const char* bad : {"", "changelog 1\n", "changelog x\nwritten 1\nlife a\n", "changelog -1\nwritten 1\nlife a\n",
                          "changelog 1\nwritten 1\nlifea\n"}) {
    EXPECT_FALSE(ReadSnapshotMeta(bad, &back)) << bad;
  }
}

// --- held state ---

// Records of a changelog as version 1 wrote them, for each kind of state; the engine goes on from them.
struct Held {
  const char* name;
  abi::BoundSpec bound;
  bool top;
};
std::vector<Held> HeldStates() {
  return {{"slot", Window(60, 0, abi::EmitKind::Final), false},
          {"kept", Forever(), false},
          {"kept_pending", Forever(10), false},
          {"pending", [] {
             abi::BoundSpec bound = Window(60, 30, abi::EmitKind::Changes);
             bound.emit_every = Micros(10 * kSecond);
             return bound;
           }(), false},
          {"top", Forever(), true}};
}

class HeldState : public GroupSnapshotsTest {};

TEST_F(HeldState, OfVersion1IsGoneOnWith) {
  auto held = state::HeldFormat("changelog.1");
  for (const Held& each : HeldStates()) {
    SCOPED_TRACE(each.name);
    bool changing = each.bound.emit == abi::EmitKind::Changes;
    WordJob job(each.bound, changing);
    job.AddCapture(job.aggregate);
    if (each.top) {
      abi::TopSpec top;
      top.order = {{1, true}};
      top.limit = Constant({int64_t{1}});
      top.changing_input = top.has_bound = top.bound.keep_forever = true;
      job.AddTop(top, job.aggregate, true);
    }
    Harness h(job, Options());
    h.Feed("held", 5, 1);
    h.Feed("held", 6, 2);
    h.Feed("other", 7, 3);
    h.Settle();
    State now = OfChangelog();
    std::string written;
    State before;
    for (const auto& [key, value] : now) {
      std::string name = std::string(each.name) + "." + std::to_string(key.first) + "." + state::ToHex(key.second);
      written += name + " " + state::ToHex(value) + "\n";
      if (held.count(name) != 0) before[key] = held[name];
    }
    EXPECT_EQ(before.size(), now.size()) << "not held:\n" << written;
    EXPECT_TRUE(before == now) << "written otherwise:\n" << written;
    // Read back: the same state is in the engine when all of it came from the held records.
    std::map<int32_t, std::string> manifest;
    fs::remove_all(dir_);
    std::optional<connector::MemoryRecord> first;
    if (Changelog().end(0) > 0) first = Changelog().At(0, 0);
    Changelog().Clear();
    Changelog().SetPartitions(64);
    if (first.has_value()) Changelog().Append(0, *first);
    for (const auto& [key, value] : before) {
      connector::MemoryRecord record;
      record.key = key.second;
      record.value = value;
      Changelog().Append(key.first, std::move(record));
    }
    ASSERT_TRUE(h.Restart().ok());
    h.Settle();
    h.Feed("third", 1, 4);
    h.Settle();
    State after = OfChangelog();
    for (const auto& [key, value] : before) EXPECT_EQ(after.count(key), 1u);
    EXPECT_GT(after.size(), before.size());
    EXPECT_TRUE(OfSnapshots() == after);
  }
}

}  // namespace
}  // namespace streamc::rt::engine::testing
