// YSB on rows that are already in memory: how fast compiled pipelines, lookup, aggregation and windows are by themselves.
//
// The program below is compiled through all phases and loaded into this process, optimised. Its source batches are filled once
// with the benchmark's 8-byte columns (event_type = n mod 3, ad = pseudo-random of 1,000, one event every 10 microseconds) and pushed
// through a lane of the engine over and over, with event times that go on; windows are answered as the watermark passes. Decoding and
// Kafka are left out on purpose. Prints million rows a second of CPU time (one thread) of the best of ROUNDS rounds, and checks that
// every view of a known ad was counted.
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "compiler/backend/backend.h"
#include "compiler/diag/render.h"
#include "compiler/driver/compilation.h"
#include "runtime/abi/job_spec_io.h"
#include "runtime/connector/memory/memory_log.h"
#include "runtime/engine/aggregate.h"
#include "runtime/engine/lane.h"
#include "test/bench/cpu_seconds.h"

using namespace streamc;

namespace {

constexpr const char* kProgram = R"(
job ysb { delivery at_least_once  on bad drop }
schema Event { user: int  page: int  ad: int  ad_type: int  event_type: enum { view, click, purchase }  at: timestamp(ms)  ip: int }
schema Ad { ad: int  campaign: int }
source events: Event from memory("events") time at watermark lag 0s
table ads: Ad key ad from file("ads.jsonl")
stream counts = events
  |> where event_type == "view"
  |> lookup ads as a on ad else drop
  |> aggregate seen = count() by campaign = a.campaign window tumbling(10s)
sink counts to memory("counts")
)";
constexpr int64_t kAds = 1000, kCampaigns = 100, kStepMicros = 10;
constexpr int64_t kBatchRows = 4096, kBatches = 256, kTurns = 40;

using streamc::bench::CpuSeconds;

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "ysb_rows: %s\n", why.c_str());
  std::exit(1);
}
void Need(const rt::Status& status) {
  if (!status.ok()) Die(status.message);
}

// A source batch as the decoder leaves it: only the used leaves have data.
class Rows {
 public:
  Rows(const abi::NodeSpec& node, int64_t seed) : batch_(node.output, true) {
    batch_.Resize(0);
    batch_.Reserve(kBatchRows);
    batch_.Resize(kBatchRows);
    size_t leaf = 0;
    for (size_t column = 0; column < node.output.columns.size(); ++column, ++leaf) {
      const std::string& name = node.output.columns[column].name;
      auto* values = static_cast<int64_t*>(batch_.columns()[leaf].data);
      auto* states = batch_.columns()[leaf].state;
      for (int64_t i = 0; i < kBatchRows; ++i) {
        if (states) states[i] = SC_VALUE;
        const int64_t n = seed * kBatchRows + i;
        if (name == "event_type") values[i] = n % 3;
        else if (name == "ad") values[i] = static_cast<int64_t>((static_cast<uint64_t>(n) * 0x9E3779B97F4A7C15u) >> 32) % kAds;
        else values[i] = 0;
      }
      if (name == "meta.time" || name == "at") times_.push_back(leaf);
      if (name == "$wm") watermark_ = leaf;
    }
  }
  // Moves the batch's event times to `first`, one event every kStepMicros; in order, so the watermark is the time before.
  void SetTime(int64_t first) {
    for (const size_t leaf : times_) Fill(leaf, first);
    Fill(watermark_, first - kStepMicros);
  }
  const ScBatch& view() const { return *batch_.view(); }

 private:
  void Fill(size_t leaf, int64_t first) {
    auto* values = static_cast<int64_t*>(batch_.columns()[leaf].data);
    for (int64_t i = 0; i < kBatchRows; ++i) values[i] = first + i * kStepMicros;
  }
  rt::batch::Batch batch_;
  std::vector<size_t> times_;
  size_t watermark_ = 0;
};

