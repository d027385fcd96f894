// The durable log in a folder, driven by a small job: crashes after any step, journals cut anywhere, bits that flip, outputs that
// fall behind or get their names, inputs that are not what they were. What counts each time: outputs hold each line once, and
// state, notes and positions say the same.
#include "runtime/connector/file/file_durable_log.h"

#include <sys/stat.h>

#include <random>
#include <set>

#include "runtime/connector/file/frame.h"
#include "runtime/connector/file/journal.h"
#include "test/unit/connector/connector_fixture.h"
#include "test/unit/state/formats.h"

namespace streamc::rt::connector {
namespace {

namespace fs = std::filesystem;

constexpr int32_t kGroups = 4;

std::string LinesOf(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += "w" + std::to_string(i % 7) + " line " + std::to_string(i) + "\n";
  return text;
}

// A job that copies the lines of `in*` to `out` and counts words by their first two characters, by key group.
class SmallJob {
 public:
  SmallJob(fs::path folder, bool until_end, int64_t journal_bytes = 64 << 20) : folder_(std::move(folder)) {
    config_.group = "small";
    config_.keyed = true;
    config_.key_groups = kGroups;
    config_.dir = (folder_ / "state").string();
    config_.until_end = until_end;
    config_.journal_bytes = journal_bytes;
  }

  Status Open(std::map<std::string, std::string> sink = {}, std::map<std::string, std::string> source = {}) {
    Status status = MakeDurableLog("file", config_, &log_);
    if (status.ok()) status = log_->Open();
    if (status.ok()) status = log_->MakeWriter({"out", "file", {(folder_ / "out").string()}, std::move(sink)}, {}, &writer_);
    if (status.ok()) status = writer_->Open();
    ReaderConfig reader;
    reader.until_end = config_.until_end;
    if (status.ok()) status = log_->MakeReader({"in", "file", {(folder_ / "in*").string()}, std::move(source)}, reader, &reader_);
    if (status.ok()) status = reader_->Open();
    if (status.ok()) status = log_->MakeGroupReader(nullptr, &groups_);
    if (status.ok()) status = groups_->Open();
    if (status.ok()) status = Restore();
    return status;
  }

  Status Restore() {
    std::vector<int32_t> all;
    for (int32_t group = 0; group < kGroups; ++group) all.push_back(group);
    counts_.clear();
    auto take = [&](size_t i, std::string_view key, std::string_view value, int64_t) {
      if (value.data() == nullptr) counts_.erase({all[i], std::string(key)});
      if (value.data() != nullptr) counts_[{all[i], std::string(key)}] = std::stoi(std::string(value));
      return true;
    };
    std::vector<int64_t> next;
    return log_->ReadChangelog(all, std::vector<int64_t>(kGroups, 0), take, [&](size_t) { counts_.clear(); }, [](const RestoreProgress&) {}, &next);
  }

  // Reads at most `records` lines and commits; `steps`: how many calls of the turn are made before the process dies.
  Status Turn(int64_t records, int steps = 5) {
    std::vector<RawRecords> polled;
    PollLimits limits;
    limits.max_records = records;
    limits.max_wait_us = 0;
    for (int i = 0; i < 2 && polled.empty(); ++i) {
      if (Status status = reader_->Poll(limits, &polled); !status.ok()) return status;
    }
    OutRecords out;
    std::set<std::pair<int32_t, std::string>> changed;
    std::vector<Position> positions, notes;
    for (const RawRecords& part : polled) {
      for (size_t i = 0; i < part.size(); ++i) {
        out.value.emplace_back(part.value[i], static_cast<size_t>(part.value_len[i]));
        const std::pair<int32_t, std::string> key(part.value[i][1] % kGroups, std::string(part.value[i], 2));
        ++counts_[key];
        changed.insert(key);
        ++lines_;
      }
      positions.push_back({part.slot, part.next_offset, "lines " + std::to_string(lines_)});
    }
    GroupRecords state;
    std::vector<std::string> values;
    for (const auto& key : changed) values.push_back(std::to_string(counts_[key]));
    size_t next = 0;
    for (const auto& key : changed) {
      state.group.push_back(key.first);
      state.key.push_back(key.second);
      state.value.push_back(values[next++]);
    }
    for (size_t slot = 0; slot < groups_->partitions().size(); ++slot) {
      if (groups_->partitions()[slot].assigned) notes.push_back({static_cast<int32_t>(slot), 0, std::to_string(Total())});
    }
    Status status;
    CommitOutcome outcome = CommitOutcome::Aborted;
    if (status.ok() && steps > 0) status = log_->Begin();
    if (status.ok() && steps > 1) status = writer_->Write(out);
    if (status.ok() && steps > 2) status = log_->Write(InternalTopic::Changelog, state);
    if (status.ok() && steps > 3) status = log_->SendPositions(*reader_, positions);
    if (status.ok() && steps > 3) status = log_->SendPositions(*groups_, notes);
    if (status.ok() && steps > 4) status = log_->Commit(&outcome);
    reader_->Release();
    return status;
  }

