// What all functions of one module share: LLVM types of the C interface, its functions, and constants.
//
// Made by GenerateModule, used by FunctionContext and the lower_*.cpp files of this folder only.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include <llvm/IR/Constants.h>
#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Module.h>

#include "compiler/codegen/leaf.h"
#include "compiler/physical/physical.h"

namespace streamc::codegen {

class ModuleContext {
 public:
  ModuleContext(llvm::Module& module, const physical::Program& program);

  llvm::Module& module;
  const physical::Program& program;
  llvm::Type *i1, *i8, *i32, *i64, *i128, *f64, *ptr, *none;
  // As in abi.h: ScStr and ScList, ScCtx, ScBatch (also the head of ScOut), ScColumn, ScAgg, ScSlot, ScArena, ScJob.
  llvm::StructType *text, *ctx, *batch, *column, *agg, *slot, *arena, *job;

  // LLVM type of a leaf inside expressions (Bool: i1, Str and List: ptr) and in memory.
  llvm::Type* ValueType(abi::LeafKind kind) const;

  llvm::ConstantInt* Int(int64_t value) const;
  llvm::ConstantInt* Int32(int32_t value) const;
  llvm::ConstantInt* Bool(bool value) const;
  llvm::Constant* Dec(types::Int128 value) const;
  // 10^exponent as i128; exponent 0 to 38.
  llvm::Constant* PowerOfTen(int exponent) const;

  // A pointer to constant bytes, shared between equal texts; alignment 16 when asked for rows.
  llvm::Constant* Bytes(std::string_view bytes, bool row = false);
  // At least `size` zero bytes, 16-byte aligned.
  llvm::Constant* ZeroRow(int64_t size);

  // An external function; attributes say that it never throws. Repeated calls give the same declaration.
  llvm::Function* Declare(llvm::StringRef name, llvm::Type* result, llvm::ArrayRef<llvm::Type*> params);
  // Inline part of sc_arena_alloc: ptr (ptr arena, i64 size).
  llvm::Function* Allocate();
  // {i128, i1 overflow} (i128 a, i128 scale_a, i128 b, i128 scale_b): a * scale_a / (b * scale_b) rounded half up, b not 0.
  llvm::Function* DecimalDivide();

  // Offset of each parameter in ScCtx::params.
  int64_t ParamOffset(int32_t index) const { return param_offsets_.at(static_cast<size_t>(index)); }

  // Attributes every generated function has.
  void Harden(llvm::Function* function) const;

 private:
  std::unordered_map<std::string, llvm::Constant*> bytes_;
  llvm::GlobalVariable* zero_row_ = nullptr;
  int64_t zero_size_ = 0;
  std::vector<int64_t> param_offsets_;
};

// Number of the record error whose text is `text`, `fallback` when there is none.
int32_t ErrorNumber(std::string_view text, int32_t fallback);

}  // namespace streamc::codegen
