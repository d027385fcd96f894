// Linking of the stdlib's bitcode and the pass pipeline.
#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/PassManager.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/IPO/Internalize.h>

#include "compiler/backend/backend.h"
#include "compiler/backend/target.h"

namespace streamc::backend {

namespace {

bool LinkBitcode(llvm::Module& module, const std::string& path, diag::Diagnostics& diagnostics) {
  auto fail = [&](const std::string& why) {
    diagnostics.Report(diag::DiagId::CannotReadInput, kNowhere, path, why)
        .Help("it belongs to the installation of streamc: install it again");
    return false;
  };
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) return fail(buffer.getError().message());
  // Lazy: bodies of kernels that the job does not use are never parsed.
  auto library = llvm::getOwningLazyBitcodeModule(std::move(*buffer), module.getContext());
  if (!library) return fail(llvm::toString(library.takeError()));
  (*library)->setTargetTriple(module.getTargetTriple());
  (*library)->setDataLayout(module.getDataLayout());
  if (llvm::Linker::linkModules(module, std::move(*library), llvm::Linker::LinkOnlyNeeded))
    return fail("it does not fit this version of streamc");
  return true;
}

// One CPU for all code: kernels are compiled for any machine and would otherwise not be inlined or use it.
void SetCpu(llvm::Module& module, llvm::StringRef cpu) {
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    function.removeFnAttr("target-features");
    function.removeFnAttr("tune-cpu");
    function.addFnAttr("target-cpu", cpu);
  }
}

void RunPasses(llvm::Module& module, llvm::TargetMachine& machine, int level, const std::atomic<bool>* cancelled) {
  llvm::PipelineTuningOptions tuning;
  // Row loops branch on every row, so there is nothing to vectorise; kernels were vectorised when they were compiled.
  tuning.LoopVectorization = false;
  tuning.LoopInterleaving = false;
  tuning.SLPVectorization = false;
  llvm::PassInstrumentationCallbacks callbacks;
  if (cancelled != nullptr) {
    callbacks.registerShouldRunOptionalPassCallback(
        [cancelled](llvm::StringRef, llvm::Any) { return !cancelled->load(std::memory_order_relaxed); });
  }
  llvm::PassBuilder builder(&machine, tuning, std::nullopt, &callbacks);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);

  llvm::ModulePassManager passes;
  passes.addPass(llvm::InternalizePass([](const llvm::GlobalValue& value) { return value.getName() == "streamc_job"; }));
  if (level == 0) {
    passes.addPass(llvm::GlobalDCEPass());
  } else {
    const llvm::OptimizationLevel levels[] = {llvm::OptimizationLevel::O1, llvm::OptimizationLevel::O2,
                                              llvm::OptimizationLevel::O3};
    passes.addPass(builder.buildPerModuleDefaultPipeline(levels[std::min(level, 3) - 1]));
  }
  passes.run(module, modules);
}

}  // namespace

bool OptimizeUnless(const std::atomic<bool>* cancelled, llvm::Module& module, const CodeOptions& options,
                    diag::Diagnostics& diagnostics) {
  std::unique_ptr<llvm::TargetMachine> machine = MakeTargetMachine(options.cpu, options.level, diagnostics);
  if (machine == nullptr) return false;
  module.setTargetTriple(machine->getTargetTriple().str());
  module.setDataLayout(machine->createDataLayout());
  if (options.level > 0 && !options.bitcode.empty() && !LinkBitcode(module, options.bitcode, diagnostics)) return false;
  SetCpu(module, machine->getTargetCPU());
  RunPasses(module, *machine, options.level, cancelled);
  return true;
}

bool OptimizeModule(llvm::Module& module, const CodeOptions& options, diag::Diagnostics& diagnostics) {
  return OptimizeUnless(nullptr, module, options, diagnostics);
}

}  // namespace streamc::backend
