// Words of a text with letters beyond ASCII (utf8proc's categories). Native only: `words` calls it.
#pragma once

#include "runtime/abi/abi.h"

namespace streamc::stdlib {

// Fills `words`, the newest allocation of `reserved` bytes with room for (size + 1) / 2 views, and gives back what is left of it.
ScList WordsUnicode(ScArena* arena, ScStr* words, int64_t reserved, const char* text, int64_t size) noexcept;

}  // namespace streamc::stdlib