  bool ended() const {
    for (const PartitionInfo& partition : reader_->partitions()) {
      if (partition.assigned && partition.position < partition.end) return false;
    }
    return true;
  }
  void RunToEnd() {
    while (!ended()) {
      Status status = Turn(13);
      ASSERT_TRUE(status.ok()) << status.message;
    }
    Status status = log_->Finish();
    ASSERT_TRUE(status.ok()) << status.message;
  }

  int Total() const {
    int total = 0;
    for (const auto& [key, count] : counts_) total += count;
    return total;
  }
  // After Open: lines that are in the state, in the notes of the groups, and in front of the readers' positions: all the same, or -1.
  int64_t Consistent() const {
    int64_t read = 0;
    for (const PartitionInfo& partition : reader_->partitions()) {
      if (!partition.assigned) continue;
      std::ifstream file(partition.id.topic, std::ios::binary);
      std::string text(static_cast<size_t>(partition.position), '\0');
      file.read(text.data(), partition.position);
      read += std::count(text.begin(), text.end(), '\n');
    }
    for (const PartitionInfo& group : groups_->partitions()) {
      if (group.assigned && (group.note.empty() ? 0 : std::stoi(group.note)) != Total()) return -1;
    }
    return read == Total() ? read : -1;
  }

  DurableLogConfig config_;
  fs::path folder_;
  std::unique_ptr<DurableLog> log_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Reader> reader_, groups_;
  std::map<std::pair<int32_t, std::string>, int> counts_;
  int64_t lines_ = 0;
};

class FileLog : public Folder {
 protected:
  // Where there is such a file system a sync costs nothing.
  void SetUp() override {
    std::string pattern = (fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) / "streamc_files_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  std::string StatePath(const std::string& name) const { return (folder_ / "state" / name).string(); }
  void Save() {
    fs::remove_all(Saved());
    fs::create_directory(Saved());
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path() != Saved() && !entry.path().filename().string().starts_with("in")) fs::copy(entry.path(), Saved() / entry.path().filename(), fs::copy_options::recursive);
    }
  }
  void Back() {
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path() != Saved() && !entry.path().filename().string().starts_with("in")) fs::remove_all(entry.path());
    }
    for (const auto& entry : fs::directory_iterator(Saved())) fs::copy(entry.path(), folder_ / entry.path().filename(), fs::copy_options::recursive);
  }
  fs::path Saved() const { return folder_ / "saved"; }
  static std::string Contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Runs `turns` of the job and lets it go as a killed process would.
  void Run(int turns, bool until_end = false, int64_t journal_bytes = 64 << 20) {
    SmallJob job(folder_, until_end, journal_bytes);
    Status status = job.Open();
    ASSERT_TRUE(status.ok()) << status.message;
    for (int i = 0; i < turns; ++i) {
      status = job.Turn(13);
      ASSERT_TRUE(status.ok()) << status.message;
    }
  }
  void Finish(const std::string& expected) {
    SmallJob job(folder_, true);
    Status status = job.Open();
    ASSERT_TRUE(status.ok()) << status.message;
    EXPECT_GE(job.Consistent(), 0);
    job.RunToEnd();
    EXPECT_EQ(ReadFile("out"), expected);
    EXPECT_FALSE(fs::exists(folder_ / "out.part"));
  }
};

