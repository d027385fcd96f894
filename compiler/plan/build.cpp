#include <algorithm>
#include <map>

#include "compiler/plan/expr.h"
#include "compiler/plan/plan.h"

namespace streamc::plan {
namespace {

using types::TypeKind;

Column Hidden(ColumnId id, std::string name, TypeKind kind) {
  return {id, std::move(name), types::Make(kind), true};
}

const Column* FindHidden(const std::vector<Column>& columns, std::string_view name) {
  for (const Column& column : columns) {
    if (column.hidden && column.name == name) return &column;
  }
  return nullptr;
}
ColumnId HiddenId(const std::vector<Column>& columns, std::string_view name) {
  const Column* column = FindHidden(columns, name);
  return column ? column->id : -1;
}

ExprPtr MakeColumnExpr(const Column& column, source::Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Column;
  expr->type = column.type;
  expr->span = span;
  expr->column = column.id;
  expr->text = column.name;
  return expr;
}
ExprPtr MakeInt(int64_t value, source::Span span) {
  auto expr = std::make_shared<Expr>();
  expr->type = types::Make(TypeKind::Int);
  expr->span = span;
  expr->value = {value};
  return expr;
}
ExprPtr MakeBinary(ExprKind kind, TypeKind type, ExprPtr a, ExprPtr b) {
  auto expr = std::make_shared<Expr>();
  expr->kind = kind;
  expr->type = types::Make(type);
  expr->span = a->span;
  expr->args = {std::move(a), std::move(b)};
  return expr;
}

// The checker lists the planner's own columns under ids of each source; a plan has one id for each, so they are left out here
// and added where they are known.
bool IsPlannersOwn(const Column& column) {
  return column.hidden && (column.name == "$rec" || column.name == "$wm" || column.name == "$order");
}
std::vector<Column> WithoutPlannersOwn(std::vector<Column> columns) {
  std::erase_if(columns, IsPlannersOwn);
  return columns;
}

class Builder {
 public:
  Builder(const typed::Program& program, const PlanOptions& options) : program_(program), options_(options) {
    plan_.name = program.job.name;
    plan_.program = &program;
    plan_.next_column = program.next_column;
    for (ColumnId* id : {&plan_.rec, &plan_.watermark, &plan_.order, &plan_.sign}) *id = plan_.next_column++;
  }

  Plan Build() {
    for (const typed::Sink& sink : program_.sinks) AddSink(sink);
    for (const std::string& name : options_.captures) AddRowsCapture(name);
    if (options_.with_tests) {
      for (const typed::Test& test : program_.tests) AddTestCaptures(test);
    }
    return std::move(plan_);
  }

 private:
  const std::vector<Column>& Columns(Input input) const { return ColumnsOf(plan_, input); }

  Op& Add(Op op) {
    plan_.ops.push_back(std::move(op));
    return plan_.ops.back();
  }
  Input Last() const { return {static_cast<OpId>(plan_.ops.size()) - 1, 0}; }
  bool HasTime(Input input) const { return plan_.ops[input.op].has_time; }

  // --- inputs ---------------------------------------------------------------------------------------------------
  Input Source(int32_t index) {
    if (auto found = scans_.find(index); found != scans_.end()) return {found->second, 0};
    const typed::Source& source = program_.sources[index];
    Op op;
    Scan scan;
    scan.source = index;
    op.node = std::move(scan);
    op.columns = WithoutPlannersOwn(source.columns);
    op.has_time = source.time != typed::TimeKind::None;
    if (op.has_time && !FindHidden(op.columns, "meta.time")) {
      op.columns.push_back(Hidden(plan_.next_column++, "meta.time", TypeKind::Timestamp));
    }
    op.columns.push_back(Hidden(plan_.rec, "$rec", TypeKind::Int));
    op.columns.push_back(Hidden(plan_.watermark, "$wm", TypeKind::Timestamp));
    op.columns.push_back(Hidden(plan_.order, "$order", TypeKind::Int));
    op.stream = source.name;
    op.verb = "source";
    op.span = source.span;
    Add(std::move(op));
    scans_[index] = Last().op;
    return Last();
  }

  OpId Table(int32_t index) {
    if (auto found = tables_.find(index); found != tables_.end()) return found->second;
    const typed::Table& table = program_.tables[index];
    Op op;
    op.node = TableScan{index};
    op.columns = table.columns;
    op.stream = table.name;
    op.verb = "table";
    op.span = table.span;
    Add(std::move(op));
    return tables_[index] = Last().op;
  }

  // The columns of input `i` of a stream, as its origin names them.
  static std::vector<Column> OriginColumns(const typed::Stream& stream, size_t i) {
    std::vector<Column> columns = stream.input_columns;
    if (i < stream.merge_map.size()) {
      for (size_t k = 0; k < columns.size(); ++k) columns[k].id = stream.merge_map[i][k];
    }
    return WithoutPlannersOwn(std::move(columns));
  }

