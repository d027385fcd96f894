// Equality of every kind of value, order of the ordered ones, and `in`.
#include <functional>

#include "compiler/codegen/lower_expr.h"
#include "runtime/abi/abi.h"

namespace streamc::codegen {

using abi::LeafKind;
using typed::Expr;
using typed::ExprKind;
using types::TypeKind;

namespace {

// Both decimals in one scale. 256 bits hold any 38 digits times any power of ten up to 10^38.
std::pair<llvm::Value*, llvm::Value*> Aligned(FunctionContext& f, const Value& a, const Value& b) {
  const int scale_a = a.type->scale, scale_b = b.type->scale;
  if (scale_a == scale_b) return {a.data, b.data};
  llvm::Type* wide = llvm::Type::getIntNTy(f.function->getContext(), 256);
  auto scaled = [&](const Value& value, int by) {
    return f.b.CreateMul(f.b.CreateSExt(value.data, wide), f.b.CreateSExt(f.m.PowerOfTen(by), wide));
  };
  return {scaled(a, std::max(scale_b - scale_a, 0)), scaled(b, std::max(scale_a - scale_b, 0))};
}

llvm::Value* EqualLists(FunctionContext& f, const Value& a, const Value& b) {
  const types::TypeRef& element = a.type->element;
  const int64_t stride = RowSize(*element);
  llvm::Value* result = f.StackSlot(f.m.i1, "lists.equal");
  llvm::Value* same_size = f.b.CreateICmpEQ(a.size, b.size);
  f.b.CreateStore(same_size, result);
  llvm::Value* count = f.b.CreateSelect(same_size, a.size, f.m.Int(0));
  ForEach(f, count, "same", [&](llvm::Value* index, llvm::BasicBlock* leave) {
    llvm::Value* offset = f.b.CreateMul(index, f.m.Int(stride));
    Value left = LoadRow(f, f.At(a.data, offset), 0, element);
    Value right = LoadRow(f, f.At(b.data, offset), 0, b.type->element);
    llvm::Value* equal = LowerEqual(f, left, right);
    f.b.CreateStore(equal, result);
    llvm::BasicBlock* more = f.NewBlock("same.next");
    f.b.CreateCondBr(equal, more, leave);
    f.b.SetInsertPoint(more);
  });
  return f.b.CreateLoad(f.m.i1, result);
}

llvm::Value* EqualText(FunctionContext& f, const Value& a, const Value& b) {
  llvm::Function* equal = f.m.Declare("sc_str_equal", f.m.i8, {f.m.ptr, f.m.i64, f.m.ptr, f.m.i64});
  llvm::Value* same = f.b.CreateCall(equal, {a.data, a.size, b.data, b.size});
  return f.b.CreateICmpNE(same, llvm::ConstantInt::get(f.m.i8, 0));
}

llvm::Value* EqualPresent(FunctionContext& f, const Value& a, const Value& b) {
  if (IsRecord(*a.type)) {
    llvm::Value* all = f.m.Bool(true);
    for (size_t i = 0; i < a.fields.size(); ++i) all = f.b.CreateAnd(all, LowerEqual(f, a.fields[i], b.fields[i]));
    return all;
  }
  switch (KindOf(*a.type)) {
    case LeafKind::F64: return f.b.CreateFCmpOEQ(a.data, b.data);
    case LeafKind::Str: return EqualText(f, a, b);
    case LeafKind::List: return EqualLists(f, a, b);
    case LeafKind::Dec: {
      auto [left, right] = Aligned(f, a, b);
      return f.b.CreateICmpEQ(left, right);
    }
    default: return f.b.CreateICmpEQ(a.data, b.data);
  }
}

llvm::Value* Less(FunctionContext& f, ExprKind kind, const Value& a, const Value& b) {
  auto integers = [&](llvm::Value* x, llvm::Value* y) {
    switch (kind) {
      case ExprKind::Lt: return f.b.CreateICmpSLT(x, y);
      case ExprKind::Le: return f.b.CreateICmpSLE(x, y);
      case ExprKind::Gt: return f.b.CreateICmpSGT(x, y);
      default: return f.b.CreateICmpSGE(x, y);
    }
  };
  switch (KindOf(*a.type)) {
    case LeafKind::F64:
      switch (kind) {
        case ExprKind::Lt: return f.b.CreateFCmpOLT(a.data, b.data);
        case ExprKind::Le: return f.b.CreateFCmpOLE(a.data, b.data);
        case ExprKind::Gt: return f.b.CreateFCmpOGT(a.data, b.data);
        default: return f.b.CreateFCmpOGE(a.data, b.data);
      }
    case LeafKind::Str: {
      llvm::Function* compare = f.m.Declare("sc_str_compare", f.m.i64, {f.m.ptr, f.m.i64, f.m.ptr, f.m.i64});
      return integers(f.b.CreateCall(compare, {a.data, a.size, b.data, b.size}), f.m.Int(0));
    }
    case LeafKind::Dec: {
      auto [left, right] = Aligned(f, a, b);
      return integers(left, right);
    }
    case LeafKind::Bool: return integers(f.b.CreateZExt(a.data, f.m.i8), f.b.CreateZExt(b.data, f.m.i8));
    default: return integers(a.data, b.data);
  }
}

// Elements known one by one: compared in order, the first match decides.
Value InElements(FunctionContext& f, const Expr& expr, const Value& needle, size_t count,
                 const std::function<Value(size_t)>& element) {
  Join join(f, expr.type, "in.end");
  Value result;
  result.type = expr.type;
  for (size_t i = 0; i < count; ++i) {
    llvm::Value* equal = LowerEqual(f, needle, element(i));
    if (i + 1 == count) {
      result.data = equal;
      join.Add(result);
      return join.Finish();
    }
    llvm::BasicBlock* found = f.NewBlock("in.found");
    llvm::BasicBlock* more = f.NewBlock("in.next");
    f.b.CreateCondBr(equal, found, more);
    f.b.SetInsertPoint(found);
    result.data = f.m.Bool(true);
    join.Add(result);
    f.b.SetInsertPoint(more);
  }
  result.data = f.m.Bool(false);
  join.Add(result);
  return join.Finish();
}

}  // namespace

llvm::Value* LowerEqual(FunctionContext& f, const Value& a, const Value& b) {
  if (a.type->kind == TypeKind::Null) return IsNull(f, b);
  if (b.type->kind == TypeKind::Null) return IsNull(f, a);
  llvm::Value* equal = EqualPresent(f, a, b);
  if (a.null == nullptr && b.null == nullptr) return equal;
  // One side is always there: the other has to be there too.
  if (a.null == nullptr || b.null == nullptr) return f.b.CreateAnd(f.b.CreateNot(OrNull(f, a.null, b.null)), equal);
  llvm::Value* null_a = a.null;
  llvm::Value* null_b = b.null;
  llvm::Value* neither = f.b.CreateNot(f.b.CreateOr(null_a, null_b));
  return f.b.CreateOr(f.b.CreateAnd(null_a, null_b), f.b.CreateAnd(neither, equal));
}

Value LowerComparison(FunctionContext& f, const Expr& expr) {
  Value a = LowerExpr(f, *expr.args[0]);
  Value b = LowerExpr(f, *expr.args[1]);
  Value result;
  switch (expr.kind) {
    case ExprKind::Eq: result.data = LowerEqual(f, a, b); break;
    case ExprKind::Ne: result.data = f.b.CreateNot(LowerEqual(f, a, b)); break;
    default: result.data = Less(f, expr.kind, a, b); break;
  }
  return result;
}

Value LowerIn(FunctionContext& f, const Expr& expr) {
  Value needle = LowerExpr(f, *expr.args[0]);
  const Expr& list = *expr.args[1];
  if (list.kind == ExprKind::Literal && !list.value.is_null()) {
    const auto& elements = std::get<std::vector<types::Datum>>(list.value.value);
    return InElements(f, expr, needle, elements.size(),
                      [&](size_t i) { return ConstantValue(f, list.type->element, elements[i]); });
  }
  if (list.kind == ExprKind::List) {
    // All elements are evaluated first: one that fails rejects the row wherever it stands.
    std::vector<Value> elements;
    for (const typed::ExprPtr& element : list.args) elements.push_back(LowerExpr(f, *element));
    return InElements(f, expr, needle, elements.size(), [&](size_t i) { return elements[i]; });
  }
  Value haystack = LowerExpr(f, list);
  const types::TypeRef& element = list.type->element;
  llvm::Value* found = f.StackSlot(f.m.i1, "found");
  f.b.CreateStore(f.m.Bool(false), found);
  ForEach(f, haystack.size, "in", [&](llvm::Value* index, llvm::BasicBlock* leave) {
    llvm::Value* offset = f.b.CreateMul(index, f.m.Int(RowSize(*element)));
    llvm::Value* equal = LowerEqual(f, needle, LoadRow(f, f.At(haystack.data, offset), 0, element));
    f.b.CreateStore(equal, found);
    llvm::BasicBlock* more = f.NewBlock("in.next");
    f.b.CreateCondBr(equal, leave, more);
    f.b.SetInsertPoint(more);
  });
  Value result;
  result.data = f.b.CreateLoad(f.m.i1, found);
  return result;
}

}  // namespace streamc::codegen
