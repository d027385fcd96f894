// The counters as Prometheus text.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include "runtime/observe/health.h"
#include "runtime/observe/metrics.h"
#include "runtime/observe/process_memory.h"

namespace streamc::rt::observe {
namespace {

std::string_view CodeText(size_t code) {
  switch (code) {
#define SC_ERROR(id, number, text) \
  case number: return text;
#include "runtime/abi/error_codes.def"
#undef SC_ERROR
    default: return "other";
  }
}

std::string Seconds(int64_t micros) {
  char text[32];
  snprintf(text, sizeof text, "%.6f", static_cast<double>(micros) / 1e6);
  return text;
}

// Backslash, quote and end of line are the only characters a label's value must escape.
std::string Label(std::string_view name, std::string_view value) {
  std::string out(name);
  out += "=\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out + '"';
}

class Exposition {
 public:
  void Metric(const char* name, const char* type, const char* help) {
    name_ = name;
    text_.append("# HELP ")
        .append(name)
        .append(" ")
        .append(help)
        .append("\n# TYPE ")
        .append(name)
        .append(" ")
        .append(type)
        .append("\n");
  }
  void Value(const std::string& labels, const std::string& value, const char* suffix = "") {
    text_.append(name_).append(suffix);
    if (!labels.empty()) text_.append("{").append(labels).append("}");
    text_.append(" ").append(value).append("\n");
  }
  void Value(const std::string& labels, int64_t value) { Value(labels, std::to_string(value)); }
  void Single(const char* name, const char* type, const char* help, const std::string& value) {
    Metric(name, type, help);
    Value("", value);
  }
  // One metric over named things; `of(i)` gives the number.
  template <class F>
  void Each(const char* name, const char* type, const char* help, const char* label, const std::vector<std::string>& names,
            F&& of) {
    if (names.empty()) return;
    Metric(name, type, help);
    for (size_t i = 0; i < names.size(); ++i) Value(Label(label, names[i]), of(i));
  }
  void Times(const char* name, const char* help, const Histogram& histogram) {
    Metric(name, "histogram", help);
    int64_t below = 0;
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
      below += histogram.counts[i].get();
      const bool last = i == Histogram::kBounds.size();
      Value("le=\"" + (last ? std::string("+Inf") : Seconds(Histogram::kBounds[i])) + "\"", std::to_string(below), "_bucket");
    }
    Value("", Seconds(histogram.sum_micros.get()), "_sum");
    Value("", std::to_string(below), "_count");
  }
  std::string text_;

