#include "compiler/backend/symbols.h"

#include "runtime/abi/abi.h"

extern "C" {
__int128 __divti3(__int128, __int128);
__int128 __modti3(__int128, __int128);
unsigned __int128 __udivti3(unsigned __int128, unsigned __int128);
unsigned __int128 __umodti3(unsigned __int128, unsigned __int128);
}

namespace streamc::backend::kernels {
// Only addresses are taken, so one signature declares them all; the namespace keeps it apart from true declarations.
extern "C" {
#define KERNEL_SYMBOL(name) void name();
#include <streamc/kernel_symbols.inc>
#undef KERNEL_SYMBOL
}
}  // namespace streamc::backend::kernels

namespace streamc::backend {

std::span<const Symbol> KernelSymbols() {
  static const Symbol symbols[] = {
#define RUNTIME_SYMBOL(name) {#name, reinterpret_cast<void*>(&::name)},
#include "compiler/backend/runtime_symbols.def"
#undef RUNTIME_SYMBOL
#define KERNEL_SYMBOL(name) {#name, reinterpret_cast<void*>(&kernels::name)},
#include <streamc/kernel_symbols.inc>
#undef KERNEL_SYMBOL
  };
  return symbols;
}

}  // namespace streamc::backend
