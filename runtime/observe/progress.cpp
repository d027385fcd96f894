#include "runtime/observe/progress.h"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "runtime/observe/log.h"

namespace streamc::rt::observe {
namespace {

int64_t RecordsRead(const JobCounters& counters) {
  int64_t records = 0;
  for (size_t i = 0; i < counters.source_names.size(); ++i) records += counters.OfSource(i, &SourceCounters::records);
  return records;
}

// 1234567 -> "1.23 M"
std::string Short(double n) {
  const char* unit = "";
  for (const char* next : {" k", " M", " G"}) {
    if (n < 1000) break;
    n /= 1000;
    unit = next;
  }
  char text[32];
  snprintf(text, sizeof text, *unit == 0 || n >= 100 ? "%.0f%s" : n >= 10 ? "%.1f%s" : "%.2f%s", n, unit);
  return text;
}

std::string Age(int64_t micros) {
  const int64_t seconds = std::max<int64_t>(0, micros / 1'000'000);
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  if (seconds < 172800) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " days";
}

}  // namespace

std::string ProgressLine(const JobCounters& counters, int64_t records_before, double seconds) {
  const int64_t records = RecordsRead(counters);
  const double rate = seconds > 0 ? static_cast<double>(records - records_before) / seconds : 0;
  int64_t lag = 0, bad = 0, written = 0, watermark = std::numeric_limits<int64_t>::max();
  for (size_t i = 0; i < counters.source_names.size(); ++i) {
    lag += counters.sources[i].lag.get();
    bad += counters.OfSource(i, &SourceCounters::bad);
    watermark = std::min(watermark, counters.sources[i].watermark.get());
  }
  for (size_t i = 0; i < counters.sink_names.size(); ++i) written += counters.OfSink(i, &SinkCounters::records);
  std::string line = counters.job + ": " + Short(static_cast<double>(records)) + " records in (" + Short(rate) + "/s), " +
                     Short(static_cast<double>(written)) + " out, lag " + Short(static_cast<double>(lag));
  if (bad > 0) line += ", " + Short(static_cast<double>(bad)) + " bad";
  const bool finite = watermark != std::numeric_limits<int64_t>::max() && watermark != std::numeric_limits<int64_t>::min();
  if (finite) line += ", event time " + Age(counters.clock.get() - watermark) + " behind";
  return line;
}

Progress::Progress(const JobCounters& counters) : counters_(counters) {
  if (isatty(STDERR_FILENO) == 0) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { Run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  SetProgressLine("");
}

void Progress::Run() {
  using Clock = std::chrono::steady_clock;
  auto last = Clock::now();
  int64_t records = RecordsRead(counters_);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::seconds(1), [&] { return stop_; })) {
    const auto now = Clock::now();
    SetProgressLine(ProgressLine(counters_, records, std::chrono::duration<double>(now - last).count()));
    records = RecordsRead(counters_);
    last = now;
  }
}

}  // namespace streamc::rt::observe