 private:
  const char* name_ = "";
};

void Sources(const JobCounters& counters, Exposition* out) {
  const auto& names = counters.source_names;
  const auto count = [&](const char* name, const char* help, Counter SourceCounters::* member) {
    out->Each(name, "counter", help, "source", names, [&](size_t i) { return counters.OfSource(i, member); });
  };
  const auto gauge = [&](const char* name, const char* help, Counter SourceGauges::* member) {
    out->Each(name, "gauge", help, "source", names, [&](size_t i) { return (counters.sources[i].*member).get(); });
  };
  count("streamc_source_records_total", "Records read.", &SourceCounters::records);
  count("streamc_source_bytes_total", "Bytes of the values read.", &SourceCounters::bytes);
  count("streamc_source_filtered_total", "Records left out while decoding.", &SourceCounters::filtered);
  count("streamc_source_nulls_total", "Records without a value that were dropped.", &SourceCounters::nulls);
  if (!names.empty()) out->Metric("streamc_source_bad_total", "counter", "Records rejected, each once, by reason.");
  for (size_t i = 0; i < names.size(); ++i) {
    for (size_t code = 0; code < 256; ++code) {
      const int64_t n = counters.Sum([&](const LaneCounters& lane) { return lane.sources[i].bad_codes[code].get(); });
      if (n > 0) out->Value(Label("source", names[i]) + "," + Label("reason", CodeText(code)), n);
    }
  }
  gauge("streamc_source_lag_records", "Records not read yet.", &SourceGauges::lag);
  gauge("streamc_source_partitions", "Partitions assigned to this process.", &SourceGauges::partitions);
  if (!names.empty())
    out->Metric("streamc_source_watermark_seconds", "gauge", "Event time complete so far, in seconds since 1970.");
  for (size_t i = 0; i < names.size(); ++i) {
    const int64_t watermark = counters.sources[i].watermark.get();
    if (watermark == std::numeric_limits<int64_t>::min()) continue;
    out->Value(Label("source", names[i]), watermark == std::numeric_limits<int64_t>::max() ? "+Inf" : Seconds(watermark));
  }
}

// By partition, of those this process reads; at most PartitionLags::kMost.
void Partitions(const JobCounters& counters, Exposition* out) {
  const std::vector<PartitionLag> lags = counters.partition_lags.Read();
  if (lags.empty()) return;
  out->Metric("streamc_partition_lag_records", "gauge", "Records of an assigned partition not read yet; at most 1000 partitions.");
  for (const PartitionLag& each : lags) {
    if (each.lag < 0) continue;
    out->Value(Label("source", counters.source_names[each.source]) + "," + Label("topic", each.topic) + "," +
                   Label("partition", std::to_string(each.partition)),
               each.lag);
  }
}

void State(const JobCounters& counters, Exposition* out) {
  const auto each = [&](const char* name, const char* help, Counter StepGauges::* member) {
    out->Metric(name, "gauge", help);
    for (size_t i = 0; i < counters.node_names.size(); ++i) {
      if (counters.stateful[i] != 0) out->Value(Label("step", counters.node_names[i]), (counters.steps[i].*member).get());
    }
  };
  if (std::find(counters.stateful.begin(), counters.stateful.end(), 1) != counters.stateful.end()) {
    each("streamc_step_state_bytes", "Memory of a step's state.", &StepGauges::state_bytes);
    each("streamc_step_state_rows", "Keys, windows or rows in a step's state.", &StepGauges::state_rows);
  }
  const auto gauge = [&](const char* name, const char* help, const Counter& counter) {
    out->Single(name, "gauge", help, std::to_string(counter.get()));
  };
  gauge("streamc_state_bytes", "Memory of the state.", counters.state_bytes);
  gauge("streamc_state_slots", "Keys and windows in the state.", counters.state_slots);
  gauge("streamc_batch_bytes", "Memory of the batches.", counters.batch_bytes);
  gauge("streamc_outbox_bytes", "Sent to other instances in the last turn.", counters.outbox_bytes);
  gauge("streamc_memory_budget_bytes", "What the process may hold; 0: no limit.", counters.memory_budget);
}

void Durable(const JobCounters& counters, Exposition* out) {
  const auto single = [&](const char* name, const char* type, const char* help, const Counter& counter) {
    out->Single(name, type, help, std::to_string(counter.get()));
  };
  const LogGauges& log = counters.log;
  single("streamc_transactions_committed_total", "counter", "Turns of a durable job committed; their times: commit_seconds.", log.committed);
  single("streamc_transactions_aborted_total", "counter", "Turns of a durable job that did not count and were done again.", log.aborted);
  single("streamc_fenced_total", "counter", "Instances that were gone and whose transactions this one ended.", log.fenced);
  single("streamc_producers_recycled_total", "counter", "Producers replaced because a request had no answer.", log.recycled);
  single("streamc_rebalances_total", "counter", "Changes of this instance's partitions.", log.rebalances);
  const RestoreGauges& restore = counters.restore;
  single("streamc_key_groups", "gauge", "Key groups this instance owns.", restore.groups);
  single("streamc_restore_key_groups", "gauge", "Key groups being restored; 0: none.", restore.taking);
  single("streamc_restore_rows", "gauge", "Rows read by the restore under way, or the last one.", restore.rows);
  single("streamc_restore_bytes", "gauge", "Bytes read by it.", restore.bytes);
  single("streamc_restore_offsets", "gauge", "Offsets it has passed.", restore.offsets);
  single("streamc_restore_offsets_wanted", "gauge", "Offsets it has to pass.", restore.all_offsets);
  out->Single("streamc_ready", "gauge", "1 when all that is assigned is restored and the job reads.",
              NotReady(counters).empty() ? "1" : "0");
}

void Process(Exposition* out) {
  out->Single("process_resident_memory_bytes", "gauge", "Resident memory of the process.", std::to_string(ResidentBytes()));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& t) { return int64_t{t.tv_sec} * 1'000'000 + t.tv_usec; };
  out->Single("process_cpu_seconds_total", "counter", "CPU time of the process, user and system.",
              Seconds(micros(usage.ru_utime) + micros(usage.ru_stime)));
}

}  // namespace

