// Declarations and tests. See print.h.
#include "compiler/ast/print_internal.h"

namespace streamc::ast {
namespace {

void PrintSettings(Lines& lines, const std::vector<Setting>& settings) {
  for (const Setting& setting : settings) lines.Add(PrintName(setting.name) + ": " + PrintPtr(setting.value));
}

void PrintValue(Lines& lines, std::string_view word, const std::optional<ValueClause>& clause) {
  if (clause) lines.Add(std::string(word) + " " + PrintPtr(clause->value));
}

void PrintActionClause(Lines& lines, std::string_view word, const std::optional<ActionClause>& clause) {
  if (clause) lines.Add(std::string(word) + " " + PrintAction(clause->action));
}

void PrintJob(Lines& lines, const JobDecl& job) {
  lines.Add("job " + PrintName(job.name));
  lines.Indented([&] {
    if (job.delivery) lines.Add("delivery " + PrintName(*job.delivery));
    PrintValue(lines, "commit every", job.commit_every);
    if (job.key_groups) lines.Add("key_groups " + std::to_string(job.key_groups->count));
    if (job.home) lines.Add("home " + PrintName(*job.home));
    PrintActionClause(lines, "on bad", job.on_bad);
    PrintSettings(lines, job.settings);
  });
}

void PrintClauses(Lines& lines, const SourceClauses& clauses) {
  if (clauses.format) lines.Add("format " + PrintCall(*clauses.format));
  if (clauses.key) lines.Add("key " + PrintName(clauses.key->name) + ": " + Print(clauses.key->type));
  PrintValue(lines, "time", clauses.time);
  if (clauses.watermark) {
    const auto& watermark = *clauses.watermark;
    lines.Add("watermark lag " + PrintPtr(watermark.lag) + (watermark.ahead ? " ahead " + Print(*watermark.ahead) : ""));
  }
  PrintValue(lines, "idle", clauses.idle);
  if (clauses.start) {
    lines.Add(clauses.start->word ? "start " + PrintName(*clauses.start->word) : "start at " + PrintPtr(clauses.start->at));
  }
  PrintActionClause(lines, "on bad", clauses.on_bad);
  PrintActionClause(lines, "on null", clauses.on_null);
  PrintValue(lines, "refresh every", clauses.refresh_every);
  PrintValue(lines, "history", clauses.history);
}

void PrintSink(Lines& lines, const SinkDecl& sink) {
  lines.Add("sink " + PrintName(sink.stream) + PrintLabel(sink.label) + (sink.schema ? ": " + Print(*sink.schema) : "") +
            " to " + PrintCall(sink.connector));
  lines.Indented([&] {
    if (sink.key) lines.Add("key " + JoinMapped(sink.key->values, [](const Expr& e) { return Print(e); }));
    PrintValue(lines, "value", sink.value);
    PrintValue(lines, "headers", sink.headers);
    PrintValue(lines, "partition", sink.partition);
    PrintValue(lines, "timestamp", sink.timestamp);
    if (sink.format) lines.Add("format " + PrintCall(*sink.format));
    PrintValue(lines, "delete when", sink.delete_when);
    if (sink.delivery) lines.Add("delivery " + PrintName(*sink.delivery));
  });
}

std::string PrintSignature(const Name& name, const std::vector<Param>& params, const Type& result) {
  const auto print_param = [](const Param& param) { return PrintName(param.name) + ": " + Print(param.type); };
  return PrintName(name) + "(" + JoinMapped(params, print_param) + ") -> " + Print(result);
}

void PrintAgg(Lines& lines, const AggDecl& agg) {
  lines.Add("agg " + PrintSignature(agg.name, agg.params, agg.result_type));
  lines.Indented([&] {
    lines.Add("state " + PrintRecordType(agg.state));
    lines.Add("add");
    PrintBody(lines, agg.add);
    if (agg.remove) {
      lines.Add("remove");
      PrintBody(lines, *agg.remove);
    }
    lines.Add("merge " + PrintName(agg.merge_name));
    PrintBody(lines, agg.merge);
    lines.Add("result " + PrintBlock(agg.result));
  });
}

// ---- tests

std::string PrintInstant(const Instant& instant) {
  return instant.relative ? PrintDuration(instant.micros) : PrintTimestamp(instant.micros);
}

std::string PrintRows(const Rows& rows) {
  switch (rows.kind) {
    case Rows::Kind::Rows: return "[" + JoinMapped(rows.rows, [](const Expr& e) { return Print(e); }) + "]";
    case Rows::Kind::Null: return "null";
    case Rows::Kind::Raw: return "raw " + Quote(rows.text.text);
    case Rows::Kind::File: return "from " + Quote(rows.text.text);
    case Rows::Kind::None: return "none";
  }
  return "";
}

std::string PrintFeed(const TestFeed& feed) {
  std::string out = "feed " + PrintName(feed.source);
  if (feed.partition) out += " partition " + std::to_string(*feed.partition);
  if (feed.at) out += " at " + PrintInstant(*feed.at);
  if (feed.key) out += " key " + Print(*feed.key);
  if (feed.headers) out += " headers " + Print(*feed.headers);
  return out + " " + PrintRows(feed.rows);
}

std::string PrintTestStmt(const TestStmt& stmt) {
  static constexpr std::string_view kModes[] = {"", " in order", " now", " deleted", " late", " bad"};
  return std::visit(
      Overloaded{
          [](const TestParam& s) { return "param " + PrintName(s.name) + " = " + PrintPtr(s.value); },
          [](const TestStart& s) { return "start at " + PrintInstant(s.at); }, [](const TestFeed& s) { return PrintFeed(s); },
          [](const TestWait& s) { return "wait " + PrintPtr(s.duration); },
          [](const TestCrash&) { return std::string("crash"); },
          [](const TestRestart& s) {
            return "restart" + (s.instances ? " instances " + std::to_string(*s.instances) : std::string());
          },
          [](const TestExpect& s) {
            return "expect " + PrintName(s.stream) + std::string(kModes[static_cast<size_t>(s.mode)]) + " " + PrintRows(s.rows);
          }},
      stmt.node);
}

void PrintDecl(Lines& lines, const Decl& decl) {
  for (size_t begin = 0; begin < decl.doc.size();) {
    const size_t end = std::min(decl.doc.find('\n', begin), decl.doc.size());
    lines.Add("/// " + decl.doc.substr(begin, end - begin));
    begin = end + 1;
  }
  std::visit(Overloaded{[&](const UseDecl& d) { lines.Add("use " + Quote(d.path.text)); },
                        [&](const JobDecl& d) { PrintJob(lines, d); },
                        [&](const ParamDecl& d) {
                          lines.Add("param " + PrintName(d.name) + ": " + Print(d.type) +
                                    (d.default_value ? " = " + Print(*d.default_value) : ""));
                        },
                        [&](const ClusterDecl& d) {
                          lines.Add("cluster " + PrintName(d.name));
                          lines.Indented([&] { PrintSettings(lines, d.settings); });
                        },
                        [&](const SchemaDecl& d) { lines.Add("schema " + PrintName(d.name) + " " + PrintRecordType(d.type)); },
                        [&](const SourceDecl& d) {
                          lines.Add("source " + PrintName(d.name) + ": " + Print(d.type) + " from " + PrintCall(d.connector));
                          lines.Indented([&] { PrintClauses(lines, d.clauses); });
                        },
                        [&](const TableDecl& d) {
                          lines.Add("table " + PrintName(d.name) + ": " + Print(d.type) + " key " +
                                    JoinMapped(d.keys, PrintName) + " from " + PrintCall(d.connector));
                          lines.Indented([&] { PrintClauses(lines, d.clauses); });
                        },
                        [&](const StreamDecl& d) {
                          lines.Add("stream " + PrintName(d.name));
                          lines.Indented([&] { PrintPipeline(lines, d.pipeline); });
                        },
                        [&](const SinkDecl& d) { PrintSink(lines, d); },
                        [&](const MirrorDecl& d) {
                          lines.Add("mirror " + PrintName(d.name) + " from " + PrintCall(d.from) + " to " + PrintCall(d.to) +
                                    (d.where ? " where " + Print(*d.where) : ""));
                        },
                        [&](const FnDecl& d) {
                          lines.Add("fn " + PrintSignature(d.name, d.params, d.result_type) + " " + PrintBlock(d.body));
                        },
                        [&](const AggDecl& d) { PrintAgg(lines, d); },
                        [&](const TestDecl& d) {
                          lines.Add("test " + Quote(d.name.text));
                          lines.Indented([&] {
                            for (const TestStmt& stmt : d.stmts) lines.Add(PrintTestStmt(stmt));
                          });
                        }},
             decl.node);
}

}  // namespace

std::string Print(const Program& program) {
  Lines lines;
  for (const Decl& decl : program.decls) PrintDecl(lines, decl);
  return lines.Take();
}

}  // namespace streamc::ast
