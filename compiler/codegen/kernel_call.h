// Calls of stdlib kernels: arguments and results in the C interface of stdlib/descriptor.h.
#pragma once

#include <string_view>

#include "compiler/codegen/function_context.h"

namespace streamc::codegen {

// The arguments of one kernel call, flattened in order.
class KernelArgs {
 public:
  explicit KernelArgs(FunctionContext& f) : f_(f) {}
  void Raw(llvm::Value* value);
  void Add(const Value& value);
  // Where the kernel writes a result of `type`: fresh memory of zeros, appended as the last argument.
  llvm::Value* Out(const types::Type& type);
  llvm::CallInst* Call(std::string_view kernel, llvm::Type* result);

 private:
  FunctionContext& f_;
  std::vector<llvm::Value*> values_;
  std::vector<llvm::Type*> types_;
};

// LLVM type a kernel returns a value of `type` in.
llvm::Type* ReturnType(const ModuleContext& m, const types::Type& type);
// The value a kernel returned, or wrote to memory (Out).
Value FromReturn(FunctionContext& f, const types::TypeRef& type, llvm::Value* returned);
Value FromOut(FunctionContext& f, const types::TypeRef& type, llvm::Value* out);

}  // namespace streamc::codegen
