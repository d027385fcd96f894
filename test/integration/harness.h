// What every Kafka test needs: a broker, topics of its own, records in and out, and a job as a child process.
//
// In: STREAMC_TEST_BROKERS (set by broker.sh) and STREAMC (the compiler). All functions throw std::runtime_error with the
// whole story when Kafka refuses or a deadline passes, which fails the test. Nothing here waits for a fixed time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace streamc::test {

// One record as it stands in a topic. No value: a tombstone.
struct Record {
  int32_t partition = 0;
  int64_t offset = -1;
  int64_t timestamp_ms = -1;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};

// HOST:PORT of the broker under test.
std::string Brokers();

// A name no other test uses.
std::string UniqueName(const std::string& stem);

// Creates a topic, or several at once, which is faster; `config` are topic properties.
void CreateTopic(const std::string& topic, int partitions, const std::map<std::string, std::string>& config = {});
void CreateTopics(const std::vector<std::string>& topics, int partitions, const std::map<std::string, std::string>& config = {});

// Gives a topic more partitions.
void GrowTopic(const std::string& topic, int partitions);
void DeleteTopic(const std::string& topic);
// Deletes all records that stand in the topic now.
void TruncateTopic(const std::string& topic);

// Writes the records in order and returns when the broker has them all. partition, key, value, headers and
// timestamp_ms (-1: now) count.
void Produce(const std::string& topic, const std::vector<Record>& records);

// Plain values, spread over no partition but `partition`.
void ProduceLines(const std::string& topic, const std::vector<std::string>& values, int32_t partition = 0);

// Everything that stands in the topic now, by partition and offset. Committed records only unless told otherwise. `from`:
// the offset to begin at per partition, else the beginning.
std::vector<Record> ReadTopic(const std::string& topic, bool read_committed = true, const std::vector<int64_t>& from = {});

// The values of ReadTopic.
std::vector<std::string> ReadValues(const std::string& topic);

// Names of all topics but Kafka's own, sorted.
std::vector<std::string> Topics();
int PartitionCount(const std::string& topic);

// Offset behind the last record of each partition: of everything, or of what a reader of committed records reaches, which
// is less while a transaction is open.
std::vector<int64_t> EndOffsets(const std::string& topic, bool read_committed);

// Offset the group has committed per partition; -1 where none.
std::vector<int64_t> CommittedOffsets(const std::string& group, const std::string& topic, int partitions);
// Commits for a group without members.
void CommitOffsets(const std::string& group, const std::string& topic, const std::vector<int64_t>& offsets);

// Returns when `condition` holds; throws with `what` after `limit`.
void WaitUntil(const std::string& what, const std::function<bool()>& condition,
               std::chrono::milliseconds limit = std::chrono::seconds(60));

// Compiles a program to a binary in a temporary folder and returns its path.
std::string CompileJob(const std::string& source);

// A child process whose standard output and error are kept. Killed when it goes out of scope.
class Process {
 public:
  explicit Process(std::vector<std::string> command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool Running();
  void Signal(int signal);
  // Waits for the end: the exit code, or 128 + signal.
  int Wait(std::chrono::milliseconds limit = std::chrono::seconds(60));
  // SIGTERM, then Wait.
  int Stop();
  std::string output() const;
  std::string errors() const;

 private:
  bool Reap(bool block);

  pid_t pid_ = -1;
  std::optional<int> code_;
  std::string folder_;
};

// The answer, head and body, at a path of the metrics port of a job started with `--metrics 127.0.0.1:0`. Empty before it listens.
std::string AskJob(const Process& job, const std::string& path);

// A broker for one test, which may die and come back; while it lives Brokers() is its address.
class OwnBroker {
 public:
  OwnBroker();
  ~OwnBroker();
  OwnBroker(const OwnBroker&) = delete;
  OwnBroker& operator=(const OwnBroker&) = delete;

  void Start() { Run("start"); }
  void Kill() { Run("kill"); }

 private:
  std::string Run(const std::string& what) const;

  std::string shared_, folder_;
};

// A job of CompileJob against the broker under test, with more arguments.
std::vector<std::string> JobCommand(const std::string& binary, std::vector<std::string> arguments = {});

}  // namespace streamc::test
