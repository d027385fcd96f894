// Regular expressions of kernels: RE2 patterns, compiled once per thread. Native only.
#pragma once

#include <re2/re2.h>

#include <string>
#include <string_view>

#include "stdlib/text/text.h"

namespace streamc::stdlib {

inline re2::StringPiece Piece(const char* text, int64_t size) { return {text, static_cast<size_t>(size)}; }

// The compiled pattern, null when it is not one (the compiler has checked literals). Valid on this thread until the next call.
const re2::RE2* CompiledRegex(const char* pattern, int64_t size) noexcept;

// What the group holds in the first match; false without a match or such a group.
bool FindGroup(const char* s, int64_t n, const char* pattern, int64_t pattern_size, int64_t group, ScStr* out) noexcept;
ScList FindAll(ScArena* arena, const char* s, int64_t n, const char* pattern, int64_t pattern_size) noexcept;
ScStr ReplaceAll(ScArena* arena, const char* s, int64_t n, const char* pattern, int64_t pattern_size, const char* with,
                 int64_t with_size) noexcept;

// What is wrong with a pattern, empty when nothing is.
std::string RegexError(std::string_view pattern);

}  // namespace streamc::stdlib
