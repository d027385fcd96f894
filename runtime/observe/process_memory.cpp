#include "runtime/observe/process_memory.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>

namespace streamc::rt::observe {
namespace {

constexpr int64_t kNoLimit = int64_t{1} << 60;  // v1 writes a number near 2^63 for none, v2 "max"

int64_t LimitIn(const std::string& file) {
  std::ifstream in(file);
  std::string text;
  int64_t limit = 0;
  if (!std::getline(in, text)) return kNoLimit;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  return error == std::errc() && end != text.data() && limit > 0 ? limit : kNoLimit;
}

// The group's and its parents', for any of them binds. In a container the path may lead out of what is mounted.
int64_t SmallestLimit(const std::string& mount, std::string path, const std::string& name) {
  int64_t least = LimitIn(mount + "/" + name);
  while (path.size() > 1) {
    least = std::min(least, LimitIn(mount + path + "/" + name));
    path.resize(path.rfind('/'));
  }
  return least;
}

}  // namespace

int64_t ResidentBytes() {
  long pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return int64_t{pages} * sysconf(_SC_PAGESIZE);
}

int64_t ControlGroupLimit(const std::string& proc, const std::string& mount) {
  std::ifstream in(proc);
  int64_t least = kNoLimit;
  // HIERARCHY:CONTROLLERS:/PATH; version 2 is hierarchy 0 without controllers.
  for (std::string line; std::getline(in, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos || line.size() <= second + 1) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",", path = line.substr(second + 1);
    if (controllers == ",,") least = std::min(least, SmallestLimit(mount, path, "memory.max"));
    if (controllers.find(",memory,") != std::string::npos)
      least = std::min(least, SmallestLimit(mount + "/memory", path, "memory.limit_in_bytes"));
  }
  return least >= kNoLimit ? 0 : least;
}

}  // namespace streamc::rt::observe
