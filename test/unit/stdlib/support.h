// What the tests of the builtins share: an arena, kernels by symbol, strings in and out.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi/abi.h"

namespace streamc::stdlib {

// An arena that lives as long as the test; kernels may keep what they like in it.
ScArena* TestArena();

// Address of a kernel; the test fails when there is none.
const void* FindKernel(std::string_view symbol);

// The kernel `symbol` as a function of that type.
template <typename Function>
Function* Kernel(std::string_view symbol) {
  return reinterpret_cast<Function*>(const_cast<void*>(FindKernel(symbol)));
}

inline std::string Text(ScStr s) { return std::string(s.ptr == nullptr ? "" : s.ptr, static_cast<size_t>(s.len)); }
std::vector<std::string> Texts(ScList list);
std::vector<int64_t> Ints(ScList list);

// Calls of kernels by the shapes that occur often. Names are without "streamc_fn_".
std::string ToText(std::string_view name, std::string_view s);                     // (s) -> string
std::string ToNewText(std::string_view name, std::string_view s);                  // (arena, s) -> string
std::optional<std::string> ToMaybeText(std::string_view name, std::string_view s);  // (arena, s, out)
std::optional<int64_t> ToMaybeInt(std::string_view name, std::string_view s);       // (s, out)

// Random strings over an alphabet of code points.
std::string RandomText(std::mt19937_64& random, const std::vector<std::string>& alphabet, int most);

}  // namespace streamc::stdlib
