// Event times of a source batch by an expression.
#include "compiler/codegen/lowering.h"
#include "runtime/abi/abi.h"

namespace streamc::codegen {

llvm::Function* LowerTime(ModuleContext& m, const physical::TimeCode& code) {
  llvm::Function* function =
      NewFunction(m, "time", code.function, code.node, m.i32, {m.ptr, m.ptr, m.ptr, m.ptr}, {"ctx", "in", "time", "state"});
  FunctionContext f(m, function, function->getArg(0));
  llvm::Value* in = function->getArg(1);
  f.BindInput(code.input, in, true);
  llvm::Value* count = f.b.CreateLoad(m.i64, in, "in.rows");
  auto store = [&](llvm::Value* time, llvm::Value* state) {
    f.b.CreateStore(time, f.b.CreateInBoundsGEP(m.i64, function->getArg(2), f.row));
    f.b.CreateStore(state, f.b.CreateInBoundsGEP(m.i8, function->getArg(3), f.row));
  };
  auto body = [&] {
    f.site = code.site;
    Value time = LowerExpr(f, *code.expr);
    llvm::Value* state = time.null == nullptr ? llvm::ConstantInt::get(m.i8, SC_VALUE) : f.b.CreateZExt(time.null, m.i8);
    store(time.data, state);
    f.b.CreateBr(f.next);
  };
  RowLoop(f, count, body, [&](llvm::Value*, llvm::Value* error) { store(m.Int(0), f.b.CreateTrunc(error, m.i8)); });
  f.b.CreateRet(m.Int32(0));
  return function;
}

}  // namespace streamc::codegen
