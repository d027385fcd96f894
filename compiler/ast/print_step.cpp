// Pipelines, steps and fold bodies. See print.h.
#include "compiler/ast/print_internal.h"

namespace streamc::ast {

std::string PrintLabel(const std::optional<Name>& label) {
  return label ? " @" + PrintName(*label) : "";
}

std::string PrintAction(const Action& action) {
  switch (action.kind) {
    case Action::Kind::Drop: return "drop";
    case Action::Kind::Stop: return "stop";
    case Action::Kind::Stream: return "-> " + PrintName(action.stream);
    case Action::Kind::Call: return PrintCall(action.call);
  }
  return "";
}

namespace {

std::string PrintAssign(const Assign& assign) {
  return PrintPath(assign.path) + " = " + PrintPtr(assign.value);
}

std::string PrintItem(const Item& item) {
  return (item.path ? PrintPath(*item.path) + " = " : "") + PrintPtr(item.value) + (item.all ? ".*" : "");
}

std::string PrintItems(const std::vector<Item>& items) {
  return JoinMapped(items, PrintItem);
}

std::string PrintKeys(const std::vector<Key>& keys) {
  if (keys.empty()) return "";
  return " by " +
         JoinMapped(keys, [](const Key& key) { return (key.name ? PrintName(*key.name) + " = " : "") + PrintPtr(key.value); });
}

std::string PrintKeep(const std::optional<Keep>& keep) {
  if (!keep) return "";
  return keep->forever ? " keep forever" : " keep " + PrintPtr(keep->duration);
}

std::string PrintBound(const std::optional<Bound>& bound) {
  if (!bound) return "";
  std::string out;
  if (bound->window) out += " window " + PrintCall(*bound->window);
  out += PrintKeep(bound->keep);
  if (bound->late) out += " late " + PrintPtr(bound->late->value);
  if (bound->on_late) out += " on late " + PrintAction(bound->on_late->action);
  if (!bound->emit) return out;
  out += bound->emit->changes ? " emit changes" : " emit final";
  if (bound->emit->every != nullptr) out += " every " + Print(*bound->emit->every);
  return out;
}

// " word value", or nothing.
std::string PrintClause(std::string_view word, const ExprPtr& value) {
  return value == nullptr ? "" : " " + std::string(word) + " " + Print(*value);
}

std::string_view WordOf(JoinKind kind) {
  switch (kind) {
    case JoinKind::Inner: return "";
    case JoinKind::Left: return "left ";
    case JoinKind::Full: return "full ";
    case JoinKind::Semi: return "semi ";
    case JoinKind::Anti: return "anti ";
  }
  return "";
}

std::string PrintWas(const std::vector<Text>& was) {
  return was.empty() ? "" : " was " + JoinMapped(was, [](const Text& name) { return Quote(name.text); });
}

std::string PrintTop(const TopStep& step) {
  std::string out = "top" + PrintLabel(step.label) + PrintWas(step.was) + " " + PrintPtr(step.count) + " by ";
  out += JoinMapped(step.orders, [](const Order& order) { return PrintPtr(order.value) + (order.ascending ? " asc" : ""); });
  if (!step.per.empty()) out += " per " + JoinMapped(step.per, [](const Expr& e) { return Print(e); });
  return out + PrintBound(step.bound) + (step.with_ties ? " with ties" : "");
}

std::string PrintJoin(const JoinStep& step) {
  std::string out = std::string(WordOf(step.kind)) + "join" + PrintLabel(step.label) + " " + PrintName(step.stream);
  if (step.alias) out += " as " + PrintName(*step.alias);
  out += " on " + PrintPtr(step.on);
  if (step.between_from != nullptr) out += " between " + Print(*step.between_from) + " and " + PrintPtr(step.between_to);
  if (step.on_late) out += " on late " + PrintAction(step.on_late->action);
  return out + PrintBound(step.bound);
}

std::string PrintLookup(const LookupStep& step) {
  std::string out = "lookup " + PrintName(step.table);
  if (step.alias) out += " as " + PrintName(*step.alias);
  out += " on " + JoinMapped(step.on, [](const Expr& e) { return Print(e); });
  if (step.as_of_time) out += " as of time";
  switch (step.otherwise) {
    case LookupStep::Else::Unwritten: return out;
    case LookupStep::Else::Drop: return out + " else drop";
    case LookupStep::Else::Null: return out + " else null";
    case LookupStep::Else::Code: return out + " else " + Quote(step.code->text);
  }
  return out;
}

void PrintFold(Lines& lines, const FoldStep& step) {
  lines.Add("fold" + PrintLabel(step.label) + " " + PrintName(step.state_name) + " " + PrintRecordType(step.state) +
            PrintKeys(step.keys) + PrintKeep(step.keep) + (step.ordered ? " ordered" : ""));
  lines.Indented([&] {
    for (const Handler& handler : step.handlers) {
      lines.Add(handler.kind == Handler::Kind::Row      ? "on row"
                : handler.kind == Handler::Kind::Expire ? "on expire"
                                                        : "on timer " + PrintName(*handler.timer));
      PrintBody(lines, handler.body);
    }
  });
}

void PrintPattern(Lines& lines, const PatternStep& step) {
  lines.Add("pattern" + PrintLabel(step.label) + PrintKeys(step.keys) + " within " + PrintPtr(step.within));
  lines.Indented([&] {
    for (const Stage& stage : step.stages) {
      static constexpr std::string_view kWords[] = {"", "some ", "maybe ", "no "};
      lines.Add(std::string(kWords[static_cast<size_t>(stage.kind)]) + PrintName(stage.name) + ": " +
                PrintPtr(stage.condition));
    }
  });
}

void PrintRoute(Lines& lines, const RouteStep& step) {
  lines.Add("route");
  lines.Indented([&] {
    for (const RouteCase& one : step.cases) lines.Add("when " + PrintPtr(one.condition) + " -> " + PrintName(one.target));
    lines.Add(step.else_drop ? "else drop" : "else -> " + PrintName(*step.else_target));
  });
}

void PrintStep(Lines& lines, const Step& step) {
  std::visit(
      Overloaded{
          [&](const WhereStep& s) { lines.Add("where " + PrintPtr(s.condition)); },
          [&](const SetStep& s) { lines.Add("set " + JoinMapped(s.assigns, PrintAssign)); },
          [&](const SelectStep& s) { lines.Add("select " + PrintItems(s.items)); },
          [&](const DropStep& s) { lines.Add("drop " + JoinMapped(s.paths, PrintPath)); },
          [&](const RenameStep& s) {
            lines.Add("rename " +
                      JoinMapped(s.renames, [](const Rename& r) { return PrintPath(r.from) + " as " + PrintName(r.to); }));
          },
          [&](const ExpandStep& s) {
            lines.Add(std::string("expand ") + (s.outer ? "outer " : "") + PrintName(s.name) + " in " + PrintPtr(s.list));
          },
          [&](const CheckStep& s) { lines.Add("check " + PrintPtr(s.condition) + " else " + Quote(s.code.text)); },
          [&](const AggregateStep& s) {
            lines.Add("aggregate" + PrintLabel(s.label) + PrintWas(s.was) + " " + JoinMapped(s.items, PrintAssign) + PrintKeys(s.keys) +
                      PrintBound(s.bound));
          },
          [&](const RollingStep& s) {
            lines.Add("rolling" + PrintLabel(s.label) + " " + JoinMapped(s.items, PrintAssign) + PrintKeys(s.keys) + " over " +
                      PrintPtr(s.over) + (s.over_rows ? " rows" : "") + PrintKeep(s.keep) + (s.ordered ? " ordered" : ""));
          },
          [&](const TopStep& s) { lines.Add(PrintTop(s)); },
          [&](const DedupStep& s) {
            lines.Add("dedup" + PrintLabel(s.label) + PrintKeys(s.keys) + PrintClause("within", s.within) +
                      PrintBound(s.bound));
          },
          [&](const LatestStep& s) {
            lines.Add("latest" + PrintLabel(s.label) + PrintKeys(s.keys) + PrintClause("order", s.order) +
                      PrintClause("delete when", s.delete_when) + PrintKeep(s.keep));
          },
          [&](const JoinStep& s) { lines.Add(PrintJoin(s)); }, [&](const LookupStep& s) { lines.Add(PrintLookup(s)); },
          [&](const FoldStep& s) { PrintFold(lines, s); }, [&](const PatternStep& s) { PrintPattern(lines, s); },
          [&](const RouteStep& s) { PrintRoute(lines, s); }, [&](const AsRowsStep&) { lines.Add("as rows"); },
          [&](const TapStep& s) { lines.Add("tap" + PrintClause("sample", s.sample) + PrintClause("in", s.in)); }},
      step.node);
}

void PrintStmt(Lines& lines, const Stmt& stmt) {
  std::visit(Overloaded{[&](const Let& s) { lines.Add("let " + PrintName(s.name) + " = " + PrintPtr(s.value)); },
                        [&](const EmitStmt& s) { lines.Add("emit " + PrintItems(s.items)); },
                        [&](const TimerStmt& s) { lines.Add("timer " + PrintName(s.name) + " at " + PrintPtr(s.at)); },
                        [&](const CancelStmt& s) { lines.Add("cancel " + PrintName(s.name)); },
                        [&](const ClearStmt&) { lines.Add("clear"); },
                        [&](const IfStmt& s) {
                          lines.Add("if " + PrintPtr(s.condition));
                          PrintBody(lines, s.then_body);
                          if (!s.else_body) return;
                          lines.Add("else");
                          PrintBody(lines, *s.else_body);
                        },
                        [&](const ForStmt& s) {
                          lines.Add("for " + PrintName(s.name) + " in " + PrintPtr(s.list));
                          PrintBody(lines, s.body);
                        },
                        [&](const AssignStmt& s) {
                          static constexpr std::string_view kOps[] = {" = ", " += ", " -= "};
                          lines.Add(PrintPath(s.path) + (s.index ? "[" + Print(*s.index) + "]" : "") +
                                    std::string(kOps[static_cast<size_t>(s.op)]) + PrintPtr(s.value));
                        }},
             stmt.node);
}

}  // namespace

void PrintBody(Lines& lines, const Body& body) {
  lines.Indented([&] {
    for (const Stmt& stmt : body.stmts) PrintStmt(lines, stmt);
  });
}

void PrintPipeline(Lines& lines, const Pipeline& pipeline) {
  if (pipeline.input != nullptr) {
    lines.Add(Print(*pipeline.input));
  } else {
    lines.Add("merge " + JoinMapped(pipeline.merge, [](const Name& name) { return PrintName(name); }));
  }
  for (const Step& step : pipeline.steps) PrintStep(lines, step);
}

std::string Print(const Pipeline& pipeline) {
  Lines lines;
  PrintPipeline(lines, pipeline);
  return lines.Take();
}

}  // namespace streamc::ast
