// Digests by name, as hexadecimal text (OpenSSL). Native only.
#pragma once

#include "stdlib/text/text.h"

namespace streamc::stdlib {

ScStr HexDigest(ScArena* arena, const char* name, const char* text, int64_t size) noexcept;

}  // namespace streamc::stdlib
