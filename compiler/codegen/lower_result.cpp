// Results of slots: keys and aggregate values to output rows.
#include "compiler/codegen/kernel_call.h"
#include "compiler/codegen/lowering.h"
#include "runtime/abi/abi.h"

namespace streamc::codegen {

namespace {

// The value of one aggregate. A total that does not fit stops the job, whoever asks for it.
Value LowerAggregateResult(FunctionContext& f, const physical::AggCall& call, llvm::Value* state) {
  const stdlib::AggregateFn& function = *call.function;
  const types::TypeRef type = types::Required(call.type);
  KernelArgs args(f);
  if (function.allocates) args.Raw(f.Arena());
  args.Raw(state);
  llvm::Value* out = args.Out(*type);
  llvm::Value* code = args.Call(function.result, f.m.i8);
  llvm::BasicBlock* stop = f.NewBlock("stop");
  llvm::BasicBlock* fits = f.NewBlock("fits");
  f.b.CreateCondBr(f.b.CreateICmpEQ(code, llvm::ConstantInt::get(f.m.i8, 2)), stop, fits, f.Unlikely());
  f.b.SetInsertPoint(stop);
  f.b.CreateRet(f.m.Int32(SC_ERR_SUM_OVERFLOW));
  f.b.SetInsertPoint(fits);
  Value value = FromOut(f, type, out);
  if (call.type->optional) value.null = f.b.CreateICmpEQ(code, llvm::ConstantInt::get(f.m.i8, 0));
  value.type = call.type;
  return value;
}

Value IntColumn(const physical::Slot& slot, llvm::Value* data) {
  Value value;
  value.type = types::Required(slot.type);
  value.data = data;
  return value;
}

}  // namespace

llvm::Function* LowerResult(ModuleContext& m, const physical::AggregateCode& code) {
  llvm::Function* function =
      NewFunction(m, "result", code.result_function, code.node, m.i32, {m.ptr, m.ptr, m.i64, m.i64, m.i64, m.i64, m.i64, m.ptr},
                  {"ctx", "slots", "n", "start", "end", "pane", "sign", "out"});
  FunctionContext f(m, function, function->getArg(0));
  llvm::Value* count = function->getArg(2);
  OutWriter out(f, function->getArg(7), code.output, false);
  out.Reserve(count);
  const int32_t index = m.program.spec.nodes.at(static_cast<size_t>(code.node)).index;
  const bool windowed = m.program.spec.aggregates.at(static_cast<size_t>(index)).bound.window != abi::WindowKind::None;

  auto body = [&] {
    f.site = code.result_site;
    llvm::Value* slot = f.b.CreateLoad(m.ptr, f.b.CreateInBoundsGEP(m.ptr, function->getArg(1), f.row), "slot");
    int64_t offset = 16;
    for (const typed::Computed& key : code.keys) {
      const types::TypeRef& type = key.column.type;
      f.Bind(key.column.id, LoadRow(f, slot, offset, type));
      offset += RowSize(*type);
    }
    f.aggregates.clear();
    for (const physical::AggCall& call : code.calls)
      f.aggregates.push_back(LowerAggregateResult(f, call, f.At(slot, StatesOffset(code) + call.state_offset)));
    for (const typed::Computed& item : code.items)
      if (item.expr != nullptr) f.Bind(item.column.id, LowerExpr(f, *item.expr));
    for (const physical::Slot& column : code.output) {
      llvm::Value* known = nullptr;
      if (column.id == code.window_start) known = function->getArg(3);
      if (column.id == code.window_end) known = function->getArg(4);
      if (column.id == code.window_pane) known = function->getArg(5);
      if (column.id == code.out_sign) known = function->getArg(6);
      if (column.id == code.meta_time) {
        known = windowed ? f.b.CreateSub(function->getArg(4), m.Int(1))
                         : f.b.CreateLoad(m.i64, f.b.CreateStructGEP(m.slot, slot, 1), "last_time");
      }
      if (known != nullptr) f.Bind(column.id, IntColumn(column, known));
    }
    out.Append();
    f.b.CreateBr(f.next);
  };
  RowLoop(f, count, body, [&](llvm::Value* site, llvm::Value* error) { f.CallReject(f.row, site, error); });
  out.Finish();
  f.b.CreateRet(m.Int32(0));
  return function;
}

}  // namespace streamc::codegen
