#include "compiler/codegen/function_context.h"

#include <llvm/IR/MDBuilder.h>

#include "runtime/abi/abi.h"

namespace streamc::codegen {

FunctionContext::FunctionContext(ModuleContext& module, llvm::Function* owner, llvm::Value* context)
    : m(module), function(owner), b(owner->getContext()), ctx(context) {
  entry_ = NewBlock("entry");
  llvm::BasicBlock* begin = NewBlock("begin");
  llvm::IRBuilder<>(entry_).CreateBr(begin);
  b.SetInsertPoint(begin);
  cache_.emplace_back();
}

llvm::BasicBlock* FunctionContext::NewBlock(const llvm::Twine& name) {
  return llvm::BasicBlock::Create(function->getContext(), name, function);
}

llvm::IRBuilder<> FunctionContext::Hoist() {
  return llvm::IRBuilder<>(entry_->getTerminator());
}

llvm::Value* FunctionContext::Stack(int64_t size, const llvm::Twine& name) {
  llvm::IRBuilder<> top(entry_, entry_->begin());
  auto* slot = top.CreateAlloca(llvm::ArrayType::get(m.i8, static_cast<uint64_t>(size)), nullptr, name);
  slot->setAlignment(llvm::Align(16));
  return slot;
}

llvm::Value* FunctionContext::StackSlot(llvm::Type* type, const llvm::Twine& name) {
  return llvm::IRBuilder<>(entry_, entry_->begin()).CreateAlloca(type, nullptr, name);
}

llvm::Value* FunctionContext::Arena() {
  if (arena_ == nullptr) arena_ = Hoist().CreateLoad(m.ptr, ctx, "arena");
  return arena_;
}

llvm::Value* FunctionContext::At(llvm::Value* base, int64_t offset) {
  return offset == 0 ? base : b.CreateInBoundsGEP(m.i8, base, m.Int(offset));
}
llvm::Value* FunctionContext::At(llvm::Value* base, llvm::Value* offset) {
  return b.CreateInBoundsGEP(m.i8, base, offset);
}

llvm::MDNode* FunctionContext::Unlikely() {
  return llvm::MDBuilder(function->getContext()).createBranchWeights(1, 2000);
}

void FunctionContext::RejectIf(llvm::Value* condition, llvm::Value* code) {
  if (auto* known = llvm::dyn_cast<llvm::ConstantInt>(condition); known != nullptr && known->isZero()) return;
  if (rejects_.block == nullptr) {
    rejects_.block = NewBlock("reject");
    llvm::IRBuilder<> at(rejects_.block);
    rejects_.site = at.CreatePHI(m.i32, 4, "site");
    rejects_.code = at.CreatePHI(m.i32, 4, "code");
  }
  llvm::BasicBlock* good = NewBlock("ok");
  b.CreateCondBr(condition, rejects_.block, good, Unlikely());
  rejects_.site->addIncoming(m.Int32(site), b.GetInsertBlock());
  rejects_.code->addIncoming(code, b.GetInsertBlock());
  b.SetInsertPoint(good);
}

RejectTarget FunctionContext::BeginRejects() {
  RejectTarget outer = rejects_;
  rejects_ = RejectTarget{};
  return outer;
}

void FunctionContext::CallReject(llvm::Value* row_index, llvm::Value* at_site, llvm::Value* code) {
  b.CreateCall(m.Declare("sc_reject", m.none, {m.ptr, m.i64, m.i32, m.i32}), {ctx, row_index, at_site, code});
}

// --- columns -----------------------------------------------------------------------------------------------------

void FunctionContext::BindInput(const std::vector<physical::Slot>& slots, llvm::Value* in, bool source_batch) {
  in_ = in;
  source_batch_ = source_batch;
  int leaf = 0;
  for (const physical::Slot& slot : slots) {
    inputs_[slot.id] = InputColumn{slot.type, leaf};
    leaf += LeafCount(*slot.type);
  }
  pointers_.assign(static_cast<size_t>(leaf), {});
}

FunctionContext::LeafPointers& FunctionContext::Pointers(int leaf) {
  LeafPointers& pointers = pointers_.at(static_cast<size_t>(leaf));
  if (pointers.data != nullptr) return pointers;
  llvm::IRBuilder<> h = Hoist();
  if (in_columns_ == nullptr) in_columns_ = h.CreateLoad(m.ptr, h.CreateStructGEP(m.batch, in_, 2), "in.columns");
  llvm::Value* column = h.CreateInBoundsGEP(m.column, in_columns_, m.Int(leaf));
  pointers.data = h.CreateLoad(m.ptr, column, "in." + llvm::Twine(leaf));
  pointers.state = h.CreateLoad(m.ptr, h.CreateStructGEP(m.column, column, 1), "state." + llvm::Twine(leaf));
  return pointers;
}

std::pair<llvm::Value*, llvm::Value*> FunctionContext::RawLeaf(int leaf, abi::LeafKind kind) {
  const LeafPointers& pointers = Pointers(leaf);
  llvm::Value* none = b.CreateICmpEQ(pointers.data, llvm::Constant::getNullValue(m.ptr));
  llvm::Value* offset = b.CreateMul(row, m.Int(abi::ColumnWidth(kind)));
  llvm::Value* data = b.CreateSelect(none, m.ZeroRow(16), At(pointers.data, offset));
  llvm::Constant* missing = m.Bytes(std::string_view("\x01", 1));
  llvm::Value* state = b.CreateLoad(m.i8, b.CreateSelect(none, missing, At(pointers.state, row)), "s" + llvm::Twine(leaf));
  return {data, state};
}

const Value* FunctionContext::Cached(int leaf) const {
  for (auto scope = cache_.rbegin(); scope != cache_.rend(); ++scope)
    if (auto found = scope->find(leaf); found != scope->end()) return &found->second;
  return nullptr;
}

llvm::Value* FunctionContext::CheckedState(int leaf, llvm::Value* present, bool may_be_null) {
  llvm::MDNode* constant = llvm::MDNode::get(function->getContext(), {});
  llvm::Value* address = b.CreateInBoundsGEP(m.i8, Pointers(leaf).state, row);
  auto* loaded = b.CreateLoad(m.i8, address, "s" + llvm::Twine(leaf));
  loaded->setMetadata(llvm::LLVMContext::MD_invariant_load, constant);
  llvm::Value* state = loaded;
  if (present != nullptr) state = b.CreateSelect(present, state, llvm::ConstantInt::get(m.i8, 0));
  if (source_batch_) {
    // One comparison on the good way; which code it is matters only once it failed.
    llvm::Value* code = b.CreateZExt(state, m.i32);
    if (!may_be_null) {
      llvm::Value* missing = b.CreateICmpEQ(code, m.Int32(SC_NULL));
      code = b.CreateSelect(missing, m.Int32(SC_ERR_MISSING), code);
    }
    RejectIf(b.CreateICmpUGT(state, llvm::ConstantInt::get(m.i8, may_be_null ? SC_NULL : SC_VALUE)), code);
  }
  return state;
}

llvm::Value* FunctionContext::LoadPresence(int leaf, llvm::Value* outer) {
  if (const Value* known = Cached(leaf)) return known->data;
  llvm::Value* absent = nullptr;
  if (source_batch_) {
    llvm::Value* state = CheckedState(leaf, outer, true);
    absent = b.CreateICmpNE(state, llvm::ConstantInt::get(m.i8, 0));
  }
  auto* byte = b.CreateLoad(m.i8, b.CreateInBoundsGEP(m.i8, Pointers(leaf).data, row), "p" + llvm::Twine(leaf));
  byte->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(function->getContext(), {}));
  llvm::Value* present = b.CreateICmpNE(byte, llvm::ConstantInt::get(m.i8, 0));
  if (absent != nullptr) present = b.CreateAnd(present, b.CreateNot(absent));
  if (outer != nullptr) present = b.CreateAnd(present, outer);
  Value value;
  value.data = present;
  cache_.back()[leaf] = value;
  return present;
}

