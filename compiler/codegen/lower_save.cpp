// The states of a slot as bytes and back: one part per aggregate call, in their order (abi.h: ScSaveFn, ScLoadFn).
#include "compiler/codegen/kernel_call.h"
#include "compiler/codegen/lowering.h"

namespace streamc::codegen {

llvm::Function* LowerSave(ModuleContext& m, const physical::AggregateCode& code) {
  llvm::Function* function = NewFunction(m, "save", code.save_function, code.node, m.none, {m.ptr, m.ptr}, {"slot", "out"});
  FunctionContext f(m, function, nullptr);
  llvm::Value *slot = function->getArg(0), *out = function->getArg(1);
  llvm::Function* open = m.Declare("sc_bytes_open", m.i64, {m.ptr});
  llvm::Function* close = m.Declare("sc_bytes_close", m.none, {m.ptr, m.i64});
  llvm::Function* append = m.Declare("sc_bytes_append", m.none, {m.ptr, m.ptr, m.i64});
  for (const physical::AggCall& call : code.calls) {
    llvm::Value* state = f.At(slot, StatesOffset(code) + call.state_offset);
    llvm::Value* place = f.b.CreateCall(open, {out}, "place");
    if (call.function->save.empty()) {
      f.b.CreateCall(append, {out, state, m.Int(call.function->state_size)});
    } else {
      KernelArgs args(f);
      args.Raw(state);
      args.Raw(out);
      args.Call(call.function->save, m.none);
    }
    f.b.CreateCall(close, {out, place});
  }
  f.b.CreateRetVoid();
  return function;
}

llvm::Function* LowerLoad(ModuleContext& m, const physical::AggregateCode& code) {
  llvm::Function* function = NewFunction(m, "load", code.load_function, code.node, m.i32, {m.ptr, m.ptr, m.ptr, m.i64},
                                         {"arena", "slot", "data", "size"});
  FunctionContext f(m, function, nullptr);
  llvm::Value *arena = function->getArg(0), *slot = function->getArg(1);
  llvm::Value *data = f.StackSlot(m.ptr, "data"), *size = f.StackSlot(m.i64, "size");
  llvm::Value *part = f.StackSlot(m.ptr, "part"), *part_size = f.StackSlot(m.i64, "part_size");
  f.b.CreateStore(function->getArg(2), data);
  f.b.CreateStore(function->getArg(3), size);
  llvm::BasicBlock* refuse = f.NewBlock("refuse");
  auto require = [&](llvm::Value* holds) {
    llvm::BasicBlock* go_on = f.NewBlock("good");
    f.b.CreateCondBr(holds, go_on, refuse);
    f.b.SetInsertPoint(go_on);
  };
  auto require_zero = [&](llvm::Value* status) { require(f.b.CreateICmpEQ(status, m.Int32(0))); };
  llvm::Function* take = m.Declare("sc_bytes_part", m.i32, {m.ptr, m.ptr, m.ptr, m.ptr});
  for (const physical::AggCall& call : code.calls) {
    require_zero(f.b.CreateCall(take, {data, size, part, part_size}));
    llvm::Value* state = f.At(slot, StatesOffset(code) + call.state_offset);
    llvm::Value *bytes = f.b.CreateLoad(m.ptr, part), *length = f.b.CreateLoad(m.i64, part_size);
    if (call.function->load.empty()) {
      require(f.b.CreateICmpEQ(length, m.Int(call.function->state_size)));
      f.b.CreateMemCpy(state, llvm::MaybeAlign(16), bytes, llvm::MaybeAlign(), call.function->state_size);
      continue;
    }
    KernelArgs args(f);
    if (call.function->allocates) args.Raw(arena);
    for (llvm::Value* value : {state, bytes, length}) args.Raw(value);
    require_zero(args.Call(call.function->load, m.i32));
  }
  require(f.b.CreateICmpEQ(f.b.CreateLoad(m.i64, size), m.Int(0)));
  f.b.CreateRet(m.Int32(0));
  f.b.SetInsertPoint(refuse);
  f.b.CreateRet(m.Int32(1));
  return function;
}

}  // namespace streamc::codegen