TEST_F(FileLog, AProcessThatDiesInATurnHasNotBegunIt) {
  std::string text = LinesOf(0, 100);
  WriteFile("in", text);
  for (int steps = 0; steps <= 5; ++steps) {
    SmallJob job(folder_, false);
    ASSERT_TRUE(job.Open().ok());
    ASSERT_EQ(job.Consistent(), steps * 5) << steps;
    EXPECT_EQ(ReadFile("out"), LinesOf(0, steps * 5));
    ASSERT_TRUE(job.Turn(5, 5).ok());
    EXPECT_EQ(ReadFile("out"), LinesOf(0, steps * 5 + 5));
    ASSERT_TRUE(job.Turn(5, std::min(steps, 4)).ok());
  }
  Finish(text);
}

TEST_F(FileLog, AnAbortedTurnIsReadAgain) {
  WriteFile("in", LinesOf(0, 40));
  SmallJob job(folder_, false);
  ASSERT_TRUE(job.Open().ok());
  ASSERT_TRUE(job.Turn(10).ok());
  ASSERT_TRUE(job.Turn(10, 4).ok());
  ASSERT_TRUE(job.log_->Abort().ok());
  ASSERT_TRUE(job.reader_->Rewind().ok());
  ASSERT_TRUE(job.groups_->Rewind().ok());
  ASSERT_TRUE(job.Restore().ok());
  EXPECT_EQ(job.Consistent(), 10);
  job.RunToEnd();
  EXPECT_EQ(ReadFile("out"), LinesOf(0, 40));
}

TEST_F(FileLog, EveryPrefixOfAJournalIsARightState) {
  std::string text = LinesOf(0, 120);
  WriteFile("in", text);
  Run(3);
  Run(6);  // the second generation, on a snapshot of the first
  Save();
  const std::string journal = Contents(StatePath("journal-2")), out = ReadFile("out");
  std::mt19937 random(7);
  std::set<size_t> seen;
  for (size_t cut = 0, next = 0; cut < journal.size(); next += next < 80 ? 1 : 1 + random() % 40) {
    cut = std::min(next, journal.size());
    Back();
    fs::resize_file(StatePath("journal-2"), cut);
    // Space that was given to a file but not written is zero.
    if (cut > 28 && random() % 2 == 0) fs::resize_file(StatePath("journal-2"), cut + random() % 200);
    // Outputs have at most what whole frames say, at least what the snapshot says.
    JournalRead read = ReadJournal(std::string_view(journal).substr(0, cut), 2, 4, [](std::string_view) { return true; });
    const size_t frames = static_cast<size_t>(read.next - 4), base = LinesOf(0, 39).size(), full = LinesOf(0, 39 + 13 * static_cast<int>(frames)).size();
    ASSERT_LE(frames, 6u);
    fs::resize_file(Path("out"), base + (full > base ? random() % (full - base + 1) : 0));
    SmallJob job(folder_, false);
    Status status = job.Open();
    ASSERT_TRUE(status.ok()) << cut << " " << status.message;
    ASSERT_EQ(job.Consistent(), 39 + 13 * static_cast<int64_t>(frames)) << cut;
    ASSERT_EQ(ReadFile("out"), out.substr(0, full));
    job.RunToEnd();
    ASSERT_EQ(ReadFile("out"), text);
    seen.insert(frames);
  }
  EXPECT_EQ(seen.size(), 7u);
}

