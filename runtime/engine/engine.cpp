#include "runtime/engine/engine.h"

#include <algorithm>

#include "runtime/batch/fault_point.h"
#include "runtime/engine/state_digest.h"
#include "runtime/observe/process_memory.h"

namespace streamc::rt::engine {
namespace {

using abi::NodeKind;
using time::kEndOfTime;
using time::kNoTime;

constexpr int64_t kAtLeastOnceInterval = 5'000;
constexpr int64_t kExactlyOnceInterval = 100'000;
constexpr int64_t kBacklogInterval = 100'000;  // far behind, fewer and larger turns cost less
constexpr int64_t kCommitInterval = 100'000;
constexpr int64_t kPollRecords = 4096;         // and their payloads are let go of before the next poll
constexpr int64_t kIdleWait = 50'000;        // an idle turn: also how fast the clock and signals are seen
constexpr int64_t kMostInterval = 1'000'000;  // of a turn that is longer for slow commits
constexpr int64_t kSharedWait = 5'000;       // the same beside other workers, who wait for it
constexpr int64_t kFirstInterval = 20'000;   // of the first turn after a take-over
constexpr int64_t kQuietWait = 20'000;       // when none had anything to do in the last turn either
constexpr int64_t kManySourcesWait = 2'000;  // of each, when none of several had anything

}  // namespace

Engine::Engine(std::shared_ptr<const Plan> plan, EngineOptions options) : options_(std::move(options)), budget_(options_.memory) {
  shared_.plan = std::move(plan);
  shared_.clock = time::Clock(options_.manual_clock);
  shared_.log_rejections = options_.log_rejections;
  options_.threads = std::max(1, options_.threads);
  if (options_.told_rows == nullptr) options_.told_rows = std::make_shared<std::map<std::string, std::set<std::string>>>();
  if (options_.batch_records > 0) shared_.batch_rows = std::min(options_.batch_records, kBatchRows);
  MakeCounters();
}

Engine::~Engine() {
  Close();
}

void Engine::MakeCounters() {
  const abi::JobSpec& spec = shared_.spec();
  observe::JobCounters& counters = shared_.counters;
  counters.job = spec.name;
  for (const abi::SourceSpec& source : spec.sources) counters.source_names.push_back(source.name);
  for (const abi::SinkSpec& sink : spec.sinks) counters.sink_names.push_back(sink.name);
  for (const abi::TableSpec& table : spec.tables) counters.table_names.push_back(table.name);
  for (const abi::NodeSpec& node : spec.nodes) {
    counters.node_names.push_back(node.name);
    counters.stateful.push_back(node.kind == NodeKind::Aggregate || node.kind == NodeKind::Top);
  }
  for (int i = 0; i <= options_.threads; ++i) {
    counters.lanes.push_back(
        std::make_unique<observe::LaneCounters>(spec.sources.size(), spec.nodes.size(), spec.sinks.size()));
  }
  counters.sources = std::vector<observe::SourceGauges>(spec.sources.size());
  counters.tables = std::vector<observe::TableGauges>(spec.tables.size());
  counters.steps = std::vector<observe::StepGauges>(spec.nodes.size());
  counters.memory_budget.Set(budget_.bytes());
}

// --- start ------------------------------------------------------------------------------------------------------

Status Engine::Open(bool check_only) {
  const Plan& plan = *shared_.plan;
  if (Status status = shared_.params.Resolve(plan.spec(), options_.params, options_.param_values); !status.ok()) return status;
  wiring_ = std::make_unique<Wiring>(plan.spec(), shared_.params, options_);
  // Readers of all sources, of the key groups, of a restore, and a producer.
  int64_t clients = static_cast<int64_t>(plan.spec().sources.size()) * options_.threads + 3;
  wiring_->SetLimits(&stop_, budget_.for_clients() / clients);
  if (Status status = wiring_->Check(); !status.ok()) return status;
  for (const NodePlan& node : plan.nodes()) {
    if (node.spec->kind != NodeKind::Aggregate && node.spec->kind != NodeKind::Top) continue;
    const abi::BoundSpec& bound = node.spec->kind == NodeKind::Top
                                      ? plan.spec().tops[static_cast<size_t>(node.spec->index)].bound
                                      : plan.spec().aggregates[static_cast<size_t>(node.spec->index)].bound;
    if (bound.window == abi::WindowKind::None) continue;
    int64_t size = shared_.params.Int(bound.size), every = bound.every.is_set() ? shared_.params.Int(bound.every) : size;
    if (size > 0 && every > 0 && every <= size) continue;
    return Status::Error(Exit::Usage,
                         node.spec->name + ": a window needs a size above zero and must start at least once per size");
  }
  if (check_only) return Status::Ok();

  size_t nodes = plan.nodes().size(), lanes = static_cast<size_t>(options_.threads) + 1;
  steps_.aggregates.resize(nodes);
  steps_.tops.resize(nodes);
  captures_.resize(nodes);
  if (Status status = OpenLog(); !status.ok()) return status;
  for (const NodePlan& node : plan.nodes()) {
    size_t i = static_cast<size_t>(node.index);
    uint16_t number = steps_.number[i];
    if (node.spec->kind == NodeKind::Aggregate)
      steps_.aggregates[i] = std::make_unique<Aggregate>(shared_, node, lanes, number, shared_.durable);
    if (node.spec->kind == NodeKind::Top) steps_.tops[i] = std::make_unique<TopStep>(shared_, node, number, shared_.durable);
    if (node.spec->kind == NodeKind::Capture) captures_[i] = std::make_unique<CaptureStore>(node);
  }
  watermark_.assign(nodes, kNoTime);
  last_finite_.assign(nodes, kNoTime);
  for (size_t i = 0; i < lanes; ++i) lanes_.push_back(std::make_unique<Lane>(shared_, i, steps_.aggregates));
  std::vector<std::map<std::string, std::string>> formats;
  for (const abi::SinkSpec& sink : plan.spec().sinks) formats.push_back(wiring_->FormatOptions(sink.format));
  for (auto& lane : lanes_) {
    if (Status status = lane->MakeSinks(formats); !status.ok()) return status;
  }

  interval_ = options_.commit_every > 0 ? options_.commit_every : shared_.params.Int(plan.spec().commit_every);
  commit_each_turn_ = interval_ > 0;
  bool in_turns = plan.spec().exactly_once || (log_ != nullptr && log_->alone());
  if (interval_ <= 0) interval_ = in_turns ? kExactlyOnceInterval : kAtLeastOnceInterval;
  commit_every_ = commit_each_turn_ ? 0 : kCommitInterval;
  int64_t workers = options_.threads;
  SizeTurns();

  if (Status status = OpenTables(); !status.ok()) return status;
  if (Status status = OpenWriters(); !status.ok()) return status;
  if (Status status = OpenReaders(); !status.ok()) return status;
  if (log_ != nullptr && keyed()) {
    auto committed_of = [this](int32_t source, std::vector<connector::CommittedPosition>* all) {
      return sources_[static_cast<size_t>(source)].readers[0]->reader().Committed(all);
    };
    SnapshotOptions snapshots{log_->alone() ? "" : options_.state_dir, options_.snapshot_every, manifest_};
    exchange_ = std::make_unique<Exchange>(shared_, *log_, steps_, committed_of, std::move(snapshots));
    exchange_->OnRestore([this](const connector::RestoreProgress& progress) { return SeeRestore(progress); });
    if (Status status = exchange_->Open(); !status.ok()) return status;
  }
  worker_records_.assign(static_cast<size_t>(workers), 0);
  worker_bytes_.assign(static_cast<size_t>(workers), 0);
  workers_ = std::make_unique<Workers>(static_cast<size_t>(workers), [this](size_t worker) { Work(worker); });
  shared_.counters.started_at.Set(shared_.clock.Now());
  last_commit_ = time::SteadyMicros();
  resident_ = observe::ResidentBytes();
  return budget_.Begin(resident_);
}

Status Engine::OpenTables() {
  for (const abi::TableSpec& table : shared_.spec().tables) {
    auto open = [this, &table](std::unique_ptr<connector::Reader>* reader) { return wiring_->MakeTableReader(table, reader); };
    shared_.tables.push_back(std::make_unique<LookupTable>(table, wiring_->FormatOptions(table.format), open));
  }
  refreshed_.assign(shared_.tables.size(), shared_.clock.Now());
  return ReloadTables();
}

Status Engine::ReloadTables() {
  for (size_t i = 0; i < shared_.tables.size(); ++i) {
    LookupTable& table = *shared_.tables[i];
    if (Status status = table.Load(); !status.ok()) return status;
    shared_.counters.tables[i].loads.Add(1);
    shared_.counters.tables[i].rows.Set(table.rows());
    shared_.counters.tables[i].bad.Set(table.bad());
    NoteTableRows(i);
  }
  return Status::Ok();
}

// A bad row is told once, however often the table is loaded, unless it stands elsewhere or reads otherwise.
void Engine::NoteTableRows(size_t table) {
  std::set<std::string>& before = (*options_.told_rows)[shared_.tables[table]->spec().name];
  std::set<std::string> now;
  for (BadRow& row : shared_.tables[table]->TakeBadRows()) {
    std::string text = std::to_string(row.offset) + " " + row.value;
    if (!before.contains(text)) table_rows_.emplace_back(static_cast<int32_t>(table), std::move(row));
    now.insert(std::move(text));
  }
  before = std::move(now);
}

// A turn that is given up is followed by another one with them.
void Engine::RejectTableRows() {
  table_rows_sent_ = exchange_ == nullptr || exchange_->ready() ? table_rows_.size() : 0;
  for (size_t i = 0; i < table_rows_sent_; ++i) coordinator().RejectTableRow(table_rows_[i].first, table_rows_[i].second);
}

Status Engine::OpenWriters() {
  for (const NodePlan& node : shared_.plan->nodes()) {
    if (node.spec->kind != NodeKind::Sink) continue;
    SinkState& sink = sinks_.emplace_back();
    sink.node = &node;
    const abi::SinkSpec& spec = shared_.spec().sinks[static_cast<size_t>(node.spec->index)];
    sink.bound = options_.bindings.count(spec.name) != 0;
    Status status = wiring_->MakeWriter(spec, &sink.writer);
    if (status.ok()) status = sink.writer->Open();
    if (!status.ok()) return status;
  }
  for (const std::string& topic : wiring_->DeadLetterTopics()) {
    std::unique_ptr<connector::Writer>& writer = dead_letters_[topic];
    Status status = wiring_->MakeDeadLetterWriter(topic, &writer);
    if (status.ok() && writer != nullptr) status = writer->Open();
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

Status Engine::OpenReaders() {
  for (const NodePlan& node : shared_.plan->nodes()) {
    if (node.spec->kind != NodeKind::Source) continue;
    const abi::SourceSpec& spec = shared_.spec().sources[static_cast<size_t>(node.spec->index)];
    SourceState& source = sources_.emplace_back();
    source.node = &node;
    time::WatermarkRules rules;
    rules.lag = shared_.params.Int(spec.lag, rules.lag);
    rules.ahead = shared_.params.Int(spec.ahead, rules.ahead);
    rules.idle = shared_.params.Int(spec.idle, rules.idle);
    source.watermark = std::make_unique<time::SourceWatermark>(rules);
    source.committed = *source.watermark;
    for (int32_t worker = 0; worker < options_.threads; ++worker) {
      auto reader = std::make_unique<SourceReader>(shared_, node, *source.watermark, *lanes_[static_cast<size_t>(worker)]);
      auto make = [&](connector::RevokeListener* listener, std::unique_ptr<connector::Reader>* made) {
        return wiring_->MakeReader(spec, worker, options_.threads, listener, made);
      };
      if (Status status = reader->Open(wiring_->FormatOptions(spec.format), make); !status.ok()) return status;
      source.readers.push_back(std::move(reader));
    }
  }
  return Status::Ok();
}

// --- the workers' phase -----------------------------------------------------------------------------------------

// Polls every source of the worker once. Several sources: no waiting on one while another has records.
bool Engine::Pass(size_t worker, int64_t wait, int64_t* records, int64_t* bytes) {
  Lane& lane = *lanes_[worker];
  int64_t before = *records;
  bool several = sources_.size() > 1;
  for (bool patient : {false, true}) {
    for (SourceState& source : sources_) {
      connector::PollLimits limits;
      limits.max_records = std::clamp<int64_t>(turn_records_ - *records, 1, kPollRecords);
      limits.max_bytes = std::max<int64_t>(1, turn_bytes_ - *bytes);
      limits.max_wait_us = !several ? wait : patient ? std::min(wait, kManySourcesWait) : 0;
      Status status = source.readers[worker]->Step(limits, records, bytes);
      if (!status.ok()) lane.Fail(std::move(status));
      if (!lane.failure().ok() || *records >= turn_records_) return true;
    }
    if (*records > before || !several || wait == 0) break;
  }
  return *records > before;
}

void Engine::Work(size_t worker) {
  Lane& lane = *lanes_[worker];
  int64_t records = 0, bytes = 0, deadline = 0;
  // Where commits take long, because brokers are busy or far away, a third of the time is left to others.
  int64_t interval = std::max(interval_, std::min(last_commit_took_ / 2, kMostInterval));
  if (backlog_) interval = std::max(interval, kBacklogInterval);
  // Who waited for the take-over sees soon that it is over.
  if (released_) interval = kFirstInterval;
  auto ended = [&] {
    return std::all_of(sources_.begin(), sources_.end(),
                       [&](const SourceState& source) { return source.readers[worker]->ended(options_.until_end); });
  };
  // Nobody else waits: no other worker, no records of other instances.
  const bool alone = workers_->count() == 1 && (exchange_ == nullptr || exchange_->alone());
  int64_t idle_wait = alone || released_ ? kIdleWait : last_records_ == 0 ? kQuietWait : kSharedWait;
  for (;;) {
    int64_t wait = options_.single_step ? 0 : records == 0 ? idle_wait : std::max<int64_t>(0, deadline - time::SteadyMicros());
    bool any = Pass(worker, wait, &records, &bytes);
    if (options_.single_step || !lane.failure().ok() || ended() || !any) break;
    if (!lane.HoldsViews()) {
      for (SourceState& source : sources_) source.readers[worker]->DropViews();
      lane.ForgetRecords();
    }
    if (records >= turn_records_ || bytes >= turn_bytes_ || stop_.load(std::memory_order_relaxed)) break;
    int64_t steady = time::SteadyMicros();
    if (deadline == 0) deadline = steady + interval;
    if (steady >= deadline) break;
  }
  lane.rejections().Sort();
  if (lane.failure().ok()) lane.DeliverBad();
  worker_records_[worker] = records;
  worker_bytes_[worker] = bytes;
}

// --- the turn ---------------------------------------------------------------------------------------------------

Status Engine::Turn(TurnResult* result) {
  int64_t start = time::SteadyMicros();
  now_ = shared_.clock.Now();
  RefreshTables(now_);
  for (auto& lane : lanes_) lane->Begin(now_);
  if (exchange_ != nullptr) {
    if (Status status = PollExchange(); !status.ok()) return status;
    result->records += exchange_records_;
  }
  RejectTableRows();
  workers_->RunTurn();
  for (int64_t records : worker_records_) result->records += records;
  last_records_ = result->records;
  int64_t after_poll = time::SteadyMicros();
  Status status = Settle(result);
  if (!status.ok()) return status;

  observe::JobCounters& counters = shared_.counters;
  int64_t took = time::SteadyMicros() - (result->records > 0 ? start : after_poll);
  counters.turns.Add(1);
  if (result->records > 0) counters.busy_turns.Add(1);
  counters.turn_micros.Add(took);
  if (result->records > 0) counters.turn_time.Observe(took);
  counters.longest_turn_micros.Set(std::max(counters.longest_turn_micros.get(), took));
  counters.clock.Set(now_);
  SetGauges();
  return Status::Ok();
}

Status Engine::Settle(TurnResult* result) {
  Status failure = FirstFailure();
  if (failure.ok()) {
    now_ = shared_.clock.Now();
    coordinator().Begin(now_);
    if (exchange_ != nullptr) SeeSourceChanges();
    AdvanceSources();
    if (exchange_ != nullptr) SeeLocalChannels();
    AdvanceNodes();
    failure = FirstFailure();
  }
  if (log_ != nullptr) return failure.ok() ? CommitTurn(result) : failure;
  AdvanceCaptures(result);
  // What earlier batches gave before a record stopped the job is still written; the turn's positions are not committed.
  if (!failure.ok() && failure.code != Exit::BadInput) return failure;
  Status status = WriteOut(result);
  if (status.ok()) status = WriteDeadLetters(result);
  if (!failure.ok()) return failure;
  if (!status.ok()) return status;
  Conclude(result);
  CheckMemory();
  if (commit_each_turn_ || options_.single_step || time::SteadyMicros() - last_commit_ >= commit_every_ || !memory_.ok()) {
    status = Commit();
  }
  return status.ok() ? memory_ : status;
}

void Engine::Conclude(TurnResult* result) {
  result->ended = !sources_.empty();
  result->caught_up = true;
  for (SourceState& source : sources_) {
    for (auto& reader : source.readers) {
      result->ended = result->ended && reader->ended(options_.until_end);
      result->caught_up = result->caught_up && reader->caught_up();
    }
  }
  backlog_ = !result->caught_up;
  FinishTurn();
}

Status Engine::FirstFailure() const {
  for (const auto& lane : lanes_) {
    if (!lane->failure().ok()) return lane->failure();
  }
  return Status::Ok();
}

void Engine::AdvanceSources() {
  for (SourceState& source : sources_) {
    std::vector<std::vector<time::PartitionTime>*> times;
    int64_t lag = 0, partitions = 0;
    for (auto& reader : source.readers) {
      times.push_back(&reader->partition_times());
      for (const connector::PartitionInfo& partition : reader->partitions()) {
        if (!partition.assigned) continue;
        ++partitions;
        if (partition.end >= 0) lag += std::max<int64_t>(0, partition.end - partition.position);
      }
    }
    size_t node = static_cast<size_t>(source.node->index);
    std::vector<time::PartitionTime> remote;
    if (exchange_ != nullptr) {
      remote = exchange_->channels().Remote(static_cast<int32_t>(&source - sources_.data()));
      times.push_back(&remote);
    }
    // The least of its own partitions would run ahead of those others read, as long as nothing is known of them.
    const bool all_known = exchange_ == nullptr || exchange_->ready();
    watermark_[node] = all_known ? source.watermark->Advance(now_, times) : source.watermark->watermark();
    last_finite_[node] = source.watermark->last_finite();
    observe::SourceGauges& gauges = shared_.counters.sources[static_cast<size_t>(source.node->spec->index)];
    gauges.watermark.Set(watermark_[node]);
    gauges.lag.Set(lag);
    gauges.partitions.Set(partitions);
  }
}

AdvanceContext Engine::ContextOf(const NodePlan& node) {
  AdvanceContext turn;
  turn.ctx = coordinator().ctx();
  turn.now = now_;
  // Bad rows have no time, but an end: that of all sources.
  turn.watermark = kEndOfTime;
  if (node.spec->kind == NodeKind::BadRows) {
    for (const SourceState& source : sources_) {
      turn.watermark = std::min(turn.watermark, watermark_[static_cast<size_t>(source.node->index)]);
    }
  }
  turn.last_finite = turn.watermark;
  for (const abi::InputRef& input : node.spec->inputs) {
    turn.watermark = std::min(turn.watermark, watermark_[static_cast<size_t>(input.node)]);
    turn.last_finite = std::min(turn.last_finite, last_finite_[static_cast<size_t>(input.node)]);
  }
  turn.finish = turn.watermark == kEndOfTime;
  int32_t index = node.index;
  turn.emit = [this, index](const ScBatch& batch) {
    coordinator().counters().nodes[static_cast<size_t>(index)].rows_out.Add(batch.rows);
    coordinator().Deliver(index, 0, batch);
  };
  turn.reject = [this, index](const std::string& row, int32_t site, int32_t code) {
    coordinator().RejectRow(row, index, site, code);
  };
  return turn;
}

// What reads the job's stream of bad rows comes last: any other node may still send rows there.
void Engine::AdvanceNodes() {
  for (bool after_job_bad : {false, true}) {
    for (auto& lane : lanes_) lane->DeliverBad();
    for (const NodePlan& node : shared_.plan->nodes()) {
      if (node.spec->kind == NodeKind::Source || node.after_job_bad != after_job_bad) continue;
      AdvanceNode(node);
      if (!coordinator().failure().ok()) return;
    }
  }
}

void Engine::AdvanceNode(const NodePlan& node) {
  size_t i = static_cast<size_t>(node.index);
  AdvanceContext turn = ContextOf(node);
  watermark_[i] = turn.watermark;
  last_finite_[i] = turn.last_finite;
  if (Aggregate* aggregate = steps_.aggregates[i].get()) {
    AdvanceAggregate(node, *aggregate, turn);
    watermark_[i] = aggregate->OutputWatermark(turn.watermark);
  } else if (TopStep* top = steps_.tops[i].get()) {
    FillTop(node, *top);
    AdvanceTop(node, *top, turn);
    watermark_[i] = top->OutputWatermark(turn.watermark);
  }
}

void Engine::AdvanceAggregate(const NodePlan& node, Aggregate& aggregate, AdvanceContext turn) {
  if (exchange_ != nullptr) exchange_->DistributeAggregate(node);
  aggregate.ForEachGroup([&](int32_t g, AggregateGroup& group) {
    if (!BeginGroup(node, g, &turn)) return;
    if (int32_t code = group.Advance(turn); code != 0) coordinator().FailWithCode(node, code);
    if (exchange_ != nullptr)
      exchange_->Reached(node, g, {turn.watermark, turn.last_finite}, aggregate.OutputWatermark(turn.watermark));
  });
}

// Each group of a durable job has a time of its own, and answers when nothing from before can be missing.
bool Engine::BeginGroup(const NodePlan& node, int32_t group, AdvanceContext* turn) {
  if (exchange_ == nullptr) return true;
  if (!exchange_->ready()) return false;
  OriginTime time = exchange_->TimeOf(node, group);
  turn->watermark = time.watermark;
  turn->last_finite = time.last_finite;
  turn->finish = time.watermark == kEndOfTime;
  return true;
}

void Engine::AdvanceTop(const NodePlan& node, TopStep& top, AdvanceContext turn) {
  top.ForEachGroup([&](int32_t g, Top& group) {
    if (!BeginGroup(node, g, &turn)) return;
    group.Advance(turn);
    if (exchange_ != nullptr)
      exchange_->Reached(node, g, {turn.watermark, turn.last_finite}, top.OutputWatermark(turn.watermark));
  });
}

void Engine::FillTop(const NodePlan& node, TopStep& top) {
  const abi::TopSpec& spec = shared_.spec().tops[static_cast<size_t>(node.spec->index)];
  for (auto& lane : lanes_) {
    batch::Batch late(node.late.leaves);
    // Columns of late rows are those of `work` of the same names.
    auto take_late = [&](const ScBatch& work, int64_t row) {
      std::vector<ScColumn> columns;
      for (size_t c = 0; c < node.late.layout->columns.size(); ++c) {
        int32_t from = node.work.FindLeaf(node.late.layout->columns[c].name);
        int32_t count = node.late.first_leaf[c + 1] - node.late.first_leaf[c];
        for (int32_t k = 0; k < count; ++k) columns.push_back(from < 0 ? ScColumn{nullptr, nullptr} : work.columns[from + k]);
      }
      ScBatch view{work.rows, work.rows, columns.data()};
      late.AppendRow(view, row);
    };
    batch::Batch* pending = lane->pending(node.index);
    if (exchange_ != nullptr) {
      exchange_->DistributeTop(node, *pending->view(), now_, take_late);
    } else {
      top.Add(*pending->view(), now_, take_late, {});
    }
    lane->counters().nodes[static_cast<size_t>(node.index)].late.Add(late.rows());
    if (late.rows() > 0) lane->TakeLate(node, late, spec.bound.on_late);
  }
}

void Engine::AdvanceCaptures(TurnResult* result) {
  for (const NodePlan& node : shared_.plan->nodes()) {
    CaptureStore* store = captures_[static_cast<size_t>(node.index)].get();
    if (store == nullptr) continue;
    for (auto& lane : lanes_) {
      result->rows_out += lane->pending(node.index)->rows();
      store->Append(*lane->pending(node.index)->view());
    }
  }
}

// --- output -----------------------------------------------------------------------------------------------------

Status Engine::WriteOut(TurnResult* result) {
  std::vector<connector::Writer*> written;
  for (SinkState& sink : sinks_) {
    connector::OutRecords& records = sink.records;
    records.clear();
    for (auto& lane : lanes_) lane->sink(sink.node->index)->AppendTo(&records);
    if (sink.bound) records.topic.clear();
    if (records.size() == 0) continue;
    result->rows_out += static_cast<int64_t>(records.size());
    if (Status status = sink.writer->Write(records); !status.ok()) return status;
    written.push_back(sink.writer.get());
  }
  for (connector::Writer* writer : written) {
    if (Status status = writer->Flush(); !status.ok()) return status;
  }
  return Status::Ok();
}

Status Engine::WriteDeadLetters(TurnResult* result) {
  std::map<std::string, connector::OutRecords> letters;
  for (auto& lane : lanes_) {
    for (const Rejection& rejection : lane->rejections().all()) {
      if (shared_.log_rejections && rejection.code != kLateRow)
        rejection_log_.push_back(lane->rejections().Report(shared_, rejection));
      if (rejection.action->kind != abi::ActionKind::DeadLetter) continue;
      std::string topic = shared_.params.Text(rejection.action->topic);
      if (dead_letters_[topic] == nullptr) {
        shared_.counters.dead_letters_counted_only.Add(1);
        continue;
      }
      lane->rejections().AppendDeadLetter(shared_, rejection, &coordinator().arena(), &letters[topic]);
      shared_.counters.dead_letters.Add(1);
    }
  }
  for (const auto& [topic, records] : letters) {
    result->rows_out += static_cast<int64_t>(records.size());
    connector::Writer& writer = *dead_letters_[topic];
    Status status = writer.Write(records);
    if (status.ok()) status = writer.Flush();
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

void Engine::FinishTurn() {
  for (SourceState& source : sources_) {
    for (auto& reader : source.readers) reader->FinishTurn();
  }
  shared_.counters.batch_bytes.Set(batch::Arena::total_reserved());
  for (auto& lane : lanes_) lane->FinishTurn();
  if (exchange_ == nullptr || exchange_->ready()) {
    table_rows_.erase(table_rows_.begin(), table_rows_.begin() + static_cast<std::ptrdiff_t>(table_rows_sent_));
  }
  for (auto& aggregate : steps_.aggregates) {
    if (aggregate != nullptr) aggregate->FinishTurn();
  }
  CountState();
}

Status Engine::Commit() {
  if (log_ != nullptr) return Status::Ok();
  last_commit_ = time::SteadyMicros();
  for (SourceState& source : sources_) {
    for (auto& reader : source.readers) {
      if (Status status = reader->Commit(); !status.ok()) return status;
    }
  }
  shared_.counters.commits.Add(1);
  shared_.counters.commit_time.Observe(time::SteadyMicros() - last_commit_);
  return Status::Ok();
}

void Engine::RefreshTables(int64_t now) {
  for (size_t i = 0; i < shared_.tables.size(); ++i) {
    LookupTable& table = *shared_.tables[i];
    int64_t every = shared_.params.Int(table.spec().refresh);
    if (every <= 0 || now - refreshed_[i] < every) continue;
    refreshed_[i] = now;
    observe::TableGauges& gauges = shared_.counters.tables[i];
    // A table that cannot be read keeps its rows.
    (table.Load().ok() ? gauges.loads : gauges.failed_loads).Add(1);
    gauges.rows.Set(table.rows());
    gauges.bad.Set(table.bad());
    NoteTableRows(i);
  }
}

Status Engine::Run() {
  Status status;
  bool ended = false;
  for (;;) {
    TurnResult result;
    // The last turn knows that it is: it leaves snapshots.
    bool last = stop_.load(std::memory_order_relaxed);
    status = Turn(&result);
    if (!status.ok()) break;
    if (on_turn_) on_turn_();
    ended = result.ended && !undone_;
    bool one_more = !last && exchange_ != nullptr && (!options_.state_dir.empty() || StateDigestsWanted());
    if (result.ended || undone_ || (stop_.load(std::memory_order_relaxed) && !one_more)) break;
  }
  if (status.ok()) status = Commit();
  if (status.ok() && ended && log_ != nullptr) status = log_->Finish();
  if (status.code == Exit::Unreachable && stop_.load(std::memory_order_relaxed)) {
    status = Status::Error(Exit::TryAgain, "stopped while brokers were away; what was read since the last commit will be read again (" +
                                               status.message + ")");
  }
  batch::FaultAt(batch::FaultPoint::StopCommitted);
  closing_ = status.ok();
  Close();
  return status;
}

void Engine::Close() {
  if (closed_) return;
  closed_ = true;
  workers_.reset();
  for (bool left = false; !left;) {
    left = exchange_ == nullptr || exchange_->Leave();
    for (SourceState& source : sources_) {
      for (auto& reader : source.readers) left = reader->Leave() && left;
    }
  }
  if (exchange_ != nullptr) exchange_->Close();
  for (SourceState& source : sources_) {
    for (auto& reader : source.readers) reader->Close();
  }
  batch::FaultAt(batch::FaultPoint::StopLeft);
  for (SinkState& sink : sinks_) {
    if (sink.writer != nullptr) sink.writer->Close();
  }
  for (auto& [topic, writer] : dead_letters_) {
    if (writer != nullptr) writer->Close();
  }
  if (log_ != nullptr) log_->Close();
}

}  // namespace streamc::rt::engine
