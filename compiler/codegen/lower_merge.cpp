// Merging two slots of one key, and freeing what a slot's states own.
#include "compiler/codegen/kernel_call.h"
#include "compiler/codegen/lowering.h"

namespace streamc::codegen {

llvm::Function* LowerMerge(ModuleContext& m, const physical::AggregateCode& code) {
  llvm::Function* function =
      NewFunction(m, "merge", code.merge_function, code.node, m.none, {m.ptr, m.ptr, m.ptr}, {"arena", "into", "from"});
  FunctionContext f(m, function, nullptr);
  llvm::Value *arena = function->getArg(0), *into = function->getArg(1), *from = function->getArg(2);
  f.b.CreateStore(f.b.CreateAdd(f.b.CreateLoad(m.i64, into), f.b.CreateLoad(m.i64, from)), into);
  auto last = [&](llvm::Value* slot) { return f.b.CreateStructGEP(m.slot, slot, 1); };
  llvm::Value* latest =
      f.b.CreateBinaryIntrinsic(llvm::Intrinsic::smax, f.b.CreateLoad(m.i64, last(into)), f.b.CreateLoad(m.i64, last(from)));
  f.b.CreateStore(latest, last(into));
  for (const physical::AggCall& call : code.calls) {
    const int64_t offset = StatesOffset(code) + call.state_offset;
    KernelArgs args(f);
    if (call.function->allocates) args.Raw(arena);
    args.Raw(f.At(into, offset));
    args.Raw(f.At(from, offset));
    args.Call(call.function->merge, m.none);
  }
  f.b.CreateRetVoid();
  return function;
}

llvm::Function* LowerDestroy(ModuleContext& m, const physical::AggregateCode& code) {
  llvm::Function* function = NewFunction(m, "destroy", code.destroy_function, code.node, m.none, {m.ptr}, {"slot"});
  FunctionContext f(m, function, nullptr);
  for (const physical::AggCall& call : code.calls) {
    if (call.function->destroy.empty()) continue;
    KernelArgs args(f);
    args.Raw(f.At(function->getArg(0), StatesOffset(code) + call.state_offset));
    args.Call(call.function->destroy, m.none);
  }
  f.b.CreateRetVoid();
  return function;
}

}  // namespace streamc::codegen
