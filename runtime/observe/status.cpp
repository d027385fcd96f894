// The counters as one JSON object.
#include <limits>

#include "runtime/observe/health.h"
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
           Member("rejected", counters.OfNode(i, &NodeCounters::rejected)) +
           (counters.stateful[i] == 0 ? std::string()
                                      : ", " + Member("state_rows", counters.steps[i].state_rows.get()) + ", " +
                                            Member("state_bytes", counters.steps[i].state_bytes.get()));
  };
  const auto sinks = [&](size_t i) {
    return Member("records", counters.OfSink(i, &SinkCounters::records)) + ", " +
           Member("removals", counters.OfSink(i, &SinkCounters::removals));
  };
  const auto tables = [&](size_t i) {
    return Member("rows", counters.tables[i].rows.get()) + ", " + Member("loads", counters.tables[i].loads.get()) + ", " +
           Member("failed_loads", counters.tables[i].failed_loads.get()) + ", " + Member("bad", counters.tables[i].bad.get());
  };
  const auto partitions = [&] {
    std::string text;
    for (const PartitionLag& each : counters.partition_lags.Read()) {
      text += (text.empty() ? "\n    {\"source\": " : ",\n    {\"source\": ") + JsonQuoted(counters.source_names[each.source]) +
              ", \"topic\": " + JsonQuoted(each.topic) + ", " + Member("partition", each.partition) + ", \"lag\": " +
              (each.lag < 0 ? "null" : std::to_string(each.lag)) + "}";
    }
    return "  \"partitions\": [" + text + (text.empty() ? "]" : "\n  ]");
  };
  const std::string reason = NotReady(counters);
  const RestoreGauges& restore = counters.restore;
  const LogGauges& log = counters.log;
  return "{\n  \"job\": " + JsonQuoted(counters.job) + ",\n  \"ready\": " + (reason.empty() ? "true" : "false") + ",\n  \"waits_for\": " +
         (reason.empty() ? "null" : JsonQuoted(reason)) + ",\n  " + Member("started_at_micros", counters.started_at.get()) + ",\n  " +
         Member("clock_micros", counters.clock.get()) + ",\n  " + Member("turns", counters.turns.get()) + ",\n  " +
         Member("commits", counters.commits.get()) + ",\n  " + Member("dead_letters", counters.dead_letters.get()) + ",\n  " +
         Member("state_bytes", counters.state_bytes.get()) + ",\n  " + Member("memory_budget", counters.memory_budget.get()) +
         ",\n  \"transactions\": {" + Member("committed", log.committed.get()) + ", " + Member("aborted", log.aborted.get()) + ", " +
         Member("fenced", log.fenced.get()) + ", " + Member("recycled", log.recycled.get()) + ", " +
         Member("rebalances", log.rebalances.get()) + "},\n  \"restore\": {" + Member("groups", restore.groups.get()) + ", " +
         Member("taking", restore.taking.get()) + ", " + Member("rows", restore.rows.get()) + ", " +
         Member("bytes", restore.bytes.get()) + ", " + Member("offsets", restore.offsets.get()) + ", " +
         Member("offsets_wanted", restore.all_offsets.get()) + "},\n" + List("sources", counters.source_names, sources) + ",\n" + partitions() + ",\n" +
         List("steps", counters.node_names, steps) + ",\n" + List("sinks", counters.sink_names, sinks) + ",\n" +
         List("tables", counters.table_names, tables) + "\n}\n";
}

}  // namespace streamc::rt::observe
