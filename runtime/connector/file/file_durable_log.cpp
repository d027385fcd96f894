#include "runtime/connector/file/file_durable_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <unordered_map>
#include <utility>

#include "runtime/batch/fault_point.h"
#include "runtime/connector/file/file.h"
#include "runtime/connector/file/frame.h"
#include "runtime/connector/file/input_files.h"
#include "runtime/connector/file/journal.h"
#include "runtime/connector/file/output.h"
#include "runtime/connector/file/output_files.h"
#include "runtime/connector/file/spec.h"
#include "runtime/connector/options.h"
#include "runtime/observe/log.h"
#include "runtime/state/snapshot.h"

namespace streamc::rt::connector {
namespace {

constexpr std::string_view kSnapshotName = "state";

// Key group and record key, as a snapshot has them.
std::string StateKey(int32_t group, std::string_view key) {
  std::string out(reinterpret_cast<const char*>(&group), sizeof group);
  return out.append(key);
}
bool SplitStateKey(std::string_view bytes, int32_t* group, std::string_view* key) {
  if (bytes.size() < sizeof *group) return false;
  std::memcpy(group, bytes.data(), sizeof *group);
  *key = bytes.substr(sizeof *group);
  return true;
}

// The last change of each key since the snapshot.
using Changes = std::unordered_map<std::string, std::optional<std::string>>;

// All key groups, none of which has records; its positions are notes.
class GroupReader final : public Reader {
 public:
  GroupReader(int32_t groups, std::vector<std::string>& notes, std::vector<std::pair<int32_t, std::string>>& staged)
      : groups_(groups), notes_(notes), staged_(staged) {}
  Status Open() override { return Rewind(); }
  Status Poll(const PollLimits&, std::vector<RawRecords>*) override { return Status::Ok(); }
  void Release() override {}
  const std::vector<PartitionInfo>& partitions() const override { return partitions_; }
  Status Commit(const std::vector<Position>& positions) override {
    for (const Position& position : positions) {
      staged_.emplace_back(partitions_[static_cast<size_t>(position.slot)].id.partition, position.note);
    }
    return Status::Ok();
  }
  Status Rewind() override {
    for (PartitionInfo& partition : partitions_) partition.assigned = false;
    for (int32_t group = 0; group < groups_; ++group) {
      PartitionInfo& partition = partitions_.emplace_back();
      partition.id = {"key groups", group};
      partition.state = PartitionState::CaughtUp;
      partition.end = 0;
      partition.note = notes_[static_cast<size_t>(group)];
    }
    return Status::Ok();
  }
  Status Committed(std::vector<CommittedPosition>* all) override {
    all->clear();
    for (const std::string& note : notes_) all->push_back({0, note});
    return Status::Ok();
  }

 private:
  const int32_t groups_;
  std::vector<std::string>& notes_;
  std::vector<std::pair<int32_t, std::string>>& staged_;
  std::vector<PartitionInfo> partitions_;
};

// Holds lines until the turn is committed.
class HeldWriter final : public Writer {
 public:
  HeldWriter(std::string path, bool append, OutputFiles& files, OutputFiles::Say say)
      : path_(std::move(path)), append_(append), files_(files), say_(std::move(say)) {}
  Status Open() override {
    if (Status status = files_.Open(path_, append_, say_); !status.ok()) return status;
    pending_ = files_.pending(path_);
    return Status::Ok();
  }
  Status Write(const OutRecords& records) override {
    if (!records.topic.empty()) return Status::Error(Exit::Usage, "a file sink writes to one path; it cannot follow a topic from the row");
    for (std::string_view value : records.value) AppendLine(value, pending_);
    return Status::Ok();
  }
  Status Flush() override { return Status::Ok(); }

 private:
  const std::string path_;
  const bool append_;
  OutputFiles& files_;
  const OutputFiles::Say say_;
  std::string* pending_ = nullptr;
};

class FileDurableLog final : public DurableLog {
 public:
  explicit FileDurableLog(const DurableLogConfig& config)
      : config_(config), outputs_(config.until_end), notes_(static_cast<size_t>(std::max(config.key_groups, 0))) {}
  ~FileDurableLog() override { FileDurableLog::Close(); }

