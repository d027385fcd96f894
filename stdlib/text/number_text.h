// Numbers as text and back, independent of any locale. Native only.
#pragma once

#include <cstdint>

namespace streamc::stdlib {

// Room that every Write function here needs at most.
inline constexpr int kMaxNumberText = 64;

// Write into `out` (kMaxNumberText bytes) and return the size.
int64_t WriteInt(int64_t value, char* out) noexcept;
// The shortest text that reads back the same; always with a point or an exponent.
int64_t WriteFloat(double value, char* out) noexcept;
int64_t WriteDecimal(__int128 value, int64_t scale, char* out) noexcept;

// All of the text as a finite float; false for any other text.
bool ReadFloat(const char* text, int64_t size, double* out) noexcept;

}  // namespace streamc::stdlib
