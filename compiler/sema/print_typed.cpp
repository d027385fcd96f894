// The typed program as text: stable, without addresses, one declaration or step a line.
#include <algorithm>
#include <array>
#include <sstream>

#include "compiler/sema/sema.h"
#include "compiler/support/text.h"

namespace streamc::sema {
namespace {

using typed::Expr;
using typed::ExprKind;
using typed::ExprPtr;
using types::ToString;

constexpr std::array kKindNames = {
#define X(name) std::string_view(#name),
    STREAMC_EXPR_KINDS(X)
#undef X
};

std::string_view OperatorText(ExprKind kind) {
  switch (kind) {
    case ExprKind::Add: return " + ";
    case ExprKind::Sub: return " - ";
    case ExprKind::Mul: return " * ";
    case ExprKind::Div: return " / ";
    case ExprKind::Mod: return " % ";
    case ExprKind::Eq: return " == ";
    case ExprKind::Ne: return " != ";
    case ExprKind::Lt: return " < ";
    case ExprKind::Le: return " <= ";
    case ExprKind::Gt: return " > ";
    case ExprKind::Ge: return " >= ";
    case ExprKind::And: return " and ";
    case ExprKind::Or: return " or ";
    case ExprKind::In: return " in ";
    case ExprKind::Coalesce: return " ?? ";
    default: return {};
  }
}

std::string Join(const std::vector<ExprPtr>& parts) {
  std::string text;
  for (const ExprPtr& part : parts) text += (text.empty() ? "" : ", ") + PrintExpr(*part);
  return text;
}

std::string LocalText(const std::string& name, typed::LocalId local) {
  return (name.empty() ? std::string("t") : name) + "%" + std::to_string(local);
}

std::string ColumnText(const typed::Column& column) {
  return column.name + "#" + std::to_string(column.id);
}

std::string StartText(const typed::StartValue& value) {
  if (value.param >= 0) return "param " + std::to_string(value.param);
  if (!value.parts.empty()) {
    std::string text = "\"";
    for (const auto& part : value.parts) text += part.param >= 0 ? "{param " + std::to_string(part.param) + "}" : part.text;
    return text + "\"";
  }
  return value.type ? ToString(value.constant, *value.type) : "null";
}

bool IsSet(const typed::StartValue& value) {
  return value.param >= 0 || !value.parts.empty() || !value.constant.is_null();
}

std::string OptionsText(const std::vector<typed::Option>& options) {
  std::string text;
  for (const typed::Option& option : options) text += (text.empty() ? "" : ", ") + option.name + ": " + StartText(option.value);
  return text;
}

std::string ConnectorText(const typed::ConnectorCall& call) {
  std::string args;
  for (const typed::StartValue& arg : call.args) args += (args.empty() ? "" : ", ") + StartText(arg);
  if (call.dynamic_target) args += PrintExpr(*call.dynamic_target);
  const std::string options = OptionsText(call.options);
  return call.connector + "(" + args + (args.empty() || options.empty() ? "" : ", ") + options + ")";
}

std::string FormatText(const typed::FormatCall& call) {
  const std::string options = OptionsText(call.options);
  return options.empty() ? call.format : call.format + "(" + options + ")";
}

class Printer {
 public:
  explicit Printer(const typed::Program& program) : program_(program) {}

  std::string Print() {
    const typed::Job& job = program_.job;
    out_ << "job " << job.name << (job.delivery == typed::Delivery::ExactlyOnce ? " exactly_once" : " at_least_once");
    if (job.key_groups != typed::Job{}.key_groups) out_ << " key_groups " << job.key_groups;
    if (IsSet(job.commit_every)) out_ << " commit every " << StartText(job.commit_every);
    if (job.on_bad) out_ << " on bad " << ActionText(*job.on_bad);
    out_ << "\n";
    for (size_t i = 0; i < program_.params.size(); ++i) {
      const typed::Param& param = program_.params[i];
      out_ << "param " << i << " " << param.name << ": " << ToString(*param.type);
      if (param.deflt) out_ << " = " << ToString(*param.deflt, *param.type);
      out_ << "\n";
    }
    for (const typed::Source& source : program_.sources) PrintSource(source);
    for (const typed::Table& table : program_.tables) PrintTable(table);
    for (const typed::Stream& stream : program_.streams) PrintStream(stream);
    for (const typed::Sink& sink : program_.sinks) PrintSink(sink);
    for (const typed::Test& test : program_.tests) {
      out_ << "test " << support::QuoteJson(test.name) << " " << test.statements.size() << " statements\n";
    }
    return out_.str();
  }

