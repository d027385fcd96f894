#include "runtime/observe/watch.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "runtime/observe/log.h"
#include "runtime/observe/progress.h"

namespace streamc::rt::observe {
namespace {

constexpr int64_t kTick = 200'000, kLine = 1'000'000, kRestoreLine = 3'000'000;

void LogRestore(const JobCounters& counters, int64_t now) {
  const RestoreGauges& restore = counters.restore;
  Log(LogLevel::Info, "restoring",
      {{"groups", restore.taking.get()}, {"rows", restore.rows.get()}, {"bytes", restore.bytes.get()}, {"offsets", restore.offsets.get()},
       {"of", restore.all_offsets.get()}, {"text", RestoreText(counters, now)}});
}

}  // namespace

std::string Notices::Due(const JobCounters& counters, const std::string& status, int64_t watchdog, int64_t now) {
  std::string lines;
  if (!ready_ && NotReady(counters).empty()) {
    ready_ = true;
    lines += "READY=1\n";
  }
  if (!stopping_ && counters.stopping.get() != 0) {
    stopping_ = true;
    lines += "STOPPING=1\n";
  }
  // Asked every time, so that the time without a sign of life is measured well.
  const bool live = liveness_.Live(counters, now);
  if (watchdog > 0 && live && (fed_ == 0 || now - fed_ >= watchdog)) {
    fed_ = now;
    lines += "WATCHDOG=1\n";
  }
  if (status != status_) {
    status_ = status;
    lines += "STATUS=" + status + "\n";
  }
  return lines;
}

Watch::Watch(const JobCounters& counters, bool quiet)
    : counters_(counters), quiet_(quiet), terminal_(!quiet && isatty(STDERR_FILENO) != 0) {
  if (quiet_ && !manager_.listens()) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { Run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Watch::~Watch() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  if (terminal_) SetProgressLine("");
}

void Watch::Run() {
  Notices notices;
  int64_t line_at = MonotonicMicros(), restore_at = line_at, records = RecordsRead(counters_);
  std::string line;
  // Half of the manager's patience must not be missed by a tick.
  const int64_t tick = manager_.watchdog() > 0 ? std::clamp<int64_t>(manager_.watchdog() / 4, 1'000, kTick) : kTick;
  std::unique_lock lock(mutex_);
  do {
    const int64_t now = MonotonicMicros();
    if (now - line_at >= kLine || line.empty()) {
      line = ProgressLine(counters_, records, static_cast<double>(now - line_at) / 1e6);
      records = RecordsRead(counters_);
      line_at = now;
      if (terminal_) SetProgressLine(line);
    }
    if (counters_.now() != Phase::Restoring) {
      restore_at = now;
    } else if (!quiet_ && now - restore_at >= kRestoreLine) {
      restore_at = now;
      LogRestore(counters_, now);
    }
    if (manager_.listens()) {
      if (const std::string lines = notices.Due(counters_, line, manager_.watchdog(), now); !lines.empty()) manager_.Tell(lines);
    }
  } while (!wake_.wait_for(lock, std::chrono::microseconds(tick), [&] { return stop_; }));
  if (manager_.listens()) {
    if (const std::string lines = notices.Due(counters_, line, 0, MonotonicMicros()); !lines.empty()) manager_.Tell(lines);
  }
}

}  // namespace streamc::rt::observe