void FillAds() {
  rt::connector::MemoryLog& log = rt::connector::MemoryLog::Get("ads");
  for (int64_t ad = 0; ad < kAds; ++ad) {
    log.Append(0, {std::nullopt, "{\"ad\":" + std::to_string(ad) + ",\"campaign\":" + std::to_string(ad % kCampaigns) + "}", 0, {}});
  }
  log.Finish();
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  driver::Compilation compilation({});
  compilation.LoadText("ysb_rows", kProgram);
  backend::JitOptions jit_options;
  jit_options.tier = backend::Tier::Optimized;
  jit_options.bitcode = STREAMC_BITCODE;
  const auto jit = backend::Jit::Create(jit_options, compilation.diagnostics());
  std::unique_ptr<llvm::LLVMContext> context;
  auto module = compilation.TakeModule(&context);
  const ScJob* job = jit && module ? jit->Load(std::move(context), std::move(module), compilation.diagnostics()) : nullptr;
  if (job == nullptr) Die(diag::RenderText(compilation.diagnostics(), compilation.sources()));

  rt::engine::Shared shared;
  abi::JobSpec spec;
  if (!abi::ReadJobSpec({job->spec, static_cast<size_t>(job->spec_size)}, &spec)) Die("unreadable job");
  Need(rt::engine::Plan::Make(std::move(spec), job, &shared.plan));
  Need(shared.params.Resolve(shared.spec(), {}));
  FillAds();
  shared.tables.push_back(std::make_unique<rt::engine::LookupTable>(
      shared.spec().tables[0], std::map<std::string, std::string>{}, [](std::unique_ptr<rt::connector::Reader>* reader) {
        rt::connector::ReaderConfig config;
        config.until_end = true;
        return rt::connector::MakeReader({"ads", "memory", {"ads"}, {}}, config, reader);
      }));
  Need(shared.tables[0]->Load());
  if (shared.tables[0]->rows() != kAds) Die("the table was not read");
  const size_t nodes = shared.spec().nodes.size();
  shared.counters.lanes.push_back(std::make_unique<rt::observe::LaneCounters>(shared.spec().sources.size(), nodes, shared.spec().sinks.size()));

  std::vector<std::unique_ptr<rt::engine::Aggregate>> aggregates(nodes);
  int32_t source = -1, aggregate = -1;
  for (size_t i = 0; i < nodes; ++i) {
    const rt::engine::NodePlan& node = shared.plan->node(static_cast<int32_t>(i));
    if (node.spec->kind == abi::NodeKind::Source) source = static_cast<int32_t>(i);
    if (node.spec->kind != abi::NodeKind::Aggregate) continue;
    aggregate = static_cast<int32_t>(i);
    aggregates[i] = std::make_unique<rt::engine::Aggregate>(shared, node, 1, 1, false);
  }
  rt::engine::Lane lane(shared, 0, aggregates);
  Need(lane.MakeSinks({{}}));

  std::vector<std::unique_ptr<Rows>> batches;
  for (int64_t i = 0; i < kBatches; ++i) {
    batches.push_back(std::make_unique<Rows>(*shared.plan->node(source).spec, i));
  }
  // Counted by hand: views in one pass over the batches.
  int64_t views = 0;
  for (int64_t n = 0; n < kBatches * kBatchRows; ++n) views += n % 3 == 0;

  // The results' own sum of counts: column `seen` of the aggregate's output.
  int64_t counted = 0;
  const int32_t seen = shared.plan->node(aggregate).output.FindLeaf("seen");
  rt::engine::AdvanceContext turn;
  turn.ctx = lane.ctx();
  turn.emit = [&](const ScBatch& batch) {
    const auto* values = static_cast<const int64_t*>(batch.columns[seen].data);
    for (int64_t i = 0; i < batch.rows; ++i) counted += values[i];
    lane.Deliver(aggregate, 0, batch);
  };
  turn.reject = [](const std::string&, int32_t, int32_t) { Die("a result was rejected"); };
  int64_t time = 1'767'225'600'000'000, expected = 0;
  double best = 0, worst = 1e18;
  for (int round = 0; round < rounds; ++round) {
    double cpu = 0;
    for (int64_t pass = 0; pass < kTurns; ++pass) {
      for (auto& batch : batches) {
        batch->SetTime(time);
        time += kBatchRows * kStepMicros;
      }
      const double start = CpuSeconds();
      lane.Begin(time);
      for (auto& batch : batches) lane.Deliver(source, 0, batch->view());
      turn.watermark = turn.last_finite = time - kStepMicros;
      if (aggregates[static_cast<size_t>(aggregate)]->group(0)->Advance(turn) != 0) Die("the job stopped");
      lane.FinishTurn();
      aggregates[static_cast<size_t>(aggregate)]->FinishTurn();
      if (rt::engine::SinkBuffer* sink = lane.sink(static_cast<int32_t>(nodes) - 1)) sink->Clear();
      cpu += CpuSeconds() - start;
      expected += views;
    }
    const double rate = static_cast<double>(kTurns * kBatches * kBatchRows) / cpu / 1e6;
    best = std::max(best, rate);
    worst = std::min(worst, rate);
  }
  turn.watermark = turn.last_finite = rt::time::kEndOfTime;
  turn.finish = true;
  aggregates[static_cast<size_t>(aggregate)]->group(0)->Advance(turn);
  if (!lane.failure().ok()) Die(lane.failure().message);
  if (counted != expected) Die("counted " + std::to_string(counted) + " views of " + std::to_string(expected));
  std::printf("ysb in-memory rows: best %.1f, worst %.1f million rows per CPU-second (one thread); %lld views counted, all there\n", best, worst,
              static_cast<long long>(counted));
  return 0;
}
