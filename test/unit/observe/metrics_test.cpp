#include "runtime/observe/metrics.h"

#include <gmock/gmock.h>

#include <regex>
#include <set>
#include <sstream>

#include "runtime/abi/abi.h"
#include "runtime/observe/progress.h"

namespace streamc::rt::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Job {
  Job() {
    counters.job = "a \"job\"\\";
    counters.source_names = {"tweets"};
    counters.sink_names = {"out"};
    counters.node_names = {"counts"};
    counters.stateful = {1};
    counters.sources = std::vector<SourceGauges>(1);
    counters.steps = std::vector<StepGauges>(1);
    counters.phase.Set(static_cast<int64_t>(Phase::Reading));
    for (int i = 0; i < 2; ++i) counters.lanes.push_back(std::make_unique<LaneCounters>(1, 1, 1));
  }
  JobCounters counters;
};

TEST(Prometheus, SumsOverLanes) {
  Job job;
  job.counters.lanes[0]->sources[0].records.Add(3);
  job.counters.lanes[1]->sources[0].records.Add(4);
  job.counters.lanes[1]->sources[0].bad_codes[SC_ERR_UTF8].Add(2);
  job.counters.lanes[0]->nodes[0].late.Add(5);
  job.counters.sources[0].lag.Set(9);
  const std::string text = PrometheusText(job.counters);
  EXPECT_THAT(text, HasSubstr("streamc_job_info{job=\"a \\\"job\\\"\\\\\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("streamc_source_records_total{source=\"tweets\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("streamc_source_bad_total{source=\"tweets\",reason=\"utf8\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("streamc_step_late_total{step=\"counts\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("streamc_source_lag_records{source=\"tweets\"} 9\n"));
  EXPECT_THAT(text, Not(HasSubstr("streamc_table")));
}

TEST(Prometheus, WatermarkOnlyWhereThereIsOne) {
  Job job;
  EXPECT_THAT(PrometheusText(job.counters), Not(HasSubstr("watermark_seconds{")));
  job.counters.sources[0].watermark.Set(1'500'000);
  EXPECT_THAT(PrometheusText(job.counters), HasSubstr("streamc_source_watermark_seconds{source=\"tweets\"} 1.500000\n"));
  job.counters.sources[0].watermark.Set(std::numeric_limits<int64_t>::max());
  EXPECT_THAT(PrometheusText(job.counters), HasSubstr("streamc_source_watermark_seconds{source=\"tweets\"} +Inf\n"));
}

TEST(Prometheus, LagByPartition) {
  Job job;
  EXPECT_THAT(PrometheusText(job.counters), Not(HasSubstr("streamc_partition_lag")));
  job.counters.partition_lags.Offer({{0, "tweets-2024", 3, 17}, {0, "tweets-2024", 4, -1}});
  const std::string text = PrometheusText(job.counters);
  EXPECT_THAT(text, HasSubstr("streamc_partition_lag_records{source=\"tweets\",topic=\"tweets-2024\",partition=\"3\"} 17\n"));
  EXPECT_THAT(text, Not(HasSubstr("partition=\"4\""))) << "a lag nobody knows is not told";
  EXPECT_THAT(StatusJson(job.counters), HasSubstr("\"partition\": 4, \"lag\": null}"));
}

TEST(Prometheus, StateAndTransactions) {
  Job job;
  job.counters.steps[0].state_bytes.Set(4096);
  job.counters.steps[0].state_rows.Set(12);
  job.counters.log.committed.Set(7);
  job.counters.log.fenced.Set(2);
  job.counters.restore.all_offsets.Set(900);
  std::string text = PrometheusText(job.counters);
  EXPECT_THAT(text, HasSubstr("streamc_step_state_bytes{step=\"counts\"} 4096\n"));
  EXPECT_THAT(text, HasSubstr("streamc_step_state_rows{step=\"counts\"} 12\n"));
  EXPECT_THAT(text, HasSubstr("streamc_transactions_committed_total 7\n"));
  EXPECT_THAT(text, HasSubstr("streamc_fenced_total 2\n"));
  EXPECT_THAT(text, HasSubstr("streamc_restore_offsets_wanted 900\n"));
  EXPECT_THAT(text, HasSubstr("streamc_ready 1\n"));
  job.counters.stateful = {0};
  EXPECT_THAT(PrometheusText(job.counters), Not(HasSubstr("streamc_step_state")));
}

TEST(PartitionLags, TheWriterNeverWaits) {
  PartitionLags lags;
  lags.Offer({{0, "t", 0, 1}});
  EXPECT_EQ(lags.Read().size(), 1u);
  lags.Offer({});
  EXPECT_TRUE(lags.Read().empty());
}

TEST(Prometheus, Histograms) {
  Job job;
  job.counters.turn_time.Observe(1000);
  job.counters.turn_time.Observe(1001);
  job.counters.turn_time.Observe(60'000'000);
  const std::string text = PrometheusText(job.counters);
  EXPECT_THAT(text,
              HasSubstr("streamc_turn_seconds_bucket{le=\"0.001000\"} 1\nstreamc_turn_seconds_bucket{le=\"0.002500\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("streamc_turn_seconds_bucket{le=\"10.000000\"} 2\nstreamc_turn_seconds_bucket{le=\"+Inf\"} 3\n"
                              "streamc_turn_seconds_sum 60.002001\nstreamc_turn_seconds_count 3\n"));
}

// The grammar of the format: every sample belongs to the metric whose TYPE line came last, each metric once.
TEST(Prometheus, WellFormed) {
  Job job;
  job.counters.sources[0].watermark.Set(1);
  job.counters.partition_lags.Offer({{0, "a \"topic\"", 3, 17}});
  std::istringstream lines(PrometheusText(job.counters));
  const std::regex sample(R"(([a-z_]+)(\{[a-z]+="([^"\\\n]|\\.)*"(,[a-z]+="([^"\\\n]|\\.)*")*\})? (\+Inf|-?[0-9.]+))");
  std::set<std::string> metrics;
  std::string metric;
  int samples = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) continue;
    if (line.starts_with("# TYPE ")) {
      metric = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(metrics.insert(metric).second) << metric << " twice";
      continue;
    }
    std::smatch match;
    ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
    EXPECT_TRUE(match[1].str().starts_with(metric)) << line << " under " << metric;
    ++samples;
  }
  EXPECT_GT(samples, 40);
}

TEST(Status, IsOneObject) {
  Job job;
  job.counters.lanes[0]->sinks[0].records.Add(11);
  const std::string text = StatusJson(job.counters);
  EXPECT_THAT(text, HasSubstr("\"job\": \"a \\\"job\\\"\\\\\""));
  EXPECT_THAT(text, HasSubstr("{\"name\": \"out\", \"records\": 11, \"removals\": 0}"));
  EXPECT_THAT(text, HasSubstr("\"watermark_micros\": null"));
  EXPECT_THAT(text, HasSubstr("\"tables\": []"));
}

TEST(Progress, Line) {
  Job job;
  job.counters.job = "trending";
  job.counters.lanes[0]->sources[0].records.Add(1'234'567);
  job.counters.lanes[0]->sources[0].bad.Add(2);
  job.counters.lanes[0]->sinks[0].records.Add(42);
  job.counters.clock.Set(100'000'000);
  job.counters.sources[0].watermark.Set(97'000'000);
  job.counters.sources[0].lag.Set(15'300);
  EXPECT_EQ(ProgressLine(job.counters, 1'234'067, 0.5),
            "trending: 1.23 M records in (1.00 k/s), 42 out, lag 15.3 k, 2 bad, event time 3 s behind");
  job.counters.sources[0].watermark.Set(std::numeric_limits<int64_t>::max());
  EXPECT_THAT(ProgressLine(job.counters, 0, 1), Not(HasSubstr("event time")));
}

}  // namespace
}  // namespace streamc::rt::observe
