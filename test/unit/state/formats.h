// The held files of formats/: what a format looked like when it was written, one line `name hex` per value.
//
// A file never changes once a release can have written it: what a later build writes may differ (a new file), what it reads may not.
#pragma once

#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

namespace streamc::rt::state {

inline std::string ToHex(std::string_view bytes) {
  std::string text;
  char digits[3];
  for (char byte : bytes) {
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    text += digits;
  }
  return text;
}
inline std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

// The lines of formats/<file>; empty when there is no such file. Blank lines and those that begin with # say nothing.
inline std::map<std::string, std::string> HeldFormat(const std::string& file) {
  std::map<std::string, std::string> held;
  std::ifstream in("test/unit/state/formats/" + file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name, hex;
    words >> name >> hex;
    if (!name.empty() && name[0] != '#') held[name] = FromHex(hex);
  }
  return held;
}

}  // namespace streamc::rt::state
