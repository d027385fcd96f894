// A lane: one thread's way through the graph, from batches to the nodes that wait for the end of the turn.
//
// Each worker has one, and the coordinator has one more for what combining nodes answer. A lane owns everything a batch touches
// on its way (pipeline outputs, its share of each aggregate, encoded records, rejections), so lanes never lock. Deliver pushes
// a batch to all consumers of a port, depth first; rows stay in memory until FinishTurn.
#pragma once

#include <memory>
#include <vector>

#include "runtime/engine/aggregate.h"
#include "runtime/engine/call.h"
#include "runtime/engine/reject.h"
#include "runtime/engine/sink_buffer.h"

namespace streamc::rt::engine {

class Lane : private Call {
 public:
  // `aggregates`: per node, null for others; `index`: the lane's share of them. `sinks`: one buffer per sink node, per node.
  Lane(const Shared& shared, size_t index, const std::vector<std::unique_ptr<Aggregate>>& aggregates);
  Status MakeSinks(const std::vector<std::map<std::string, std::string>>& format_options);

  // Starts a turn at this time of the clock.
  void Begin(int64_t now);
  // Pushes a batch of port `port` of `node` to all its consumers.
  void Deliver(int32_t node, int32_t port, const ScBatch& batch);
  bool HasConsumers(int32_t node, int32_t port) const { return !shared_.plan->node(node).consumers[port].empty(); }

  // A record is bad as a whole, or by the steps of a node it can still be traced from.
  void RejectRecord(int64_t rec, int32_t node, int32_t site, int32_t code);
  // A row as JSON takes the job's route.
  void RejectRow(std::string row, int32_t node, int32_t site, int32_t code);
  // Row `row` of a batch takes a node's `on late` action, or the job's route: by record where the columns have $rec.
  void RejectCells(const Columns& columns, const ScBatch& batch, int64_t row, int32_t node, const abi::ActionSpec& action,
                   int32_t code);

  // A bad row of a table takes the table's action.
  void RejectTableRow(int32_t table, const BadRow& row);

  // Rejections whose action is a stream become batches of its BadRows node: those since the last call of the turn. Call after the
  // last batch of the workers' phase, and before the nodes after the job's stream advance.
  void DeliverBad();
  // True while something of the turn points into its records: rejections, or rows that wait for the coordinator.
  bool HoldsViews() const;
  // The records given out so far will not be asked for again. Precondition: !HoldsViews().
  void ForgetRecords() {
    rejections_.Clear();
    delivered_ = 0;
    arena_.Reset();
  }
  // The turn is written: its memory goes.
  void FinishTurn();

  ScCtx* ctx() { return &ctx_; }
  batch::Arena& arena() { return arena_; }
  Rejections& rejections() { return rejections_; }
  observe::LaneCounters& counters() { return *shared_.counters.lanes[index_]; }
  SinkBuffer* sink(int32_t node) { return nodes_[static_cast<size_t>(node)].sink.get(); }
  // Rows of the turn for nodes that the coordinator runs: Top and Capture. Null when there were none.
  batch::Batch* pending(int32_t node) { return nodes_[static_cast<size_t>(node)].pending.get(); }
  // Why the job must stop; ok while it need not.
  const Status& failure() const { return failure_; }
  void Fail(Status status) {
    if (failure_.ok()) failure_ = std::move(status);
  }

 private:
  struct NodeState {
    std::unique_ptr<batch::Batch> work, output, late, pending;
    std::unique_ptr<SinkBuffer> sink;
    AggregateLane* aggregate = nullptr;
  };

  void Process(int32_t node, const ScBatch& in);
  // Runs the node's function into `into`; the input itself when it has none. Null after an error that stops the job.
  const ScBatch* RunRows(const NodePlan& node, const ScBatch& in, batch::Batch* into);
  void RunAggregate(const NodePlan& node, NodeState& state, const ScBatch& in);
  void RunAsRows(const NodePlan& node, NodeState& state, const ScBatch& in);
  void TakeLate(const NodePlan& node, const batch::Batch& late, const abi::ActionSpec& action);
  void OnReject(int64_t row, int32_t site, int32_t code);
  void DeliverBadOf(const NodePlan& node, size_t first, size_t end);
  void FailWithCode(const NodePlan& node, int32_t code);
  const abi::ActionSpec& SourceAction(int64_t rec, int32_t code) const;

  const Shared& shared_;
  size_t index_;
  batch::Arena arena_;
  ScCtx ctx_{};
  std::vector<NodeState> nodes_;
  Rejections rejections_;
  size_t delivered_ = 0;  // of the rejections, to streams
  Status failure_;
  // What the running function was called with.
  const NodePlan* current_ = nullptr;
  const ScBatch* current_in_ = nullptr;

  friend class Engine;
};

// A row of a batch as a JSON record of its visible columns.
std::string RowAsJson(const Columns& columns, const ScBatch& batch, int64_t row);

}  // namespace streamc::rt::engine
