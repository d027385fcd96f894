// Putting event texts together in a buffer that is known to be large enough.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace streamc::rt::connector {

inline char* Put(char* p, std::string_view text) {
  std::memcpy(p, text.data(), text.size());
  return p + text.size();
}
inline char* PutInt(char* p, int64_t value) { return std::to_chars(p, p + 20, value).ptr; }

// Microseconds from the first event to event n at `rate` events a second.
inline int64_t EventMicros(int64_t n, int64_t rate) {
  return static_cast<int64_t>(static_cast<__int128>(n) * 1'000'000 / rate);
}

}  // namespace streamc::rt::connector