  Input Origin(const typed::Stream& stream, size_t i) {
    const typed::Input& input = stream.inputs[i];
    switch (input.kind) {
      case typed::InputKind::Source: return Source(input.index);
      case typed::InputKind::Stream: return Stream(input.index);
      case typed::InputKind::Bad: {
        const auto index = static_cast<int32_t>(&stream - program_.streams.data());
        // A source that names the stream is read even if only its bad records are wanted; for the job's route that is no reason.
        const auto names = [&](const typed::Action& action) {
          const bool of_job = program_.job.on_bad && program_.job.on_bad->span == action.span;
          return action.kind == typed::ActionKind::ToStream && action.stream == index && !of_job;
        };
        for (size_t k = 0; k < program_.sources.size(); ++k) {
          if (names(program_.sources[k].on_bad) || names(program_.sources[k].on_null)) Source(static_cast<int32_t>(k));
        }
        Op op;
        op.node = BadRows{index};
        op.columns = OriginColumns(stream, i);
        op.stream = stream.name;
        op.verb = "on bad";
        op.span = stream.span;
        Add(std::move(op));
        return Last();
      }
      case typed::InputKind::LateOf: {
        Stream(input.index);
        const Input late{step_ops_.at({input.index, input.step}), 1};
        NeedLate(late.op);
        return late;
      }
      // Refused by the checker.
      case typed::InputKind::Table: break;
    }
    return {};
  }

  // Makes the late rows of a step visible on its port 1.
  void NeedLate(OpId id) {
    Op& op = plan_.ops[id];
    std::vector<Column> side = Columns(op.inputs[0]);
    std::erase_if(side, [&](const Column& column) { return column.id == plan_.sign; });
    op.side = std::move(side);
  }

  Input MergeOrigins(const typed::Stream& stream) {
    Op op;
    Merge merge;
    op.has_time = true;
    for (size_t i = 0; i < stream.inputs.size(); ++i) {
      const Input input = Origin(stream, i);
      op.inputs.push_back(input);
      op.has_time = op.has_time && HasTime(input);
      std::vector<ColumnId> from;
      for (size_t k = 0; k < stream.input_columns.size(); ++k) {
        if (IsPlannersOwn(stream.input_columns[k])) continue;
        from.push_back(i < stream.merge_map.size() ? stream.merge_map[i][k] : stream.input_columns[k].id);
      }
      merge.from.push_back(std::move(from));
    }
    op.columns = WithoutPlannersOwn(stream.input_columns);
    // An internal column goes on only when every input has it.
    for (const Column& column : std::vector<Column>(Columns(op.inputs[0]))) {
      if (!IsInternal(plan_, column.id)) continue;
      const bool everywhere = std::all_of(op.inputs.begin(), op.inputs.end(), [&](Input input) {
        const auto& columns = Columns(input);
        return std::any_of(columns.begin(), columns.end(), [&](const Column& c) { return c.id == column.id; });
      });
      if (!everywhere) continue;
      op.columns.push_back(column);
      for (auto& from : merge.from) from.push_back(column.id);
    }
    op.node = std::move(merge);
    op.stream = stream.name;
    op.verb = "merge";
    op.span = stream.span;
    Add(std::move(op));
    return Last();
  }

  // --- streams --------------------------------------------------------------------------------------------------
  Input Stream(int32_t index) {
    if (auto found = streams_.find(index); found != streams_.end()) return found->second;
    const typed::Stream& stream = program_.streams[index];
    Input at = stream.inputs.size() == 1 ? Origin(stream, 0) : MergeOrigins(stream);
    for (size_t i = 0; i < stream.steps.size(); ++i) {
      at = Step(stream, stream.steps[i], at);
      step_ops_[{index, static_cast<int32_t>(i)}] = at.op;
    }
    if (!stream.steps.empty() && at.port == 0 && IsRowStep(plan_.ops[at.op])) plan_.ops[at.op].materialise = true;
    streams_[index] = at;
    return at;
  }

  Input Step(const typed::Stream& stream, const typed::Step& step, Input at) {
    if (const auto* tap = std::get_if<typed::Tap>(&step.node)) {
      AddTap(stream, step, *tap, at);
      return at;
    }
    Op op;
    op.inputs = {at};
    op.columns = WithoutPlannersOwn(step.columns);
    op.rows = step.rows;
    op.has_time = HasTime(at);
    op.stream = stream.name;
    op.verb = step.verb;
    op.span = step.span;
    std::visit([&](const auto& node) { Lower(node, at, &op); }, step.node);
    if (IsRowStep(op)) {
      for (const Column& column : Columns(at)) {
        if (IsInternal(plan_, column.id)) op.columns.push_back(column);
      }
    } else if (op.rows.changing) {
      op.columns.push_back(Hidden(plan_.sign, "$sign", TypeKind::Int));
    }
    Add(std::move(op));
    return Last();
  }

