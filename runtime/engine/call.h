// What ScCtx::engine points at while generated code runs: whom sc_reject and sc_lookup answer to.
#pragma once

#include <cstdint>

#include "runtime/engine/shared.h"

namespace streamc::rt::engine {

struct Call {
  const Shared* shared = nullptr;
  // `row`: of the batch the function was called with, or the index of the slot for result functions.
  void (*reject)(Call* self, int64_t row, int32_t site, int32_t code) = nullptr;
};

}  // namespace streamc::rt::engine
