#include "runtime/engine/call.h"

using streamc::rt::engine::Call;

extern "C" void sc_reject(ScCtx* ctx, int64_t row, int32_t site, int32_t code) {
  Call* call = static_cast<Call*>(ctx->engine);
  call->reject(call, row, site, code);
}

extern "C" const void* sc_lookup(ScCtx* ctx, int32_t table, uint64_t hash, const void* key) {
  return static_cast<Call*>(ctx->engine)->shared->tables[static_cast<size_t>(table)]->Find(hash, key);
}
