// The state of one function while its body is made: position, columns and locals in reach, where a failing row goes.
//
// A row loop sets `row`, `site`, `next` and a reject target; steps and expressions then append straight-line code and leave
// the position where the row goes on. Used by the lower_*.cpp files of this folder only.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <llvm/IR/IRBuilder.h>

#include "compiler/codegen/module_context.h"
#include "compiler/codegen/value.h"

namespace streamc::codegen {

// One block that all failures of a row (or list element) share: `site` and `code` are phi nodes.
struct RejectTarget {
  llvm::BasicBlock* block = nullptr;
  llvm::PHINode* site = nullptr;
  llvm::PHINode* code = nullptr;
};

class FunctionContext {
 public:
  // `ctx` is the ScCtx argument. Opens blocks "entry" (allocas and hoisted loads) and "begin" (position).
  FunctionContext(ModuleContext& module, llvm::Function* function, llvm::Value* ctx);

  ModuleContext& m;
  llvm::Function* function;
  llvm::IRBuilder<> b;
  llvm::Value* ctx;

  // --- the row at hand ---
  llvm::Value* row = nullptr;  // i64, its index in the input batch
  int32_t site = -1;
  llvm::BasicBlock* next = nullptr;  // where a row goes that ends without error
  std::vector<Value> aggregates;     // values of Agg nodes

  // --- blocks and memory ---
  llvm::BasicBlock* NewBlock(const llvm::Twine& name);
  // A builder at the end of "entry", for loads that hold for the whole call.
  llvm::IRBuilder<> Hoist();
  // `size` bytes of stack, 16-byte aligned, made once per call.
  llvm::Value* Stack(int64_t size, const llvm::Twine& name);
  llvm::Value* StackSlot(llvm::Type* type, const llvm::Twine& name);
  llvm::Value* Arena();  // ScCtx::arena
  llvm::Value* At(llvm::Value* base, int64_t offset);
  llvm::Value* At(llvm::Value* base, llvm::Value* offset);
  llvm::MDNode* Unlikely();  // branch weights: the first successor is rare

  // --- failures ---
  // Rejects the row when `condition` holds; the position goes on where it does not. `code`: i32.
  void RejectIf(llvm::Value* condition, llvm::Value* code);
  void RejectIf(llvm::Value* condition, int32_t code) { RejectIf(condition, m.Int32(code)); }
  // Starts collecting failures anew; the former target comes back and is to be restored with EndRejects' caller.
  RejectTarget BeginRejects();
  // Closes the current target, if anything failed: calls `emit(site, code)` in its block, then goes to `to`.
  template <typename Emit>
  void EndRejects(const RejectTarget& outer, llvm::BasicBlock* to, Emit emit) {
    if (rejects_.block != nullptr) {
      auto at = b.saveIP();
      b.SetInsertPoint(rejects_.block);
      emit(rejects_.site, rejects_.code);
      b.CreateBr(to);
      b.restoreIP(at);
    }
    rejects_ = outer;
  }
  void CallReject(llvm::Value* row_index, llvm::Value* at_site, llvm::Value* code);

  // --- columns and locals ---
  // Binds the columns of a batch (ScBatch*); leaves are loaded where they are first needed.
  void BindInput(const std::vector<physical::Slot>& slots, llvm::Value* in, bool source_batch);
  void Bind(typed::ColumnId id, Value value) { bound_[id] = std::move(value); }
  // Value of a column, or of a field inside it: `path` lists field indexes. A missing record on the way makes it missing.
  // Never materialises more leaves of an input column than the path needs.
  Value Column(typed::ColumnId id, const std::vector<int32_t>& path = {});
  // Whether the value at `path` is missing (i1), null pointer when it cannot be; reads only what that needs.
  llvm::Value* ColumnIsNull(typed::ColumnId id, const std::vector<int32_t>& path);
  // A column of the input batch that no step has bound anew, and where its leaves begin.
  bool IsInput(typed::ColumnId id) const { return inputs_.contains(id) && !bound_.contains(id); }
  int InputLeaf(typed::ColumnId id) const { return inputs_.at(id).leaf; }
  // The bytes (ptr) and state (i8) of an input leaf as they are; a leaf without data is a missing value.
  std::pair<llvm::Value*, llvm::Value*> RawLeaf(int leaf, abi::LeafKind kind);
  std::unordered_map<typed::LocalId, Value> locals;

