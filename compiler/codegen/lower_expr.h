// The groups of expressions; LowerExpr chooses by kind. Every function leaves the position where the value is known.
#pragma once

#include "compiler/codegen/function_context.h"

namespace streamc::codegen {

Value LowerArithmetic(FunctionContext& f, const typed::Expr& expr);  // Neg, Add, Sub, Mul, Div, Mod
Value LowerConversion(FunctionContext& f, const typed::Expr& expr);  // ToFloat, ToDecimal
Value LowerComparison(FunctionContext& f, const typed::Expr& expr);  // Eq, Ne, Lt, Le, Gt, Ge
Value LowerIn(FunctionContext& f, const typed::Expr& expr);
Value LowerListLiteral(FunctionContext& f, const typed::Expr& expr);
Value LowerIndex(FunctionContext& f, const typed::Expr& expr);
Value LowerListLoop(FunctionContext& f, const typed::Expr& expr);  // Map, Filter, Exists, ForAll, Reduce
Value LowerCall(FunctionContext& f, const typed::Expr& expr);

// i1: equal, two missing values being equal. Lists and records are compared element by element.
llvm::Value* LowerEqual(FunctionContext& f, const Value& a, const Value& b);
// An int constant's value in another decimal scale; rejects with SC_ERR_OVERFLOW above 38 digits. Rounds half up.
llvm::Value* Rescale(FunctionContext& f, llvm::Value* decimal, int from, int to);

// Runs `body(index)` for index = 0 .. count - 1. `leave` is where body may branch to end early; the position ends there.
template <typename Body>
void ForEach(FunctionContext& f, llvm::Value* count, const llvm::Twine& name, Body body) {
  llvm::BasicBlock* before = f.b.GetInsertBlock();
  llvm::BasicBlock* head = f.NewBlock(name + ".head");
  llvm::BasicBlock* inside = f.NewBlock(name + ".body");
  llvm::BasicBlock* leave = f.NewBlock(name + ".end");
  f.b.CreateBr(head);
  f.b.SetInsertPoint(head);
  llvm::PHINode* index = f.b.CreatePHI(f.m.i64, 2, name);
  index->addIncoming(f.m.Int(0), before);
  f.b.CreateCondBr(f.b.CreateICmpSLT(index, count), inside, leave);
  f.b.SetInsertPoint(inside);
  {
    FunctionContext::Scope scope(f);
    body(index, leave);
  }
  index->addIncoming(f.b.CreateNSWAdd(index, f.m.Int(1)), f.b.GetInsertBlock());
  f.b.CreateBr(head);
  f.b.SetInsertPoint(leave);
}

}  // namespace streamc::codegen