TEST_F(FileLog, AFlippedBitIsNeverBelieved) {
  std::string text = LinesOf(0, 200);
  WriteFile("in", text);
  Run(3);
  Run(4);
  Run(3);
  Save();
  std::mt19937 random(3);
  std::map<std::string, std::pair<int, int>> outcomes;  // refused, gone on
  for (const std::string name : {"journal-2", "journal-3", "state-2.snapshot", "state-3.snapshot"}) {
    const size_t size = Contents(Saved() / "state" / name).size();
    for (int i = 0; i < 40; ++i) {
      Back();
      std::string bytes = Contents(StatePath(name));
      bytes[random() % size] ^= static_cast<char>(1 << random() % 8);
      std::ofstream(StatePath(name), std::ios::binary) << bytes;
      SmallJob job(folder_, false);
      Status status = job.Open();
      ASSERT_TRUE(status.ok() || status.code == Exit::Incompatible) << name << " " << status.message;
      ++(status.ok() ? outcomes[name].second : outcomes[name].first);
      if (!status.ok()) continue;
      ASSERT_EQ(job.Consistent(), 130) << name;
      job.RunToEnd();
      ASSERT_EQ(ReadFile("out"), text) << name;
    }
  }
  EXPECT_EQ(outcomes["journal-3"], std::pair(40, 0));        // its frames are nowhere else
  EXPECT_EQ(outcomes["journal-2"], std::pair(0, 40));        // of the generation before: not needed
  EXPECT_EQ(outcomes["state-2.snapshot"], std::pair(0, 40));
  EXPECT_EQ(outcomes["state-3.snapshot"], std::pair(0, 40)); // the one before and its journal say the same
}

TEST_F(FileLog, WhatIsDamagedTwiceIsSaid) {
  WriteFile("in", LinesOf(0, 100));
  Run(3);
  Run(3);
  fs::resize_file(StatePath("state-2.snapshot"), 40);
  fs::resize_file(StatePath("journal-1"), 100);
  auto refused = [&](const std::string& text) {
    SmallJob job(folder_, false);
    Status status = job.Open();
    EXPECT_EQ(status.code, Exit::Incompatible);
    EXPECT_NE(status.message.find(text), std::string::npos) << status.message;
  };
  refused("journal-1 is not whole. Put the folder");
  fs::remove(StatePath("state-1.snapshot"));
  refused("state-2.snapshot is damaged");
  fs::remove(StatePath("state-2.snapshot"));
  refused("its snapshots are gone");
}

TEST_F(FileLog, AJournalThatGrowsIsBegunAnew) {
  std::string text = LinesOf(0, 2000);
  WriteFile("in", text);
  Run(100, false, 2000);
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_ / "state")) names.insert(entry.path().filename().string());
  ASSERT_EQ(names.size(), 5u) << "two generations and the lock";
  EXPECT_EQ(names.count("state-1.snapshot"), 0u);
  EXPECT_LT(fs::file_size(StatePath(*names.begin())), 6000u);
  Finish(text);
}

TEST_F(FileLog, OneProcessAtATime) {
  WriteFile("in", LinesOf(0, 10));
  SmallJob job(folder_, false);
  ASSERT_TRUE(job.Open().ok());
  SmallJob other(folder_, false);
  Status status = other.Open();
  EXPECT_EQ(status.code, Exit::TryAgain);
  EXPECT_NE(status.message.find("another process runs with --state-dir"), std::string::npos) << status.message;
  // Looking at the state is free.
  DurableLogConfig look = job.config_;
  look.read_only = true;
  std::unique_ptr<DurableLog> log;
  ASSERT_TRUE(MakeDurableLog("file", look, &log).ok());
  ASSERT_TRUE(job.Turn(5).ok());
  ASSERT_TRUE(log->Open().ok());
  int rows = 0;
  std::vector<int64_t> next;
  auto count = [&](size_t, std::string_view, std::string_view, int64_t) { return ++rows > 0; };
  ASSERT_TRUE(log->ReadChangelog({0, 1, 2, 3}, {0, 0, 0, 0}, count, [](size_t) {}, [](const RestoreProgress&) {}, &next).ok());
  EXPECT_EQ(rows, 5);
  job.log_->Close();
  EXPECT_TRUE(other.Open().ok());
  other.log_->Close();
  other.config_.group = "another";
  EXPECT_EQ(other.Open().code, Exit::Incompatible);
}

// --- outputs ----------------------------------------------------------------------------------------------------

