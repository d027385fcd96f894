#include "compiler/plan/expr.h"
#include "compiler/plan/plan.h"
#include "compiler/support/text.h"

namespace streamc::plan {
namespace {

class Printer {
 public:
  explicit Printer(const Plan& plan) : plan_(plan), program_(*plan.program) {}

  std::string Run() {
    out_ = "plan " + plan_.name + "\n";
    std::string section;
    for (size_t id = 0; id < plan_.ops.size(); ++id) {
      const Op& op = plan_.ops[id];
      const std::string heading = Heading(op);
      if (heading != section) out_ += heading + "\n";
      section = heading;
      PrintOp(op, static_cast<OpId>(id));
    }
    return std::move(out_);
  }

 private:
  static std::string Heading(const Op& op) {
    if (As<Scan>(op)) return "source " + op.stream;
    if (As<TableScan>(op)) return "table " + op.stream;
    if (As<Sink>(op)) return "sink " + op.stream;
    if (As<Capture>(op)) return "capture " + op.stream;
    return "stream " + op.stream;
  }

  void Detail(const std::string& text) { out_ += "     " + text + "\n"; }

  void PrintOp(const Op& op, OpId id) {
    out_ += "  #" + std::to_string(id) + " " + std::visit([&](const auto& node) { return Text(node, op); }, op.node);
    // The input is named where it is not simply the operator above.
    const bool plain = op.inputs.empty() || (op.inputs.size() == 1 && op.inputs[0].op == id - 1 && op.inputs[0].port == 0);
    if (!plain) out_ += "  <- " + InputsText(op);
    out_ += "\n";
    if (const auto* scan = As<Scan>(op)) PrintScan(*scan);
    if (const auto* aggregate = As<Aggregate>(op); aggregate && aggregate->partial) {
      Detail("partial: batches are aggregated where they are read, partial states are exchanged");
    }
    if (!op.columns.empty() && !As<Filter>(op) && !As<Check>(op)) PrintColumns(op);
    if (!op.side.empty()) Detail("late " + Names(op.side, true));
    if (op.rows.changing && !op.rows.key.empty() && !IsRowStep(op) && !op.columns.empty()) Detail("changes by " + KeyNames(op));
    if (op.materialise) Detail("materialise");
  }

  std::string InputsText(const Op& op) const {
    std::string text;
    for (const Input& input : op.inputs) {
      text += (text.empty() ? "#" : ", #") + std::to_string(input.op);
      if (input.port == 1) text += " late";
    }
    return text;
  }

  std::string PathText(const Path& path) const {
    const Column* column = nullptr;
    for (const typed::Source& source : program_.sources) {
      for (const Column& each : source.columns) {
        if (each.id == path.column) column = &each;
      }
    }
    if (!column) return "?";
    std::string text = column->name;
    const types::Type* type = column->type.get();
    for (int32_t field : path.fields) {
      text += "." + type->fields[field].name;
      type = type->fields[field].type.get();
    }
    return text + (path.presence ? "?" : "");
  }

  void PrintScan(const Scan& scan) {
    for (const ScanPredicate& predicate : scan.predicates) {
      static constexpr std::string_view kTests[] = {"==", "!=", "<", "<=", ">", ">=", "in"};
      std::string values;
      for (const types::Datum& value : predicate.values) {
        values += (values.empty() ? "" : ", ") + types::ToString(value, *types::Required(predicate.type));
      }
      if (predicate.test == ScanTest::In) values = "[" + values + "]";
      Detail("only " + predicate.name + " " + std::string(kTests[static_cast<int>(predicate.test)]) + " " + values);
    }
    if (scan.all_needed) return;
    std::string text;
    for (const Path& path : scan.needed) text += (text.empty() ? "" : ", ") + PathText(path);
    Detail("decode " + (text.empty() ? "nothing" : text));
  }

  void PrintColumns(const Op& op) {
    std::string visible;
    for (const Column& column : op.columns) {
      if (!column.hidden) visible += (visible.empty() ? "" : ", ") + column.name + ": " + types::ToString(*column.type);
    }
    const std::string hidden = Names(op.columns, false);
    if (!visible.empty()) Detail("columns " + visible);
    if (!hidden.empty()) Detail("hidden " + hidden);
  }

  static std::string Names(const std::vector<Column>& columns, bool all) {
    std::string text;
    for (const Column& column : columns) {
      if (all || column.hidden) text += (text.empty() ? "" : ", ") + column.name;
    }
    return text;
  }

  static std::string KeyNames(const Op& op) {
    std::string text;
    for (ColumnId key : op.rows.key) {
      for (const Column& column : op.columns) {
        if (column.id == key) text += (text.empty() ? "" : ", ") + column.name;
      }
    }
    return text;
  }

  std::string Text(const ExprPtr& expr) const { return PrintExpr(*expr, program_); }
  std::string List(const std::vector<ExprPtr>& exprs) const {
    std::string text;
    for (const ExprPtr& expr : exprs) text += (text.empty() ? "" : ", ") + Text(expr);
    return text;
  }
  std::string Computed(const std::vector<typed::Computed>& items, const std::vector<std::string>& calls = {}) const {
    std::string text;
    for (const typed::Computed& item : items) {
      const std::string expr = PrintExpr(*item.expr, program_, calls);
      text += (text.empty() ? "" : ", ") + (expr == item.column.name ? expr : item.column.name + " = " + expr);
    }
    return text;
  }
  std::string Call(const typed::ConnectorCall& call, const typed::FormatCall& format) const {
    std::string args;
    if (call.dynamic_target) args = Text(call.dynamic_target);
    for (const typed::StartValue& arg : call.args) {
      if (!call.dynamic_target) args += (args.empty() ? "" : ", ") + PrintStartValue(arg, program_);
    }
    return call.connector + "(" + args + ") format " + format.format;
  }

