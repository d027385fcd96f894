// Instants, dates and durations as text and back. Native only.
//
// Patterns are those of `format_time` and `parse_time` (stdlib/REFERENCE.md); timestamp("pattern") in a schema means the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stdlib/text/civil.h"
#include "stdlib/text/text.h"

namespace streamc::stdlib {

// Room that WriteTimestamp, WriteDate and WriteDuration need at most.
inline constexpr int kMaxTimeText = 64;

// RFC 3339 in UTC; three or six digits of fraction when there is one. Return the size.
int64_t WriteTimestamp(int64_t micros, char* out) noexcept;
int64_t WriteDate(int64_t days, char* out) noexcept;
int64_t WriteDuration(int64_t micros, char* out) noexcept;

// All of the text, RFC 3339 or a date; false for any other text.
bool ReadTimestamp(const char* text, int64_t size, int64_t* micros) noexcept;
bool ReadDate(const char* text, int64_t size, int64_t* days) noexcept;

// Writes at most 16 bytes for each of the pattern's; returns the size.
int64_t FormatTime(int64_t micros, const char* pattern, int64_t pattern_size, char* out) noexcept;
bool ParseTime(const char* text, int64_t size, const char* pattern, int64_t pattern_size, int64_t* micros) noexcept;

// What is wrong with a pattern, empty when nothing is.
std::string TimePatternError(std::string_view pattern);

}  // namespace streamc::stdlib