  void Lower(const typed::Where& step, Input, Op* op) { op->node = Filter{step.condition}; }
  void Lower(const typed::Project& step, Input, Op* op) {
    Project project;
    for (const typed::Computed& each : step.columns) {
      if (each.expr) project.computed.push_back(each);
    }
    op->node = std::move(project);
  }
  void Lower(const typed::Expand& step, Input, Op* op) { op->node = Expand{step.column, step.list, step.outer}; }
  void Lower(const typed::Check& step, Input, Op* op) { op->node = Check{step.condition, step.code}; }
  void Lower(const typed::Lookup& step, Input, Op* op) {
    op->inputs.push_back({Table(step.table), 0});
    op->node = Lookup{step.table, step.keys, step.column, step.otherwise, step.code};
  }
  void Lower(const typed::AsRows& step, Input, Op* op) { op->node = AsRows{step.change_kind}; }
  void Lower(const typed::Tap&, Input, Op*) {}

  // The id of the results' event time, a hidden column the checker may have left to us.
  ColumnId ResultTime(Op* op, bool windowed) {
    op->has_time = op->has_time || windowed;
    if (!op->has_time) return -1;
    if (const Column* time = FindHidden(op->columns, "meta.time")) return time->id;
    op->columns.push_back(Hidden(plan_.next_column++, "meta.time", TypeKind::Timestamp));
    return op->columns.back().id;
  }

  void NoteLateAction(const typed::Bound& bound, Input at, Op* op) {
    if (!bound.on_late || bound.on_late->kind != typed::ActionKind::DeadLetter) return;
    // A late row that still is one record goes out as its bytes; a combined one as its columns.
    for (const Column& column : Columns(at)) {
      if (column.id == plan_.rec) op->side = {column};
    }
    if (!op->side.empty()) return;
    for (const Column& column : Columns(at)) {
      if (!column.hidden) op->side.push_back(column);
    }
  }

  void Lower(const typed::Aggregate& step, Input at, Op* op) {
    Aggregate aggregate;
    aggregate.label = step.label;
    aggregate.keys = step.keys;
    aggregate.items = step.items;
    aggregate.calls = step.calls;
    aggregate.bound = step.bound;
    const bool windowed = step.bound.window != typed::WindowKind::None;
    if (windowed) {
      aggregate.window_start = step.window_start.id;
      aggregate.window_end = step.window_end.id;
      aggregate.window_pane = step.window_pane.id;
    }
    aggregate.time = HasTime(at) ? HiddenId(Columns(at), "meta.time") : -1;
    aggregate.out_time = ResultTime(op, windowed);
    NoteLateAction(step.bound, at, op);
    op->node = std::move(aggregate);
  }

  void Lower(const typed::Top& step, Input at, Op* op) {
    Top top;
    top.label = step.label;
    top.limit = step.limit;
    top.order = step.order;
    top.per = step.per;
    top.per_window = step.per_window;
    top.with_ties = step.with_ties;
    top.rank = step.rank;
    top.bound = step.bound;
    const bool windowed = step.bound && step.bound->window != typed::WindowKind::None;
    if (windowed) {
      top.window_start = step.window_start.id;
      top.window_end = step.window_end.id;
      top.window_pane = step.window_pane.id;
    } else if (!step.bound) {
      top.window_start = HiddenId(Columns(at), "window.start");
      top.window_end = HiddenId(Columns(at), "window.end");
      top.window_pane = HiddenId(Columns(at), "window.pane");
    }
    top.time = HasTime(at) ? HiddenId(Columns(at), "meta.time") : -1;
    top.out_time = ResultTime(op, windowed);
    if (step.bound) NoteLateAction(*step.bound, at, op);
    op->node = std::move(top);
  }

  // --- ends -----------------------------------------------------------------------------------------------------
  void AddSink(const typed::Sink& sink) {
    Op op;
    op.inputs = {Stream(sink.stream)};
    op.node = Sink{sink};
    op.stream = sink.label.empty() ? sink.name : sink.name + "@" + sink.label;
    op.verb = "sink";
    op.span = sink.span;
    op.rows = program_.streams[sink.stream].rows;
    Add(std::move(op));
  }

