// The end of an updating pipeline: find the slice and the slot of a row, and add it to every aggregate.
//
// The head of the ScAgg is kept in stack slots (registers, once optimised) between rows; only sc_agg_slice changes it.
#include "compiler/codegen/kernel_call.h"
#include "compiler/codegen/lowering.h"

namespace streamc::codegen {

UpdateLowering::UpdateLowering(FunctionContext& f, const physical::AggregateCode& code, llvm::Value* agg, llvm::Value* late)
    : f_(f), code_(code), agg_(agg) {
  lo_ = f.StackSlot(f.m.i64, "slice.lo");
  hi_ = f.StackSlot(f.m.i64, "slice.hi");
  first_end_ = f.StackSlot(f.m.i64, "slice.first_end");
  table_ = f.StackSlot(f.m.ptr, "slice.table");
  ReloadHead();
  if (!code.late_columns.empty()) late_ = std::make_unique<OutWriter>(f, late, code.late_columns, code.unchecked_late);
}

void UpdateLowering::ReloadHead() {
  llvm::Value* slots[] = {lo_, hi_, first_end_, table_};
  for (unsigned i = 0; i < 4; ++i) {
    llvm::Type* type = i < 3 ? f_.m.i64 : f_.m.ptr;
    f_.b.CreateStore(f_.b.CreateLoad(type, f_.b.CreateStructGEP(f_.m.agg, agg_, i)), slots[i]);
  }
}

llvm::Value* UpdateLowering::FindTable(llvm::Value* time) {
  llvm::Value* watermark = code_.watermark >= 0 ? f_.Column(code_.watermark).data : f_.m.Int(INT64_MIN);
  auto load = [&](llvm::Value* slot) { return f_.b.CreateLoad(f_.m.i64, slot); };
  llvm::Value* inside = f_.b.CreateAnd(f_.b.CreateICmpSLE(load(lo_), time), f_.b.CreateICmpSLT(time, load(hi_)));
  llvm::Value* open = f_.b.CreateICmpSLT(watermark, load(first_end_));
  llvm::BasicBlock* other = f_.NewBlock("slice");
  llvm::BasicBlock* late = f_.NewBlock("late");
  llvm::BasicBlock* have = f_.NewBlock("have.slice");
  f_.b.CreateCondBr(f_.b.CreateNot(f_.b.CreateAnd(inside, open)), other, have, f_.Unlikely());

  f_.b.SetInsertPoint(other);
  llvm::Function* find = f_.m.Declare("sc_agg_slice", f_.m.ptr, {f_.m.ptr, f_.m.ptr, f_.m.i64, f_.m.i64});
  llvm::Value* found = f_.b.CreateCall(find, {f_.ctx, agg_, time, watermark}, "found");
  ReloadHead();
  llvm::Value* missing = f_.b.CreateICmpEQ(found, llvm::Constant::getNullValue(f_.m.ptr));
  llvm::BasicBlock* in_time = f_.NewBlock("in.time");
  f_.b.CreateCondBr(missing, late, in_time, f_.Unlikely());
  f_.b.SetInsertPoint(in_time);
  f_.b.CreateStore(found, table_);
  f_.b.CreateBr(have);

  f_.b.SetInsertPoint(late);
  if (late_ != nullptr) {
    FunctionContext::Scope scope(f_);
    late_->Append();
  }
  f_.b.CreateBr(f_.next);
  f_.b.SetInsertPoint(have);
  return f_.b.CreateLoad(f_.m.ptr, table_, "table");
}

UpdateLowering::Inputs UpdateLowering::LowerInputs(const physical::AggCall& call) {
  Inputs inputs;
  auto lower_args = [&] {
    Value record;
    for (const typed::ExprPtr& arg : call.args) record.fields.push_back(LowerExpr(f_, *arg));
    return record;
  };
  Value args;
  if (call.where == nullptr) {
    args = lower_args();
  } else {
    inputs.active = LowerBool(f_, *call.where);
    if (call.args.empty()) return inputs;
    std::vector<types::Field> fields;
    for (const typed::ExprPtr& arg : call.args) fields.push_back({"", arg->type, "", nullptr});
    types::TypeRef type = types::MakeRecord(std::move(fields));
    llvm::BasicBlock* chosen = f_.NewBlock("where");
    llvm::BasicBlock* skipped = f_.NewBlock("where.not");
    Join join(f_, type, "where.end");
    f_.b.CreateCondBr(inputs.active, chosen, skipped);
    f_.b.SetInsertPoint(chosen);
    {
      FunctionContext::Scope scope(f_);
      join.Add(lower_args());
    }
    f_.b.SetInsertPoint(skipped);
    join.Add(ZeroValue(f_, type));
    args = join.Finish();
  }
  for (const Value& arg : args.fields) {
    inputs.args.push_back(arg);
    // Missing values are not part of an aggregate.
    if (arg.null == nullptr) continue;
    llvm::Value* present = f_.b.CreateNot(arg.null);
    inputs.active = inputs.active == nullptr ? present : f_.b.CreateAnd(inputs.active, present);
  }
  return inputs;
}

void UpdateLowering::Apply(const physical::AggCall& call, const Inputs& inputs, llvm::Value* state, llvm::Value* table,
                           llvm::Value* time, llvm::Value* sign) {
  const stdlib::AggregateFn& function = *call.function;
  llvm::BasicBlock* done = nullptr;
  auto branch = [&](llvm::Value* condition, const char* name) {
    llvm::BasicBlock* taken = f_.NewBlock(name);
    if (done == nullptr) done = f_.NewBlock("applied");
    f_.b.CreateCondBr(condition, taken, done);
    f_.b.SetInsertPoint(taken);
  };
  auto emit = [&](std::string_view kernel, bool ordered) {
    KernelArgs args(f_);
    if (function.allocates) args.Raw(f_.b.CreateLoad(f_.m.ptr, table, "table.arena"));
    args.Raw(state);
    for (const Value& arg : inputs.args) args.Add(arg);
    if (ordered) {
      args.Raw(time);
      args.Raw(code_.order >= 0 ? f_.Column(code_.order).data : f_.m.Int(0));
    }
    args.Call(kernel, f_.m.none);
  };
  if (inputs.active != nullptr) branch(inputs.active, "apply");
  if (sign != nullptr && !function.remove.empty()) {
    llvm::BasicBlock* remove = f_.NewBlock("remove");
    llvm::BasicBlock* add = f_.NewBlock("add");
    if (done == nullptr) done = f_.NewBlock("applied");
    f_.b.CreateCondBr(f_.b.CreateICmpSLT(sign, f_.m.Int(0)), remove, add);
    f_.b.SetInsertPoint(remove);
    emit(function.remove, false);
    f_.b.CreateBr(done);
    f_.b.SetInsertPoint(add);
  }
  emit(function.add, function.ordered);
  if (done == nullptr) return;
  f_.b.CreateBr(done);
  f_.b.SetInsertPoint(done);
}

void UpdateLowering::Row() {
  f_.site = code_.update_site;
  std::vector<Value> key;
  for (const typed::Computed& part : code_.keys) {
    key.push_back(LowerExpr(f_, *part.expr));
    f_.Bind(part.column.id, key.back());
  }
  llvm::Value* time = code_.time >= 0 ? f_.Column(code_.time).data : f_.m.Int(0);
  llvm::Value* sign = code_.sign >= 0 ? f_.Column(code_.sign).data : nullptr;
  llvm::Value* table = FindTable(time);
  std::vector<Inputs> inputs;
  for (const physical::AggCall& call : code_.calls) inputs.push_back(LowerInputs(call));
  // Read before the slot exists, like all that may reject.
  if (code_.order >= 0) f_.Column(code_.order);

  llvm::Function* find = f_.m.Declare("sc_table_slot", f_.m.ptr, {f_.m.ptr, f_.m.i64, f_.m.ptr});
  llvm::Value* slot = f_.b.CreateCall(find, {table, HashKey(f_, key), KeyRow(f_, key)}, "slot");
  llvm::Value* rows = f_.b.CreateLoad(f_.m.i64, slot, "slot.rows");
  f_.b.CreateStore(f_.b.CreateAdd(rows, sign == nullptr ? f_.m.Int(1) : sign), slot);
  llvm::Value* last = f_.b.CreateStructGEP(f_.m.slot, slot, 1);
  llvm::Value* latest = f_.b.CreateBinaryIntrinsic(llvm::Intrinsic::smax, f_.b.CreateLoad(f_.m.i64, last), time);
  f_.b.CreateStore(latest, last);
  for (size_t i = 0; i < inputs.size(); ++i) {
    llvm::Value* state = f_.At(slot, StatesOffset(code_) + code_.calls[i].state_offset);
    Apply(code_.calls[i], inputs[i], state, table, time, sign);
  }
}

void UpdateLowering::Finish() {
  if (late_ != nullptr) late_->Finish();
}

}  // namespace streamc::codegen