std::string PrometheusText(const JobCounters& counters) {
  Exposition out;
  out.Metric("streamc_job_info", "gauge", "The job.");
  out.Value(Label("job", counters.job), 1);
  Sources(counters, &out);
  Partitions(counters, &out);
  const auto node = [&](const char* name, const char* help, Counter NodeCounters::* member) {
    out.Each(name, "counter", help, "step", counters.node_names, [&](size_t i) { return counters.OfNode(i, member); });
  };
  node("streamc_step_rows_in_total", "Rows into a step.", &NodeCounters::rows_in);
  node("streamc_step_rows_out_total", "Rows out of a step.", &NodeCounters::rows_out);
  node("streamc_step_late_total", "Rows that came after their window was answered.", &NodeCounters::late);
  node("streamc_step_rejected_total", "Rows a step rejected.", &NodeCounters::rejected);
  const auto sink = [&](const char* name, const char* help, Counter SinkCounters::* member) {
    out.Each(name, "counter", help, "sink", counters.sink_names, [&](size_t i) { return counters.OfSink(i, member); });
  };
  sink("streamc_sink_records_total", "Records written.", &SinkCounters::records);
  sink("streamc_sink_bytes_total", "Bytes of the values written.", &SinkCounters::bytes);
  sink("streamc_sink_removals_total", "Records written that remove a key.", &SinkCounters::removals);
  const auto table = [&](const char* name, const char* type, const char* help, Counter TableGauges::* member) {
    out.Each(name, type, help, "table", counters.table_names, [&](size_t i) { return (counters.tables[i].*member).get(); });
  };
  table("streamc_table_rows", "gauge", "Rows of a table.", &TableGauges::rows);
  table("streamc_table_loads_total", "counter", "Times a table was loaded.", &TableGauges::loads);
  table("streamc_table_failed_loads_total", "counter", "Times a table could not be loaded.", &TableGauges::failed_loads);
  table("streamc_table_bad_rows", "gauge", "Rows of a table that could not be decoded.", &TableGauges::bad);
  out.Single("streamc_turns_total", "counter", "Turns of the job's loop.", std::to_string(counters.turns.get()));
  out.Single("streamc_busy_turns_total", "counter", "Turns that read records.", std::to_string(counters.busy_turns.get()));
  out.Times("streamc_turn_seconds", "Time of a turn that read records, from the first one on.", counters.turn_time);
  out.Single("streamc_turn_seconds_max", "gauge", "Longest turn so far.", Seconds(counters.longest_turn_micros.get()));
  out.Single("streamc_commits_total", "counter", "Commits of what was read.", std::to_string(counters.commits.get()));
  out.Times("streamc_commit_seconds", "Time of a commit.", counters.commit_time);
  out.Single("streamc_dead_letters_total", "counter", "Dead letters written.", std::to_string(counters.dead_letters.get()));
  out.Single("streamc_dead_letters_unwritten_total", "counter", "Dead letters that were counted only.",
             std::to_string(counters.dead_letters_counted_only.get()));
  State(counters, &out);
  Durable(counters, &out);
  out.Single("streamc_start_time_seconds", "gauge", "Start of the job, in seconds since 1970.",
             Seconds(counters.started_at.get()));
  Process(&out);
  return std::move(out.text_);
}

}  // namespace streamc::rt::observe
