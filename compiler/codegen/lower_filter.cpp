#include "compiler/codegen/lowering.h"

namespace streamc::codegen {

void LowerFilter(FunctionContext& f, const physical::Filter& filter) {
  RequireTrue(f, *filter.condition, f.next);
}

}  // namespace streamc::codegen
