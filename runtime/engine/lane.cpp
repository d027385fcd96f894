#include "runtime/engine/lane.h"

#include <algorithm>

#include <cstring>

namespace streamc::rt::engine {
namespace {

using abi::ActionKind;
using abi::NodeKind;

int64_t IntAt(const ScBatch& batch, int32_t leaf, int64_t row) {
  return static_cast<const int64_t*>(batch.columns[leaf].data)[row];
}

// Fills the columns of a layout of bad records or late rows by name.
class NamedCells {
 public:
  NamedCells(const Columns& columns, batch::Batch* batch) : columns_(columns), batch_(batch) {
    row_ = batch->rows();
    batch->Resize(row_ + 1);
    for (size_t leaf = 0; leaf < batch->leaves().size(); ++leaf) {
      int64_t width = abi::ColumnWidth(batch->leaves()[leaf].kind);
      std::memset(batch->value(leaf, row_), 0, static_cast<size_t>(width));
      if (ScColumn& column = batch->columns()[leaf]; column.state != nullptr) column.state[row_] = SC_NULL;
    }
  }
  void Set(std::string_view name, ScStr text) { Put(name, &text, sizeof text, abi::LeafKind::Str); }
  void Set(std::string_view name, int64_t value) { Put(name, &value, sizeof value, abi::LeafKind::I64); }

 private:
  void Put(std::string_view name, const void* value, size_t size, abi::LeafKind kind) {
    int32_t leaf = columns_.FindLeaf(name);
    if (leaf < 0 || columns_.leaves[static_cast<size_t>(leaf)].kind != kind) return;
    std::memcpy(batch_->value(static_cast<size_t>(leaf), row_), value, size);
    if (ScColumn& column = batch_->columns()[leaf]; column.state != nullptr) column.state[row_] = SC_VALUE;
  }

