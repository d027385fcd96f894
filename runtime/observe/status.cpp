// The counters as one JSON object.
#include <limits>

#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"

namespace streamc::rt::observe {
namespace {

std::string Member(const char* name, int64_t value) {
  return "\"" + std::string(name) + "\": " + std::to_string(value);
}

// Microseconds since 1970, null for none, "ended".
std::string Watermark(int64_t watermark) {
  if (watermark == std::numeric_limits<int64_t>::min()) return "null";
  return watermark == std::numeric_limits<int64_t>::max() ? "\"ended\"" : std::to_string(watermark);
}

template <class F>
std::string List(const char* name, const std::vector<std::string>& names, F&& members) {
  std::string text = "  \"" + std::string(name) + "\": [";
  for (size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "\n    {\"name\": " : ",\n    {\"name\": ") + JsonQuoted(names[i]) + ", " + members(i) + "}";
  }
  return text + (names.empty() ? "]" : "\n  ]");
}

}  // namespace

std::string StatusJson(const JobCounters& counters) {
  const auto sources = [&](size_t i) {
    const SourceGauges& gauges = counters.sources[i];
    return Member("records", counters.OfSource(i, &SourceCounters::records)) + ", " +
           Member("bad", counters.OfSource(i, &SourceCounters::bad)) + ", " + Member("lag", gauges.lag.get()) + ", " +
           Member("partitions", gauges.partitions.get()) + ", \"watermark_micros\": " + Watermark(gauges.watermark.get());
  };
  const auto steps = [&](size_t i) {
    return Member("rows_in", counters.OfNode(i, &NodeCounters::rows_in)) + ", " +
           Member("rows_out", counters.OfNode(i, &NodeCounters::rows_out)) + ", " +
           Member("late", counters.OfNode(i, &NodeCounters::late)) + ", " +
           Member("rejected", counters.OfNode(i, &NodeCounters::rejected));
  };
  const auto sinks = [&](size_t i) {
    return Member("records", counters.OfSink(i, &SinkCounters::records)) + ", " +
           Member("removals", counters.OfSink(i, &SinkCounters::removals));
  };
  const auto tables = [&](size_t i) {
    return Member("rows", counters.tables[i].rows.get()) + ", " + Member("loads", counters.tables[i].loads.get()) + ", " +
           Member("failed_loads", counters.tables[i].failed_loads.get()) + ", " + Member("bad", counters.tables[i].bad.get());
  };
  return "{\n  \"job\": " + JsonQuoted(counters.job) + ",\n  " + Member("started_at_micros", counters.started_at.get()) +
         ",\n  " + Member("clock_micros", counters.clock.get()) + ",\n  " + Member("turns", counters.turns.get()) + ",\n  " +
         Member("commits", counters.commits.get()) + ",\n  " + Member("dead_letters", counters.dead_letters.get()) + ",\n  " +
         Member("state_bytes", counters.state_bytes.get()) + ",\n" + List("sources", counters.source_names, sources) + ",\n" +
         List("steps", counters.node_names, steps) + ",\n" + List("sinks", counters.sink_names, sinks) + ",\n" +
         List("tables", counters.table_names, tables) + "\n}\n";
}

}  // namespace streamc::rt::observe