TEST_F(FileLog, ABoundedRunPublishesWhatIsComplete) {
  std::string text = LinesOf(0, 50);
  WriteFile("in", text);
  WriteFile("out", "of another day\n");
  Run(2, true);
  EXPECT_EQ(ReadFile("out"), "of another day\n");
  EXPECT_EQ(ReadFile("out.part"), LinesOf(0, 26));
  Finish(text);
  // More input: readers see the old output until the new one is whole.
  WriteFile("in", LinesOf(50, 90), true);
  Run(1, true);
  EXPECT_EQ(ReadFile("out"), text);
  EXPECT_EQ(ReadFile("out.part"), LinesOf(0, 63));
  Finish(LinesOf(0, 90));
  Finish(LinesOf(0, 90));
}

TEST_F(FileLog, AMoveThatWasInterruptedIsFinished) {
  WriteFile("in", LinesOf(0, 50));
  Run(2, true);
  Save();
  Finish(LinesOf(0, 50));
  // As if the machine had stopped before the rename: the journal says published, the file has its old name.
  fs::rename(Path("out"), Path("out.part"));
  Finish(LinesOf(0, 50));
  // The same before the copy that begins the next bounded run.
  WriteFile("in", LinesOf(50, 80), true);
  Run(1, true);
  const std::string whole = ReadFile("out.part");
  fs::remove(Path("out.part"));
  Finish(LinesOf(0, 80));
  EXPECT_EQ(whole, LinesOf(0, 63));
}

TEST_F(FileLog, RunsOfBothKindsGoOnWithEachOther) {
  WriteFile("in", LinesOf(0, 30));
  Run(1, true);
  EXPECT_FALSE(fs::exists(Path("out")));
  Run(1, false);
  EXPECT_EQ(ReadFile("out"), LinesOf(0, 26));
  EXPECT_FALSE(fs::exists(Path("out.part")));
  Finish(LinesOf(0, 30));
}

TEST_F(FileLog, AppendKeepsWhatWasThere) {
  WriteFile("in", LinesOf(0, 20));
  WriteFile("out", "before\n");
  for (int i = 0; i < 2; ++i) {
    SmallJob job(folder_, false);
    ASSERT_TRUE(job.Open({{"append", "true"}}).ok());
    ASSERT_TRUE(job.Turn(10).ok());
  }
  EXPECT_EQ(ReadFile("out"), "before\n" + LinesOf(0, 20));
}

TEST_F(FileLog, OutputsThatDoNotFitAreRefused) {
  WriteFile("in", LinesOf(0, 60));
  Run(2);
  Run(1);
  Save();
  auto refused = [&](const std::string& text) {
    SmallJob job(folder_, false);
    Status status = job.Open();
    EXPECT_EQ(status.code, Exit::Incompatible) << text;
    EXPECT_NE(status.message.find(text), std::string::npos) << status.message;
    Back();
  };
  WriteFile("out", "more\n", true);
  refused("but the job's journal knows of");
  fs::resize_file(Path("out"), LinesOf(0, 20).size());
  refused("where the job has written");
  fs::remove(Path("out"));
  refused("is not there");
  Finish(LinesOf(0, 60));
}

// --- inputs -----------------------------------------------------------------------------------------------------

TEST_F(FileLog, InputsThatAreNotWhatTheyWereAreRefused) {
  const std::string text = LinesOf(0, 300);
  WriteFile("in", text);
  Run(2);
  auto refused = [&](const std::string& what) {
    SmallJob job(folder_, false);
    Status status = job.Open();
    EXPECT_EQ(status.code, Exit::Incompatible) << what;
    EXPECT_NE(status.message.find(what), std::string::npos) << status.message;
  };
  WriteFile("in", text.substr(0, 100));
  refused("has only 100 bytes left");
  WriteFile("in", "x" + text.substr(1));
  refused("it begins otherwise");
  WriteFile("in", text);
  { SmallJob job(folder_, false); EXPECT_TRUE(job.Open().ok()); }
  WriteFile("copy", text);
  fs::rename(Path("in"), Path("old"));
  fs::rename(Path("copy"), Path("in"));
  refused("another file has its name");
  fs::remove(Path("in"));
  WriteFile("in2", "y\n");
  refused("is gone, and");
  fs::rename(Path("old"), Path("in"));
  fs::remove(Path("in2"));
  Finish(text);
}