  // While one lives, loads are remembered only until it dies: code inside may not have run later on.
  class Scope {
   public:
    explicit Scope(FunctionContext& f) : f_(f) { f_.cache_.emplace_back(); }
    ~Scope() { f_.cache_.pop_back(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    FunctionContext& f_;
  };

 private:
  struct InputColumn {
    types::TypeRef type;
    int leaf = 0;
  };
  struct LeafPointers {
    llvm::Value* data = nullptr;
    llvm::Value* state = nullptr;
  };

  LeafPointers& Pointers(int leaf);
  Value LoadTree(const types::TypeRef& type, int* leaf, llvm::Value* present);
  Value LoadLeaf(const types::TypeRef& type, int leaf, llvm::Value* present);
  // Presence of the optional record whose presence leaf is `leaf` (i1).
  llvm::Value* LoadPresence(int leaf, llvm::Value* outer);
  const Value* Cached(int leaf) const;
  // The i8 state of a leaf as far as the records around it are present, with undecoded values rejected.
  llvm::Value* CheckedState(int leaf, llvm::Value* present, bool may_be_null);
  // Walks a path in an input column: the leaf and type it ends at, presence of the records passed.
  llvm::Value* Walk(const InputColumn& column, const std::vector<int32_t>& path, types::TypeRef* type, int* leaf);

  llvm::BasicBlock* entry_;
  RejectTarget rejects_;
  llvm::Value* in_ = nullptr;
  llvm::Value* in_columns_ = nullptr;
  bool source_batch_ = false;
  std::vector<LeafPointers> pointers_;
  std::unordered_map<typed::ColumnId, InputColumn> inputs_;
  std::unordered_map<typed::ColumnId, Value> bound_;
  std::vector<std::unordered_map<int, Value>> cache_;
  llvm::Value* arena_ = nullptr;
};

// --- values (value.cpp) ---
Value ZeroValue(FunctionContext& f, const types::TypeRef& type);  // missing when optional
Value ConstantValue(FunctionContext& f, const types::TypeRef& type, const types::Datum& datum);
// The same value seen as T? of `type`, or as T.
Value WithType(Value value, const types::TypeRef& type);
// The field of a record value; missing when the record is.
Value FieldOf(FunctionContext& f, const Value& record, int32_t index);
llvm::Value* IsNull(FunctionContext& f, const Value& value);              // i1
llvm::Value* OrNull(FunctionContext& f, llvm::Value* a, llvm::Value* b);  // either may be a null pointer
// `condition` ? a : b, both computed.
Value Select(FunctionContext& f, llvm::Value* condition, const Value& a, const Value& b);

// Collects the values of several ways to one place.
class Join {
 public:
  Join(FunctionContext& f, types::TypeRef type, const llvm::Twine& name);
  // Ends the current block with a branch to the join.
  void Add(const Value& value);
  // Moves the position to the join and gives the value there.
  Value Finish();

 private:
  Value Merge(const types::TypeRef& type, const std::vector<const Value*>& parts);

  FunctionContext& f_;
  types::TypeRef type_;
  llvm::BasicBlock* block_;
  std::vector<Value> values_;
  std::vector<llvm::BasicBlock*> from_;
};

// --- row layout (value.cpp) ---
Value LoadRow(FunctionContext& f, llvm::Value* base, int64_t offset, const types::TypeRef& type);
// Writes the value and returns the offset after it; a missing value is written as zeros.
int64_t StoreRow(FunctionContext& f, llvm::Value* base, int64_t offset, const Value& value);

// --- expressions (lower_expr*.cpp) ---
Value LowerExpr(FunctionContext& f, const typed::Expr& expr);
inline llvm::Value* LowerBool(FunctionContext& f, const typed::Expr& expr) {
  return LowerExpr(f, expr).data;
}
// Leaves the row unless the condition holds: goes to `otherwise`. Conjunctions become steps, so that what their parts
// load stays in reach.
void RequireTrue(FunctionContext& f, const typed::Expr& condition, llvm::BasicBlock* otherwise);

}  // namespace streamc::codegen