  Status Open() override {
    if (!config_.read_only) {
      if (Status status = Lock(); !status.ok()) return status;
    }
    bool fresh = false;
    if (Status status = Find(&fresh); !status.ok()) return status;
    if (config_.read_only) return Status::Ok();
    if (fresh) return WriteGeneration(1, [](state::SnapshotWriter*) { return Status::Ok(); });
    outputs_.Settle();
    // The journal that was read goes on where it ends well, so that its generation is whole before the next one begins.
    if (Status status = journal_.Continue(JournalPath(generation_), generation_, journal_good_, sequence_); !status.ok()) return status;
    return changed_ ? NextGeneration() : Status::Ok();
  }

  Status MakeReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader) override {
    return MakeJournaledFileReader(binding, config, &inputs_, reader);
  }

  Status MakeWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer) override {
    if (Status status = MakeFileWriter(binding, config, writer); !status.ok()) return status;
    // What cannot be cut or renamed gets its lines as they come, and once more after a crash.
    const std::string& path = binding.args.front();
    struct stat info {};
    if (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) return Status::Ok();
    auto say = [this](const std::vector<OutputPiece>& pieces) { return Say(pieces); };
    *writer = std::make_unique<HeldWriter>(path, BoolOption(binding, "append", false), outputs_, say);
    return Status::Ok();
  }

  Status MakeGroupReader(RevokeListener*, std::unique_ptr<Reader>* reader) override {
    *reader = std::make_unique<GroupReader>(config_.key_groups, notes_, staged_notes_);
    return Status::Ok();
  }

  Status Begin() override {
    DropTurn();
    return Status::Ok();
  }

  Status Write(InternalTopic topic, const GroupRecords& records) override {
    if (topic == InternalTopic::Repartition && records.size() > 0) return Status::Error(Exit::Internal, "a record for a key group of nobody");
    for (size_t i = 0; i < records.size(); ++i) turn_.changes.push_back({records.group[i], records.key[i], records.value[i]});
    return Status::Ok();
  }

  Status SendPositions(Reader& reader, const std::vector<Position>& positions) override { return reader.Commit(positions); }

  Status Commit(CommitOutcome* outcome) override {
    auto say = [this](const std::vector<OutputPiece>& pieces) { return Say(pieces); };
    if (Status status = outputs_.Pieces(say, &turn_.outputs); !status.ok()) return status;
    turn_.inputs = inputs_.Changed();
    for (const auto& [group, note] : staged_notes_) turn_.notes.push_back({group, note});
    if (!turn_.empty()) {
      if (Status status = Append(turn_); !status.ok()) return status;
      if (Status status = outputs_.Written(turn_.outputs); !status.ok()) return status;
    }
    for (auto& [group, note] : staged_notes_) notes_[static_cast<size_t>(group)] = std::move(note);
    inputs_.Commit();
    DropTurn();
    *outcome = CommitOutcome::Committed;
    counters_.committed.fetch_add(1, std::memory_order_relaxed);
    const int64_t most = std::max(config_.journal_bytes, snapshot_bytes_);
    return journal_.size() > most ? NextGeneration() : Status::Ok();
  }

  Status Abort() override {
    DropTurn();
    counters_.aborted.fetch_add(1, std::memory_order_relaxed);
    return Status::Ok();
  }

  Status Finish() override {
    return outputs_.Publish([this](const std::vector<OutputPiece>& pieces) { return Say(pieces); });
  }

  bool confirmed() const override { return true; }
  bool alone() const override { return true; }

  Status Ends(InternalTopic, const std::vector<int32_t>& groups, std::vector<int64_t>* ends) override {
    ends->assign(groups.size(), 0);
    return Status::Ok();
  }

