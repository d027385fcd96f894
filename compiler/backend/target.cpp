#include "compiler/backend/target.h"

#include <algorithm>
#include <mutex>

#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/TargetParser/Host.h>

#include "compiler/backend/backend.h"

namespace streamc::backend {

void InitializeTarget() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
}

std::string ResolveCpu(const std::string& cpu) {
  if (cpu.empty()) return std::string(kBaselineCpu);
  return cpu == "native" ? llvm::sys::getHostCPUName().str() : cpu;
}

std::unique_ptr<llvm::TargetMachine> MakeTargetMachine(const std::string& cpu, int level, diag::Diagnostics& diagnostics) {
  InitializeTarget();
  const std::string triple = llvm::sys::getDefaultTargetTriple();
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (target == nullptr) {
    diagnostics.Report(diag::DiagId::BackEndFailed, kNowhere, error);
    return nullptr;
  }
  const std::string name = ResolveCpu(cpu);
  // Asked of a machine for no special CPU, since one for an unknown CPU prints to stderr when made.
  std::unique_ptr<llvm::MCSubtargetInfo> known(target->createMCSubtargetInfo(triple, "", ""));
  if (!known->isCPUStringValid(name)) {
    std::vector<std::string> names;
    for (const auto& one : known->getAllProcessorDescriptions()) names.emplace_back(one.Key);
    diagnostics.Report(diag::DiagId::UnknownTargetCpu, kNowhere, name)
        .DidYouMean(name, names)
        .Help("`native` is this machine; `x86-64-v2` to `x86-64-v4` are levels that many machines share");
    return nullptr;
  }
  const auto codegen = level == 0   ? llvm::CodeGenOptLevel::None
                       : level == 1 ? llvm::CodeGenOptLevel::Less
                                    : llvm::CodeGenOptLevel::Default;
  llvm::TargetOptions options;
  options.FunctionSections = true;
  std::unique_ptr<llvm::TargetMachine> machine(
      target->createTargetMachine(triple, name, "", options, llvm::Reloc::PIC_, llvm::CodeModel::Small, codegen));
  return machine;
}

}  // namespace streamc::backend
