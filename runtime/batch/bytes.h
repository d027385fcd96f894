// The growing byte buffers that generated code and kernels write saved states to: ScBytes of abi.h is a std::string.
//
// In: a string of the caller's. Out: the same string with bytes appended. sc_bytes_* are defined in bytes.cpp.
#pragma once

#include <string>

#include "runtime/abi/abi.h"

namespace streamc::rt::batch {

inline ScBytes* AsBytes(std::string* text) { return reinterpret_cast<ScBytes*>(text); }
inline std::string* FromBytes(ScBytes* bytes) { return reinterpret_cast<std::string*>(bytes); }

}  // namespace streamc::rt::batch
