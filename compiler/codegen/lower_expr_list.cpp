// Lists: literals, elements, and the loops of map, filter, exists, for_all and reduce.
#include "compiler/codegen/lower_expr.h"

namespace streamc::codegen {

using typed::Expr;
using typed::ExprKind;

namespace {

llvm::Value* AllocateList(FunctionContext& f, llvm::Value* count, int64_t stride) {
  return f.b.CreateCall(f.m.Allocate(), {f.Arena(), f.b.CreateMul(count, f.m.Int(stride))}, "list");
}

llvm::Value* ElementAddress(FunctionContext& f, const Value& list, llvm::Value* index, int64_t stride) {
  return f.At(list.data, f.b.CreateMul(index, f.m.Int(stride)));
}

Value LowerMap(FunctionContext& f, const Expr& expr, const Value& list) {
  const types::TypeRef& from = expr.args[0]->type->element;
  const types::TypeRef& to = expr.type->element;
  Value result;
  result.size = list.size;
  result.data = AllocateList(f, list.size, RowSize(*to));
  ForEach(f, list.size, "map", [&](llvm::Value* index, llvm::BasicBlock*) {
    f.locals[expr.local] = LoadRow(f, ElementAddress(f, list, index, RowSize(*from)), 0, from);
    Value mapped = WithType(LowerExpr(f, *expr.args[1]), to);
    StoreRow(f, ElementAddress(f, result, index, RowSize(*to)), 0, mapped);
  });
  return result;
}

Value LowerFilterList(FunctionContext& f, const Expr& expr, const Value& list) {
  const types::TypeRef& element = expr.args[0]->type->element;
  const int64_t stride = RowSize(*element);
  llvm::Value* kept = f.StackSlot(f.m.i64, "kept");
  f.b.CreateStore(f.m.Int(0), kept);
  Value result;
  result.data = AllocateList(f, list.size, stride);
  ForEach(f, list.size, "filter", [&](llvm::Value* index, llvm::BasicBlock*) {
    llvm::Value* source = ElementAddress(f, list, index, stride);
    f.locals[expr.local] = LoadRow(f, source, 0, element);
    llvm::Value* holds = LowerBool(f, *expr.args[1]);
    // Copied in any case, counted when it holds: there is room, and the next one overwrites it.
    llvm::Value* count = f.b.CreateLoad(f.m.i64, kept);
    f.b.CreateMemCpy(ElementAddress(f, result, count, stride), llvm::Align(8), source, llvm::Align(8),
                     static_cast<uint64_t>(stride));
    f.b.CreateStore(f.b.CreateAdd(count, f.b.CreateZExt(holds, f.m.i64)), kept);
  });
  result.size = f.b.CreateLoad(f.m.i64, kept);
  return result;
}

Value LowerQuantifier(FunctionContext& f, const Expr& expr, const Value& list) {
  const bool exists = expr.kind == ExprKind::Exists;
  const types::TypeRef& element = expr.args[0]->type->element;
  llvm::Value* answer = f.StackSlot(f.m.i1, exists ? "exists" : "for_all");
  f.b.CreateStore(f.m.Bool(!exists), answer);
  ForEach(f, list.size, "each", [&](llvm::Value* index, llvm::BasicBlock* leave) {
    f.locals[expr.local] = LoadRow(f, ElementAddress(f, list, index, RowSize(*element)), 0, element);
    llvm::Value* holds = LowerBool(f, *expr.args[1]);
    f.b.CreateStore(holds, answer);
    llvm::BasicBlock* more = f.NewBlock("each.next");
    if (exists) {
      f.b.CreateCondBr(holds, leave, more);
    } else {
      f.b.CreateCondBr(holds, more, leave);
    }
    f.b.SetInsertPoint(more);
  });
  Value result;
  result.data = f.b.CreateLoad(f.m.i1, answer);
  return result;
}

Value LowerReduce(FunctionContext& f, const Expr& expr, const Value& list) {
  const types::TypeRef& element = expr.args[0]->type->element;
  llvm::Value* memory = f.Stack(abi::RoundUp16(RowSize(*expr.type)), "accumulator");
  StoreRow(f, memory, 0, WithType(LowerExpr(f, *expr.args[1]), expr.type));
  ForEach(f, list.size, "reduce", [&](llvm::Value* index, llvm::BasicBlock*) {
    f.locals[expr.local] = LoadRow(f, memory, 0, expr.type);
    f.locals[expr.local2] = LoadRow(f, ElementAddress(f, list, index, RowSize(*element)), 0, element);
    StoreRow(f, memory, 0, WithType(LowerExpr(f, *expr.args[2]), expr.type));
  });
  return LoadRow(f, memory, 0, expr.type);
}

}  // namespace

Value LowerListLiteral(FunctionContext& f, const Expr& expr) {
  const types::TypeRef& element = expr.type->element;
  const int64_t stride = RowSize(*element);
  std::vector<Value> elements;
  for (const typed::ExprPtr& one : expr.args) elements.push_back(WithType(LowerExpr(f, *one), element));
  Value list;
  list.size = f.m.Int(static_cast<int64_t>(elements.size()));
  list.data = elements.empty() ? f.m.ZeroRow(16) : AllocateList(f, list.size, stride);
  int64_t offset = 0;
  for (const Value& one : elements) offset = StoreRow(f, list.data, offset, one);
  return list;
}

Value LowerIndex(FunctionContext& f, const Expr& expr) {
  Value list = LowerExpr(f, *expr.args[0]);
  Value index = LowerExpr(f, *expr.args[1]);
  const types::TypeRef& element = expr.args[0]->type->element;
  const int64_t stride = RowSize(*element);
  // A negative index is a huge unsigned one, so one comparison finds both ends. Outside, a row of zeros is read instead.
  llvm::Value* inside = f.b.CreateICmpULT(index.data, list.size);
  llvm::Value* safe = f.b.CreateSelect(inside, index.data, f.m.Int(0));
  llvm::Value* address = f.b.CreateSelect(inside, ElementAddress(f, list, safe, stride), f.m.ZeroRow(stride));
  Value value = LoadRow(f, address, 0, element);
  value.null = OrNull(f, value.null, f.b.CreateNot(inside));
  return value;
}

Value LowerListLoop(FunctionContext& f, const Expr& expr) {
  Value list = LowerExpr(f, *expr.args[0]);
  switch (expr.kind) {
    case ExprKind::Map: return LowerMap(f, expr, list);
    case ExprKind::Filter: return LowerFilterList(f, expr, list);
    case ExprKind::Reduce: return LowerReduce(f, expr, list);
    default: return LowerQuantifier(f, expr, list);
  }
}

}  // namespace streamc::codegen
