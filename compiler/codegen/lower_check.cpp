#include "compiler/codegen/lowering.h"
#include "runtime/abi/abi.h"

namespace streamc::codegen {

void LowerCheck(FunctionContext& f, const physical::Check& check) {
  llvm::Value* holds = LowerBool(f, *check.condition);
  f.RejectIf(f.b.CreateNot(holds), SC_ERR_CHECK);
}

}  // namespace streamc::codegen
