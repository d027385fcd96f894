// Writing and reading saved states (descriptor.h: save, load): numbers are little-endian, as on the only machines there are.
//
// A reader that has come to the end of its bytes gives false and stays where it is; what a state needs is read in order, and
// load refuses a state with bytes left.
#pragma once

#include <cstdint>
#include <cstring>

#include "runtime/abi/abi.h"

namespace streamc::stdlib {

template <typename T>
void Put(ScBytes* out, T value) {
  sc_bytes_append(out, &value, sizeof value);
}

struct SavedReader {
  const char* at;
  int64_t left;

  template <typename T>
  bool Take(T* value) {
    if (left < static_cast<int64_t>(sizeof *value)) return false;
    std::memcpy(value, at, sizeof *value);
    at += sizeof *value;
    left -= static_cast<int64_t>(sizeof *value);
    return true;
  }
  bool Take(int64_t size, const char** bytes) {
    if (size < 0 || left < size) return false;
    *bytes = at;
    at += size;
    left -= size;
    return true;
  }
};

}  // namespace streamc::stdlib
