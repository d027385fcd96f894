#include "runtime/observe/words.h"

#include <algorithm>
#include <cstdio>

namespace streamc::rt::observe {

std::string ShortNumber(double n) {
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

std::string ShortBytes(int64_t bytes) {
  double n = static_cast<double>(bytes);
  const char* unit = "bytes";
  for (const char* next : {"KB", "MB", "GB", "TB"}) {
    if (n < 1024) break;
    n /= 1024;
    unit = next;
  }
  char text[32];
  snprintf(text, sizeof text, *unit == 'b' || n >= 100 ? "%.0f %s" : "%.1f %s", n, unit);
  return text;
}

std::string Age(int64_t micros) {
  const int64_t seconds = std::max<int64_t>(0, micros / 1'000'000);
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  if (seconds < 172800) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " days";
}

}  // namespace streamc::rt::observe
