// From the job's declarations and the command line to readers, writers and options as text.
//
// A source, sink, table or dead-letter topic is bound by its name (`--bind tweets=file:t.jsonl`), else by its declaration. This
// is the only place of the engine that names a connector, and only to say what is missing when Kafka has no brokers.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "runtime/connector/connector.h"
#include "runtime/connector/durable_log.h"
#include "runtime/engine/params.h"

namespace streamc::rt::engine {

struct EngineOptions {
  std::map<std::string, std::string> params;           // name to text
  std::map<std::string, connector::Binding> bindings;  // by source, sink, table or dead-letter topic; "bad": all dead letters
  std::string brokers, group, instance;
  std::map<std::string, std::string> kafka;  // client properties
  bool until_end = false;
  int threads = 1;
  int64_t batch_records = 0;  // most records per turn and rows per batch; 0: the engine's choice
  int64_t commit_every = 0;   // microseconds; 0: the program's or the default
  std::vector<std::string> reset;  // keyed steps that begin anew
  std::string state_dir;      // snapshots of the state, or all of it where sources are files; empty: none
  int64_t snapshot_every = 30'000'000;  // microseconds; 0: at each commit
  int64_t memory = 0;         // bytes the job may hold (memory_budget.h); 0: no limit
  // Tests: the durable log that stands for the cluster ("memory"; empty: Kafka where all sources are on it), and this engine's place
  // among the instances.
  std::string durable_log;
  int32_t instance_number = 0, instances = 1;
  int32_t abort_every = 0;
  // Tests: parameter values by number, the clock, one poll per turn without waiting, every rejection kept.
  std::map<int32_t, abi::DatumSpec> param_values;
  const std::atomic<int64_t>* manual_clock = nullptr;
  bool single_step = false, log_rejections = false;
  // Bad rows of tables that were told, by table: shared by the instances of a test. Null: the engine's own.
  std::shared_ptr<std::map<std::string, std::set<std::string>>> told_rows;
};

class Wiring {
 public:
  // All must outlive the wiring.
  Wiring(const abi::JobSpec& spec, const Params& params, const EngineOptions& options)
      : spec_(spec), params_(params), options_(options) {}

  // Usage errors: a --bind of an unknown name, Kafka without brokers, a file written that another reads or writes.
  Status Check() const;
  Status MakeReader(const abi::SourceSpec& source, int32_t worker, int32_t workers, connector::RevokeListener* listener,
                    std::unique_ptr<connector::Reader>* reader) const;
  Status MakeTableReader(const abi::TableSpec& table, std::unique_ptr<connector::Reader>* reader) const;
  Status MakeWriter(const abi::SinkSpec& sink, std::unique_ptr<connector::Writer>* writer) const;
  // Null without an error when dead letters of the topic have nowhere to go: they are counted only.
  Status MakeDeadLetterWriter(const std::string& topic, std::unique_ptr<connector::Writer>* writer) const;
  // Topics of all dead_letter actions.
  std::set<std::string> DeadLetterTopics() const;
  std::map<std::string, std::string> FormatOptions(const abi::FormatSpecRef& format) const;
  // The connector of a cluster that sources, sinks or dead letters are on, with their bindings; empty: there is none.
  std::string ClusterBindings(std::vector<connector::Binding>* sources, std::vector<connector::Binding>* sinks) const;
  connector::Binding BindingOf(const std::string& name, const abi::ConnectorSpecRef& declared) const;
  // The connector whose durable log the job uses; empty: none, its state lives in memory. `keyed`: it has keyed steps.
  std::string DurableConnector(bool keyed) const;
  connector::DurableLogConfig DurableConfig(bool keyed) const;
  // In a job with a durable log its writer, where the sink or topic is of the log's connector.
  void SetLog(connector::DurableLog* log, std::string connector) {
    log_ = log;
    log_connector_ = std::move(connector);
  }
  // For everything made from now on: when to stop waiting, and what each client may hold in queues (0: its own choice).
  void SetLimits(const std::atomic<bool>* stop, int64_t buffer_bytes) {
    stop_ = stop;
    buffer_bytes_ = buffer_bytes;
  }
  const std::string& group() const { return options_.group.empty() ? spec_.name : options_.group; }

 private:
  Status NeedBrokers(const connector::Binding& binding, const char* what) const;
  Status CheckFiles() const;
  Status CheckStateDir() const;
  bool SourcesAreOn(std::string_view connector) const;
  connector::Binding DeadLetterBinding(const std::string& topic) const;
  connector::WriterConfig ConfigOfWriter() const;
  Status Make(const connector::Binding& binding, std::unique_ptr<connector::Writer>* writer) const;

  const abi::JobSpec& spec_;
  const Params& params_;
  const EngineOptions& options_;
  connector::DurableLog* log_ = nullptr;
  std::string log_connector_;
  const std::atomic<bool>* stop_ = nullptr;
  int64_t buffer_bytes_ = 0;
};

}  // namespace streamc::rt::engine
