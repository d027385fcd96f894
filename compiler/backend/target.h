// The target machine, shared by optimisation and emission. Internal to backend/.
#pragma once

#include <memory>
#include <string>

#include <llvm/Target/TargetMachine.h>

#include "compiler/diag/diag.h"

namespace streamc::backend {

// Registers the target once per process.
void InitializeTarget();
// "native" and the empty name resolved.
std::string ResolveCpu(const std::string& cpu);
// Null with a diagnostic for a CPU that LLVM does not know.
std::unique_ptr<llvm::TargetMachine> MakeTargetMachine(const std::string& cpu, int level, diag::Diagnostics& diagnostics);
// Optimises after the bitcode is linked, for a machine that is already made.
void RunPasses(llvm::Module& module, llvm::TargetMachine& machine, int level);

}  // namespace streamc::backend
