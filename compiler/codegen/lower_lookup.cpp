// lookup: the row of a table by its key; and how keys are laid out and hashed.
#include "compiler/codegen/lowering.h"
#include "runtime/abi/abi.h"

namespace streamc::codegen {

using abi::LeafKind;

namespace {

llvm::Value* MixValue(FunctionContext& f, llvm::Value* hash, const Value& value) {
  auto mix = [&](llvm::Value* word) {
    hash = f.b.CreateCall(f.m.Declare("sc_hash_mix", f.m.i64, {f.m.i64, f.m.i64}), {hash, word});
  };
  if (IsRecord(*value.type)) {
    for (const Value& field : value.fields) hash = MixValue(f, hash, field);
    return hash;
  }
  switch (KindOf(*value.type)) {
    case LeafKind::Bool: mix(f.b.CreateZExt(value.data, f.m.i64)); break;
    case LeafKind::F64: mix(f.b.CreateBitCast(value.data, f.m.i64)); break;
    case LeafKind::Dec:
      mix(f.b.CreateTrunc(value.data, f.m.i64));
      mix(f.b.CreateTrunc(f.b.CreateLShr(value.data, 64), f.m.i64));
      break;
    case LeafKind::Str:
      mix(f.b.CreateCall(f.m.Declare("sc_hash_str", f.m.i64, {f.m.ptr, f.m.i64}), {value.data, value.size}));
      break;
    default: mix(value.data); break;
  }
  return hash;
}

}  // namespace

llvm::Value* HashKey(FunctionContext& f, const std::vector<Value>& key) {
  llvm::Value* hash = f.m.Int(0);
  for (const Value& value : key) hash = MixValue(f, hash, value);
  return hash;
}

llvm::Value* KeyRow(FunctionContext& f, const std::vector<Value>& key) {
  int64_t size = 0;
  for (const Value& value : key) size += RowSize(*value.type);
  llvm::Value* row = f.Stack(abi::RoundUp16(std::max<int64_t>(size, 16)), "key");
  int64_t offset = 0;
  for (const Value& value : key) offset = StoreRow(f, row, offset, value);
  return row;
}

void LowerLookup(FunctionContext& f, const physical::LookupRow& lookup) {
  std::vector<Value> key;
  for (const typed::ExprPtr& part : lookup.keys) key.push_back(LowerExpr(f, *part));
  llvm::Function* find = f.m.Declare("sc_lookup", f.m.ptr, {f.m.ptr, f.m.i32, f.m.i64, f.m.ptr});
  llvm::Value* found = f.b.CreateCall(find, {f.ctx, f.m.Int32(lookup.table), HashKey(f, key), KeyRow(f, key)}, "found");
  llvm::Value* missing = f.b.CreateICmpEQ(found, llvm::ConstantPointerNull::get(llvm::cast<llvm::PointerType>(f.m.ptr)));
  const types::TypeRef row_type = types::Required(lookup.row_type);
  if (lookup.otherwise == typed::LookupElse::Null) {
    llvm::Value* row = f.b.CreateSelect(missing, f.m.ZeroRow(RowSize(*row_type)), found);
    Value value = LoadRow(f, row, 0, row_type);
    value.null = missing;
    value.type = types::Optional(row_type);
    f.Bind(lookup.column, value);
    return;
  }
  if (lookup.otherwise == typed::LookupElse::Reject) {
    f.RejectIf(missing, SC_ERR_CHECK);
  } else {
    llvm::BasicBlock* matched = f.NewBlock("matched");
    f.b.CreateCondBr(missing, f.next, matched);
    f.b.SetInsertPoint(matched);
  }
  f.Bind(lookup.column, LoadRow(f, found, 0, row_type));
}

}  // namespace streamc::codegen
