// Case mapping beyond ASCII, by Unicode's full, language-independent rules (utf8proc plus SpecialCasing).
// Native only: `lower` and `upper` call it when a text has a byte above 127.
#pragma once

#include "runtime/abi/abi.h"

namespace streamc::stdlib {

ScStr LowerUnicode(ScArena* arena, const char* text, int64_t size) noexcept;
ScStr UpperUnicode(ScArena* arena, const char* text, int64_t size) noexcept;

}  // namespace streamc::stdlib