  // There is one reading of all: what `from` says is always the beginning.
  Status ReadChangelog(const std::vector<int32_t>& groups, const std::vector<int64_t>&, const TakeRecord& take,
                       const std::function<void(size_t i)>& restart, const std::function<void(const RestoreProgress&)>& progress,
                       std::vector<int64_t>* next) override {
    next->assign(groups.size(), 0);
    RestoreProgress done;
    if (generation_ == 0) return Status::Ok();
    Changes changes;
    if (Status status = ReadChanges(&changes); !status.ok()) return status;
    done.total_rows = snapshot_rows_ + static_cast<int64_t>(changes.size());
    progress(done);
    std::unordered_map<int32_t, size_t> index;
    for (size_t i = 0; i < groups.size(); ++i) index[groups[i]] = i;
    bool more = true;
    auto hand = [&](int32_t group, std::string_view key, std::string_view value) {
      auto found = index.find(group);
      ++done.passed;
      if (!more || found == index.end()) return;
      more = take(found->second, key, value, 0);
      ++done.rows;
      done.bytes += static_cast<int64_t>(key.size() + value.size());
      if (done.rows % kProgressRows == 0) progress(done);
    };
    auto take_state = [&](std::string_view bytes, std::string_view value) {
      int32_t group = 0;
      std::string_view key;
      if (!SplitStateKey(bytes, &group, &key)) return false;
      if (changes.empty() || !changes.contains(std::string(bytes))) hand(group, key, value);
      return true;
    };
    auto restart_all = [&] {
      for (size_t i = 0; i < groups.size(); ++i) restart(i);
    };
    if (Status status = ReadState(take_state, restart_all); !status.ok()) return status;
    for (const auto& [bytes, value] : changes) {
      int32_t group = 0;
      std::string_view key;
      if (value.has_value() && SplitStateKey(bytes, &group, &key)) hand(group, key, *value);
    }
    progress(done);
    return Status::Ok();
  }

  Status ReadUnmerged(const std::function<void(int32_t group, std::string_view value)>&) override { return Status::Ok(); }

  Status Members(int32_t* members) override {
    *members = 0;
    return Status::Ok();
  }

  void Close() override {
    journal_.Close();
    if (lock_ >= 0) close(lock_);
    lock_ = -1;
  }
  const DurableLogCounters& counters() const override { return counters_; }

 private:
  static constexpr int64_t kProgressRows = 65536;

  std::string JournalPath(uint64_t generation) const { return config_.dir + "/journal-" + std::to_string(generation); }

  Status Damaged(const std::string& what) const {
    return Status::Error(Exit::Incompatible, "the state in " + config_.dir + " is damaged: " + what +
                                                 ". Put the folder and the job's outputs back from a copy, or remove them to begin anew");
  }

