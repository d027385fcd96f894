// Snapshot files: whole ones are read, damaged ones are noticed and passed over, and writing survives full disks and crashes.
#include "runtime/state/snapshot.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "test/unit/state/formats.h"

namespace streamc::rt::state {
namespace {

namespace fs = std::filesystem;
using Records = std::vector<std::pair<std::string, std::string>>;

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void Overwrite(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

// `count` records of mixed sizes, some empty, some with a zero byte.
Records Make(int count, unsigned seed) {
  std::mt19937 random(seed);
  Records records;
  for (int i = 0; i < count; ++i) {
    records.emplace_back("key" + std::string(1, '\0') + std::to_string(i), std::string(random() % 300, static_cast<char>(random())));
  }
  return records;
}

class Snapshots : public testing::Test {
 protected:
  Snapshots() {
    char pattern[] = "/tmp/streamc-snapshot-XXXXXX";
    dir_ = mkdtemp(pattern);
    file_ = dir_ + "/group-3.snapshot";
  }
  ~Snapshots() override { fs::remove_all(dir_); }

  Status TryWrite(const std::string& meta, const Records& records) {
    SnapshotWriter writer;
    if (Status status = writer.Open(dir_, 3, meta); !status.ok()) return status;
    for (const auto& [key, value] : records) {
      if (Status status = writer.Add(key, value); !status.ok()) return status;
    }
    return writer.Commit();
  }
  void Write(const std::string& meta, const Records& records) {
    Status status = TryWrite(meta, records);
    ASSERT_TRUE(status.ok()) << status.message;
  }
  // What a restarted job would have: records of a snapshot that turned out to be damaged are gone.
  SnapshotFound Read(Records* records, const std::string& refused = "") {
    records->clear();
    return ReadSnapshot(dir_, 3,
                        {[&](std::string_view meta) { return meta != refused; },
                         [&](std::string_view key, std::string_view value) {
                           records->emplace_back(key, value);
                           return key != "no key";
                         },
                         [&] {
                           ++restarts_;
                           records->clear();
                         }});
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string dir_, file_;
  int restarts_ = 0;
};
const std::vector<std::string> kOne = {"group-3.snapshot"}, kTwo = {"group-3.snapshot", "group-3.snapshot.prev"};

TEST_F(Snapshots, NothingThereIsNothingFound) {
  Records records;
  SnapshotFound found = Read(&records);
  EXPECT_FALSE(found.found);
  EXPECT_TRUE(found.passed_over.empty());
  fs::remove_all(dir_);
  EXPECT_FALSE(Read(&records).found);
}

TEST_F(Snapshots, AreReadBack) {
  for (int count : {0, 1, 7, 3000}) {
    Records written = Make(count, 1), records;
    if (count == 7) written[3].second = std::string(300000, 'x');  // larger than a block
    Write("meta " + std::to_string(count), written);
    SnapshotFound found = Read(&records);
    EXPECT_TRUE(found.found);
    EXPECT_EQ(found.meta, "meta " + std::to_string(count));
    EXPECT_EQ(found.records, count);
    EXPECT_EQ(found.bytes, static_cast<int64_t>(fs::file_size(file_)));
    EXPECT_TRUE(records == written);
  }
  EXPECT_EQ(Files(), kTwo);
  EXPECT_EQ(restarts_, 0);
}

TEST_F(Snapshots, MakeTheirFolder) {
  dir_ += "/a/b";
  Write("m", Make(1, 1));
  Records records;
  EXPECT_TRUE(Read(&records).found);
  dir_.resize(dir_.size() - 4);
}

TEST_F(Snapshots, OfAnotherJobOrGroupAreOfNoUse) {
  const Records old = Make(5, 1);
  Write("old", old);
  Write("new", Make(6, 2));
  Records records;
  SnapshotFound found = Read(&records, "new");
  EXPECT_TRUE(found.found);
  EXPECT_EQ(found.meta, "old");
  EXPECT_TRUE(records == old);
  ASSERT_EQ(found.passed_over.size(), 1u);
  EXPECT_EQ(found.passed_over[0], file_ + " belongs to another state of the job");
  fs::copy(file_, dir_ + "/group-4.snapshot");
  bool taken = false;
  found = ReadSnapshot(dir_, 4, {[](std::string_view) { return true; },
                                 [&](std::string_view, std::string_view) { return taken = true; }, [] {}});
  EXPECT_FALSE(found.found || taken);
}

TEST_F(Snapshots, RecordsThatMeanNothingMakeItDamaged) {
  const Records old = Make(5, 1);
  Write("old", old);
  Write("new", {{"a", "b"}, {"no key", "c"}, {"d", "e"}});
  Records records;
  EXPECT_EQ(Read(&records).meta, "old");
  EXPECT_TRUE(records == old);
  EXPECT_EQ(restarts_, 1);
}

// A bit in every byte of a small file, one in every 50th of a large one with many blocks.
TEST_F(Snapshots, AnyFlippedBitIsFound) {
  const Records old = Make(5, 1);
  for (int count : {3, 3000}) {
    Write("old", old);
    Write("new", Make(count, 2));
    const std::string good = Contents(file_);
    std::mt19937 random(3);
    const size_t step = count == 3 ? 1 : good.size() / 300;
    for (size_t at = 0; at < good.size(); at += step) {
      std::string damaged = good;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
      Overwrite(file_, damaged);
      Records records;
      SnapshotFound found = Read(&records);
      ASSERT_TRUE(found.found && found.meta == "old") << at;
      ASSERT_TRUE(records == old) << at;
      ASSERT_EQ(found.passed_over.size(), 1u);
    }
  }
  EXPECT_GT(restarts_, 0);
  Overwrite(file_ + ".prev", Contents(file_));
  Records records;
  SnapshotFound found = Read(&records);
  EXPECT_FALSE(found.found);
  EXPECT_TRUE(found.meta.empty() && records.empty());
  EXPECT_EQ(found.passed_over.size(), 2u);
}

TEST_F(Snapshots, AnyTruncationIsFound) {
  const Records old = Make(5, 1);
  Write("old", old);
  Write("new", Make(2000, 2));
  const std::string good = Contents(file_);
  for (size_t size = 0; size < good.size(); size += size < 200 || size + 50 > good.size() ? 1 : good.size() / 200) {
    Overwrite(file_, good.substr(0, size));
    Records records;
    ASSERT_EQ(Read(&records).meta, "old") << size;
    ASSERT_TRUE(records == old) << size;
  }
  Overwrite(file_, good + "x");
  Records records;
  EXPECT_EQ(Read(&records).meta, "old");
}

// Each block is right, but one is missing, twice or elsewhere.
TEST_F(Snapshots, BlocksOutOfOrderAreFound) {
  const Records same(3000, {"key", std::string(100, 'v')});  // blocks of one size
  Write("new", same);
  const std::string good = Contents(file_);
  uint32_t meta = 3, size;
  const size_t first = 20 + meta + 8;
  std::memcpy(&size, good.data() + first + 5, sizeof size);
  const size_t block = 9 + size + 8;
  ASSERT_GT(good.size(), first + 3 * block);
  const std::string head = good.substr(0, first), one = good.substr(first, block), two = good.substr(first + block, block);
  for (const std::string& bad : {head + two + one + good.substr(first + 2 * block), head + good.substr(first + block),
                                 head + one + one + good.substr(first + block), head + one + good.substr(first + 2 * block)}) {
    Overwrite(file_, bad);
    Records records;
    EXPECT_FALSE(Read(&records).found);
    EXPECT_TRUE(records.empty());
  }
}

TEST_F(Snapshots, ThatCannotBeReadArePassedOver) {
  fs::create_directory(file_);
  Records records;
  SnapshotFound found = Read(&records);
  EXPECT_FALSE(found.found);
  ASSERT_EQ(found.passed_over.size(), 1u);
  EXPECT_NE(found.passed_over[0].find("cannot be read: Is a directory"), std::string::npos) << found.passed_over[0];
}

// --- writers that do not come to their end ---

TEST_F(Snapshots, WithoutCommitNothingChanges) {
  const Records old = Make(5, 1);
  Write("old", old);
  {
    SnapshotWriter writer;
    ASSERT_TRUE(writer.Open(dir_, 3, "new").ok());
    for (const auto& [key, value] : Make(3000, 2)) ASSERT_TRUE(writer.Add(key, value).ok());
    EXPECT_GT(writer.size(), 100000);
  }
  EXPECT_EQ(Files(), kOne);
  Records records;
  EXPECT_EQ(Read(&records).meta, "old");
}

TEST_F(Snapshots, WhatACrashLeavesIsRemoved) {
  const Records old = Make(5, 1);
  Write("old", old);
  const pid_t child = fork();
  if (child == 0) {
    SnapshotWriter writer;
    bool good = writer.Open(dir_, 3, "new").ok();
    for (const auto& [key, value] : Make(3000, 2)) good = good && writer.Add(key, value).ok();
    _exit(good ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_EQ(Files().size(), 2u);
  Records records;
  EXPECT_EQ(Read(&records).meta, "old");
  Write("newer", old);
  EXPECT_EQ(Files(), kTwo);
}

TEST_F(Snapshots, BetweenTheRenamesThePreviousOneIsThere) {
  const Records old = Make(5, 1);
  Write("old", old);
  fs::rename(file_, file_ + ".prev");
  Records records;
  SnapshotFound found = Read(&records);
  EXPECT_EQ(found.meta, "old");
  EXPECT_TRUE(found.passed_over.empty());
  Write("new", Make(2, 2));
  EXPECT_EQ(Files(), kTwo);
  EXPECT_EQ(Read(&records).meta, "new");
}

TEST_F(Snapshots, AFullDiskIsAnErrorAndKeepsWhatWas) {
  const Records old = Make(5, 1);
  Write("old", old);
  const auto before = signal(SIGXFSZ, SIG_IGN);  // as a job does
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  for (rlim_t most : {10, 70000, 200000}) {
    const rlimit small = {most, limit.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    Status status = TryWrite("new", Make(3000, 2));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(status.code, Exit::TryAgain);
    EXPECT_EQ(status.message, "cannot write " + file_ + ": File too large");
    EXPECT_EQ(Files(), kOne);
  }
  signal(SIGXFSZ, before);
  Records records;
  EXPECT_EQ(Read(&records).meta, "old");
  EXPECT_TRUE(records == old);
}

TEST_F(Snapshots, AFolderThatCannotBeIsAnError) {
  Overwrite(dir_ + "/file", "x");
  SnapshotWriter writer;
  for (const std::string& dir : {dir_ + "/file", dir_ + "/file/below", std::string("/proc/nothing")}) {
    Status status = writer.Open(dir, 3, "meta");
    EXPECT_FALSE(status.ok()) << dir;
    EXPECT_NE(status.message.find(dir), std::string::npos) << status.message;
    EXPECT_FALSE(writer.Add("a", "b").ok());
    EXPECT_FALSE(writer.Commit().ok());
  }
}

TEST_F(Snapshots, AFolderThatGoesAwayIsAnError) {
  SnapshotWriter writer;
  ASSERT_TRUE(writer.Open(dir_, 3, "meta").ok());
  ASSERT_TRUE(writer.Add("a", "b").ok());
  fs::remove_all(dir_);
  EXPECT_FALSE(writer.Commit().ok());
}

// --- held file ---

TEST_F(Snapshots, OfVersion1) {
  const Records expected = {{"a", "1"}, {"", ""}, {"key", "a value"}};
  auto held = HeldFormat("snapshot.1");
  Write("fingerprint 17", expected);
  EXPECT_EQ(ToHex(Contents(file_)), ToHex(held["snapshot"]));
  Overwrite(file_, held["snapshot"]);
  Records records;
  SnapshotFound found = Read(&records);
  EXPECT_TRUE(found.found && found.meta == "fingerprint 17");
  EXPECT_TRUE(records == expected);
}

TEST_F(Snapshots, OfALaterFormatArePassedOver) {
  Write("old", Make(1, 1));
  std::string bytes = Contents(file_);
  ++bytes[8];
  Overwrite(file_, bytes);
  Records records;
  SnapshotFound found = Read(&records);
  ASSERT_EQ(found.passed_over.size(), 1u);
  EXPECT_EQ(found.passed_over[0], file_ + " has format 2, which this version does not read");
}

}  // namespace
}  // namespace streamc::rt::state
