#include "runtime/engine/report.h"

#include <algorithm>

#include "runtime/abi/manifest.h"

namespace streamc::rt::engine {
namespace {

using observe::JobCounters;
using observe::NodeCounters;
using observe::SinkCounters;
using observe::SourceCounters;

// 1234567 -> 1,234,567
std::string Grouped(int64_t n) {
  std::string digits = std::to_string(n);
  for (size_t i = digits.size(); i > 3 && digits[i - 4] != '-'; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string Line(const char* kind, const std::string& name, const std::string& text) {
  std::string line = "  ";
  line += kind;
  line.resize(10, ' ');
  line += name;
  line.resize(std::max<size_t>(line.size() + 1, 30), ' ');
  return line + text + "\n";
}

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + "\"";
}

template <class Items, class F>
std::string JsonArray(const Items& items, F&& f) {
  std::string out = "[";
  for (const auto& item : items) {
    std::string text = f(item);
    if (!text.empty()) out += (out.size() == 1 ? "" : ", ") + text;
  }
  return out + "]";
}

}  // namespace

std::string RunSummary(const JobCounters& counters, bool ok) {
  std::string text = counters.job + (ok ? " has finished\n" : " has failed\n");
  for (size_t i = 0; i < counters.source_names.size(); ++i) {
    int64_t bad = counters.OfSource(i, &SourceCounters::bad), nulls = counters.OfSource(i, &SourceCounters::nulls);
    std::string line = Grouped(counters.OfSource(i, &SourceCounters::records)) + " records in, " + Grouped(bad) + " bad";
    if (nulls > 0) line += ", " + Grouped(nulls) + " without a value";
    text += Line("source", counters.source_names[i], line);
  }
  for (size_t i = 0; i < counters.node_names.size(); ++i) {
    int64_t late = counters.OfNode(i, &NodeCounters::late), rejected = counters.OfNode(i, &NodeCounters::rejected);
    if (counters.stateful[i] == 0 && late + rejected == 0) continue;
    std::string line = Grouped(counters.OfNode(i, &NodeCounters::rows_out)) + " rows out, " + Grouped(late) + " late";
    if (rejected > 0) line += ", " + Grouped(rejected) + " rejected";
    text += Line("step", counters.node_names[i], line);
  }
  for (size_t i = 0; i < counters.sink_names.size(); ++i) {
    int64_t removals = counters.OfSink(i, &SinkCounters::removals);
    std::string line = Grouped(counters.OfSink(i, &SinkCounters::records)) + " records out";
    if (removals > 0) line += ", " + Grouped(removals) + " of them removals";
    text += Line("sink", counters.sink_names[i], line);
  }
  if (int64_t written = counters.dead_letters.get(); written > 0) text += "  " + Grouped(written) + " dead letters written\n";
  if (int64_t unwritten = counters.dead_letters_counted_only.get(); unwritten > 0) {
    text += "  " + Grouped(unwritten) + " dead letters counted only: without brokers, bind them with --bind bad=file:PATH\n";
  }
  for (size_t i = 0; i < counters.table_names.size(); ++i) {
    const observe::TableGauges& table = counters.tables[i];
    text += Line("table", counters.table_names[i], Grouped(table.rows.get()) + " rows, " + Grouped(table.bad.get()) + " bad");
  }
  return text;
}

std::string Manifest(const abi::JobSpec& spec) {
  auto binding = [](const auto& item) {
    return "{\"name\": " + Quoted(item.name) + ", \"connector\": " + Quoted(item.connector.connector) +
           ", \"format\": " + Quoted(item.format.format) + "}";
  };
  std::string text = "{\n  \"job\": " + Quoted(spec.name) + ",\n  \"program\": " + Quoted(spec.program) +
                     ",\n  \"compiler\": " + Quoted(spec.compiler_version);
  text += ",\n  \"sources\": " + JsonArray(spec.sources, binding);
  text += ",\n  \"tables\": " + JsonArray(spec.tables, binding);
  text += ",\n  \"sinks\": " + JsonArray(spec.sinks, binding);
  text += ",\n  \"parameters\": " + JsonArray(spec.params, [](const abi::ParamSpec& param) {
            std::string item = "{\"name\": " + Quoted(param.name) + ", \"required\": " + (param.has_default ? "false" : "true");
            return item + ", \"secret\": " + (param.secret ? "true" : "false") + "}";
          });
  text += std::string(",\n  \"delivery\": ") + (spec.exactly_once ? "\"exactly_once\"" : "\"at_least_once\"");
  text += ",\n  \"key_groups\": " + std::to_string(spec.key_groups);
  text += ",\n  \"state\": " + JsonArray(abi::MakeManifest(spec).steps, [](const abi::ManifestStep& step) {
            std::string item = "\n    {\"name\": " + Quoted(step.name) + ", \"kind\": " + Quoted(step.kind) + ", \"shape\": " + Quoted(step.shape);
            if (!step.was.empty()) item += ", \"was\": " + JsonArray(step.was, Quoted);
            return item + ", \"holds\": " + JsonArray(step.fields, [](const abi::StateField& field) {
                     return Quoted(field.name + ": " + field.text);
                   }) + "}";
          });
  return text + "\n}\n";
}

}  // namespace streamc::rt::engine