 private:
  std::string ActionText(const typed::Action& action) const {
    switch (action.kind) {
      case typed::ActionKind::Drop: return "drop";
      case typed::ActionKind::Stop: return "stop";
      case typed::ActionKind::DeadLetter: return "dead_letter(" + StartText(action.topic) + ")";
      case typed::ActionKind::ToStream:
        return "-> " + (action.stream >= 0 ? program_.streams[static_cast<size_t>(action.stream)].name : std::string("?"));
    }
    return "drop";
  }

  void PrintColumns(const std::vector<typed::Column>& columns, const char* indent) {
    out_ << indent << "columns";
    bool first = true;
    for (const typed::Column& column : columns) {
      if (column.hidden) continue;
      out_ << (first ? " " : ", ") << ColumnText(column) << ": " << ToString(*column.type);
      first = false;
    }
    first = true;
    for (const typed::Column& column : columns) {
      if (!column.hidden) continue;
      out_ << (first ? " hidden " : ", ") << ColumnText(column);
      first = false;
    }
    out_ << "\n";
  }

  static bool SameColumns(const std::vector<typed::Column>& a, const std::vector<typed::Column>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const typed::Column& x, const typed::Column& y) {
      return x.id == y.id && x.name == y.name && x.hidden == y.hidden;
    });
  }

  void PrintRows(const typed::RowKind& rows, const char* indent) {
    if (!rows.changing) return;
    out_ << indent << "changing by";
    for (size_t i = 0; i < rows.key.size(); ++i) out_ << (i == 0 ? " #" : ", #") << rows.key[i];
    out_ << "\n";
  }

  void PrintSource(const typed::Source& source) {
    out_ << "source " << source.name << ": " << ToString(*source.record) << " from " << ConnectorText(source.connector)
         << " format " << FormatText(source.format) << "\n";
    PrintColumns(source.columns, "  ");
    switch (source.time) {
      case typed::TimeKind::None: break;
      case typed::TimeKind::Column: out_ << "  time " << PrintExpr(*source.time_expr) << "\n"; break;
      case typed::TimeKind::MetaTimestamp: out_ << "  time meta.timestamp\n"; break;
      case typed::TimeKind::Arrival: out_ << "  time arrival\n"; break;
    }
    if (source.has_watermark) out_ << "  watermark lag " << StartText(source.lag) << "\n";
    if (IsSet(source.ahead)) out_ << "  ahead " << StartText(source.ahead) << "\n";
    if (IsSet(source.idle)) out_ << "  idle " << StartText(source.idle) << "\n";
    out_ << "  on bad " << ActionText(source.on_bad) << "\n";
    if (!source.on_null_is_bad) out_ << "  on null " << ActionText(source.on_null) << "\n";
    if (source.start == typed::StartKind::Latest) out_ << "  start latest\n";
    if (source.start == typed::StartKind::At) out_ << "  start at " << StartText(source.start_at) << "\n";
  }

  void PrintTable(const typed::Table& table) {
    out_ << "table " << table.name << ": " << ToString(*table.record) << " from " << ConnectorText(table.connector)
         << " format " << FormatText(table.format) << "\n";
    PrintColumns(table.columns, "  ");
    out_ << "  key";
    for (const int key : table.key) out_ << " " << table.columns[static_cast<size_t>(key)].name;
    out_ << "\n";
    if (IsSet(table.refresh)) out_ << "  refresh every " << StartText(table.refresh) << "\n";
    out_ << "  on bad " << ActionText(table.on_bad) << "\n";
  }

  std::string InputText(const typed::Input& input) const {
    const auto at = static_cast<size_t>(input.index);
    switch (input.kind) {
      case typed::InputKind::Source: return program_.sources[at].name;
      case typed::InputKind::Stream: return program_.streams[at].name;
      case typed::InputKind::Table: return "table " + program_.tables[at].name;
      case typed::InputKind::Bad: return "bad rows";
      case typed::InputKind::LateOf: return "late of " + program_.streams[at].name + " step " + std::to_string(input.step);
    }
    return "?";
  }