  const Columns& columns_;
  batch::Batch* batch_;
  int64_t row_;
};

}  // namespace

Lane::Lane(const Shared& shared, size_t index, const std::vector<std::unique_ptr<Aggregate>>& aggregates)
    : shared_(shared), index_(index), nodes_(shared.plan->nodes().size()) {
  Call::shared = &shared;
  Call::reject = [](Call* self, int64_t row, int32_t site, int32_t code) {
    static_cast<Lane*>(self)->OnReject(row, site, code);
  };
  ctx_ = {arena_.get(), shared.params.row(), 0, static_cast<Call*>(this)};
  for (const NodePlan& node : shared.plan->nodes()) {
    NodeState& state = nodes_[static_cast<size_t>(node.index)];
    NodeKind kind = node.spec->kind;
    bool has_work = kind == NodeKind::Top || kind == NodeKind::AsRows || kind == NodeKind::Sink || kind == NodeKind::Capture;
    if (has_work) state.work = std::make_unique<batch::Batch>(node.work.leaves);
    if (kind == NodeKind::Rows || kind == NodeKind::AsRows) state.output = std::make_unique<batch::Batch>(node.output.leaves);
    if (kind == NodeKind::BadRows) state.output = std::make_unique<batch::Batch>(node.output.leaves);
    state.late = std::make_unique<batch::Batch>(node.late.leaves);
    if (kind == NodeKind::Top || kind == NodeKind::Capture) state.pending = std::make_unique<batch::Batch>(node.work.leaves);
    if (kind == NodeKind::Aggregate) state.aggregate = &aggregates[static_cast<size_t>(node.index)]->lane(index);
  }
}

Status Lane::MakeSinks(const std::vector<std::map<std::string, std::string>>& format_options) {
  for (const NodePlan& node : shared_.plan->nodes()) {
    if (node.spec->kind != NodeKind::Sink) continue;
    size_t sink = static_cast<size_t>(node.spec->index);
    Status status = SinkBuffer::Make(shared_, node, format_options[sink], &nodes_[static_cast<size_t>(node.index)].sink);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

void Lane::Begin(int64_t now) {
  ctx_.now = now;
}

void Lane::Deliver(int32_t node, int32_t port, const ScBatch& batch) {
  if (batch.rows == 0) return;
  for (int32_t consumer : shared_.plan->node(node).consumers[port]) {
    if (!failure_.ok()) return;
    Process(consumer, batch);
  }
}

const ScBatch* Lane::RunRows(const NodePlan& node, const ScBatch& in, batch::Batch* into) {
  auto fn = shared_.plan->Function<ScRowsFn>(node.spec->fn);
  observe::NodeCounters& counts = counters().nodes[static_cast<size_t>(node.index)];
  counts.rows_in.Add(in.rows);
  // What a top answers counts, not what it considers.
  auto count_out = [&](int64_t rows) {
    if (node.spec->kind != NodeKind::Top) counts.rows_out.Add(rows);
  };
  if (fn == nullptr) {
    count_out(in.rows);
    return &in;
  }
  into->Clear();
  current_ = &node;
  current_in_ = &in;
  if (int32_t code = fn(&ctx_, &in, into->out()); code != 0) {
    FailWithCode(node, code);
    return nullptr;
  }
  count_out(into->rows());
  return into->view();
}

void Lane::Process(int32_t index, const ScBatch& in) {
  const NodePlan& node = shared_.plan->node(index);
  NodeState& state = nodes_[static_cast<size_t>(index)];
  switch (node.spec->kind) {
    case NodeKind::Source:
    case NodeKind::BadRows: return;
    case NodeKind::Aggregate: return RunAggregate(node, state, in);
    case NodeKind::AsRows: return RunAsRows(node, state, in);
    case NodeKind::Rows: {
      const ScBatch* out = RunRows(node, in, state.output.get());
      if (out != nullptr) Deliver(index, 0, *out);
      return;
    }
    case NodeKind::Top:
    case NodeKind::Capture: {
      const ScBatch* work = RunRows(node, in, state.work.get());
      if (work != nullptr) state.pending->AppendRows(*work, 0, work->rows);
      return;
    }
    case NodeKind::Sink: {
      const ScBatch* work = RunRows(node, in, state.work.get());
      if (work == nullptr) return;
      auto reject = [&](const ScBatch& rows, int64_t row, int32_t code) {
        RejectCells(node.work, rows, row, index, shared_.job_route(), code);
      };
      state.sink->Add(*work, &counters().sinks[static_cast<size_t>(node.spec->index)], reject);
      return;
    }
  }
}

void Lane::RunAggregate(const NodePlan& node, NodeState& state, const ScBatch& in) {
  const abi::AggregateSpec& spec = shared_.spec().aggregates[static_cast<size_t>(node.spec->index)];
  auto fn = shared_.plan->Function<ScUpdateFn>(spec.update_fn);
  counters().nodes[static_cast<size_t>(node.index)].rows_in.Add(in.rows);
  state.aggregate->ResetHead();
  state.late->Clear();
  current_ = &node;
  current_in_ = &in;
  if (int32_t code = fn(&ctx_, &in, &state.aggregate->head, state.late->out()); code != 0) return FailWithCode(node, code);
  // Late rows that nobody wants are not written, but counted all the same.
  counters().nodes[static_cast<size_t>(node.index)].late.Add(state.aggregate->late_rows);
  if (state.late->rows() > 0) TakeLate(node, *state.late, spec.bound.on_late);
}

void Lane::TakeLate(const NodePlan& node, const batch::Batch& late, const abi::ActionSpec& action) {
  Deliver(node.index, 1, *late.view());
  if (action.kind == ActionKind::Drop || action.kind == ActionKind::ToStream) return;
  for (int64_t row = 0; row < late.rows(); ++row) RejectCells(node.late, *late.view(), row, node.index, action, kLateRow);
}

// Changes become plain rows: a pair of one key is an update, a lone row an insert or a delete.
void Lane::RunAsRows(const NodePlan& node, NodeState& state, const ScBatch& in) {
  const ScBatch* work = RunRows(node, in, state.work.get());
  if (work == nullptr) return;
  enum Kind : int64_t { kInsert = 0, kUpdate = 1, kDelete = 2 };
  static constexpr std::string_view kNames[] = {"insert", "update", "delete"};
  int32_t sign = node.work.FindLeaf("$sign"), kind = node.output.FindLeaf("change.kind");
  batch::RowShape shape(node.work.leaves);
  auto same_key = [&](int64_t a, int64_t b) {
    for (int32_t column : node.spec->change_key) {
      for (int32_t leaf = node.work.leaf(column); leaf < node.work.leaf(column + 1); ++leaf) {
        const ScColumn& cells = work->columns[leaf];
        if (shape.CompareCells(static_cast<size_t>(leaf), cells, a, cells, b) != 0) return false;
      }
    }
    return true;
  };
  batch::Batch& out = *state.output;
  out.Clear();
  size_t copied = static_cast<size_t>(kind < 0 ? static_cast<int32_t>(out.leaves().size()) : kind);
  for (int64_t row = 0; row < work->rows; ++row) {
    Kind what = kInsert;
    if (IntAt(*work, sign, row) < 0) {
      bool replaced = row + 1 < work->rows && IntAt(*work, sign, row + 1) > 0 && same_key(row, row + 1);
      what = replaced ? kUpdate : kDelete;
      if (replaced) ++row;
    }
    int64_t at = out.rows();
    out.Resize(at + 1);
    for (size_t leaf = 0; leaf < copied; ++leaf) {
      int64_t width = abi::ColumnWidth(out.leaves()[leaf].kind);
      const ScColumn& from = work->columns[leaf];
      std::memcpy(out.value(leaf, at), static_cast<const char*>(from.data) + row * width, static_cast<size_t>(width));
      if (out.columns()[leaf].state != nullptr)
        out.columns()[leaf].state[at] = from.state == nullptr ? uint8_t{SC_VALUE} : from.state[row];
    }
    if (kind < 0) continue;
    size_t leaf = static_cast<size_t>(kind);
    if (out.leaves()[leaf].kind == abi::LeafKind::Str) {
      ScStr name{kNames[what].data(), static_cast<int64_t>(kNames[what].size())};
      std::memcpy(out.value(leaf, at), &name, sizeof name);
    } else {
      int64_t value = what;
      std::memcpy(out.value(leaf, at), &value, sizeof value);
    }
    if (out.columns()[leaf].state != nullptr) out.columns()[leaf].state[at] = SC_VALUE;
  }
  Deliver(node.index, 0, *out.view());
}

// --- rejections -------------------------------------------------------------------------------------------------

void Lane::OnReject(int64_t row, int32_t site, int32_t code) {
  if (current_->rec_leaf >= 0) return RejectRecord(IntAt(*current_in_, current_->rec_leaf, row), current_->index, site, code);
  RejectRow(RowAsJson(current_->input, *current_in_, row), current_->index, site, code);
}

const abi::ActionSpec& Lane::SourceAction(int64_t rec, int32_t code) const {
  const abi::SourceSpec& source = shared_.spec().sources[static_cast<size_t>(rejections_.Resolve(rec).source)];
  return code == SC_ERR_NULL_VALUE && !source.on_null_is_bad ? source.on_null : source.on_bad;
}

void Lane::RejectRecord(int64_t rec, int32_t node, int32_t site, int32_t code) {
  const abi::ActionSpec& action = SourceAction(rec, code);
  if (node >= 0) counters().nodes[static_cast<size_t>(node)].rejected.Add(1);
  if (!rejections_.Add({code, site, node, rec, {}, &action})) return;
  observe::SourceCounters& source = counters().sources[static_cast<size_t>(rejections_.Resolve(rec).source)];
  source.bad.Add(1);
  source.bad_codes[static_cast<uint8_t>(code)].Add(1);
  if (action.kind == ActionKind::Stop)
    Fail(Status::Error(Exit::BadInput, rejections_.Describe(shared_, rejections_.all().back())));
}

void Lane::RejectRow(std::string row, int32_t node, int32_t site, int32_t code) {
  if (node >= 0) counters().nodes[static_cast<size_t>(node)].rejected.Add(1);
  const abi::ActionSpec& action = shared_.job_route();
  rejections_.Add({code, site, node, -1, std::move(row), &action});
  const bool again = action.kind == ActionKind::ToStream && node >= 0 && shared_.plan->node(node).after_job_bad;
  if (action.kind != ActionKind::Stop && !again) return;
  std::string why = rejections_.Describe(shared_, rejections_.all().back());
  if (again) why += ", which comes from the job's stream of bad rows: there is no other place for it";
  Fail(Status::Error(Exit::BadInput, std::move(why)));
}

void Lane::RejectTableRow(int32_t table, const BadRow& row) {
  const abi::ActionSpec& action = shared_.spec().tables[static_cast<size_t>(table)].on_bad;
  Rejection rejection{row.code, -1, -1, -1, row.value, &action};
  rejection.table = table;
  rejection.topic = row.file;
  rejection.offset = row.offset;
  rejections_.Add(std::move(rejection));
}

void Lane::RejectCells(const Columns& columns, const ScBatch& batch, int64_t row, int32_t node, const abi::ActionSpec& action,
                       int32_t code) {
  int32_t rec = columns.FindLeaf("$rec");
  if (code != kLateRow) {
    if (rec >= 0) return RejectRecord(IntAt(batch, rec, row), node, -1, code);
    return RejectRow(RowAsJson(columns, batch, row), node, -1, code);
  }
  Rejection rejection{code, -1, node, rec >= 0 ? IntAt(batch, rec, row) : -1, {}, &action};
  if (rec < 0) rejection.row = RowAsJson(columns, batch, row);
  rejections_.Add(std::move(rejection));
  if (action.kind == ActionKind::Stop)
    Fail(Status::Error(Exit::BadInput, rejections_.Describe(shared_, rejections_.all().back())));
}

// Delivering may reject rows in turn, which may have a stream of their own; a row after the job's stream that fails ends this.
void Lane::DeliverBad() {
  while (delivered_ < rejections_.all().size() && failure_.ok()) {
    const size_t first = delivered_, end = rejections_.all().size();
    delivered_ = end;
    for (const NodePlan& node : shared_.plan->nodes()) {
      if (node.spec->kind == NodeKind::BadRows && !node.consumers[0].empty()) DeliverBadOf(node, first, end);
    }
  }
}

void Lane::DeliverBadOf(const NodePlan& node, size_t first, size_t end) {
  batch::Batch& bad = *nodes_[static_cast<size_t>(node.index)].output;
  bad.Clear();
  for (size_t i = first; i < end; ++i) {
    const Rejection& rejection = rejections_.all()[i];
    if (rejection.code == kLateRow || rejection.action->kind != ActionKind::ToStream || rejection.action->stream != node.spec->index) continue;
    RejectionReport report = rejections_.Report(shared_, rejection);
    NamedCells cells(node.output, &bad);
    auto text = [&](const std::string& s) { return arena_.CopyString(s.data(), static_cast<int64_t>(s.size())); };
    if (report.has_value) cells.Set("value", text(report.value));
    if (report.has_key) cells.Set("key", text(report.key));
    cells.Set("code", text(report.code));
    cells.Set("place", text(report.place));
    cells.Set("topic", text(report.topic));
    cells.Set("partition", report.partition);
    cells.Set("offset", report.offset);
    cells.Set("timestamp", report.timestamp);
  }
  Deliver(node.index, 0, *bad.view());
}

void Lane::FailWithCode(const NodePlan& node, int32_t code) {
  std::string what =
      code == SC_ERR_SUM_OVERFLOW ? "a sum does not fit its type" : std::string(ErrorText(shared_.spec(), -1, code));
  Fail(Status::Error(Exit::BadInput, node.spec->name + ": " + what));
}

bool Lane::HoldsViews() const {
  return !rejections_.empty() || std::any_of(nodes_.begin(), nodes_.end(), [](const NodeState& state) {
    return state.pending != nullptr && state.pending->rows() > 0;
  });
}

void Lane::FinishTurn() {
  rejections_.Clear();
  delivered_ = 0;
  for (NodeState& state : nodes_) {
    if (state.sink != nullptr) state.sink->Clear();
    if (state.pending != nullptr) state.pending->Clear();
  }
  arena_.Reset();
}

std::string RowAsJson(const Columns& columns, const ScBatch& batch, int64_t row) {
  std::string json = "{";
  for (size_t i = 0; i < columns.layout->columns.size(); ++i) {
    const abi::ColumnSpec& column = columns.layout->columns[i];
    const ScColumn* cells = batch.columns + columns.leaf(static_cast<int32_t>(i));
    bool failed = cells->state != nullptr && cells->state[row] > SC_NULL;
    if (column.hidden || cells->data == nullptr || failed) continue;
    json += (json.size() == 1 ? "\"" : ",\"") + column.name + "\":";
    format::EncodeJsonValue(column.type, cells, row, &json);
  }
  return json + "}";
}

}  // namespace streamc::rt::engine
