// Appending rows to output columns.
#include "compiler/codegen/lowering.h"
#include "runtime/abi/abi.h"

namespace streamc::codegen {

using abi::LeafKind;

OutWriter::OutWriter(FunctionContext& f, llvm::Value* out, const std::vector<physical::Slot>& columns, bool all_states)
    : f_(f), out_(out), columns_(columns), all_states_(all_states) {
  std::vector<TypeLeaf> leaves;
  for (const physical::Slot& slot : columns) Flatten(*slot.type, &leaves);
  rows_ = f.StackSlot(f.m.i64, "out.rows");
  capacity_ = f.StackSlot(f.m.i64, "out.capacity");
  for (TypeLeaf leaf : leaves) {
    const std::string number = std::to_string(leaves_.size());
    leaf.has_state = leaf.has_state || all_states;
    leaves_.push_back(
        {leaf, f.StackSlot(f.m.ptr, "out." + number), leaf.has_state ? f.StackSlot(f.m.ptr, "out.state." + number) : nullptr});
  }
  f.b.CreateStore(f.b.CreateLoad(f.m.i64, out), rows_);
  Reload();
}

void OutWriter::Reload() {
  f_.b.CreateStore(f_.b.CreateLoad(f_.m.i64, f_.b.CreateStructGEP(f_.m.batch, out_, 1)), capacity_);
  if (leaves_.empty()) return;
  llvm::Value* columns = f_.b.CreateLoad(f_.m.ptr, f_.b.CreateStructGEP(f_.m.batch, out_, 2), "out.columns");
  for (size_t i = 0; i < leaves_.size(); ++i) {
    llvm::Value* column = f_.b.CreateInBoundsGEP(f_.m.column, columns, f_.m.Int(static_cast<int64_t>(i)));
    f_.b.CreateStore(f_.b.CreateLoad(f_.m.ptr, column), leaves_[i].data);
    if (leaves_[i].state == nullptr) continue;
    f_.b.CreateStore(f_.b.CreateLoad(f_.m.ptr, f_.b.CreateStructGEP(f_.m.column, column, 1)), leaves_[i].state);
  }
}

void OutWriter::Grow() {
  Finish();
  f_.b.CreateCall(f_.m.Declare("sc_out_grow", f_.m.none, {f_.m.ptr, f_.m.ptr}), {f_.ctx, out_});
  Reload();
}

void OutWriter::Reserve(llvm::Value* rows) {
  reserved_ = true;
  llvm::BasicBlock* check = f_.NewBlock("reserve");
  llvm::BasicBlock* grow = f_.NewBlock("reserve.grow");
  llvm::BasicBlock* enough = f_.NewBlock("reserve.end");
  f_.b.CreateBr(check);
  f_.b.SetInsertPoint(check);
  llvm::Value* used = f_.b.CreateLoad(f_.m.i64, rows_);
  llvm::Value* room = f_.b.CreateSub(f_.b.CreateLoad(f_.m.i64, capacity_), used, "room");
  f_.b.CreateCondBr(f_.b.CreateICmpSLT(room, rows), grow, enough, f_.Unlikely());
  f_.b.SetInsertPoint(grow);
  Grow();
  f_.b.CreateBr(check);
  f_.b.SetInsertPoint(enough);
}

void OutWriter::StoreState(const LeafSlot& slot, llvm::Value* state, llvm::Value* at) {
  f_.b.CreateStore(state, f_.b.CreateInBoundsGEP(f_.m.i8, f_.b.CreateLoad(f_.m.ptr, slot.state), at));
}

void OutWriter::Store(const Value& value, size_t* leaf, llvm::Value* at, llvm::Value* missing) {
  const types::Type& type = *value.type;
  llvm::Value* null = OrNull(f_, missing, type.optional ? value.null : nullptr);
  auto kept = [&](llvm::Value* what) {
    return null == nullptr ? what : f_.b.CreateSelect(null, llvm::Constant::getNullValue(what->getType()), what);
  };
  auto put = [&](llvm::Value* flag_state, auto store) {
    const LeafSlot& slot = leaves_[(*leaf)++];
    if (slot.state != nullptr) {
      llvm::Value* state =
          flag_state == nullptr ? llvm::ConstantInt::get(f_.m.i8, SC_VALUE) : f_.b.CreateZExt(flag_state, f_.m.i8);
      StoreState(slot, state, at);
    }
    store(f_.b.CreateLoad(f_.m.ptr, slot.data));
  };
  if (IsRecord(type)) {
    if (type.optional) {
      put(missing, [&](llvm::Value* data) {
        llvm::Value* present = null == nullptr ? f_.m.Bool(true) : f_.b.CreateNot(null);
        f_.b.CreateStore(f_.b.CreateZExt(present, f_.m.i8), f_.b.CreateInBoundsGEP(f_.m.i8, data, at));
      });
    }
    for (const Value& field : value.fields) Store(field, leaf, at, null);
    return;
  }
  put(null, [&](llvm::Value* data) {
    switch (KindOf(type)) {
      case LeafKind::Bool:
        f_.b.CreateStore(f_.b.CreateZExt(kept(value.data), f_.m.i8), f_.b.CreateInBoundsGEP(f_.m.i8, data, at));
        break;
      case LeafKind::I64:
      case LeafKind::F64: f_.b.CreateStore(kept(value.data), f_.b.CreateInBoundsGEP(f_.m.i64, data, at)); break;
      case LeafKind::Dec:
        f_.b.CreateAlignedStore(kept(value.data), f_.b.CreateInBoundsGEP(f_.m.i128, data, at), llvm::Align(16));
        break;
      default: {
        llvm::Value* cell = f_.b.CreateInBoundsGEP(f_.m.text, data, at);
        f_.b.CreateStore(kept(value.data), cell);
        f_.b.CreateStore(kept(value.size), f_.b.CreateStructGEP(f_.m.text, cell, 1));
        break;
      }
    }
  });
}

void OutWriter::Append() {
  // Everything that may reject the row comes before the first write.
  std::vector<Value> values(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (all_states_ && f_.IsInput(columns_[i].id)) continue;
    values[i] = WithType(f_.Column(columns_[i].id), columns_[i].type);
  }
  if (!reserved_) {
    llvm::BasicBlock* full = f_.NewBlock("full");
    llvm::BasicBlock* append = f_.NewBlock("append");
    llvm::Value* rows = f_.b.CreateLoad(f_.m.i64, rows_);
    f_.b.CreateCondBr(f_.b.CreateICmpSGE(rows, f_.b.CreateLoad(f_.m.i64, capacity_)), full, append, f_.Unlikely());
    f_.b.SetInsertPoint(full);
    Grow();
    f_.b.CreateBr(append);
    f_.b.SetInsertPoint(append);
  }
  llvm::Value* at = f_.b.CreateLoad(f_.m.i64, rows_, "at");
  size_t leaf = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (values[i].type != nullptr) {
      Store(values[i], &leaf, at, nullptr);
      continue;
    }
    int input = f_.InputLeaf(columns_[i].id);
    for (int k = LeafCount(*columns_[i].type); k > 0; --k) {
      const LeafSlot& slot = leaves_[leaf++];
      auto [data, state] = f_.RawLeaf(input++, slot.leaf.kind);
      StoreState(slot, state, at);
      llvm::Value* to = f_.b.CreateLoad(f_.m.ptr, slot.data);
      const int64_t width = abi::ColumnWidth(slot.leaf.kind);
      const llvm::Align align(static_cast<uint64_t>(std::min<int64_t>(width, 8)));
      f_.b.CreateMemCpy(f_.At(to, f_.b.CreateMul(at, f_.m.Int(width))), align, data, align, static_cast<uint64_t>(width));
    }
  }
  f_.b.CreateStore(f_.b.CreateNSWAdd(at, f_.m.Int(1)), rows_);
}

void OutWriter::Finish() {
  f_.b.CreateStore(f_.b.CreateLoad(f_.m.i64, rows_), out_);
}

}  // namespace streamc::codegen
