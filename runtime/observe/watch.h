// Looks at a running job and tells: a progress line to a terminal, the state of a restore to the log, readiness and life to a service
// manager.
//
// In: the engine's counters. Out: standard error and NOTIFY_SOCKET. A thread of its own, which the job never waits for.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/observe/counters.h"
#include "runtime/observe/health.h"
#include "runtime/observe/service_manager.h"

namespace streamc::rt::observe {

// What the service manager is told, step by step; apart from the thread for tests.
class Notices {
 public:
  // The lines due now, empty for none. `status`: one line for people; `watchdog`: half of the manager's patience, 0 for none.
  std::string Due(const JobCounters& counters, const std::string& status, int64_t watchdog, int64_t now);

 private:
  Liveness liveness_;
  std::string status_;
  int64_t fed_ = 0;
  bool ready_ = false, stopping_ = false;
};

class Watch {
 public:
  // Until destroyed, which must come before `counters` go. `quiet`: says nothing to people.
  Watch(const JobCounters& counters, bool quiet);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  void Run();

  const JobCounters& counters_;
  const bool quiet_, terminal_;
  const ServiceManager manager_ = ServiceManager::FromEnvironment();
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace streamc::rt::observe