  void AddTap(const typed::Stream& stream, const typed::Step& step, const typed::Tap& tap, Input at) {
    const std::vector<Column> before = Columns(at);
    if (tap.sample < tap.in) at = Sample(stream, step, tap, at);
    typed::Sink sink;
    sink.name = stream.name;
    sink.label = "tap";
    sink.connector.connector = "stderr";
    sink.upsert = step.rows.changing;
    sink.span = step.span;
    std::vector<types::Field> fields;
    for (const Column& column : before) {
      const bool is_key = std::count(step.rows.key.begin(), step.rows.key.end(), column.id) > 0;
      if (is_key) sink.key.push_back(MakeColumnExpr(column, step.span));
      if (is_key) sink.key_names.push_back(column.name);
      if (column.hidden) continue;
      fields.push_back({column.name, column.type, column.name, nullptr});
      sink.fields.push_back(MakeColumnExpr(column, step.span));
    }
    sink.record = types::MakeRecord(std::move(fields));
    Op op;
    op.inputs = {at};
    op.rows = step.rows;
    op.stream = stream.name + "@tap";
    op.verb = "tap";
    op.span = step.span;
    op.node = Sink{std::move(sink)};
    Add(std::move(op));
  }

  // `sample 1 in N` takes records by their number in the log, so the same ones every time; combined rows are all taken.
  Input Sample(const typed::Stream& stream, const typed::Step& step, const typed::Tap& tap, Input at) {
    for (const Column& column : std::vector<Column>(Columns(at))) {
      if (column.id != plan_.order) continue;
      ExprPtr number = MakeBinary(ExprKind::Mod, TypeKind::Int, MakeColumnExpr(column, step.span), MakeInt(tap.in, step.span));
      Op op;
      op.inputs = {at};
      op.columns = Columns(at);
      op.rows = step.rows;
      op.has_time = HasTime(at);
      op.node = Filter{MakeBinary(ExprKind::Lt, TypeKind::Bool, std::move(number), MakeInt(tap.sample, step.span))};
      op.stream = stream.name + "@tap";
      op.verb = "tap";
      op.span = step.span;
      Add(std::move(op));
      return Last();
    }
    return at;
  }

  void AddCapture(Input at, CaptureKind kind, const std::string& name, source::Span span) {
    for (const Op& op : plan_.ops) {
      const auto* capture = As<Capture>(op);
      if (capture && capture->kind == kind && op.inputs[0].op == at.op && op.stream == name) return;
    }
    Op op;
    op.inputs = {at};
    op.node = Capture{kind};
    op.stream = name;
    op.verb = "capture";
    op.span = span;
    if (kind == CaptureKind::Rows) op.rows = plan_.ops[at.op].rows;
    Add(std::move(op));
  }

  void AddRowsCapture(const std::string& name) {
    for (size_t i = 0; i < program_.streams.size(); ++i) {
      if (program_.streams[i].name != name) continue;
      return AddCapture(Stream(static_cast<int32_t>(i)), CaptureKind::Rows, name, program_.streams[i].span);
    }
    for (size_t i = 0; i < program_.sources.size(); ++i) {
      if (program_.sources[i].name != name) continue;
      return AddCapture(Source(static_cast<int32_t>(i)), CaptureKind::Rows, name, program_.sources[i].span);
    }
  }

  void AddLateCaptures(int32_t index) {
    const typed::Stream& stream = program_.streams[index];
    Stream(index);
    for (size_t i = 0; i < stream.steps.size(); ++i) {
      const auto found = step_ops_.find({index, static_cast<int32_t>(i)});
      if (found == step_ops_.end() || !HasLateRows(plan_.ops[found->second])) continue;
      NeedLate(found->second);
      AddCapture({found->second, 1}, CaptureKind::Late, stream.name, stream.steps[i].span);
    }
  }

  static bool HasLateRows(const Op& op) {
    const auto* aggregate = As<Aggregate>(op);
    const auto* top = As<Top>(op);
    return (aggregate && aggregate->bound.window != typed::WindowKind::None) ||
           (top && top->bound && top->bound->window != typed::WindowKind::None);
  }

  void AddTestCaptures(const typed::Test& test) {
    for (const typed::TestStatement& each : test.statements) {
      if (each.kind != typed::TestStatement::Kind::Expect || each.expect == typed::ExpectKind::Bad) continue;
      const bool is_stream = each.target_kind == typed::TestStatement::Target::Stream;
      if (each.expect == typed::ExpectKind::Late) {
        if (is_stream) AddLateCaptures(each.target);
      } else {
        AddRowsCapture(is_stream ? program_.streams[each.target].name : program_.sources[each.target].name);
      }
    }
  }

  const typed::Program& program_;
  const PlanOptions& options_;
  Plan plan_;
  std::map<int32_t, OpId> scans_, tables_;
  std::map<int32_t, Input> streams_;
  std::map<std::pair<int32_t, int32_t>, OpId> step_ops_;
};

}  // namespace

Plan BuildPlan(const typed::Program& program, const PlanOptions& options) {
  return Builder(program, options).Build();
}

}  // namespace streamc::plan
