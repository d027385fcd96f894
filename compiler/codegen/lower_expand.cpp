// expand: a loop over the elements around everything that follows.
//
// A failure inside concerns the row of one element: the others go on, as they would in a pipeline of their own.
#include "compiler/codegen/lowering.h"

namespace streamc::codegen {

void LowerExpand(FunctionContext& f, const physical::Expand& expand, const Rest& rest) {
  Value list = LowerExpr(f, *expand.list);
  const types::TypeRef& element = expand.list->type->element;
  const int64_t stride = RowSize(*element);
  llvm::Value* size = list.null == nullptr ? list.size : f.b.CreateSelect(list.null, f.m.Int(0), list.size);
  llvm::Value* count = size;
  llvm::Value* empty = nullptr;
  if (expand.outer) {
    empty = f.b.CreateICmpEQ(size, f.m.Int(0), "empty");
    count = f.b.CreateSelect(empty, f.m.Int(1), size);
  }

  llvm::BasicBlock* before = f.b.GetInsertBlock();
  llvm::BasicBlock* head = f.NewBlock("expand");
  llvm::BasicBlock* body = f.NewBlock("expand.body");
  llvm::BasicBlock* advance = f.NewBlock("expand.next");
  f.b.CreateBr(head);
  f.b.SetInsertPoint(head);
  llvm::PHINode* index = f.b.CreatePHI(f.m.i64, 2, "element");
  index->addIncoming(f.m.Int(0), before);
  f.b.CreateCondBr(f.b.CreateICmpSLT(index, count), body, f.next);

  f.b.SetInsertPoint(body);
  FunctionContext::Scope scope(f);
  llvm::BasicBlock* row_next = f.next;
  f.next = advance;
  RejectTarget outer = f.BeginRejects();
  llvm::Value* address = f.At(list.data, f.b.CreateMul(index, f.m.Int(stride)));
  if (empty != nullptr) address = f.b.CreateSelect(empty, f.m.ZeroRow(stride), address);
  Value value = LoadRow(f, address, 0, element);
  if (empty != nullptr) {
    value.null = OrNull(f, value.null, empty);
    value.type = types::Optional(element);
  }
  f.Bind(expand.column, value);
  rest();
  f.EndRejects(outer, advance, [&](llvm::Value* site, llvm::Value* code) { f.CallReject(f.row, site, code); });
  f.next = row_next;

  f.b.SetInsertPoint(advance);
  index->addIncoming(f.b.CreateNSWAdd(index, f.m.Int(1)), advance);
  f.b.CreateBr(head);
}

}  // namespace streamc::codegen
