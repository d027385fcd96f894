// What the durable log on Kafka costs: a turn's way from Begin to the end of Commit, and reading state back.
//
//   durable_log BROKERS [turns=300] [pause_ms=15] [restore_rows=2000000]
// Topics of its own are made and left. Prints latency percentiles for exactly-once and at-least-once, and the restore's rate by
// wall clock and by CPU time of all threads.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/connector/durable_log.h"
#include "test/bench/cpu_seconds.h"

namespace {

using namespace streamc::rt;             // NOLINT: a program about little else
using namespace streamc::rt::connector;  // NOLINT
using Clock = std::chrono::steady_clock;

constexpr int32_t kKeyGroups = 64;

void Check(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "durable_log: %s\n", status.message.c_str());
  std::exit(static_cast<int>(status.code));
}

using streamc::bench::CpuSeconds;

// Rows of state: keys of 14 bytes, values of 32.
struct Rows {
  Rows(size_t count, int32_t groups) {
    text.reserve(count * 46);
    for (size_t i = 0; i < count; ++i) {
      char row[64];
      std::snprintf(row, sizeof row, "%014zu%032zu", i, i * 7919);
      text.append(row, 46);
    }
    for (size_t i = 0; i < count; ++i) {
      records.group.push_back(static_cast<int32_t>(i) % groups);
      records.key.emplace_back(text.data() + i * 46, 14);
      records.value.emplace_back(text.data() + i * 46 + 14, 32);
    }
  }
  std::string text;
  GroupRecords records;
};

std::unique_ptr<DurableLog> Open(const char* brokers, const std::string& group, bool exactly_once) {
  DurableLogConfig config;
  config.group = group;
  config.brokers = brokers;
  config.exactly_once = exactly_once;
  config.keyed = true;
  config.key_groups = kKeyGroups;
  std::unique_ptr<DurableLog> log;
  Check(MakeDurableLog("kafka", config, &log));
  Check(log->Open());
  return log;
}

void Turn(DurableLog& log, const GroupRecords& records) {
  CommitOutcome outcome = CommitOutcome::Aborted;
  Check(log.Begin());
  Check(log.Write(InternalTopic::Changelog, records));
  Check(log.Commit(&outcome));
  if (outcome != CommitOutcome::Committed) Check(Status::Error(Exit::Internal, "a turn was aborted"));
}

void Latency(const char* brokers, bool exactly_once, int turns, int pause_ms, int32_t groups) {
  const auto log = Open(brokers, "bench-turns-" + std::to_string(getpid()) + (exactly_once ? "-eo" : "-alo"), exactly_once);
  const Rows rows(100, groups);
  std::vector<double> millis;
  const double cpu = CpuSeconds();
  for (int i = 0; i < turns; ++i) {
    const auto start = Clock::now();
    Turn(*log, rows.records);
    millis.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
  }
  const double used = CpuSeconds() - cpu;
  std::sort(millis.begin(), millis.end());
  const auto at = [&](double part) { return millis[static_cast<size_t>(part * static_cast<double>(millis.size() - 1))]; };
  std::printf("%-13s 100 rows, %2d partitions, %d ms apart: p50 %.1f p90 %.1f p99 %.1f ms, %.1f ms of CPU a turn\n",
              exactly_once ? "exactly_once" : "at_least_once", groups, pause_ms, at(0.5), at(0.9), at(0.99),
              used * 1000 / turns);
  log->Close();
}

void Restore(const char* brokers, size_t rows) {
  const auto log = Open(brokers, "bench-restore-" + std::to_string(getpid()), true);
  const Rows turn(50000, kKeyGroups);
  for (size_t written = 0; written < rows; written += turn.records.size()) Turn(*log, turn.records);
  std::vector<int32_t> groups(kKeyGroups);
  for (int32_t i = 0; i < kKeyGroups; ++i) groups[static_cast<size_t>(i)] = i;
  const std::vector<int64_t> from(groups.size(), 0);
  std::vector<int64_t> next;
  for (int round = 0; round < 3; ++round) {
    size_t read = 0, bytes = 0;
    const double cpu = CpuSeconds();
    const auto start = Clock::now();
    Check(log->ReadChangelog(
        groups, from,
        [&](size_t, std::string_view key, std::string_view value, int64_t) {
          ++read;
          bytes += key.size() + static_cast<size_t>(value.back() & 1);
          return true;
        },
        [](size_t) {}, [](const RestoreProgress&) {}, &next));
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count(), used = CpuSeconds() - cpu;
    std::printf("restore of %zu rows: %.2f s, %.0f k rows a second, %.0f k a CPU-second\n", read, seconds,
                static_cast<double>(read) / seconds / 1000, static_cast<double>(read) / used / 1000);
  }
  log->Close();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: durable_log BROKERS [turns] [pause_ms] [restore_rows]\n");
    return 64;
  }
  const int turns = argc > 2 ? std::atoi(argv[2]) : 300, pause_ms = argc > 3 ? std::atoi(argv[3]) : 15;
  for (const int32_t groups : {2, 16, kKeyGroups}) {
    for (const bool exactly_once : {true, false}) Latency(argv[1], exactly_once, turns, pause_ms, groups);
  }
  Restore(argv[1], argc > 4 ? static_cast<size_t>(std::atoll(argv[4])) : 2000000);
  return 0;
}
