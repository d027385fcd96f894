// Values as bytes: what formats that outlive the process are put together from and taken apart with.
//
// Put and Take move values as they lie in memory (little-endian: the build's machines are). ScBytes of abi.h, which generated code
// and kernels write saved states to, is a std::string as well; sc_bytes_* are defined in bytes.cpp.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "runtime/abi/abi.h"

namespace streamc::rt::batch {

inline ScBytes* AsBytes(std::string* text) { return reinterpret_cast<ScBytes*>(text); }
inline std::string* FromBytes(ScBytes* bytes) { return reinterpret_cast<std::string*>(bytes); }

template <typename T>
void Put(std::string* out, T value) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}
// Takes a value off the front; false, with nothing taken, when there is not enough.
template <typename T>
bool Take(std::string_view* in, T* value) {
  if (in->size() < sizeof *value) return false;
  std::memcpy(value, in->data(), sizeof *value);
  in->remove_prefix(sizeof *value);
  return true;
}

// FNV-1a: the same in every build and on every machine.
inline uint32_t Fnv1a(std::string_view text) {
  uint32_t hash = 2166136261u;
  for (char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  return hash;
}

}  // namespace streamc::rt::batch
