#include "compiler/physical/physical.h"
#include "compiler/plan/expr.h"
#include "compiler/support/text.h"
#include "runtime/abi/type_text.h"

namespace streamc::physical {
namespace {

using abi::TypeText;

class Printer {
 public:
  Printer(const Program& physical, const typed::Program& program)
      : physical_(physical), spec_(physical.spec), program_(program) {}

  std::string Run() {
    out_ = "job " + spec_.name + ": " + std::to_string(physical_.function_count) + " functions\n";
    for (size_t i = 0; i < spec_.nodes.size(); ++i) PrintNode(static_cast<int32_t>(i));
    for (size_t i = 0; i < spec_.sites.size(); ++i) {
      const abi::SiteSpec& site = spec_.sites[i];
      out_ += "site " + std::to_string(i) + ": " + site.stream + " " + site.step + " " + site.place +
              (site.code.empty() ? "" : " " + support::QuoteJson(site.code)) + "\n";
    }
    for (const abi::CaptureSpec& capture : spec_.captures) {
      static constexpr std::string_view kKinds[] = {"rows", "late", "bad"};
      out_ += "capture " + capture.stream + ": " + std::string(kKinds[static_cast<int>(capture.kind)]) +
              (capture.changing ? ", changing" : "") + "\n";
    }
    return std::move(out_);
  }

 private:
  void Line(const std::string& text) { out_ += "  " + text + "\n"; }

  std::string LayoutText(const abi::LayoutSpec& layout) const {
    std::string text;
    for (size_t i = 0; i < layout.columns.size(); ++i) {
      const abi::ColumnSpec& column = layout.columns[i];
      text += (i == 0 ? "" : ", ") + column.name + ": " + TypeText(column.type);
    }
    return text.empty() ? "nothing" : text;
  }

  std::string ColumnNames(const std::vector<int32_t>& positions, const abi::LayoutSpec& layout) const {
    std::string text;
    for (int32_t position : positions) {
      const bool known = position >= 0 && static_cast<size_t>(position) < layout.columns.size();
      text += (text.empty() ? "" : ", ") + (known ? layout.columns[position].name : std::string("?"));
    }
    return text;
  }

  std::string Text(const ExprPtr& expr) const { return plan::PrintExpr(*expr, program_); }

  void PrintNode(int32_t number) {
    static constexpr std::string_view kKinds[] = {"source", "rows", "aggregate", "top", "as rows", "sink", "capture", "bad rows"};
    const abi::NodeSpec& node = spec_.nodes[number];
    out_ += "node " + std::to_string(number) + " " + std::string(kKinds[static_cast<int>(node.kind)]) + " " + node.name;
    std::string inputs;
    for (const abi::InputRef& input : node.inputs) {
      inputs += (inputs.empty() ? " <- " : ", ") + std::to_string(input.node) + (input.port == 1 ? " port 1" : "");
    }
    out_ += inputs + (node.unchecked_input ? " (unchecked)" : "") + "\n";
    if (node.kind == abi::NodeKind::Source) PrintSource(spec_.sources[node.index]);
    for (const TimeCode& time : physical_.times) {
      if (time.node == number) Line("fn " + std::to_string(time.function) + " time " + Text(time.expr));
    }
    for (const Pipeline& pipeline : physical_.pipelines) {
      if (pipeline.node == number) PrintPipeline(pipeline);
    }
    if (node.kind == abi::NodeKind::Aggregate) PrintAggregate(number, node);
    if (node.kind == abi::NodeKind::Top) PrintTop(node);
    if (node.kind == abi::NodeKind::Sink) PrintSink(node);
    if (!node.work.columns.empty()) Line("work " + LayoutText(node.work));
    if (!node.output.columns.empty()) Line("output " + LayoutText(node.output) + (node.unchecked_output ? " (unchecked)" : ""));
    if (!node.late.columns.empty()) Line("late " + LayoutText(node.late) + (node.unchecked_late ? " (unchecked)" : ""));
    PrintState(node.state);
    if (!node.change_key.empty()) {
      const bool in_work =
          node.kind == abi::NodeKind::AsRows || node.kind == abi::NodeKind::Sink || node.kind == abi::NodeKind::Capture;
      Line("change key " + ColumnNames(node.change_key, in_work ? node.work : node.output));
    }
  }

  void PrintState(const abi::StateSpec& state) {
    if (state.kind.empty()) return;
    std::string was;
    for (const std::string& name : state.was) was += (was.empty() ? ", was " : ", ") + name;
    Line("state " + state.kind + " " + state.shape + was);
    for (const abi::StateField& field : state.fields) {
      Line("  " + field.name + ": " + field.text + (field.has_default ? " or its default" : field.optional ? " or null" : ""));
    }
  }

  void PrintSource(const abi::SourceSpec& source) {
    std::string decoded;
    for (bool needed : source.needed) decoded += needed ? '1' : '0';
    Line("decode leaves " + decoded);
    for (const abi::ScanPredicate& predicate : source.predicates) {
      static constexpr std::string_view kTests[] = {"==", "!=", "<", "<=", ">", ">=", "in"};
      Line("only leaf " + std::to_string(predicate.leaf) + " " + std::string(kTests[static_cast<int>(predicate.test)]) + " " +
           std::to_string(predicate.values.size()) + (predicate.values.size() == 1 ? " value" : " values"));
    }
    switch (source.time) {
      case abi::TimeKind::None: break;
      case abi::TimeKind::Leaf: Line("time leaf " + std::to_string(source.time_leaf)); break;
      case abi::TimeKind::MetaTimestamp: Line("time of the record"); break;
      case abi::TimeKind::Arrival: Line("time of arrival"); break;
      case abi::TimeKind::Function: break;
    }
  }

