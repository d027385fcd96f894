// State of one lowering, shared by the files of physical/. Internal.
//
// Row steps have no node of their own: a node's pipeline starts at its Feed (batches another node gives) and runs the steps
// between.
#pragma once

#include <map>
#include <vector>

#include "compiler/physical/physical.h"
#include "compiler/plan/expr.h"
#include "compiler/plan/plan.h"

namespace streamc::physical {

using typed::Column;

// Batches a pipeline reads: ports of nodes that all have one layout.
struct Feed {
  std::vector<abi::InputRef> refs;
  std::vector<Column> columns;
  bool unchecked = false;
};

class Lowering {
 public:
  Lowering(const plan::Plan& plan, const typed::Program& program, const PhysicalOptions& options)
      : plan_(plan),
        program_(program),
        options_(options),
        unchecked_(plan::UncheckedColumns(plan)),
        consumers_(plan::Consumers(plan)),
        next_column_(plan.next_column) {}

  Program Run();

 private:
  // --- whole job (build.cpp) ---
  void LowerJob();
  void LowerTables();

  // --- sources (lower_source.cpp) ---
  void LowerScan(plan::OpId id);
  void LowerBadRows(plan::OpId id);
  abi::ScanColumn OriginOf(const typed::Source& source, const Column& column) const;
  void LowerTime(const typed::Source& source, const plan::Op& scan, int32_t node, abi::SourceSpec* spec);

  // --- row pipelines (lower_rows.cpp) ---
  // The pipeline that reads `input`: its feed and the row steps before the next node. `site` names the consuming step.
  Pipeline StartPipeline(plan::Input input, abi::NodeSpec* node);
  const Feed& FeedOf(plan::Input base);
  Feed MergeFeed(plan::OpId id);
  void AddSteps(plan::OpId id, Pipeline* pipeline);
  void LowerRows(plan::OpId id);
  // Binds `expr` in a step of the pipeline (site `site`) and returns the column; a checked column passes as it is.
  Column Bind(const ExprPtr& expr, const std::string& name, plan::Input input, int32_t site, Pipeline* pipeline);
  Column BindColumn(const Column& column, plan::Input input, int32_t site, Pipeline* pipeline);
  // Ends the pipeline with EmitRow of `columns` and registers it; returns its function.
  int32_t EmitRows(Pipeline pipeline, int32_t node, const std::vector<Column>& columns);

  // --- nodes that combine rows (lower_combine.cpp) ---
  void LowerAggregate(plan::OpId id);
  void LowerTop(plan::OpId id);
  void LowerAsRows(plan::OpId id);

  // --- ends (lower_sink.cpp) ---
  void LowerSink(plan::OpId id);
  void LowerCapture(plan::OpId id);

  // --- tests (lower_test.cpp) ---
  void LowerTests();
  abi::TestStep LowerStatement(const typed::TestStatement& statement) const;

  // --- helpers (build.cpp) ---
  abi::NodeSpec MakeNode(abi::NodeKind kind, const plan::Op& op, std::string name) const;
  int32_t AddNode(abi::NodeSpec node);
  int32_t SiteOf(const plan::Op& op, const std::string& code = {});
  std::string Place(source::Span span) const;
  int32_t NewFunction() { return out_.function_count++; }
  bool IsUnchecked(ColumnId id, plan::Input input) const;
  // Positions of `ids` in `columns`.
  static std::vector<int32_t> Positions(const std::vector<ColumnId>& ids, const std::vector<Column>& columns);
  static int32_t PositionOf(ColumnId id, const std::vector<Column>& columns);
  static std::vector<Slot> ToSlots(const std::vector<Column>& columns);
  const plan::Op& op(plan::OpId id) const { return plan_.ops[id]; }
  const std::vector<Column>& ColumnsOf(plan::Input input) const { return plan::ColumnsOf(plan_, input); }
  // The rows of `input`, which are plain on a second port.
  typed::RowKind RowsOf(plan::Input input) const { return input.port == 0 ? op(input.op).rows : typed::RowKind{}; }

  const plan::Plan& plan_;
  const typed::Program& program_;
  const PhysicalOptions& options_;
  std::vector<plan::ColumnSet> unchecked_;
  std::vector<std::vector<plan::OpId>> consumers_;
  ColumnId next_column_;
  Program out_;
  std::map<std::pair<plan::OpId, int32_t>, Feed> feeds_;
};

}  // namespace streamc::physical
