// How much memory the process holds and may hold, as the kernel sees it.
#pragma once

#include <cstdint>
#include <string>

namespace streamc::rt::observe {

// Bytes resident; 0 where the kernel does not say.
int64_t ResidentBytes();

// The smallest limit of the process's memory control groups, v2 or v1; 0: none. `proc`, `mount`: for tests.
int64_t ControlGroupLimit(const std::string& proc = "/proc/self/cgroup", const std::string& mount = "/sys/fs/cgroup");

}  // namespace streamc::rt::observe