Value FunctionContext::LoadLeaf(const types::TypeRef& type, int leaf, llvm::Value* present) {
  if (const Value* known = Cached(leaf)) return *known;
  Value value;
  value.type = type;
  const bool has_state = source_batch_ || type->optional;
  if (has_state) {
    llvm::Value* state = CheckedState(leaf, present, type->optional);
    if (type->optional) value.null = b.CreateICmpNE(state, llvm::ConstantInt::get(m.i8, 0), "null" + llvm::Twine(leaf));
  }
  llvm::MDNode* constant = llvm::MDNode::get(function->getContext(), {});
  llvm::Value* base = Pointers(leaf).data;
  auto load = [&](llvm::Type* memory, llvm::Value* address, int64_t align) {
    auto* loaded = b.CreateAlignedLoad(memory, address, llvm::Align(static_cast<uint64_t>(align)), "c" + llvm::Twine(leaf));
    loaded->setMetadata(llvm::LLVMContext::MD_invariant_load, constant);
    return loaded;
  };
  const abi::LeafKind kind = KindOf(*type);
  switch (kind) {
    case abi::LeafKind::Bool:
      value.data = b.CreateICmpNE(load(m.i8, b.CreateInBoundsGEP(m.i8, base, row), 1), llvm::ConstantInt::get(m.i8, 0));
      break;
    case abi::LeafKind::I64:
    case abi::LeafKind::F64: value.data = load(m.ValueType(kind), b.CreateInBoundsGEP(m.i64, base, row), 8); break;
    case abi::LeafKind::Dec: value.data = load(m.i128, b.CreateInBoundsGEP(m.i128, base, row), 16); break;
    default: {
      llvm::Value* address = b.CreateInBoundsGEP(m.text, base, row);
      value.data = load(m.ptr, address, 8);
      value.size = load(m.i64, b.CreateStructGEP(m.text, address, 1), 8);
      llvm::Value* missing = OrNull(*this, value.null, present == nullptr ? nullptr : b.CreateNot(present));
      if (missing != nullptr) value.size = b.CreateSelect(missing, m.Int(0), value.size);
      break;
    }
  }
  cache_.back()[leaf] = value;
  return value;
}

