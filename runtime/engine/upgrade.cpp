#include "runtime/engine/upgrade.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "runtime/batch/fault_point.h"
#include "runtime/engine/migrate.h"
#include "runtime/engine/outbox.h"
#include "runtime/engine/state_records.h"
#include "runtime/observe/log.h"

namespace streamc::rt::engine {
namespace {

using abi::StepFate;
using connector::CommitOutcome;
using connector::DurableLog;
using connector::InternalTopic;

constexpr int kAttempts = 8;
constexpr auto kLeaveWithin = std::chrono::seconds(20);  // longer than a session
constexpr auto kLeavePoll = std::chrono::milliseconds(200);

std::string ManifestKey() {
  std::string key;
  AppendRecordKey({0, RecordKind::Manifest, {}, {}}, &key);
  return key;
}

// Nothing in `text` when the job has none.
Status ReadStored(DurableLog& log, std::optional<std::string>* text) {
  text->reset();
  std::vector<int64_t> next;
  const std::string key = ManifestKey();
  auto take = [&](size_t, std::string_view record_key, std::string_view value, int64_t) {
    if (record_key == key && value.data() != nullptr) *text = std::string(value);
    return true;
  };
  return log.ReadChangelog({0}, {0}, take, [&](size_t) { text->reset(); }, [](const connector::RestoreProgress&) {}, &next);
}

Status Compare(const std::optional<std::string>& stored, const abi::Manifest& program, const std::vector<std::string>& reset,
               abi::Manifest* old, abi::ManifestDiff* diff) {
  if (stored.has_value()) {
    std::string why;
    if (!abi::ReadManifest(*stored, old, &why)) {
      return Status::Error(Exit::Incompatible, "the manifest in the job's changelog cannot be read (" + why +
                                                   "): it was written by a newer build, or not by streamc");
    }
  }
  *diff = abi::CompareManifests(stored.has_value() ? old : nullptr, program, reset);
  if (diff->ok) return Status::Ok();
  return Status::Error(Exit::Incompatible, "the state of the job does not fit this program\n" + abi::DiffText(*diff));
}

// State that changes must not be in use.
Status AwaitNobody(DurableLog& log) {
  auto deadline = std::chrono::steady_clock::now() + kLeaveWithin;
  for (;;) {
    int32_t members = 0;
    if (Status status = log.Members(&members); !status.ok()) return status;
    if (members == 0) return Status::Ok();
    if (std::chrono::steady_clock::now() >= deadline) {
      return Status::Error(Exit::TryAgain, "the state of the job is to change, but " + std::to_string(members) +
                                               " of its instances still run: stop them first");
    }
    std::this_thread::sleep_for(kLeavePoll);
  }
}

// The records of all groups that must change, by group.
class Rewrite {
 public:
  Rewrite(const abi::Manifest& old, const abi::ManifestDiff& diff) {
    for (const abi::StepDiff& step : diff.steps) {
      if (step.fate != StepFate::Migrated && step.fate != StepFate::Dropped) continue;
      Change& change = changes_[step.id];
      change.name = step.name;
      if (step.fate == StepFate::Dropped) continue;
      auto with_id = [&](const abi::ManifestStep& each) { return each.id == step.id; };
      change.migration.emplace(*std::find_if(old.steps.begin(), old.steps.end(), with_id),
                               *std::find_if(diff.next.steps.begin(), diff.next.steps.end(), with_id), step);
    }
  }
  bool empty() const { return changes_.empty(); }

  // What an earlier program has sent from one of its instances to another stays in the old form until it is merged.
  Status CheckMerged(DurableLog& log) const {
    const Change* pending = nullptr;
    auto look = [&](uint16_t step) {
      auto found = changes_.find(step);
      if (found != changes_.end() && found->second.migration.has_value()) pending = &found->second;
      return true;
    };
    EntryHandlers handlers;
    handlers.partial = [&](const PartialEntry& entry) { return look(entry.step); };
    handlers.row = [&](const RowEntry& entry) { return look(entry.step); };
    handlers.time = [](const TimeEntry&) {};
    bool readable = true;
    Status status = log.ReadUnmerged([&](int32_t, std::string_view value) { readable = ReadEntries(value, handlers) && readable; });
    if (!status.ok()) return status;
    if (!readable) return Status::Error(Exit::Incompatible, "the repartition topic of the job was written by a newer build, or not by streamc");
    if (pending == nullptr) return Status::Ok();
    return Status::Error(Exit::TryAgain, "the state of " + pending->name + " is to change, but its instances have sent each other rows that" +
                                             " are not in that state yet: start one instance of the program that ran last, wait until it" +
                                             " has read them (`lag` 0 in its progress), stop it, and start this program again");
  }

