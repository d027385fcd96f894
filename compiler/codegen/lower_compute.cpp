#include "compiler/codegen/lowering.h"

namespace streamc::codegen {

void LowerCompute(FunctionContext& f, const physical::Compute& compute) {
  f.Bind(compute.column, LowerExpr(f, *compute.expr));
}

}  // namespace streamc::codegen