TEST_F(FileLog, PartsStayWhereTheyWereCut) {
  WriteFile("in", LinesOf(0, 100));
  std::multiset<std::string> want;
  auto lines = [](const std::string& text) {
    std::istringstream in(text);
    std::multiset<std::string> all;
    for (std::string line; std::getline(in, line);) all.insert(line);
    return all;
  };
  for (int round = 0; round < 4; ++round) {
    SmallJob job(folder_, false);
    Status status = job.Open({}, {{"partitions", std::to_string(3 + round)}});
    ASSERT_TRUE(status.ok()) << status.message;
    EXPECT_EQ(job.reader_->partitions().size(), round < 2 ? 3u : 4u + 4u);
    ASSERT_TRUE(job.Turn(1 + round * 20).ok());
    WriteFile("in", LinesOf(100 + round * 50, 150 + round * 50), true);
    if (round == 1) WriteFile("in_more", LinesOf(1000, 1010));
    if (round > 1) break;
  }
  SmallJob job(folder_, false);
  ASSERT_TRUE(job.Open().ok());
  job.RunToEnd();
  want = lines(LinesOf(0, 250));
  want.merge(lines(LinesOf(1000, 1010)));
  EXPECT_EQ(lines(ReadFile("out")), want);
}

// --- bytes ------------------------------------------------------------------------------------------------------

Frame SomeFrame() {
  Frame frame;
  frame.inputs.push_back({"s", "path", 2, 10, 100, 100, true, "note", 7, 8, 9});
  frame.notes.push_back({3, "n"});
  frame.changes.push_back({1, "key", "value"});
  frame.changes.push_back({2, "gone", std::string_view()});
  frame.changes.push_back({2, "empty", ""});
  frame.outputs.push_back({"out", Place::Part, 5, "bytes\n"});
  return frame;
}

TEST_F(FileLog, FilesOfEarlierBuildsAreRead) {
  std::string payload;
  EncodeFrame(SomeFrame(), &payload);
  Journal journal;
  ASSERT_TRUE(journal.Create(Path("journal"), 5, 17).ok());
  ASSERT_TRUE(journal.Append(payload).ok());
  std::map<std::string, std::string> held = state::HeldFormat("journal.1");
  const std::string meta = EncodeSnapshotMeta({"job", 18}, SomeFrame());
  // What this build writes; once another format is the newest, only reading is checked.
  EXPECT_EQ(state::ToHex(held["journal"]), state::ToHex(ReadFile("journal")));
  EXPECT_EQ(state::ToHex(held["meta"]), state::ToHex(meta));
  std::string read;
  JournalRead result = ReadJournal(held["journal"], 5, 17, [&](std::string_view bytes) { read = bytes; return true; });
  EXPECT_EQ(result.next, 18u);
  EXPECT_EQ(read, payload);
  SnapshotHead head;
  Frame frame;
  ASSERT_TRUE(DecodeSnapshotMeta(held["meta"], &head, &frame));
  EXPECT_EQ(head.job, "job");
  EXPECT_EQ(head.sequence, 18u);
  EXPECT_EQ(frame.outputs.at(0).path, "out");
}

TEST(FileLogFrame, ComesBackAndRefusesWhatItIsNot) {
  Frame frame = SomeFrame();
  std::string bytes;
  EncodeFrame(frame, &bytes);
  Frame back;
  ASSERT_TRUE(DecodeFrame(bytes, &back));
  EXPECT_EQ(back.inputs[0].note, "note");
  EXPECT_EQ(back.inputs[0].head_size, 9u);
  EXPECT_TRUE(back.inputs[0].skipping);
  EXPECT_EQ(back.changes[1].value.data(), nullptr);
  EXPECT_NE(back.changes[2].value.data(), nullptr);
  EXPECT_EQ(back.outputs[0].bytes, "bytes\n");
  std::string again;
  EncodeFrame(back, &again);
  EXPECT_EQ(again, bytes);
  for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(DecodeFrame(std::string_view(bytes).substr(0, size), &back)) << size;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = bytes;
    for (int flips = 0; flips < 3; ++flips) damaged[random() % damaged.size()] = static_cast<char>(random());
    DecodeFrame(damaged, &back);
  }
}

}  // namespace
}  // namespace streamc::rt::connector
