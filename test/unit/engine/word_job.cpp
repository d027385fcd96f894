#include "test/unit/engine/word_job.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "runtime/abi/layout.h"
#include "runtime/connector/memory/memory_log.h"

namespace streamc::rt::engine::testing {
namespace {

using abi::Logical;
using abi::NodeKind;
using connector::MemoryLog;

struct Sums {
  int64_t count, sum;
};

template <class T>
T* Column(const ScBatch& batch, int leaf) {
  return static_cast<T*>(batch.columns[leaf].data);
}
uint8_t State(const ScBatch& batch, int leaf, int64_t row) {
  return batch.columns[leaf].state == nullptr ? uint8_t{0} : batch.columns[leaf].state[row];
}

// --- generated code, by hand ------------------------------------------------------------------------------------
// Source layout: 0 k, 1 v, 2 $rec, 3 $wm, 4 meta.time.
int32_t Update(ScCtx* ctx, const ScBatch* in, ScAgg* agg, ScOut* late) {
  for (int64_t i = 0; i < in->rows; ++i) {
    if (State(*in, 0, i) != SC_VALUE || State(*in, 1, i) != SC_VALUE) {
      uint8_t code = std::max(State(*in, 0, i), State(*in, 1, i));
      sc_reject(ctx, i, 0, code == SC_NULL ? int32_t{SC_ERR_MISSING} : code);
      continue;
    }
    ScStr key = Column<ScStr>(*in, 0)[i];
    int64_t time = Column<int64_t>(*in, 4)[i], watermark = Column<int64_t>(*in, 3)[i];
    if (time < agg->lo || time >= agg->hi || watermark >= agg->first_end) {
      if (sc_agg_slice(ctx, agg, time, watermark) == nullptr) {
        if (late->batch.rows == late->batch.capacity) sc_out_grow(ctx, late);
        int64_t at = late->batch.rows++;
        Column<ScStr>(late->batch, 0)[at] = key;
        Column<int64_t>(late->batch, 1)[at] = Column<int64_t>(*in, 1)[i];
        Column<int64_t>(late->batch, 2)[at] = Column<int64_t>(*in, 2)[i];
        agg->lo = agg->hi = 0;
        continue;
      }
    }
    ScSlot* slot = sc_table_slot(agg->table, sc_hash_mix(0, sc_hash_str(key.ptr, key.len)), &key);
    Sums* sums = reinterpret_cast<Sums*>(reinterpret_cast<char*>(slot) + sizeof(ScSlot) + sizeof(ScStr));
    sums->count += 1;
    sums->sum += Column<int64_t>(*in, 1)[i];
    slot->rows += 1;
    slot->last_time = std::max(slot->last_time, time);
  }
  return 0;
}

void Merge(ScArena*, ScSlot* into, const ScSlot* from) {
  into->rows += from->rows;
  into->last_time = std::max(into->last_time, from->last_time);
  Sums* to = reinterpret_cast<Sums*>(reinterpret_cast<char*>(into) + 32);
  const Sums* add = reinterpret_cast<const Sums*>(reinterpret_cast<const char*>(from) + 32);
  to->count += add->count;
  to->sum += add->sum;
}

// Result layout: 0 k, 1 n, 2 s, 3 window.start, 4 window.end, 5 window.pane, 6 meta.time [, 7 $sign]. A sum of 13 fails.
template <bool changing>
int32_t Result(ScCtx* ctx, const ScSlot* const* slots, int64_t n, int64_t start, int64_t end, int64_t pane, int64_t sign,
               ScOut* out) {
  for (int64_t i = 0; i < n; ++i) {
    const char* slot = reinterpret_cast<const char*>(slots[i]);
    const Sums* sums = reinterpret_cast<const Sums*>(slot + 32);
    if (sums->sum == 13) {
      sc_reject(ctx, i, 1, SC_ERR_OVERFLOW);
      continue;
    }
    if (out->batch.rows == out->batch.capacity) sc_out_grow(ctx, out);
    int64_t at = out->batch.rows++;
    std::memcpy(&Column<ScStr>(out->batch, 0)[at], slot + sizeof(ScSlot), sizeof(ScStr));
    int64_t values[] = {sums->count, sums->sum, start, end, pane, end - 1, sign};
    for (int c = 0; c < (changing ? 7 : 6); ++c) Column<int64_t>(out->batch, c + 1)[at] = values[c];
  }
  return 0;
}

// Rows of (k, v, $rec, $wm, meta.time) with words of more than three letters.
int32_t LongWords(ScCtx* ctx, const ScBatch* in, ScOut* out) {
  for (int64_t i = 0; i < in->rows; ++i) {
    if (State(*in, 0, i) != SC_VALUE) {
      sc_reject(ctx, i, 0, SC_ERR_MISSING);
      continue;
    }
    if (Column<ScStr>(*in, 0)[i].len <= 3) continue;
    if (out->batch.rows == out->batch.capacity) sc_out_grow(ctx, out);
    int64_t at = out->batch.rows++;
    Column<ScStr>(out->batch, 0)[at] = Column<ScStr>(*in, 0)[i];
    for (int c = 1; c < 5; ++c) Column<int64_t>(out->batch, c)[at] = Column<int64_t>(*in, c)[i];
  }
  return 0;
}

// Over changes of (k, n, ..., $sign): words per n. Key: n; state: the number of words.
int32_t CountChanges(ScCtx* ctx, const ScBatch* in, ScAgg* agg, ScOut*) {
  for (int64_t i = 0; i < in->rows; ++i) {
    if (agg->lo >= agg->hi) sc_agg_slice(ctx, agg, 0, INT64_MIN);
    int64_t key = Column<int64_t>(*in, 1)[i], sign = Column<int64_t>(*in, 7)[i];
    ScSlot* slot = sc_table_slot(agg->table, sc_hash_row(&key, 8), &key);
    slot->rows += sign;
    slot->last_time = 0;
    *reinterpret_cast<int64_t*>(reinterpret_cast<char*>(slot) + 32) += sign;
  }
  return 0;
}
void MergeChanges(ScArena*, ScSlot* into, const ScSlot* from) {
  into->rows += from->rows;
  *reinterpret_cast<int64_t*>(reinterpret_cast<char*>(into) + 32) +=
      *reinterpret_cast<const int64_t*>(reinterpret_cast<const char*>(from) + 32);
}
int32_t ResultChanges(ScCtx* ctx, const ScSlot* const* slots, int64_t n, int64_t, int64_t, int64_t, int64_t sign, ScOut* out) {
  for (int64_t i = 0; i < n; ++i) {
    const char* slot = reinterpret_cast<const char*>(slots[i]);
    if (out->batch.rows == out->batch.capacity) sc_out_grow(ctx, out);
    int64_t at = out->batch.rows++;
    std::memcpy(&Column<int64_t>(out->batch, 0)[at], slot + sizeof(ScSlot), 8);
    std::memcpy(&Column<int64_t>(out->batch, 1)[at], slot + 32, 8);
    Column<int64_t>(out->batch, 2)[at] = sign;
  }
  return 0;
}

template <bool changing>
const void* const kFunctions[kFnCount] = {
    reinterpret_cast<const void*>(Update),           reinterpret_cast<const void*>(Merge),
    reinterpret_cast<const void*>(Result<changing>), reinterpret_cast<const void*>(LongWords),
    reinterpret_cast<const void*>(CountChanges),     reinterpret_cast<const void*>(MergeChanges),
    reinterpret_cast<const void*>(ResultChanges)};

abi::LayoutSpec SourceLayout() {
  return {{{"k", Type(Logical::String), false},
           {"v", Type(Logical::Int), false},
           {"$rec", Type(Logical::Int), true},
           {"$wm", Type(Logical::Timestamp), true},
           {"meta.time", Type(Logical::Timestamp), true}}};
}

}  // namespace

abi::TypeSpec Type(Logical logical, bool optional) {
  abi::TypeSpec type;
  type.logical = logical;
  type.optional = optional;
  if (logical == Logical::Decimal) type.precision = 18, type.scale = 2;
  return type;
}

abi::ValueSpec Constant(abi::DatumSpec value) {
  abi::ValueSpec spec;
  spec.constant = std::move(value);
  return spec;
}

WordJob::WordJob(abi::BoundSpec bound, bool changing) {
  spec.name = "words";
  spec.on_bad.kind = abi::ActionKind::Drop;
  spec.sites = {{"counts", "aggregate", "words.sdl:9:6 aggregate", ""}, {"counts", "aggregate", "words.sdl:9:6 result", ""}};

  abi::SourceSpec words;
  words.name = "words";
  words.connector.connector = "memory";
  words.connector.args = {Constant({std::string("words")})};
  words.format.format = "json";
  words.record = Type(Logical::Record);
  abi::TypeSpec at = Type(Logical::Timestamp);
  at.time_format = abi::TimeFormat::Seconds;
  words.record.fields = {
      {"k", "k", Type(Logical::String), false, {}}, {"v", "v", Type(Logical::Int), false, {}}, {"at", "at", at, false, {}}};
  words.needed = {true, true, true};
  words.scan = {{abi::ScanOrigin::Field, 0},
                {abi::ScanOrigin::Field, 1},
                {abi::ScanOrigin::Rec, -1},
                {abi::ScanOrigin::Watermark, -1},
                {abi::ScanOrigin::MetaTime, -1}};
  words.time = abi::TimeKind::Leaf;
  words.time_leaf = 2;
  words.has_watermark = true;
  words.lag = Micros(0);
  words.on_bad.kind = abi::ActionKind::Drop;
  spec.sources.push_back(words);

  abi::NodeSpec node;
  node.kind = NodeKind::Source;
  node.name = "words";
  node.output = SourceLayout();
  node.unchecked_output = true;
  node.index = 0;
  source = 0;
  spec.nodes.push_back(node);

  abi::AggregateSpec counts;
  counts.key.columns = {{"k", Type(Logical::String), false}};
  counts.state_size = sizeof(Sums);
  counts.bound = std::move(bound);
  counts.has_time = true;
  counts.changing_output = changing;
  counts.update_fn = kUpdate;
  counts.merge_fn = kMerge;
  counts.result_fn = kResult;
  spec.aggregates.push_back(counts);

  abi::NodeSpec combine;
  combine.kind = NodeKind::Aggregate;
  combine.name = "counts/aggregate";
  combine.inputs = {{0, 0}};
  combine.input = SourceLayout();
  combine.unchecked_input = true;
  combine.output.columns = {{"k", Type(Logical::String), false},
                            {"n", Type(Logical::Int), false},
                            {"s", Type(Logical::Int), false},
                            {"window.start", Type(Logical::Timestamp), true},
                            {"window.end", Type(Logical::Timestamp), true},
                            {"window.pane", Type(Logical::Int), true},
                            {"meta.time", Type(Logical::Timestamp), true}};
  if (changing) combine.output.columns.push_back({"$sign", Type(Logical::Int), true});
  combine.late.columns = {
      {"k", Type(Logical::String), false}, {"v", Type(Logical::Int), false}, {"$rec", Type(Logical::Int), true}};
  combine.index = 0;
  combine.change_key = {0, 4};
  combine.rec_column = 2;
  aggregate = 1;
  spec.nodes.push_back(combine);
}

const abi::LayoutSpec& WordJob::LayoutOf(int32_t node, int32_t port) const {
  const abi::NodeSpec& spec_node = spec.nodes[static_cast<size_t>(node)];
  return port == 0 ? spec_node.output : spec_node.late;
}

int32_t WordJob::AddCapture(int32_t node, int32_t port) {
  abi::NodeSpec capture;
  capture.kind = NodeKind::Capture;
  capture.name = "capture";
  capture.inputs = {{node, port}};
  capture.input = LayoutOf(node, port);
  capture.work = capture.input;
  capture.index = static_cast<int32_t>(spec.captures.size());
  spec.captures.push_back({"counts", port == 0 ? abi::CaptureKind::Rows : abi::CaptureKind::Late, false});
  spec.nodes.push_back(capture);
  return static_cast<int32_t>(spec.nodes.size()) - 1;
}

int32_t WordJob::AddTop(abi::TopSpec top, int32_t node, bool changing_output) {
  abi::NodeSpec ranking;
  ranking.kind = NodeKind::Top;
  ranking.name = "best/top";
  ranking.inputs = {{node, 0}};
  ranking.input = LayoutOf(node, 0);
  ranking.unchecked_input = node == source;
  ranking.work = ranking.input;
  ranking.late = ranking.work;
  top.kept = 3;
  top.changing_output = changing_output;
  ranking.output.columns = {ranking.work.columns[0], ranking.work.columns[1], ranking.work.columns[2]};
  ranking.output.columns.push_back({"rank", Type(Logical::Int), true});
  if (top.has_bound && top.bound.window != abi::WindowKind::None)
    ranking.output.columns.push_back({"window.end", Type(Logical::Timestamp), true});
  if (changing_output) ranking.output.columns.push_back({"$sign", Type(Logical::Int), true});
  ranking.index = static_cast<int32_t>(spec.tops.size());
  spec.tops.push_back(std::move(top));
  spec.nodes.push_back(ranking);
  return static_cast<int32_t>(spec.nodes.size()) - 1;
}

int32_t WordJob::AddSink(int32_t node, bool upsert) {
  const abi::LayoutSpec& layout = LayoutOf(node, 0);
  abi::SinkSpec sink;
  sink.name = "counts";
  sink.connector.connector = "memory";
  sink.connector.args = {Constant({std::string("out")})};
  sink.format.format = "json";
  sink.record = Type(Logical::Record);
  for (int c = 0; c < 3; ++c)
    sink.record.fields.push_back({layout.columns[static_cast<size_t>(c)].name,
                                  layout.columns[static_cast<size_t>(c)].name,
                                  layout.columns[static_cast<size_t>(c)].type,
                                  false,
                                  {}});
  sink.key = {0};
  sink.key_names = {"k"};
  sink.upsert = upsert;
  if (upsert) sink.sign = static_cast<int32_t>(layout.columns.size()) - 1;
  abi::NodeSpec out;
  out.kind = NodeKind::Sink;
  out.name = "counts";
  out.inputs = {{node, 0}};
  out.input = layout;
  out.work = layout;
  out.index = static_cast<int32_t>(spec.sinks.size());
  out.change_key = {0};
  spec.sinks.push_back(sink);
  spec.nodes.push_back(out);
  return static_cast<int32_t>(spec.nodes.size()) - 1;
}

int32_t WordJob::AddAsRows(int32_t node) {
  abi::NodeSpec rows;
  rows.kind = NodeKind::AsRows;
  rows.name = "changes";
  rows.inputs = {{node, 0}};
  rows.input = LayoutOf(node, 0);
  rows.work = rows.input;
  rows.output = rows.input;
  rows.output.columns.pop_back();
  rows.output.columns.push_back({"change.kind", Type(Logical::String), true});
  rows.change_key = {0, 4};
  spec.nodes.push_back(rows);
  return static_cast<int32_t>(spec.nodes.size()) - 1;
}

int32_t WordJob::AddCountOfCounts(int32_t node) {
  abi::AggregateSpec counts;
  counts.key.columns = {{"n", Type(Logical::Int), false}};
  counts.state_size = 8;
  counts.bound.keep_forever = true;
  counts.changing_input = counts.changing_output = true;
  counts.update_fn = kCountChanges;
  counts.merge_fn = kMergeChanges;
  counts.result_fn = kResultChanges;
  abi::NodeSpec combine;
  combine.kind = NodeKind::Aggregate;
  combine.name = "spread/aggregate";
  combine.inputs = {{node, 0}};
  combine.input = LayoutOf(node, 0);
  combine.output.columns = {
      {"n", Type(Logical::Int), false}, {"words", Type(Logical::Int), false}, {"$sign", Type(Logical::Int), true}};
  combine.index = static_cast<int32_t>(spec.aggregates.size());
  spec.aggregates.push_back(counts);
  spec.nodes.push_back(combine);
  return static_cast<int32_t>(spec.nodes.size()) - 1;
}

// --- harness ----------------------------------------------------------------------------------------------------

Harness::Harness(const WordJob& job, EngineOptions options, int32_t partitions) {
  MemoryLog::ClearAll();
  MemoryLog::Get("words").SetPartitions(partitions);
  bool changing = job.spec.aggregates[0].changing_output;
  job_ = std::make_unique<ScJob>(
      ScJob{STREAMC_ABI_VERSION, kFnCount, changing ? kFunctions<true> : kFunctions<false>, nullptr, 0});
  Status status = Plan::Make(job.spec, job_.get(), &plan_);
  EXPECT_TRUE(status.ok()) << status.message;
  options_ = std::move(options);
  options_.manual_clock = &clock_;
  options_.single_step = true;
  status = Restart();
  EXPECT_TRUE(status.ok()) << status.message;
}

Status Harness::Restart() {
  engine_.reset();
  engine_ = std::make_unique<Engine>(plan_, options_);
  return engine_->Open();
}

void Harness::Feed(const std::string& k, int64_t v, int64_t seconds, int32_t partition) {
  FeedRaw("{\"k\":\"" + k + "\",\"v\":" + std::to_string(v) + ",\"at\":" + std::to_string(seconds) + "}", partition);
}

void Harness::FeedRaw(const std::string& bytes, int32_t partition) {
  connector::MemoryRecord record;
  record.value = bytes;
  record.key = "key";
  record.headers = {{"origin", "test"}};
  record.timestamp = clock_.load();
  MemoryLog::Get("words").Append(partition, std::move(record));
}

void Harness::Finish() {
  MemoryLog::Get("words").Finish();
}

Status Harness::Turns() {
  for (int i = 0; i < 100000; ++i) {
    TurnResult result;
    if (Status status = engine_->Turn(&result); !status.ok()) return status;
    if (result.records == 0 && result.rows_out == 0 && result.caught_up) return Status::Ok();
  }
  return Status::Error(Exit::Internal, "no rest");
}

void Harness::Settle() {
  Status status = Turns();
  ASSERT_TRUE(status.ok()) << status.message;
}

std::vector<std::string> Harness::Take(int32_t node, std::vector<std::string> names, bool sorted) {
  CaptureStore& store = *engine_->capture(node);
  const Columns& columns = store.node().work;
  std::vector<std::string> rows;
  for (int64_t row = 0; row < store.rows().rows(); ++row) {
    std::string text;
    for (const std::string& name : names) {
      int32_t column = columns.Find(name);
      EXPECT_GE(column, 0) << name;
      const abi::TypeSpec& type = columns.layout->columns[static_cast<size_t>(column)].type;
      if (!text.empty()) text += ' ';
      if (abi::KindOf(type) == abi::LeafKind::I64) {
        int64_t value = *static_cast<const int64_t*>(store.rows().value(static_cast<size_t>(columns.leaf(column)), row));
        text += std::to_string(type.logical == Logical::Timestamp ? value / kSecond : value);
      } else {
        ScStr value = *static_cast<const ScStr*>(store.rows().value(static_cast<size_t>(columns.leaf(column)), row));
        text.append(value.ptr, static_cast<size_t>(value.len));
      }
    }
    rows.push_back(text);
  }
  store.Clear();
  if (sorted) std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<std::string> Harness::Sunk(const std::string& sink) const {
  MemoryLog& log = MemoryLog::Get(sink);
  std::vector<std::string> rows;
  for (int64_t i = 0; i < log.end(0); ++i) {
    const connector::MemoryRecord& record = log.At(0, i);
    rows.push_back(record.key.value_or("-") + " " + record.value.value_or("null"));
  }
  return rows;
}

}  // namespace streamc::rt::engine::testing
