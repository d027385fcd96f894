// Small text helpers that several phases need and none of them owns.
// In: UTF-8 text as std::string_view. Out: values. No state, no I/O. Anyone in compiler/ may call it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamc::support {

// Byte offset of the first byte that does not belong to well-formed UTF-8 (overlong forms and surrogates are
// ill-formed); nullopt when the whole text is well-formed.
std::optional<size_t> FindInvalidUtf8(std::string_view text);

// Number of code points in well-formed UTF-8; each ill-formed byte counts as one.
size_t CountCodePoints(std::string_view text);

// Number of terminal cells the text takes: wide characters count two, combining marks none.
size_t DisplayWidth(std::string_view text);

// The text with everything a terminal would not show as itself replaced by U+FFFD: ill-formed bytes and control characters
// but line ends and tabs.
std::string ToPrintable(std::string_view text);

// Appends one code point as UTF-8. Precondition: a scalar value (not a surrogate, at most 0x10FFFF).
void AppendUtf8(std::string& out, uint32_t code_point);

// The text as a JSON string, quotes included; ill-formed bytes become U+FFFD.
std::string QuoteJson(std::string_view text);

// `a`, `b` and `c`: every word in back-ticks, joined for a sentence with `last` ("and", "or") before the last one.
std::string JoinWords(const std::vector<std::string>& words, std::string_view last);

// Levenshtein distance, counted in bytes; a swap of two neighbours counts one.
size_t EditDistance(std::string_view a, std::string_view b);

// The candidate nearest to `word`, for a "did you mean": edit distance at most max(1, length / 3), ties to the first.
// Case-insensitive equality always matches; for a single letter nothing else does. nullopt when none is near.
std::optional<std::string> FindNearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace streamc::support
