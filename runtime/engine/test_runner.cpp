#include "runtime/engine/test_runner.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "runtime/abi/job_spec_io.h"
#include "runtime/connector/memory/memory_log.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/test_rows.h"
#include "runtime/observe/log.h"

namespace streamc::rt::engine {
namespace {

using abi::CaptureKind;
using abi::ExpectKind;
using abi::TestStep;
using connector::MemoryLog;

constexpr int kMostTurns = 10'000'000;

// The table a changing stream stands for, kept from its captured changes.
struct ChangingTable {
  std::map<std::string, int64_t> now;      // key as JSON to row of the batch
  std::map<std::string, int64_t> at_rows;  // as of the last `expect` of rows
  std::map<std::string, int64_t> at_deleted;
  int64_t seen = 0;  // captured rows taken in
};

std::string LogName(const char* kind, const std::string& name) {
  return std::string(kind) + "." + name;
}

class TestRun {
 public:
  TestRun(std::shared_ptr<const Plan> plan, const abi::TestSpec& test, const TestOptions& options)
      : plan_(std::move(plan)), test_(test) {
    options_.batch_records = options.batch_records;
    options_.threads = options.threads;
    options_.manual_clock = &clock_;
    options_.single_step = true;
    options_.log_rejections = true;
    options_.abort_every = options.abort_every;
    options_.state_dir = options.state_dir;
    options_.snapshot_every = 0;
    restart_ = options.restart;
    instances_ = options.instances;
    bool restarts = std::any_of(test.steps.begin(), test.steps.end(), [](const TestStep& step) {
      return step.kind == TestStep::Kind::Crash || step.kind == TestStep::Kind::Restart;
    });
    if (restarts || restart_ > 0) instances_ = std::max(instances_, 1);
    if (instances_ > 0) options_.durable_log = "memory";
    for (const NodePlan& node : plan_->nodes()) {
      bool capture = node.spec->kind == abi::NodeKind::Capture;
      captured_.push_back(capture ? std::make_unique<CaptureStore>(node) : nullptr);
      keyed_ = keyed_ || node.spec->kind == abi::NodeKind::Aggregate || node.spec->kind == abi::NodeKind::Top;
    }
  }

  // Empty when the test passes; else the report of its first failure.
  std::string Run() {
    MemoryLog::ClearAll();
    std::error_code none;
    if (!options_.state_dir.empty()) std::filesystem::remove_all(options_.state_dir, none);
    options_.told_rows = std::make_shared<std::map<std::string, std::set<std::string>>>();
    Prepare();
    std::string failure = Start(test_.place, "start");
    size_t middle = restart_ > 0 ? test_.steps.size() / 2 : test_.steps.size();
    for (size_t i = 0; i < test_.steps.size() && failure.empty(); ++i) {
      const TestStep& step = test_.steps[i];
      if (i == middle && !engines_.empty()) {
        engines_.clear();
        instances_ = restart_;
        failure = Start(step.place, "restart before this");
      }
      if (failure.empty()) failure = RunStep(step);
    }
    engines_.clear();
    return failure;
  }

 private:
  void Bind(const char* kind, const std::string& name) {
    options_.bindings[name] = {name, "memory", {LogName(kind, name)}, {}};
  }

  // What must be known before the job starts: parameters, clock, partitions, and that nothing outside is touched.
  void Prepare() {
    const abi::JobSpec& spec = plan_->spec();
    for (const abi::SourceSpec& source : spec.sources) Bind("source", source.name);
    for (const abi::SinkSpec& sink : spec.sinks) Bind("sink", sink.name);
    for (const abi::TableSpec& table : spec.tables) Bind("table", table.name);
    std::map<int32_t, int32_t> partitions;
    for (const TestStep& step : test_.steps) {
      if (step.kind == TestStep::Kind::Param) options_.param_values[step.target] = step.value;
      if (step.kind == TestStep::Kind::StartAt) clock_.store(step.micros);
      if (step.kind == TestStep::Kind::Feed) partitions[step.target] = std::max(partitions[step.target], step.partition + 1);
    }
    for (const auto& [source, count] : partitions) {
      MemoryLog::Get(LogName("source", spec.sources[static_cast<size_t>(source)].name)).SetPartitions(count);
    }
    // Files of rows that a table has in production are fed by the test as well.
    std::set<std::string> topics;
    auto dead = [&](const abi::ActionSpec& action) {
      if (action.kind == abi::ActionKind::DeadLetter) topics.insert("bad");
    };
    for (const abi::SourceSpec& source : spec.sources) dead(source.on_bad), dead(source.on_null);
    dead(spec.on_bad);
    for (const abi::AggregateSpec& aggregate : spec.aggregates) dead(aggregate.bound.on_late);
    for (const abi::TopSpec& top : spec.tops) dead(top.bound.on_late);
    for (const std::string& topic : topics) Bind("dead", topic);
  }

  std::string Failed(const std::string& place, const std::string& what, const std::string& details) const {
    return "FAILED  " + test_.name + "\n  " + place + ": " + what + "\n" + details;
  }

