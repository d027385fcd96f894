// The engine: runs a job turn by turn. One turn is one micro-batch.
//
// A turn: the workers poll, decode and push rows as far as the combining nodes, each on its own lane; then the coordinator
// advances watermarks, lets combining nodes answer in the order of the graph, writes sinks and dead letters, flushes every
// writer, and only then lets source positions count as done. Failing to write therefore loses nothing: the positions stay where
// they were. In: a plan and options. The caller drives it by Run (jobs, the REPL) or Turn by Turn (tests). One thread calls it;
// Stop and the counters may be used from any.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "runtime/engine/capture.h"
#include "runtime/engine/exchange.h"
#include "runtime/engine/lane.h"
#include "runtime/engine/memory_budget.h"
#include "runtime/engine/source_reader.h"
#include "runtime/engine/wiring.h"
#include "runtime/engine/workers.h"

namespace streamc::rt::engine {

struct TurnResult {
  int64_t records = 0;     // read
  int64_t rows_out = 0;    // written, dead letters included, or captured
  bool ended = false;      // every source has ended
  bool caught_up = false;  // nothing was left to read
};

class Engine {
 public:
  Engine(std::shared_ptr<const Plan> plan, EngineOptions options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Resolves parameters and bindings, opens writers, loads tables, opens readers. With `check_only` nothing is opened.
  Status Open(bool check_only = false);
  Status Turn(TurnResult* result);
  // Turns until the sources end or Stop was called; then commits and closes. After an error everything is closed as well.
  Status Run();
  // Makes Run return after the turn it is in. Safe in signal handlers.
  void Stop() {
    stop_.store(true, std::memory_order_relaxed);
    shared_.counters.stopping.Set(1);
  }
  // Run has committed everything and only takes its leave. Safe in signal handlers.
  bool closing() const { return closing_.load(std::memory_order_relaxed); }
  // Commits the positions of all finished turns. A durable job does so as part of its turns.
  Status Commit();
  void Close();

  const Plan& plan() const { return *shared_.plan; }
  // State and positions go through a durable log.
  bool durable() const { return shared_.durable; }
  const observe::JobCounters& counters() const { return shared_.counters; }
  // Captured rows of a node; null for nodes of other kinds. Cleared by the caller.
  CaptureStore* capture(int32_t node) { return captures_[static_cast<size_t>(node)].get(); }
  // With log_rejections: all since the last clear.
  std::vector<RejectionReport>& rejection_log() { return rejection_log_; }
  // Reads the tables again, as `refresh` does.
  Status ReloadTables();
  // Called by Run after each turn, on the coordinator's thread.
  void OnTurn(std::function<void()> f) { on_turn_ = std::move(f); }

 private:
  struct SourceState {
    const NodePlan* node = nullptr;
    std::unique_ptr<time::SourceWatermark> watermark;
    time::SourceWatermark committed{time::WatermarkRules()};  // durable keyed jobs: with the positions
    std::vector<std::unique_ptr<SourceReader>> readers;  // one per worker
  };
  struct SinkState {
    const NodePlan* node = nullptr;
    std::unique_ptr<connector::Writer> writer;
    bool in_log = false;           // part of the durable log's commits
    bool bound = false;            // by the command line: one place, whatever topics the rows name
    connector::OutRecords records;  // of the turn; kept for its memory
  };

  Status OpenTables();
  void NoteTableRows(size_t table);
  void RejectTableRows();
  Status OpenWriters();
  Status OpenReaders();
  void MakeCounters();
  void Work(size_t worker);
  bool Pass(size_t worker, int64_t wait, int64_t* records, int64_t* bytes);
  Status Settle(TurnResult* result);
  void AdvanceSources();
  void AdvanceNodes();
  void AdvanceNode(const NodePlan& node);
  void AdvanceAggregate(const NodePlan& node, Aggregate& aggregate, AdvanceContext turn);
  void AdvanceTop(const NodePlan& node, TopStep& top, AdvanceContext turn);
  void FillTop(const NodePlan& node, TopStep& top);
  bool BeginGroup(const NodePlan& node, int32_t group, AdvanceContext* turn);
  void Conclude(TurnResult* result);
  void AdvanceCaptures(TurnResult* result);
  AdvanceContext ContextOf(const NodePlan& node);
  Status WriteOut(TurnResult* result);
  Status WriteDeadLetters(TurnResult* result);
  Status FirstFailure() const;
  void RefreshTables(int64_t now);
  // memory_ becomes an error once the job does not fit into its budget.
  void CheckMemory();
  void SizeTurns();
  std::vector<StepMemory> CountState();
  // What others see of the job, between turns.
  void SetGauges();
  void FinishTurn();
  Lane& coordinator() { return *lanes_.back(); }
  bool keyed() const;

  // --- durable jobs (durable_turn.cpp) ---
  Status OpenLog();
  Status NumberSteps(std::string_view connector, const connector::DurableLogConfig& config);
  Status PollExchange();
  void SeeSourceChanges();
  void SeeLocalChannels();
  // False: the restore is not to go on.
  bool SeeRestore(const connector::RestoreProgress& progress);
  // Writes what the turn made and commits it; a turn that says nothing commits nothing.
  Status CommitTurn(TurnResult* result);
  Status SendAll(bool whole, const StateRecords& state);
  // The turn did not count: back to what is committed.
  Status Recover();

  EngineOptions options_;
  MemoryBudget budget_;
  Status memory_;
  int64_t resident_ = 0, memory_seen_ = 0, trimmed_ = 0, lags_seen_ = 0;
  Shared shared_;
  std::unique_ptr<Wiring> wiring_;
  KeyedSteps steps_;
  std::string manifest_;  // of a durable job, with the numbers of its steps
  std::vector<std::unique_ptr<CaptureStore>> captures_;  // per node, null for others
  std::vector<SinkState> sinks_;              // per sink node, in node order
  std::vector<std::unique_ptr<Lane>> lanes_;  // workers, then the coordinator
  std::vector<SourceState> sources_;
  std::map<std::string, std::unique_ptr<connector::Writer>> dead_letters_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<connector::DurableLog> log_;  // these two null in jobs that need none
  std::unique_ptr<Exchange> exchange_;
  int64_t exchange_records_ = 0;
  std::vector<int64_t> watermark_, last_finite_;  // per node, of its output
  std::vector<int64_t> refreshed_;                // per table: clock of the last load
  std::vector<int64_t> worker_records_, worker_bytes_;
  std::vector<std::pair<int32_t, BadRow>> table_rows_;  // bad rows of tables, until a turn has written them
  size_t table_rows_sent_ = 0;                          // of them, in this turn
  std::vector<RejectionReport> rejection_log_;
  std::function<void()> on_turn_;
  std::atomic<bool> stop_{false}, closing_{false};
  int64_t interval_ = 0, commit_every_ = 0, last_commit_ = 0, last_commit_took_ = 0, turn_records_ = 0, turn_bytes_ = 0, now_ = 0;
  bool released_ = false;  // the sources read for the first time since the instance took over what it has
  int64_t last_records_ = 0;  // of the last turn, rows of other instances included
  bool backlog_ = false, closed_ = false, commit_each_turn_ = false;
  bool undone_ = false;  // the job ends, and its last turn does not count
};

}  // namespace streamc::rt::engine