Value FunctionContext::LoadTree(const types::TypeRef& type, int* leaf, llvm::Value* present) {
  if (!IsRecord(*type)) return LoadLeaf(type, (*leaf)++, present);
  Value record;
  record.type = type;
  if (type->optional) {
    present = LoadPresence((*leaf)++, present);
    record.null = b.CreateNot(present);
  }
  for (const types::Field& field : type->fields) record.fields.push_back(LoadTree(field.type, leaf, present));
  return record;
}

llvm::Value* FunctionContext::Walk(const InputColumn& column, const std::vector<int32_t>& path, types::TypeRef* type,
                                   int* leaf) {
  llvm::Value* present = nullptr;
  *type = column.type;
  *leaf = column.leaf;
  for (int32_t index : path) {
    if ((*type)->optional) present = LoadPresence((*leaf)++, present);
    for (int32_t i = 0; i < index; ++i) *leaf += LeafCount(*(*type)->fields[static_cast<size_t>(i)].type);
    *type = types::TypeRef((*type)->fields.at(static_cast<size_t>(index)).type);
  }
  return present;
}

Value FunctionContext::Column(typed::ColumnId id, const std::vector<int32_t>& path) {
  if (auto known = bound_.find(id); known != bound_.end()) {
    Value value = known->second;
    for (int32_t index : path) value = FieldOf(*this, value, index);
    return value;
  }
  types::TypeRef type;
  int leaf = 0;
  llvm::Value* present = Walk(inputs_.at(id), path, &type, &leaf);
  Value value = LoadTree(type, &leaf, present);
  if (present != nullptr) value.null = OrNull(*this, value.null, b.CreateNot(present));
  return value;
}

llvm::Value* FunctionContext::ColumnIsNull(typed::ColumnId id, const std::vector<int32_t>& path) {
  if (bound_.contains(id)) return Column(id, path).null;
  types::TypeRef type;
  int leaf = 0;
  llvm::Value* present = Walk(inputs_.at(id), path, &type, &leaf);
  llvm::Value* null = IsRecord(*type) ? nullptr : LoadLeaf(type, leaf, present).null;
  if (IsRecord(*type) && type->optional) present = LoadPresence(leaf, present);
  return present == nullptr ? null : OrNull(*this, null, b.CreateNot(present));
}

}  // namespace streamc::codegen