  std::string Start(const std::string& place, const std::string& what) {
    options_.instances = std::max(instances_, 1);
    for (int32_t i = 0; i < options_.instances; ++i) {
      options_.instance_number = i;
      engines_.push_back(std::make_unique<Engine>(plan_, options_));
      if (Status status = engines_.back()->Open(); !status.ok())
        return Failed(place, "the job does not start", "    " + status.message + "\n");
    }
    return Settle(place, what);
  }

  // Turns until nothing is read and nothing comes out, twice over all engines: what one sends in a round another takes in the next.
  std::string Settle(const std::string& place, const std::string& what) {
    int quiet = engines_.empty() ? 2 : 0;
    for (int i = 0; quiet < 2 && i < kMostTurns; ++i) {
      ++quiet;
      for (auto& engine : engines_) {
        TurnResult result;
        if (Status status = engine->Turn(&result); !status.ok())
          return Failed(place, what, "    the job stopped: " + status.message + "\n");
        if (result.records != 0 || result.rows_out != 0 || !result.caught_up) quiet = 0;
        Collect(*engine);
      }
    }
    return quiet >= 2 ? "" : Failed(place, what, "    the job does not come to rest\n");
  }

  // What came out outlives the engine.
  void Collect(Engine& engine) {
    for (auto& store : captured_) {
      if (store == nullptr) continue;
      CaptureStore* from = engine.capture(store->node().index);
      store->Append(*from->rows().view());
      from->Clear();
    }
    for (RejectionReport& report : engine.rejection_log()) rejected_.push_back(std::move(report));
    engine.rejection_log().clear();
  }

  void MoveClock(int64_t micros) {
    if (micros > clock_.load()) clock_.store(micros);
  }

  std::string RunStep(const TestStep& step) {
    switch (step.kind) {
      case TestStep::Kind::Param:
      case TestStep::Kind::StartAt: return "";
      case TestStep::Kind::Feed:
        Feed(step, LogName("source", plan_->spec().sources[static_cast<size_t>(step.target)].name));
        break;
      case TestStep::Kind::FeedTable:
        Feed(step, LogName("table", plan_->spec().tables[static_cast<size_t>(step.target)].name));
        for (auto& engine : engines_) {
          if (Status status = engine->ReloadTables(); !status.ok())
            return Failed(step.place, step.text, "    " + status.message + "\n");
        }
        break;
      case TestStep::Kind::Wait: MoveClock(clock_.load() + step.micros); break;
      case TestStep::Kind::Expect: return Expect(step);
      case TestStep::Kind::Crash: engines_.clear(); return "";
      case TestStep::Kind::Restart:
        engines_.clear();
        instances_ = static_cast<int32_t>(step.micros);
        return Start(step.place, step.text);
    }
    return Settle(step.place, step.text);
  }

  void Feed(const TestStep& step, const std::string& log_name) {
    if (step.has_at) MoveClock(step.micros);
    MemoryLog& log = MemoryLog::Get(log_name);
    for (const auto& [has_value, bytes] : step.payloads) {
      connector::MemoryRecord record;
      if (has_value) record.value = bytes;
      if (step.has_key) record.key = step.key;
      record.timestamp = step.has_at ? step.micros : clock_.load();
      for (const auto& [name, value] : step.headers) record.headers.push_back({name, value});
      log.Append(step.partition, std::move(record));
    }
  }

  std::string Expect(const TestStep& step) {
    std::string lines;
    if (step.expect == ExpectKind::Bad) {
      lines = ExpectBad(step);
    } else {
      CaptureKind kind = step.expect == ExpectKind::Late ? CaptureKind::Late : CaptureKind::Rows;
      std::vector<CaptureStore*> stores = Captures(step.stream, kind);
      if (stores.empty()) return Failed(step.place, step.text, "    nothing is captured of " + step.stream + "\n");
      bool changing =
          kind == CaptureKind::Rows && plan_->spec().captures[static_cast<size_t>(stores[0]->node().spec->index)].changing;
      lines = changing ? ExpectChanges(step, *stores[0]) : ExpectRows(step, stores);
    }
    return lines.empty() ? "" : Failed(step.place, step.text, lines);
  }

  std::vector<CaptureStore*> Captures(const std::string& stream, CaptureKind kind) {
    std::vector<CaptureStore*> found;
    for (const NodePlan& node : plan_->nodes()) {
      if (node.spec->kind != abi::NodeKind::Capture) continue;
      const abi::CaptureSpec& capture = plan_->spec().captures[static_cast<size_t>(node.spec->index)];
      if (capture.stream == stream && capture.kind == kind) found.push_back(captured_[static_cast<size_t>(node.index)].get());
    }
    return found;
  }

  std::string ExpectRows(const TestStep& step, const std::vector<CaptureStore*>& stores) {
    std::vector<BatchRow> rows;
    for (CaptureStore* store : stores) {
      for (int64_t row = 0; row < store->rows().rows(); ++row) rows.emplace_back(store->node().work, store->rows(), row);
    }
    std::string lines = Compare(step, rows);
    for (CaptureStore* store : stores) store->Clear();
    return lines;
  }

