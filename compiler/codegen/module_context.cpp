#include "compiler/codegen/module_context.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/MDBuilder.h>

#include "runtime/abi/abi.h"

namespace streamc::codegen {

using abi::LeafKind;

ModuleContext::ModuleContext(llvm::Module& owner, const physical::Program& physical) : module(owner), program(physical) {
  llvm::LLVMContext& context = module.getContext();
  i1 = llvm::Type::getInt1Ty(context);
  i8 = llvm::Type::getInt8Ty(context);
  i32 = llvm::Type::getInt32Ty(context);
  i64 = llvm::Type::getInt64Ty(context);
  i128 = llvm::Type::getInt128Ty(context);
  f64 = llvm::Type::getDoubleTy(context);
  ptr = llvm::PointerType::getUnqual(context);
  none = llvm::Type::getVoidTy(context);
  text = llvm::StructType::get(context, {ptr, i64});
  ctx = llvm::StructType::create(context, {ptr, ptr, i64, ptr}, "ScCtx");
  batch = llvm::StructType::create(context, {i64, i64, ptr}, "ScBatch");
  column = llvm::StructType::create(context, {ptr, ptr}, "ScColumn");
  agg = llvm::StructType::create(context, {i64, i64, i64, ptr, ptr}, "ScAgg");
  slot = llvm::StructType::create(context, {i64, i64}, "ScSlot");
  arena = llvm::StructType::create(context, {ptr, ptr, ptr}, "ScArena");
  job = llvm::StructType::create(context, {i32, i32, ptr, ptr, i64}, "ScJob");

  int64_t offset = 0;
  for (const abi::ParamSpec& param : program.spec.params) {
    param_offsets_.push_back(offset);
    offset += abi::RowLayout(abi::FlattenType(param.type)).size;
  }
}

llvm::Type* ModuleContext::ValueType(LeafKind kind) const {
  switch (kind) {
    case LeafKind::Bool: return i1;
    case LeafKind::I64: return i64;
    case LeafKind::F64: return f64;
    case LeafKind::Dec: return i128;
    default: return ptr;
  }
}

llvm::ConstantInt* ModuleContext::Int(int64_t value) const {
  return llvm::ConstantInt::getSigned(llvm::cast<llvm::IntegerType>(i64), value);
}
llvm::ConstantInt* ModuleContext::Int32(int32_t value) const {
  return llvm::ConstantInt::getSigned(llvm::cast<llvm::IntegerType>(i32), value);
}
llvm::ConstantInt* ModuleContext::Bool(bool value) const {
  return llvm::ConstantInt::getBool(module.getContext(), value);
}
llvm::Constant* ModuleContext::Dec(types::Int128 value) const {
  auto bits = static_cast<unsigned __int128>(value);
  uint64_t words[2] = {static_cast<uint64_t>(bits), static_cast<uint64_t>(bits >> 64)};
  return llvm::ConstantInt::get(module.getContext(), llvm::APInt(128, words));
}
llvm::Constant* ModuleContext::PowerOfTen(int exponent) const {
  types::Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return Dec(power);
}

llvm::Constant* ModuleContext::Bytes(std::string_view bytes, bool row) {
  llvm::Constant*& known = bytes_[(row ? "r" : "t") + std::string(bytes)];
  if (known != nullptr) return known;
  llvm::Constant* data = llvm::ConstantDataArray::getString(module.getContext(), bytes, false);
  auto* global =
      new llvm::GlobalVariable(module, data->getType(), true, llvm::GlobalValue::PrivateLinkage, data, row ? "row" : "text");
  global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  global->setAlignment(llvm::Align(row ? 16 : 1));
  return known = global;
}

llvm::Constant* ModuleContext::ZeroRow(int64_t size) {
  if (zero_row_ != nullptr && zero_size_ >= size) return zero_row_;
  zero_size_ = abi::RoundUp16(std::max<int64_t>(size, 256));
  llvm::Type* type = llvm::ArrayType::get(i8, static_cast<uint64_t>(zero_size_));
  zero_row_ = new llvm::GlobalVariable(module, type, true, llvm::GlobalValue::PrivateLinkage,
                                       llvm::ConstantAggregateZero::get(type), "zero_row");
  zero_row_->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  zero_row_->setAlignment(llvm::Align(16));
  return zero_row_;
}

llvm::Function* ModuleContext::Declare(llvm::StringRef name, llvm::Type* result, llvm::ArrayRef<llvm::Type*> params) {
  if (llvm::Function* known = module.getFunction(name)) return known;
  auto* function =
      llvm::Function::Create(llvm::FunctionType::get(result, params, false), llvm::GlobalValue::ExternalLinkage, name, module);
  function->setDoesNotThrow();
  // The System V convention wants a byte extended by the caller, and returns it extended.
  for (llvm::Argument& argument : function->args())
    if (argument.getType() == i8) argument.addAttr(llvm::Attribute::ZExt);
  if (result == i8) function->addRetAttr(llvm::Attribute::ZExt);
  return function;
}

llvm::Function* ModuleContext::Allocate() {
  const char* name = "streamc.allocate";
  if (llvm::Function* known = module.getFunction(name)) return known;
  auto* function =
      llvm::Function::Create(llvm::FunctionType::get(ptr, {ptr, i64}, false), llvm::GlobalValue::InternalLinkage, name, module);
  Harden(function);
  llvm::LLVMContext& context = module.getContext();
  auto* entry = llvm::BasicBlock::Create(context, "entry", function);
  auto* bump = llvm::BasicBlock::Create(context, "bump", function);
  auto* grow = llvm::BasicBlock::Create(context, "grow", function);
  llvm::IRBuilder<> b(entry);
  llvm::Value* owner = function->getArg(0);
  llvm::Value* size = b.CreateAnd(b.CreateAdd(function->getArg(1), Int(15)), Int(~int64_t{15}), "rounded");
  llvm::Value* current = b.CreateLoad(ptr, owner, "cur");
  llvm::Value* end = b.CreateLoad(ptr, b.CreateStructGEP(arena, owner, 1), "end");
  llvm::Value* room = b.CreateSub(b.CreatePtrToInt(end, i64), b.CreatePtrToInt(current, i64), "room");
  b.CreateCondBr(b.CreateICmpSGE(room, size), bump, grow, llvm::MDBuilder(context).createBranchWeights(2000, 1));
  b.SetInsertPoint(bump);
  b.CreateStore(b.CreateGEP(i8, current, size), owner);
  b.CreateRet(current);
  b.SetInsertPoint(grow);
  b.CreateRet(b.CreateCall(Declare("sc_arena_grow", ptr, {ptr, i64}), {owner, size}));
  return function;
}

llvm::Function* ModuleContext::DecimalDivide() {
  const char* name = "streamc.decimal_divide";
  if (llvm::Function* known = module.getFunction(name)) return known;
  auto* result = llvm::StructType::get(i128, i1);
  auto* function = llvm::Function::Create(llvm::FunctionType::get(result, {i128, i128, i128, i128}, false),
                                          llvm::GlobalValue::InternalLinkage, name, module);
  Harden(function);
  llvm::LLVMContext& context = module.getContext();
  auto* entry = llvm::BasicBlock::Create(context, "entry", function);
  auto* narrow = llvm::BasicBlock::Create(context, "narrow", function);
  auto* wide = llvm::BasicBlock::Create(context, "wide", function);
  llvm::IRBuilder<> b(entry);

  // |rest| * 2 >= |divisor| without leaving the type: |rest| >= |divisor| - |rest|.
  auto divide = [&](llvm::Value* n, llvm::Value* d) {
    llvm::Type* type = n->getType();
    llvm::Value* zero = llvm::ConstantInt::get(type, 0);
    llvm::Value* quotient = b.CreateSDiv(n, d, "quotient");
    llvm::Value* rest = b.CreateSub(n, b.CreateMul(quotient, d), "rest");
    auto magnitude = [&](llvm::Value* v) { return b.CreateSelect(b.CreateICmpSLT(v, zero), b.CreateNeg(v), v); };
    llvm::Value* left = magnitude(rest);
    llvm::Value* up = b.CreateICmpUGE(left, b.CreateSub(magnitude(d), left), "up");
    llvm::Value* negative = b.CreateXor(b.CreateICmpSLT(n, zero), b.CreateICmpSLT(d, zero), "negative");
    llvm::Value* step = b.CreateSelect(negative, llvm::ConstantInt::getSigned(type, -1), llvm::ConstantInt::get(type, 1));
    llvm::Value* rounded = b.CreateAdd(quotient, b.CreateSelect(up, step, zero), "rounded");
    llvm::Constant* limit = llvm::ConstantInt::get(
        context, llvm::cast<llvm::ConstantInt>(PowerOfTen(38))->getValue().sext(type->getIntegerBitWidth()));
    llvm::Value* over = b.CreateICmpUGE(magnitude(rounded), limit, "over");
    llvm::Value* pair = b.CreateInsertValue(llvm::PoisonValue::get(result), b.CreateTrunc(rounded, i128), 0);
    b.CreateRet(b.CreateInsertValue(pair, over, 1));
  };

  auto multiply = [&](llvm::Value* x, llvm::Value* y) {
    return b.CreateBinaryIntrinsic(llvm::Intrinsic::smul_with_overflow, x, y);
  };
  llvm::Value* n = multiply(function->getArg(0), function->getArg(1));
  llvm::Value* d = multiply(function->getArg(2), function->getArg(3));
  llvm::Value* too_wide = b.CreateOr(b.CreateExtractValue(n, 1), b.CreateExtractValue(d, 1), "too_wide");
  b.CreateCondBr(too_wide, wide, narrow, llvm::MDBuilder(context).createBranchWeights(1, 2000));
  b.SetInsertPoint(narrow);
  divide(b.CreateExtractValue(n, 0), b.CreateExtractValue(d, 0));
  b.SetInsertPoint(wide);
  llvm::Type* i256 = llvm::Type::getIntNTy(context, 256);
  auto extend = [&](unsigned i) { return b.CreateSExt(function->getArg(i), i256); };
  divide(b.CreateMul(extend(0), extend(1)), b.CreateMul(extend(2), extend(3)));
  return function;
}

void ModuleContext::Harden(llvm::Function* function) const {
  function->setDoesNotThrow();
  function->addFnAttr(llvm::Attribute::StackProtectStrong);
}

int32_t ErrorNumber(std::string_view text, int32_t fallback) {
#define SC_ERROR(id, number, name) \
  if (text == name) return number;
#include "runtime/abi/error_codes.def"
#undef SC_ERROR
  return fallback;
}

}  // namespace streamc::codegen
