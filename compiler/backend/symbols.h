// Addresses of everything generated code may call in this process. Internal to backend/.
//
// Kernels live in static libraries that nothing else refers to by name, so the list (made from the library's symbol table when
// streamc is built) also keeps them in the executable.
#pragma once

#include <span>

namespace streamc::backend {

struct Symbol {
  const char* name;
  void* address;
};

std::span<const Symbol> KernelSymbols();

}  // namespace streamc::backend