  std::string Text(const std::monostate&, const Op&) const { return "nothing"; }
  std::string Text(const Scan& scan, const Op&) const {
    const typed::Source& source = program_.sources[scan.source];
    std::string text = "scan " + Call(source.connector, source.format);
    switch (source.time) {
      case typed::TimeKind::None: break;
      case typed::TimeKind::Column: text += " time " + Text(source.time_expr); break;
      case typed::TimeKind::MetaTimestamp: text += " time meta.timestamp"; break;
      case typed::TimeKind::Arrival: text += " time arrival"; break;
    }
    if (source.has_watermark) text += " watermark lag " + PrintStartValue(source.lag, program_);
    return text;
  }
  std::string Text(const TableScan& scan, const Op&) const {
    const typed::Table& table = program_.tables[scan.table];
    std::string keys;
    for (int key : table.key) keys += (keys.empty() ? "" : ", ") + table.columns[key].name;
    return "table " + Call(table.connector, table.format) + " key " + keys;
  }
  std::string Text(const BadRows&, const Op&) const { return "bad rows"; }
  std::string Text(const Merge&, const Op&) const { return "merge"; }
  std::string Text(const Filter& filter, const Op&) const { return "filter " + Text(filter.condition); }
  std::string Text(const Project& project, const Op&) const {
    return project.computed.empty() ? "project" : "project " + Computed(project.computed);
  }
  std::string Text(const Expand& expand, const Op&) const {
    return std::string("expand ") + (expand.outer ? "outer " : "") + expand.column.name + " in " + Text(expand.list);
  }
  std::string Text(const Check& check, const Op&) const {
    return "check " + Text(check.condition) + " else " + support::QuoteJson(check.code);
  }
  std::string Text(const Lookup& lookup, const Op&) const {
    std::string text =
        "lookup " + program_.tables[lookup.table].name + " as " + lookup.column.name + " on " + List(lookup.keys);
    switch (lookup.otherwise) {
      case typed::LookupElse::Drop: return text + " else drop";
      case typed::LookupElse::Null: return text + " else null";
      case typed::LookupElse::Reject: return text + " else " + support::QuoteJson(lookup.code);
    }
    return text;
  }
  std::string Text(const Aggregate& aggregate, const Op& op) const {
    std::vector<std::string> calls;
    for (const typed::AggCall& call : aggregate.calls) calls.push_back(PrintAggCall(call, program_));
    std::string text = "aggregate " + op.stream + "/" + aggregate.label + ": " + Computed(aggregate.items, calls);
    if (!aggregate.keys.empty()) text += " by " + Computed(aggregate.keys);
    return text + " " + PrintBound(aggregate.bound, program_);
  }
  std::string Text(const Top& top, const Op& op) const {
    std::string text = "top " + op.stream + "/" + top.label + ": " + PrintStartValue(top.limit, program_) + " by ";
    for (size_t i = 0; i < top.order.size(); ++i) {
      text += (i == 0 ? "" : ", ") + Text(top.order[i].expr) + (top.order[i].descending ? "" : " asc");
    }
    std::string per = List(top.per);
    if (top.per_window) per += per.empty() ? "window" : ", window";
    if (!per.empty()) text += " per " + per;
    if (top.bound) text += " " + PrintBound(*top.bound, program_);
    return text + (top.with_ties ? " with ties" : "");
  }
  std::string Text(const AsRows&, const Op&) const { return "as rows"; }
  std::string Text(const Sink& sink, const Op&) const {
    const typed::Sink& spec = sink.spec;
    std::string text = "sink " + Call(spec.connector, spec.format);
    if (!spec.key.empty()) text += " key " + List(spec.key);
    if (spec.value) text += " value " + Text(spec.value);
    if (spec.headers) text += " headers " + Text(spec.headers);
    if (spec.partition) text += " partition " + Text(spec.partition);
    if (spec.timestamp) text += " timestamp " + Text(spec.timestamp);
    if (spec.delete_when) text += " delete when " + Text(spec.delete_when);
    if (spec.upsert) text += " upsert";
    text += "\n     write ";
    for (size_t i = 0; i < spec.fields.size(); ++i) {
      const std::string expr = Text(spec.fields[i]);
      const std::string& name = spec.record->fields[i].outside_name;
      text += (i == 0 ? "" : ", ") + (expr == name ? expr : name + " = " + expr);
    }
    return text;
  }
  std::string Text(const Capture& capture, const Op&) const {
    return capture.kind == CaptureKind::Rows ? "capture rows" : "capture late rows";
  }

  const Plan& plan_;
  const typed::Program& program_;
  std::string out_;
};

}  // namespace

std::string PrintPlan(const Plan& plan) {
  return Printer(plan).Run();
}

}  // namespace streamc::plan
