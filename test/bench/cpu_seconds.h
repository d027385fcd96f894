// What the measurements divide by: CPU time of all threads of this process since its start, user and system, in seconds.
#pragma once

#include <sys/resource.h>

namespace streamc::bench {

inline double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace streamc::bench
