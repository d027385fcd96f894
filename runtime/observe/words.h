// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace streamc::rt::observe {

std::string ShortNumber(double n);      // 1234567 -> 1.23 M
std::string ShortBytes(int64_t bytes);  // 1234567 -> 1.2 MB; units of 1024, as in --memory
std::string Age(int64_t micros);        // 90 s, 12 min, 3 h, 4 days

}  // namespace streamc::rt::observe
