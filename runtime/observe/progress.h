// One line of progress below the log while a person watches: rate, lag, how far event time is.
//
// In: the engine's counters. Out: a line on standard error once a second, only when that is a terminal.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/observe/counters.h"

namespace streamc::rt::observe {

// `records_before`: read when the line was last made, `seconds` ago.
std::string ProgressLine(const JobCounters& counters, int64_t records_before, double seconds);

// Shows the line until destroyed, which must come before `counters` go. Does nothing without a terminal.
class Progress {
 public:
  explicit Progress(const JobCounters& counters);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void Run();

  const JobCounters& counters_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace streamc::rt::observe
