// Is a byte sequence UTF-8? The decoders' check, one call per record that holds a byte above 127.
#pragma once

#include <cstddef>

namespace streamc::rt::format {

// Rejects overlong forms, surrogates, values above U+10FFFF and cut sequences. Reads exactly `size` bytes.
bool IsUtf8(const char* data, size_t size);

}  // namespace streamc::rt::format
