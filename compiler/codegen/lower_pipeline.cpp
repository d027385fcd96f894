// A pipeline: the loop over the rows of a batch, its steps, and what becomes of a row in the end.
#include <cctype>

#include "compiler/codegen/lowering.h"

namespace streamc::codegen {

llvm::Function* NewFunction(ModuleContext& m, const char* kind, int32_t number, int32_t node, llvm::Type* result,
                            llvm::ArrayRef<llvm::Type*> params, llvm::ArrayRef<const char*> names) {
  std::string name = std::string(kind) + "_" + std::to_string(number) + "_";
  if (node >= 0)
    for (char c : m.program.spec.nodes.at(static_cast<size_t>(node)).name)
      name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  auto* function = llvm::Function::Create(llvm::FunctionType::get(result, params, false), llvm::GlobalValue::InternalLinkage,
                                          name, m.module);
  m.Harden(function);
  for (unsigned i = 0; i < names.size(); ++i) function->getArg(i)->setName(names[i]);
  return function;
}

void RowLoop(FunctionContext& f, llvm::Value* count, const std::function<void()>& body,
             const std::function<void(llvm::Value* site, llvm::Value* code)>& reject) {
  llvm::BasicBlock* before = f.b.GetInsertBlock();
  llvm::BasicBlock* head = f.NewBlock("rows");
  llvm::BasicBlock* inside = f.NewBlock("row");
  llvm::BasicBlock* next = f.NewBlock("next");
  llvm::BasicBlock* done = f.NewBlock("done");
  f.b.CreateBr(head);
  f.b.SetInsertPoint(head);
  llvm::PHINode* index = f.b.CreatePHI(f.m.i64, 2, "i");
  index->addIncoming(f.m.Int(0), before);
  f.b.CreateCondBr(f.b.CreateICmpSLT(index, count), inside, done);
  f.b.SetInsertPoint(inside);
  f.row = index;
  f.next = next;
  RejectTarget outer = f.BeginRejects();
  {
    FunctionContext::Scope scope(f);
    body();
  }
  f.EndRejects(outer, next, reject);
  f.b.SetInsertPoint(next);
  index->addIncoming(f.b.CreateNSWAdd(index, f.m.Int(1)), next);
  f.b.CreateBr(head);
  f.b.SetInsertPoint(done);
}

namespace {

// Steps from number `at` on, then `terminal`.
void LowerSteps(FunctionContext& f, const std::vector<physical::RowStep>& steps, size_t at, const Rest& terminal) {
  for (; at < steps.size(); ++at) {
    f.site = steps[at].site;
    const auto& node = steps[at].node;
    if (const auto* expand = std::get_if<physical::Expand>(&node)) {
      LowerExpand(f, *expand, [&] { LowerSteps(f, steps, at + 1, terminal); });
      return;
    }
    if (const auto* filter = std::get_if<physical::Filter>(&node)) LowerFilter(f, *filter);
    if (const auto* compute = std::get_if<physical::Compute>(&node)) LowerCompute(f, *compute);
    if (const auto* check = std::get_if<physical::Check>(&node)) LowerCheck(f, *check);
    if (const auto* lookup = std::get_if<physical::LookupRow>(&node)) LowerLookup(f, *lookup);
  }
  terminal();
  f.b.CreateBr(f.next);
}

}  // namespace

llvm::Function* LowerPipeline(ModuleContext& m, const physical::Pipeline& pipeline) {
  const auto* update = std::get_if<physical::UpdateSlot>(&pipeline.terminal);
  llvm::Function* function = update == nullptr ? NewFunction(m, "rows", pipeline.function, pipeline.node, m.i32,
                                                             {m.ptr, m.ptr, m.ptr}, {"ctx", "in", "out"})
                                               : NewFunction(m, "update", pipeline.function, pipeline.node, m.i32,
                                                             {m.ptr, m.ptr, m.ptr, m.ptr}, {"ctx", "in", "agg", "late"});
  FunctionContext f(m, function, function->getArg(0));
  llvm::Value* in = function->getArg(1);
  f.BindInput(pipeline.input, in, pipeline.source_batch);
  llvm::Value* count = f.b.CreateLoad(m.i64, in, "in.rows");
  auto reject = [&](llvm::Value* site, llvm::Value* code) { f.CallReject(f.row, site, code); };

  if (update != nullptr) {
    const physical::AggregateCode& code = m.program.aggregates.at(static_cast<size_t>(update->aggregate));
    UpdateLowering lowering(f, code, function->getArg(2), function->getArg(3));
    RowLoop(f, count, [&] { LowerSteps(f, pipeline.steps, 0, [&] { lowering.Row(); }); }, reject);
    lowering.Finish();
  } else {
    OutWriter out(f, function->getArg(2), std::get<physical::EmitRow>(pipeline.terminal).columns, pipeline.unchecked_output);
    bool expands = false;
    for (const physical::RowStep& step : pipeline.steps)
      expands = expands || std::holds_alternative<physical::Expand>(step.node);
    // Without expand a row becomes at most one row.
    if (!expands) out.Reserve(count);
    RowLoop(f, count, [&] { LowerSteps(f, pipeline.steps, 0, [&] { out.Append(); }); }, reject);
    out.Finish();
  }
  f.b.CreateRet(m.Int32(0));
  return function;
}

}  // namespace streamc::codegen