  Status Lock() {
    std::error_code error;
    std::filesystem::create_directories(config_.dir, error);
    const std::string path = config_.dir + "/" + std::string(kFileLogMark);
    lock_ = error ? -1 : open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock_ < 0) return Status::Error(Exit::TryAgain, "cannot use " + config_.dir + ": " + (error ? error.message() : std::strerror(errno)));
    if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return Status::Ok();
    if (errno != EWOULDBLOCK) return Status::Error(Exit::TryAgain, "cannot lock " + path + ": " + std::strerror(errno));
    return Status::Error(Exit::TryAgain, "another process runs with --state-dir " + config_.dir + ": stop it first, or give this one a folder of its own");
  }

  // Generations that have a snapshot, newest first.
  std::vector<uint64_t> Generations(bool* journals) const {
    std::vector<uint64_t> found;
    std::error_code ignored;
    for (std::filesystem::directory_iterator it(config_.dir, ignored), end; !ignored && it != end; it.increment(ignored)) {
      const std::string name = it->path().filename().string();
      *journals = *journals || name.starts_with("journal-");
      std::string_view text(name);
      if (!text.starts_with("state-") || !text.ends_with(".snapshot")) continue;
      text = text.substr(6, text.size() - 15);
      uint64_t number = 0;
      auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc() && rest == text.data() + text.size() && number > 0) found.push_back(number);
    }
    std::sort(found.rbegin(), found.rend());
    return found;
  }

  // Reads what the folder has: the newest snapshot that is whole, and all journals from there on.
  Status Find(bool* fresh) {
    bool journals = false;
    const std::vector<uint64_t> generations = Generations(&journals);
    *fresh = generations.empty() && !journals;
    if (*fresh) return Status::Ok();
    std::string faults;
    for (uint64_t generation : generations) {
      SnapshotHead head;
      std::string meta;
      state::SnapshotUse use;
      use.accept = [](std::string_view) { return true; };
      use.take = [](std::string_view key, std::string_view) { return key.size() >= sizeof(int32_t); };
      use.restart = [] {};
      state::SnapshotFound found = state::ReadSnapshot(config_.dir, static_cast<int32_t>(generation), use, kSnapshotName);
      Frame frame;
      if (found.found && DecodeSnapshotMeta(found.meta, &head, &frame)) {
        if (head.job != config_.group) {
          return Status::Error(Exit::Incompatible, config_.dir + " holds the state of " + head.job + ", not of " + config_.group +
                                                       ": give this job a folder of its own, or --group " + head.job);
        }
        base_ = generation;
        snapshot_rows_ = found.records;
        snapshot_bytes_ = found.bytes;
        return LoadFrom(generation, generations.front(), head.sequence, frame);
      }
      for (const std::string& text : found.passed_over) faults += (faults.empty() ? "" : "; ") + text;
      if (found.found) faults += (faults.empty() ? "" : "; ") + std::string("snapshot ") + std::to_string(generation) + " is of another version";
      observe::Log(observe::LogLevel::Warn, "snapshot_damaged", {{"text", faults}, {"note", "going back to the one before it"}});
    }
    return Damaged(faults.empty() ? "its snapshots are gone" : faults);
  }

  Status LoadFrom(uint64_t first, uint64_t last, uint64_t sequence, const Frame& frame) {
    Take(frame);
    sequence_ = sequence;
    changed_ = first != last;
    for (generation_ = first;; ++generation_) {
      journals_.emplace_back(generation_, sequence_);
      std::string& bytes = loaded_.emplace_back();
      JournalRead read;
      if (Status status = ReadWhole(JournalPath(generation_), &bytes, &read.missing); !status.ok()) return status;
      if (!read.missing) {
        read = ReadJournal(bytes, generation_, sequence_, [&](std::string_view payload) {
          Frame next;
          if (!DecodeFrame(payload, &next)) return false;
          Take(next);
          return changed_ = true;
        });
      }
      const bool whole = !read.missing && !read.torn && read.good > 0;
      if (read.damage.empty() && !whole && generation_ < last) read.damage = "is not whole";
      if (!read.damage.empty()) return Damaged(JournalPath(generation_) + " " + read.damage);
      if (!read.missing) sequence_ = read.next;
      journal_good_ = read.good;
      if (generation_ >= last) return Status::Ok();
    }
  }

  void Take(const Frame& frame) {
    for (const InputPart& part : frame.inputs) inputs_.Load(part);
    for (const GroupNote& note : frame.notes) {
      if (note.group >= 0 && static_cast<size_t>(note.group) < notes_.size()) notes_[static_cast<size_t>(note.group)] = note.note;
    }
    for (const OutputPiece& piece : frame.outputs) outputs_.Load(piece);
  }

  Status Append(const Frame& frame) {
    encoded_.clear();
    EncodeFrame(frame, &encoded_);
    Status status = journal_.Append(encoded_);
    sequence_ = journal_.next();
    return status;
  }
  Status Say(const std::vector<OutputPiece>& pieces) {
    Frame frame;
    frame.outputs = pieces;
    return Append(frame);
  }

  void DropTurn() {
    turn_ = {};
    staged_notes_.clear();
    inputs_.DropStaged();
    outputs_.DropPending();
  }

  // Of all journals behind the snapshot.
  Status ReadChanges(Changes* changes) const {
    for (const auto& [generation, first] : journals_) {
      std::string bytes;
      bool missing = false;
      if (Status status = ReadWhole(JournalPath(generation), &bytes, &missing); !status.ok()) return status;
      JournalRead read = ReadJournal(bytes, generation, first, [&](std::string_view payload) {
        Frame frame;
        if (!DecodeFrame(payload, &frame)) return false;
        for (const StateChange& change : frame.changes) {
          std::optional<std::string>& value = (*changes)[StateKey(change.group, change.key)];
          value.reset();
          if (change.value.data() != nullptr) value = std::string(change.value);
        }
        return true;
      });
      if (!read.damage.empty()) return Damaged(JournalPath(generation) + " " + read.damage);
    }
    return Status::Ok();
  }

  Status ReadState(const std::function<bool(std::string_view key, std::string_view value)>& take,
                   const std::function<void()>& restart) const {
    state::SnapshotUse use;
    use.accept = [](std::string_view) { return true; };
    use.take = take;
    use.restart = restart;
    state::SnapshotFound found = state::ReadSnapshot(config_.dir, static_cast<int32_t>(base_), use, kSnapshotName);
    if (found.found) return Status::Ok();
    return Damaged(found.passed_over.empty() ? "its snapshot is gone" : found.passed_over.front());
  }

  // Everything as of now becomes a snapshot with an empty journal behind it; what is older than the one before goes.
  Status NextGeneration() {
    if (Status status = outputs_.Sync(); !status.ok()) return status;
    batch::FaultAt(batch::FaultPoint::FileOutputsSynced);
    Changes changes;
    if (Status status = ReadChanges(&changes); !status.ok()) return status;
    const uint64_t before = base_;
    auto write = [&](state::SnapshotWriter* writer) {
      Status failure;
      auto copy = [&](std::string_view key, std::string_view value) {
        if (failure.ok() && (changes.empty() || !changes.contains(std::string(key)))) failure = writer->Add(key, value);
        return true;
      };
      if (Status status = ReadState(copy, [] {}); !status.ok()) return status;
      for (const auto& [key, value] : changes) {
        if (failure.ok() && value.has_value()) failure = writer->Add(key, *value);
      }
      return failure;
    };
    if (Status status = WriteGeneration(generation_ + 1, write); !status.ok()) return status;
    bool ignored = false;
    for (uint64_t generation : Generations(&ignored)) {
      if (generation < before) Remove(generation);
    }
    return Status::Ok();
  }

  void Remove(uint64_t generation) const {
    unlink((config_.dir + "/" + state::SnapshotName(static_cast<int32_t>(generation), kSnapshotName)).c_str());
    unlink(JournalPath(generation).c_str());
    batch::FaultAt(batch::FaultPoint::FileOldRemoved);
  }

  Status WriteGeneration(uint64_t generation, const std::function<Status(state::SnapshotWriter*)>& write) {
    Frame all;
    all.inputs = inputs_.All();
    all.outputs = outputs_.All();
    for (size_t group = 0; group < notes_.size(); ++group) {
      if (!notes_[group].empty()) all.notes.push_back({static_cast<int32_t>(group), notes_[group]});
    }
    state::SnapshotWriter writer;
    const std::string meta = EncodeSnapshotMeta({config_.group, sequence_}, all);
    Status status = writer.Open(config_.dir, static_cast<int32_t>(generation), meta, kSnapshotName);
    if (status.ok()) status = write(&writer);
    if (!status.ok()) return status;
    const int64_t bytes = writer.size(), rows = writer.records();
    if (status = writer.Commit(); !status.ok()) return status;
    batch::FaultAt(batch::FaultPoint::FileStateWritten);
    if (status = journal_.Create(JournalPath(generation), generation, sequence_); !status.ok()) return status;
    batch::FaultAt(batch::FaultPoint::FileJournalMade);
    base_ = generation_ = generation;
    snapshot_bytes_ = bytes;
    snapshot_rows_ = rows;
    loaded_.clear();
    journals_ = {{generation, sequence_}};
    return Status::Ok();
  }

  const DurableLogConfig config_;
  DurableLogCounters counters_;
  int lock_ = -1;
  uint64_t base_ = 0, generation_ = 0;   // of the snapshot, of the journal being written; 0: none yet
  uint64_t sequence_ = 1;                // of the next frame
  int64_t journal_good_ = 0, snapshot_bytes_ = 0, snapshot_rows_ = 0;
  bool changed_ = false;                 // there is more than the newest snapshot says
  std::vector<std::string> loaded_;      // journals as read at the start: outputs point into them
  std::vector<std::pair<uint64_t, uint64_t>> journals_;  // behind the snapshot, with the numbers of their first frames
  Journal journal_;
  InputFiles inputs_;
  OutputFiles outputs_;
  std::vector<std::string> notes_;       // by key group
  // Of the turn:
  Frame turn_;
  std::vector<std::pair<int32_t, std::string>> staged_notes_;
  std::string encoded_;
};

}  // namespace

Status MakeFileDurableLog(const DurableLogConfig& config, std::unique_ptr<DurableLog>* log) {
  *log = std::make_unique<FileDurableLog>(config);
  return Status::Ok();
}

}  // namespace streamc::rt::connector