  void PrintStream(const typed::Stream& stream) {
    out_ << "stream " << stream.name << " =";
    for (size_t i = 0; i < stream.inputs.size(); ++i) out_ << (i == 0 ? " " : ", ") << InputText(stream.inputs[i]);
    out_ << "\n";
    if (stream.steps.empty() || stream.inputs.size() > 1) PrintColumns(stream.input_columns, "  ");
    const std::vector<typed::Column>* before = &stream.input_columns;
    for (const typed::Step& step : stream.steps) {
      out_ << "  |> " << step.verb;
      std::visit([&](const auto& node) { PrintNode(node); }, step.node);
      out_ << "\n";
      if (!SameColumns(*before, step.columns)) PrintColumns(step.columns, "     ");
      before = &step.columns;
      PrintRows(step.rows, "     ");
    }
  }

  void PrintComputed(const std::vector<typed::Computed>& columns) {
    for (size_t i = 0; i < columns.size(); ++i) {
      out_ << (i == 0 ? " " : ", ") << ColumnText(columns[i].column);
      if (columns[i].expr) out_ << " = " << PrintExpr(*columns[i].expr);
    }
  }

  void PrintBound(const typed::Bound& bound) {
    switch (bound.window) {
      case typed::WindowKind::None: out_ << (bound.keep_forever ? " keep forever" : " keep " + StartText(bound.keep)); break;
      case typed::WindowKind::Tumbling: out_ << " window tumbling(" << StartText(bound.size); break;
      case typed::WindowKind::Hopping:
        out_ << " window hopping(" << StartText(bound.size) << ", every: " << StartText(bound.every);
        break;
    }
    if (bound.window != typed::WindowKind::None) {
      if (IsSet(bound.offset)) out_ << ", offset: " << StartText(bound.offset);
      out_ << ")";
    }
    if (IsSet(bound.late)) out_ << " late " << StartText(bound.late);
    if (bound.on_late) out_ << " on late " << ActionText(*bound.on_late);
    out_ << (bound.emit == typed::EmitKind::Changes ? " emit changes" : " emit final");
    if (IsSet(bound.emit_every)) out_ << " every " << StartText(bound.emit_every);
  }

  void PrintNode(const typed::Where& node) { out_ << " " << PrintExpr(*node.condition); }
  void PrintNode(const typed::Project& node) {
    bool first = true;
    for (const typed::Computed& computed : node.columns) {
      if (computed.column.hidden && !computed.expr) continue;
      out_ << (first ? " " : ", ") << ColumnText(computed.column);
      if (computed.expr) out_ << " = " << PrintExpr(*computed.expr);
      first = false;
    }
  }
  void PrintNode(const typed::Expand& node) {
    out_ << (node.outer ? " outer " : " ") << ColumnText(node.column) << " in " << PrintExpr(*node.list);
  }
  void PrintNode(const typed::Check& node) {
    out_ << " " << PrintExpr(*node.condition) << " else " << support::QuoteJson(node.code);
  }
  void PrintNode(const typed::Aggregate& node) {
    out_ << "@" << node.label;
    PrintComputed(node.items);
    if (!node.keys.empty()) out_ << " by";
    PrintComputed(node.keys);
    PrintBound(node.bound);
    for (size_t i = 0; i < node.calls.size(); ++i) {
      const typed::AggCall& call = node.calls[i];
      out_ << "\n     agg " << i << " " << call.function->name << "(" << Join(call.args);
      if (call.where) out_ << (call.args.empty() ? "where " : " where ") << PrintExpr(*call.where);
      out_ << "): " << ToString(*call.type);
    }
  }
  void PrintNode(const typed::Top& node) {
    out_ << "@" << node.label << " " << StartText(node.limit) << " by";
    for (size_t i = 0; i < node.order.size(); ++i) {
      out_ << (i == 0 ? " " : ", ") << PrintExpr(*node.order[i].expr) << (node.order[i].descending ? "" : " asc");
    }
    if (!node.per.empty() || node.per_window)
      out_ << " per " << Join(node.per) << (node.per_window && !node.per.empty() ? ", " : "");
    if (node.per_window) out_ << "window";
    if (node.bound) PrintBound(*node.bound);
    if (node.with_ties) out_ << " with ties";
  }
  void PrintNode(const typed::Lookup& node) {
    out_ << " " << program_.tables[static_cast<size_t>(node.table)].name << " as " << ColumnText(node.column) << " on "
         << Join(node.keys) << " else ";
    switch (node.otherwise) {
      case typed::LookupElse::Drop: out_ << "drop"; break;
      case typed::LookupElse::Null: out_ << "null"; break;
      case typed::LookupElse::Reject: out_ << support::QuoteJson(node.code); break;
    }
  }
  void PrintNode(const typed::AsRows&) {}
  void PrintNode(const typed::Tap& node) { out_ << " sample " << node.sample << " in " << node.in; }