  Status Run(DurableLog& log, int32_t groups) {
    std::vector<int32_t> all;
    for (int32_t group = 0; group < groups; ++group) all.push_back(group);
    std::vector<std::map<std::string, std::string>> latest(all.size());
    auto take = [&](size_t i, std::string_view key, std::string_view value, int64_t) {
      RecordKey record;
      if (!ReadRecordKey(key, &record) || changes_.count(record.step) == 0) return true;
      if (value.data() == nullptr) {
        latest[i].erase(std::string(key));
      } else {
        latest[i][std::string(key)] = value;
      }
      return true;
    };
    std::vector<int64_t> next;
    Status status = log.ReadChangelog(all, std::vector<int64_t>(all.size(), 0), take, [&](size_t i) { latest[i].clear(); },
                                      [](const connector::RestoreProgress&) {}, &next);
    for (size_t i = 0; i < all.size() && status.ok(); ++i) {
      for (const auto& [key, value] : latest[i]) {
        if (status = Replace(key, value, &out_[all[i]]); !status.ok()) break;
      }
    }
    return status;
  }
  connector::GroupRecords Records() const {
    connector::GroupRecords records;
    for (const auto& [group, stored] : out_) {
      for (const auto& [key, value] : stored) {
        records.group.push_back(group);
        records.key.push_back(key);
        records.value.push_back(value.has_value() ? std::string_view(*value) : std::string_view());
      }
    }
    return records;
  }

 private:
  struct Change {
    std::string name;
    std::optional<Migration> migration;  // none: dropped
  };

  Status Replace(const std::string& key, const std::string& value, StoredRecords* out) {
    RecordKey record;
    ReadRecordKey(key, &record);
    Change& change = changes_.at(record.step);
    if (!change.migration.has_value()) {
      out->emplace(key, std::nullopt);
    } else if (!change.migration->Apply(key, value, out)) {
      return Status::Error(Exit::Incompatible, "the state of " + change.name +
                                                   " cannot be read: the changelog was written by a newer build, or not by streamc");
    }
    return Status::Ok();
  }

  std::map<uint16_t, Change> changes_;
  std::map<int32_t, StoredRecords> out_;
};

// One attempt; `outcome` Aborted: another start came in between.
Status ChangeManifest(DurableLog& log, const abi::Manifest& program, const std::vector<std::string>& reset,
                      abi::Manifest* numbered, CommitOutcome* outcome) {
  std::optional<std::string> stored;
  if (Status status = ReadStored(log, &stored); !status.ok()) return status;
  abi::Manifest old;
  abi::ManifestDiff diff;
  if (Status status = Compare(stored, program, reset, &old, &diff); !status.ok()) return status;
  *numbered = diff.next;
  *outcome = CommitOutcome::Committed;
  std::string text = abi::WriteManifest(diff.next);
  if (stored == text && reset.empty()) return Status::Ok();
  Rewrite rewrite(old, diff);
  if (!rewrite.empty()) {
    if (Status status = AwaitNobody(log); !status.ok()) return status;
    if (Status status = rewrite.CheckMerged(log); !status.ok()) return status;
    if (Status status = rewrite.Run(log, program.key_groups); !status.ok()) return status;
    observe::Log(observe::LogLevel::Warn, "state_taken_over", {{"text", abi::DiffText(diff)}});
  }
  batch::FaultAt(batch::FaultPoint::StateRewritten);
  std::string key = ManifestKey();
  connector::GroupRecords records = rewrite.Records();
  records.group.push_back(0);
  records.key.push_back(key);
  records.value.push_back(text);
  Status status = log.Begin();
  batch::FaultAt(batch::FaultPoint::ManifestBegun);
  if (status.ok()) status = log.Write(InternalTopic::Changelog, records);
  batch::FaultAt(batch::FaultPoint::ManifestWritten);
  if (status.ok()) status = log.Commit(outcome);
  batch::FaultAt(batch::FaultPoint::ManifestCommitted);
  return status;
}

}  // namespace

Status CompareState(DurableLog& log, const abi::Manifest& program, const std::vector<std::string>& reset,
                    abi::ManifestDiff* diff, bool* known) {
  std::optional<std::string> stored;
  if (Status status = ReadStored(log, &stored); !status.ok()) return status;
  *known = stored.has_value();
  abi::Manifest old;
  return Compare(stored, program, reset, &old, diff);
}

Status TakeStateOver(DurableLog& log, std::string_view connector, const connector::DurableLogConfig& config,
                     const abi::Manifest& program, const std::vector<std::string>& reset, abi::Manifest* numbered) {
  if (log.alone()) {
    CommitOutcome outcome = CommitOutcome::Committed;
    return ChangeManifest(log, program, reset, numbered, &outcome);
  }
  connector::DurableLogConfig own = config;
  own.instance_id = "manifest";  // one transactional id for all starts: a later one fences an earlier
  own.exactly_once = own.one_turn = true;
  std::minstd_rand random(std::random_device{}());
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // Another start may have done the work; else whoever waits least comes through.
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(random() % (100u << attempt)));
    std::optional<std::string> stored;
    if (Status status = ReadStored(log, &stored); !status.ok()) return status;
    abi::Manifest old;
    abi::ManifestDiff diff;
    if (Status status = Compare(stored, program, reset, &old, &diff); !status.ok()) return status;
    *numbered = diff.next;
    if (stored == abi::WriteManifest(diff.next) && reset.empty()) return Status::Ok();
    std::unique_ptr<DurableLog> exclusive;
    if (Status status = connector::MakeDurableLog(connector, own, &exclusive); !status.ok()) return status;
    if (Status status = exclusive->Open(); !status.ok()) return status;
    CommitOutcome outcome = CommitOutcome::Aborted;
    Status status = ChangeManifest(*exclusive, program, reset, numbered, &outcome);
    exclusive->Close();
    if (!status.ok() || outcome == CommitOutcome::Committed) return status;
  }
  return Status::Error(Exit::TryAgain, "the job's manifest could not be written: other instances start at the same time");
}

}  // namespace streamc::rt::engine
