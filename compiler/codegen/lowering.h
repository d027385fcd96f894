// From parts of the physical program to functions; one lower_<part>.cpp each.
#pragma once

#include <functional>
#include <vector>

#include "compiler/codegen/function_context.h"

namespace streamc::codegen {

// --- row steps -----------------------------------------------------------------------------------------------------
// What follows a step; ends the current block.
using Rest = std::function<void()>;
void LowerFilter(FunctionContext& f, const physical::Filter& filter);
void LowerCompute(FunctionContext& f, const physical::Compute& compute);
void LowerCheck(FunctionContext& f, const physical::Check& check);
void LowerLookup(FunctionContext& f, const physical::LookupRow& lookup);
// Runs `rest` once per element.
void LowerExpand(FunctionContext& f, const physical::Expand& expand, const Rest& rest);

// --- output ----------------------------------------------------------------------------------------------------------
// Appends rows to an ScOut. Column pointers and the number of rows live in stack slots, which the optimiser turns into
// registers.
class OutWriter {
 public:
  // `all_states`: the layout is unchecked, every leaf has a state. The position must be before the row loop.
  OutWriter(FunctionContext& f, llvm::Value* out, const std::vector<physical::Slot>& columns, bool all_states);
  // Makes room for `rows` more rows; Append then does not check.
  void Reserve(llvm::Value* rows);
  // Reads the columns (which may reject the row), then appends one row.
  void Append();
  // Writes the number of rows back.
  void Finish();

 private:
  struct LeafSlot {
    TypeLeaf leaf;
    llvm::Value* data;
    llvm::Value* state;
  };

  void Reload();
  void Grow();
  void Store(const Value& value, size_t* leaf, llvm::Value* at, llvm::Value* missing);
  void StoreState(const LeafSlot& slot, llvm::Value* state, llvm::Value* at);

  FunctionContext& f_;
  llvm::Value* out_;
  const std::vector<physical::Slot>& columns_;
  bool all_states_;
  bool reserved_ = false;
  std::vector<LeafSlot> leaves_;
  llvm::Value* rows_;
  llvm::Value* capacity_;
};

// Hash of a key the way tables do it: sc_hash_mix over the words of its leaves from seed 0, texts by their sc_hash_str.
llvm::Value* HashKey(FunctionContext& f, const std::vector<Value>& key);
// The key in row layout in stack memory.
llvm::Value* KeyRow(FunctionContext& f, const std::vector<Value>& key);

// --- functions -------------------------------------------------------------------------------------------------------
// Runs `body` for every row of 0 .. count - 1 with f.row and f.next set; `body` ends its last block. Failures call `reject`.
void RowLoop(FunctionContext& f, llvm::Value* count, const std::function<void()>& body,
             const std::function<void(llvm::Value* site, llvm::Value* code)>& reject);

llvm::Function* LowerPipeline(ModuleContext& m, const physical::Pipeline& pipeline);
llvm::Function* LowerMerge(ModuleContext& m, const physical::AggregateCode& code);
llvm::Function* LowerDestroy(ModuleContext& m, const physical::AggregateCode& code);
llvm::Function* LowerSave(ModuleContext& m, const physical::AggregateCode& code);
llvm::Function* LowerLoad(ModuleContext& m, const physical::AggregateCode& code);
llvm::Function* LowerResult(ModuleContext& m, const physical::AggregateCode& code);
llvm::Function* LowerTime(ModuleContext& m, const physical::TimeCode& code);

// The update of one row, for LowerPipeline: Begin before the row loop, Row where a row has passed its steps.
class UpdateLowering {
 public:
  UpdateLowering(FunctionContext& f, const physical::AggregateCode& code, llvm::Value* agg, llvm::Value* late);
  void Row();
  void Finish();

 private:
  struct Inputs {
    llvm::Value* active = nullptr;
    std::vector<Value> args;
  };

  void ReloadHead();
  llvm::Value* FindTable(llvm::Value* time);
  Inputs LowerInputs(const physical::AggCall& call);
  void Apply(const physical::AggCall& call, const Inputs& inputs, llvm::Value* state, llvm::Value* table, llvm::Value* time,
             llvm::Value* sign);

  FunctionContext& f_;
  const physical::AggregateCode& code_;
  llvm::Value* agg_;
  llvm::Value *lo_, *hi_, *first_end_, *table_;
  std::unique_ptr<OutWriter> late_;
};

// Bytes from the start of a slot to its states.
inline int64_t StatesOffset(const physical::AggregateCode& code) {
  return 16 + abi::RoundUp16(code.key_size);
}
// A new internal function `<kind>_<number>_<name of the node>`.
llvm::Function* NewFunction(ModuleContext& m, const char* kind, int32_t number, int32_t node, llvm::Type* result,
                            llvm::ArrayRef<llvm::Type*> params, llvm::ArrayRef<const char*> names);

}  // namespace streamc::codegen