  template <class Rows>
  std::string Compare(const TestStep& step, const Rows& rows) {
    std::vector<const ActualRow*> actual;
    for (const auto& row : rows) actual.push_back(&row);
    // Key groups answer one after the other, so rows of different keys come in no order that a program may count on.
    bool in_order = step.expect == ExpectKind::RowsInOrder && (instances_ == 0 || !keyed_);
    return CompareRows(step.rows, actual, in_order);
  }

  std::string ExpectBad(const TestStep& step) {
    std::vector<TextRow> rows;
    std::vector<RejectionReport> rest;
    for (RejectionReport& report : rejected_) {
      if (report.source != step.stream && report.stream != step.stream) {
        rest.push_back(std::move(report));
        continue;
      }
      std::vector<std::pair<std::string, std::string>> cells = {{"code", report.code}, {"place", report.place}};
      if (report.has_key) cells.push_back({"key", report.key});
      if (report.has_value) cells.push_back({"value", report.value});
      if (report.offset >= 0) {
        cells.push_back({"topic", report.topic});
        cells.push_back({"partition", std::to_string(report.partition)});
        cells.push_back({"offset", std::to_string(report.offset)});
        cells.push_back({"timestamp", std::to_string(report.timestamp)});
      }
      rows.emplace_back(std::move(cells));
    }
    rejected_ = std::move(rest);
    return Compare(step, rows);
  }

  // Brings the table of a changing stream up to date with what was captured.
  ChangingTable& TableOf(CaptureStore& store) {
    ChangingTable& table = tables_[store.node().index];
    const Columns& columns = store.node().work;
    int32_t sign = columns.FindLeaf("$sign");
    for (; table.seen < store.rows().rows(); ++table.seen) {
      std::string key;
      for (int32_t column : store.node().spec->change_key) {
        const abi::ColumnSpec& spec = columns.layout->columns[static_cast<size_t>(column)];
        format::EncodeJsonValue(spec.type, store.rows().columns() + columns.leaf(column), table.seen, &key);
        key += ',';
      }
      bool holds = *static_cast<const int64_t*>(store.rows().value(static_cast<size_t>(sign), table.seen)) > 0;
      if (holds) {
        table.now[key] = table.seen;
      } else {
        table.now.erase(key);
      }
    }
    return table;
  }

  bool SameRow(CaptureStore& store, int64_t a, int64_t b) {
    BatchRow left(store.node().work, store.rows(), a), right(store.node().work, store.rows(), b);
    return a == b || left.Json() == right.Json();
  }

  std::string ExpectChanges(const TestStep& step, CaptureStore& store) {
    ChangingTable& table = TableOf(store);
    std::set<int64_t> picked;  // in the order of arrival
    if (step.expect == ExpectKind::Deleted) {
      for (const auto& [key, row] : table.at_deleted) {
        if (table.now.count(key) == 0) picked.insert(row);
      }
      table.at_deleted = table.now;
    } else {
      for (const auto& [key, row] : table.now) {
        auto before = table.at_rows.find(key);
        bool changed = before == table.at_rows.end() || !SameRow(store, before->second, row);
        if (changed || step.expect == ExpectKind::Now) picked.insert(row);
      }
      if (step.expect != ExpectKind::Now) table.at_rows = table.now;
      // A key that came and went between two looks at deletions was seen by this one.
      for (const auto& entry : table.now) table.at_deleted.insert(entry);
    }
    std::vector<BatchRow> rows;
    for (int64_t row : picked) rows.emplace_back(store.node().work, store.rows(), row);
    return Compare(step, rows);
  }

  std::shared_ptr<const Plan> plan_;
  const abi::TestSpec& test_;
  EngineOptions options_;
  std::atomic<int64_t> clock_{0};
  int32_t instances_ = 0, restart_ = 0;
  bool keyed_ = false;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::vector<std::unique_ptr<CaptureStore>> captured_;  // per node, null for others
  std::vector<RejectionReport> rejected_;
  std::map<int32_t, ChangingTable> tables_;  // by capture node
};

}  // namespace

TestResult RunJobTests(const ScJob* job, const TestOptions& options) {
  // Jobs that are stopped and started on purpose have much to say, and the report says what counts.
  observe::SetLog(observe::LogLevel::Error, observe::LogFormat::Logfmt);
  TestResult result;
  abi::JobSpec spec;
  std::shared_ptr<const Plan> plan;
  Status status = Status::Ok();
  if (!abi::ReadJobSpec({job->spec, static_cast<size_t>(job->spec_size)}, &spec)) {
    status = Status::Error(Exit::Internal, "the job's specification cannot be read");
  }
  if (status.ok()) status = Plan::Make(std::move(spec), job, &plan);
  if (!status.ok()) {
    result.failed = 1;
    result.report = "FAILED  " + status.message + "\n";
    return result;
  }
  for (const abi::TestSpec& test : plan->spec().tests) {
    if (test.name.find(options.filter) == std::string::npos) continue;
    ++result.ran;
    std::string failure = TestRun(plan, test, options).Run();
    if (failure.empty()) continue;
    ++result.failed;
    result.report += failure;
  }
  return result;
}

}  // namespace streamc::rt::engine