  // Names of columns that a pipeline binds or reads, for steps that show only ids.
  std::string Name(const Pipeline& pipeline, ColumnId id) const {
    for (const Slot& slot : pipeline.input) {
      if (slot.id == id) return slot.name;
    }
    for (const typed::Stream& stream : program_.streams) {
      for (const typed::Step& step : stream.steps) {
        for (const typed::Column& column : step.columns) {
          if (column.id == id) return column.name;
        }
      }
    }
    return "$" + std::to_string(id);
  }

  void PrintPipeline(const Pipeline& pipeline) {
    Line("fn " + std::to_string(pipeline.function) + " rows");
    for (const RowStep& step : pipeline.steps) {
      const std::string text = std::visit([&](const auto& node) { return StepText(node, pipeline); }, step.node);
      Line("  " + text + "  @" + std::to_string(step.site));
    }
    if (const auto* emit = std::get_if<EmitRow>(&pipeline.terminal)) {
      std::string columns;
      for (const Slot& slot : emit->columns) columns += (columns.empty() ? "" : ", ") + slot.name;
      Line("  emit " + (columns.empty() ? "nothing" : columns));
    } else {
      Line("  update");
    }
  }
  std::string StepText(const Filter& step, const Pipeline&) const { return "filter " + Text(step.condition); }
  std::string StepText(const Compute& step, const Pipeline& pipeline) const {
    return "compute " + Name(pipeline, step.column) + " = " + Text(step.expr);
  }
  std::string StepText(const Expand& step, const Pipeline& pipeline) const {
    return std::string("expand ") + (step.outer ? "outer " : "") + Name(pipeline, step.column) + " in " + Text(step.list);
  }
  std::string StepText(const Check& step, const Pipeline&) const { return "check " + Text(step.condition); }
  std::string StepText(const LookupRow& step, const Pipeline& pipeline) const {
    std::string keys;
    for (const ExprPtr& key : step.keys) keys += (keys.empty() ? "" : ", ") + Text(key);
    static constexpr std::string_view kElse[] = {"drop", "null", "reject"};
    return "lookup " + Name(pipeline, step.column) + " in " + spec_.tables[step.table].name + " on " + keys + " else " +
           std::string(kElse[static_cast<int>(step.otherwise)]);
  }

  void PrintAggregate(int32_t number, const abi::NodeSpec& node) {
    const abi::AggregateSpec& spec = spec_.aggregates[node.index];
    for (const AggregateCode& code : physical_.aggregates) {
      if (code.node != number) continue;
      Line("slot key " + LayoutText(spec.key) + " (" + std::to_string(code.key_size) + " bytes), state " +
           std::to_string(code.state_size) + " bytes");
      std::vector<std::string> calls;
      for (const AggCall& call : code.calls) {
        calls.push_back(plan::PrintAggCall({call.function, call.args, call.where, call.type, {}}, program_));
        Line("  +" + std::to_string(call.state_offset) + " " + calls.back());
      }
      for (const typed::Computed& key : code.keys) Line("key " + key.column.name + " = " + Text(key.expr));
      Line("fn " + std::to_string(code.merge_function) + " merge" +
           (code.destroy_function >= 0 ? ", fn " + std::to_string(code.destroy_function) + " destroy" : "") + ", fn " +
           std::to_string(code.save_function) + " save, fn " + std::to_string(code.load_function) + " load");
      Line("fn " + std::to_string(code.result_function) + " result");
      for (const typed::Computed& item : code.items)
        Line("  " + item.column.name + " = " + plan::PrintExpr(*item.expr, program_, calls));
      Line(std::string("time ") + (code.time >= 0 ? "meta.time" : "none") + (code.watermark >= 0 ? ", late by $wm" : "") +
           (spec.changing_input ? ", changing input" : "") + (spec.changing_output ? ", changing output" : ""));
    }
    Line("exchange: partial states by hash of the key");
  }

  void PrintTop(const abi::NodeSpec& node) {
    const abi::TopSpec& top = spec_.tops[node.index];
    std::string order;
    for (const abi::SortSpec& sort : top.order) {
      order += (order.empty() ? "" : ", ") + ColumnNames({sort.column}, node.work) + (sort.descending ? "" : " asc");
    }
    std::string text = "top by " + order;
    if (!top.per.empty()) text += " per " + ColumnNames(top.per, node.work);
    if (top.per_window) text += " per window (" + ColumnNames({top.window_start, top.window_end}, node.work) + ")";
    Line(text + (top.with_ties ? " with ties" : "") + ", keeps " + std::to_string(top.kept) + " columns");
    Line("exchange: rows by hash of what they are ranked per");
  }

  void PrintSink(const abi::NodeSpec& node) {
    const abi::SinkSpec& sink = spec_.sinks[node.index];
    std::string text = "write " + std::to_string(sink.record.fields.size()) + " fields";
    if (!sink.key.empty()) text += ", key " + ColumnNames(sink.key, node.work) + (sink.key_as_json ? " as json" : "");
    Line(text + (sink.upsert ? ", upsert" : ""));
  }

  const Program& physical_;
  const abi::JobSpec& spec_;
  const typed::Program& program_;
  std::string out_;
};

}  // namespace

std::string PrintPhysical(const Program& physical, const typed::Program& program) {
  return Printer(physical, program).Run();
}

}  // namespace streamc::physical
