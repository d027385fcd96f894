#include "compiler/codegen/codegen.h"

#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/codegen/lowering.h"
#include "runtime/abi/abi.h"
#include "runtime/abi/job_spec_io.h"

namespace streamc::codegen {

namespace {

// Sizes and alignments of x86-64 Linux, as the back end's target has them: column and row layouts are made for them.
constexpr const char* kDataLayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128";
constexpr const char* kTriple = "x86_64-pc-linux-gnu";

// The first type in an expression that is not generated, null when there is none.
const types::Type* FindUnsupported(const typed::Expr* expr) {
  if (expr == nullptr) return nullptr;
  if (expr->type != nullptr && HasUnsupported(*expr->type)) return expr->type.get();
  for (const typed::ExprPtr& arg : expr->args)
    if (const types::Type* found = FindUnsupported(arg.get())) return found;
  return nullptr;
}

const types::Type* FindUnsupported(const physical::RowStep& step) {
  struct Visit {
    const types::Type* operator()(const physical::Filter& s) const { return FindUnsupported(s.condition.get()); }
    const types::Type* operator()(const physical::Compute& s) const { return FindUnsupported(s.expr.get()); }
    const types::Type* operator()(const physical::Expand& s) const { return FindUnsupported(s.list.get()); }
    const types::Type* operator()(const physical::Check& s) const { return FindUnsupported(s.condition.get()); }
    const types::Type* operator()(const physical::LookupRow& s) const {
      for (const typed::ExprPtr& key : s.keys)
        if (const types::Type* found = FindUnsupported(key.get())) return found;
      return HasUnsupported(*s.row_type) ? s.row_type.get() : nullptr;
    }
  };
  return std::visit(Visit{}, step.node);
}

const types::Type* FindUnsupported(const physical::Program& program) {
  for (const physical::Pipeline& pipeline : program.pipelines) {
    for (const physical::Slot& slot : pipeline.input)
      if (HasUnsupported(*slot.type)) return slot.type.get();
    for (const physical::RowStep& step : pipeline.steps)
      if (const types::Type* found = FindUnsupported(step)) return found;
  }
  for (const physical::AggregateCode& code : program.aggregates) {
    for (const auto* list : {&code.keys, &code.items})
      for (const typed::Computed& one : *list)
        if (const types::Type* found = FindUnsupported(one.expr.get())) return found;
    for (const physical::AggCall& call : code.calls) {
      for (const typed::ExprPtr& arg : call.args)
        if (const types::Type* found = FindUnsupported(arg.get())) return found;
      if (const types::Type* found = FindUnsupported(call.where.get())) return found;
    }
  }
  for (const physical::TimeCode& code : program.times)
    if (const types::Type* found = FindUnsupported(code.expr.get())) return found;
  return nullptr;
}

// The ScJob constant: function table and serialised spec.
void DefineJob(ModuleContext& m, const std::vector<llvm::Constant*>& functions) {
  auto constant = [&](llvm::Constant* value, const char* name, llvm::GlobalValue::LinkageTypes linkage) {
    auto* global = new llvm::GlobalVariable(m.module, value->getType(), true, linkage, value, name);
    global->setAlignment(llvm::Align(16));
    return global;
  };
  const std::string spec = abi::WriteJobSpec(m.program.spec);
  llvm::Constant* bytes = llvm::ConstantDataArray::getString(m.module.getContext(), spec, false);
  llvm::Constant* table = llvm::ConstantArray::get(llvm::ArrayType::get(m.ptr, functions.size()), functions);
  llvm::Constant* fields[] = {m.Int32(STREAMC_ABI_VERSION), m.Int32(static_cast<int32_t>(functions.size())),
                              constant(table, "functions", llvm::GlobalValue::InternalLinkage),
                              constant(bytes, "spec", llvm::GlobalValue::InternalLinkage),
                              m.Int(static_cast<int64_t>(spec.size()))};
  constant(llvm::ConstantStruct::get(m.job, fields), "streamc_job", llvm::GlobalValue::ExternalLinkage);
}

}  // namespace

std::unique_ptr<llvm::Module> GenerateModule(llvm::LLVMContext& context, const physical::Program& program,
                                             const CodegenOptions& options, std::string* error) {
  if (const types::Type* found = FindUnsupported(program)) {
    *error = "no code is generated for values of type `" + types::ToString(*found) + "` yet";
    return nullptr;
  }
  auto module = std::make_unique<llvm::Module>(options.module_name, context);
  module->setDataLayout(kDataLayout);
  module->setTargetTriple(kTriple);
  ModuleContext m(*module, program);
  std::vector<llvm::Constant*> functions(static_cast<size_t>(program.function_count), llvm::Constant::getNullValue(m.ptr));
  auto define = [&](int32_t number, auto lower) {
    if (number >= 0) functions.at(static_cast<size_t>(number)) = lower();
  };
  for (const physical::Pipeline& pipeline : program.pipelines)
    define(pipeline.function, [&] { return LowerPipeline(m, pipeline); });
  for (const physical::AggregateCode& code : program.aggregates) {
    define(code.merge_function, [&] { return LowerMerge(m, code); });
    define(code.destroy_function, [&] { return LowerDestroy(m, code); });
    define(code.result_function, [&] { return LowerResult(m, code); });
    define(code.save_function, [&] { return LowerSave(m, code); });
    define(code.load_function, [&] { return LowerLoad(m, code); });
  }
  for (const physical::TimeCode& code : program.times) define(code.function, [&] { return LowerTime(m, code); });
  DefineJob(m, functions);

  if (options.verify) {
    llvm::raw_string_ostream text(*error);
    if (llvm::verifyModule(*module, &text)) return nullptr;
  }
  return module;
}

}  // namespace streamc::codegen
