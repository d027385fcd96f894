// Calls of scalar functions.
#include "compiler/codegen/kernel_call.h"
#include "compiler/codegen/lower_expr.h"
#include "runtime/abi/abi.h"

namespace streamc::codegen {

using abi::LeafKind;
using typed::Expr;

void KernelArgs::Raw(llvm::Value* value) {
  values_.push_back(value);
  types_.push_back(value->getType());
}

void KernelArgs::Add(const Value& value) {
  switch (KindOf(*value.type)) {
    case LeafKind::Bool: Raw(f_.b.CreateZExt(value.data, f_.m.i8)); break;
    case LeafKind::Dec:
      Raw(value.data);
      Raw(f_.m.Int(value.type->scale));
      break;
    case LeafKind::Str:
    case LeafKind::List:
      Raw(value.data);
      Raw(value.size);
      break;
    default: Raw(value.data); break;
  }
}

llvm::Value* KernelArgs::Out(const types::Type& type) {
  llvm::Type* memory = ReturnType(f_.m, type);
  llvm::Value* out = f_.Stack(16, "out");
  f_.b.CreateStore(llvm::Constant::getNullValue(memory), out);
  Raw(out);
  return out;
}

llvm::CallInst* KernelArgs::Call(std::string_view kernel, llvm::Type* result) {
  llvm::Function* callee = f_.m.Declare(llvm::StringRef(kernel.data(), kernel.size()), result, types_);
  // Overloads share no symbol, but a kernel may serve types of the same C shape; the declared one then fits all.
  return f_.b.CreateCall(llvm::FunctionType::get(result, types_, false), callee, values_);
}

llvm::Type* ReturnType(const ModuleContext& m, const types::Type& type) {
  switch (KindOf(type)) {
    case LeafKind::Bool: return m.i8;
    case LeafKind::Str:
    case LeafKind::List: return m.text;
    default: return m.ValueType(KindOf(type));
  }
}

Value FromReturn(FunctionContext& f, const types::TypeRef& type, llvm::Value* returned) {
  Value value;
  value.type = type;
  switch (KindOf(*type)) {
    case LeafKind::Bool: value.data = f.b.CreateICmpNE(returned, llvm::ConstantInt::get(f.m.i8, 0)); break;
    case LeafKind::Str:
    case LeafKind::List:
      value.data = f.b.CreateExtractValue(returned, 0);
      value.size = f.b.CreateExtractValue(returned, 1);
      break;
    default: value.data = returned; break;
  }
  return value;
}

Value FromOut(FunctionContext& f, const types::TypeRef& type, llvm::Value* out) {
  const LeafKind kind = KindOf(*type);
  if (kind == LeafKind::Str || kind == LeafKind::List) {
    Value value;
    value.type = type;
    value.data = f.b.CreateLoad(f.m.ptr, out);
    value.size = f.b.CreateLoad(f.m.i64, f.At(out, 8));
    return value;
  }
  return FromReturn(f, type, f.b.CreateLoad(ReturnType(f.m, *type), out));
}

Value LowerCall(FunctionContext& f, const Expr& expr) {
  const stdlib::ScalarFn& function = *expr.function;
  if (function.name == "now") {
    Value now;
    now.data = f.b.CreateLoad(f.m.i64, f.b.CreateStructGEP(f.m.ctx, f.ctx, 2), "now");
    return now;
  }
  std::vector<Value> args;
  for (const typed::ExprPtr& arg : expr.args) args.push_back(LowerExpr(f, *arg));
  KernelArgs call(f);
  if (function.allocates) call.Raw(f.Arena());
  if (function.generic_list) {
    for (const Value& arg : args) {
      if (KindOf(*arg.type) != LeafKind::List) continue;
      call.Raw(f.m.Int(RowSize(*arg.type->element)));
      break;
    }
  }
  for (const Value& arg : args) call.Add(arg);
  const types::TypeRef result = types::Required(expr.type);
  if (function.result == stdlib::Result::Plain)
    return FromReturn(f, result, call.Call(function.kernel, ReturnType(f.m, *result)));
  llvm::Value* out = call.Out(*result);
  llvm::Value* done = call.Call(function.kernel, f.m.i8);
  llvm::Value* failed = f.b.CreateICmpEQ(done, llvm::ConstantInt::get(f.m.i8, 0));
  if (function.result == stdlib::Result::Rejects) f.RejectIf(failed, ErrorNumber(function.reject_code, SC_ERR_CONVERT));
  Value value = FromOut(f, result, out);
  if (function.result == stdlib::Result::Optional) {
    value.null = failed;
    value.type = expr.type;
  }
  return value;
}

}  // namespace streamc::codegen