  void PrintSink(const typed::Sink& sink) {
    out_ << "sink " << sink.name << (sink.label.empty() ? "" : "@" + sink.label) << " to " << ConnectorText(sink.connector)
         << " format " << FormatText(sink.format) << (sink.upsert ? " upsert" : "") << "\n";
    for (size_t i = 0; i < sink.fields.size(); ++i) {
      const types::Field& field = sink.record->fields[i];
      out_ << "  " << field.outside_name << ": " << ToString(*field.type) << " = " << PrintExpr(*sink.fields[i]) << "\n";
    }
    if (!sink.key.empty()) out_ << "  key " << Join(sink.key) << "\n";
    for (const auto& [name, expr] :
         {std::pair("value", sink.value), std::pair("headers", sink.headers), std::pair("partition", sink.partition),
          std::pair("timestamp", sink.timestamp), std::pair("delete when", sink.delete_when)}) {
      if (expr) out_ << "  " << name << " " << PrintExpr(*expr) << "\n";
    }
  }

  const typed::Program& program_;
  std::ostringstream out_;
};

}  // namespace

std::string PrintExpr(const Expr& expr) {
  const auto arg = [&](size_t i) { return PrintExpr(*expr.args[i]); };
  if (const std::string_view op = OperatorText(expr.kind); !op.empty()) return "(" + arg(0) + std::string(op) + arg(1) + ")";
  switch (expr.kind) {
    case ExprKind::Literal:
      // Decimals and enums look like other literals; their type tells them apart.
      if (expr.type->kind == types::TypeKind::Decimal)
        return ToString(expr.value, *expr.type) + "d" + std::to_string(expr.type->scale);
      return ToString(expr.value, *expr.type);
    case ExprKind::Param: return "param " + expr.text;
    case ExprKind::Column: return expr.text + "#" + std::to_string(expr.column);
    case ExprKind::Local: return LocalText(expr.text, expr.local);
    case ExprKind::Agg: return "agg" + std::to_string(expr.index);
    case ExprKind::Field: return arg(0) + (expr.args[0]->type->optional ? "?." : ".") + expr.text;
    case ExprKind::Record: {
      std::string text = "{";
      for (size_t i = 0; i < expr.args.size(); ++i) text += (i == 0 ? " " : ", ") + expr.type->fields[i].name + ": " + arg(i);
      return text + " }";
    }
    case ExprKind::List: return "[" + Join(expr.args) + "]";
    case ExprKind::Index: return arg(0) + "[" + arg(1) + "]";
    case ExprKind::Call:
      return (expr.function != nullptr ? std::string(expr.function->name) : expr.text) + "(" + Join(expr.args) + ")";
    case ExprKind::Neg: return "-" + arg(0);
    case ExprKind::Not: return "not " + arg(0);
    case ExprKind::IsNull: return "(" + arg(0) + " is null)";
    case ExprKind::If: return "if " + arg(0) + " { " + arg(1) + " } else { " + arg(2) + " }";
    case ExprKind::Let: return "let " + LocalText({}, expr.local) + " = " + arg(0) + " in " + arg(1);
    case ExprKind::Map:
    case ExprKind::Filter:
    case ExprKind::Exists:
    case ExprKind::ForAll:
      return std::string(kKindNames[static_cast<size_t>(expr.kind)]) + "(" + arg(0) + ", " + LocalText({}, expr.local) +
             " -> " + arg(1) + ")";
    case ExprKind::Reduce:
      return "Reduce(" + arg(0) + ", " + arg(1) + ", (" + LocalText({}, expr.local) + ", " + LocalText({}, expr.local2) +
             ") -> " + arg(2) + ")";
    case ExprKind::ToDecimal:
      return "ToDecimal" + std::to_string(expr.type->precision) + "." + std::to_string(expr.type->scale) + "(" + arg(0) + ")";
    case ExprKind::Need: return "Need(" + arg(0) + ", " + support::QuoteJson(expr.text) + ")";
    default: return std::string(kKindNames[static_cast<size_t>(expr.kind)]) + "(" + Join(expr.args) + ")";
  }
}

std::string PrintTyped(const typed::Program& program) {
  return Printer(program).Print();
}

}  // namespace streamc::sema
