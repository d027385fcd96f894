// The target machine, shared by optimisation and emission, and what else the files of backend/ share. Internal to backend/.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <llvm/Target/TargetMachine.h>

#include "compiler/backend/backend.h"
#include "compiler/diag/diag.h"

namespace streamc::backend {

// The place of failures that are nowhere in the program.
inline constexpr source::Span kNowhere{source::SourceId{UINT32_MAX}, 0, 0};

// Registers the target once per process.
void InitializeTarget();
// "native" and the empty name resolved.
std::string ResolveCpu(const std::string& cpu);
// Null with a diagnostic for a CPU that LLVM does not know.
std::unique_ptr<llvm::TargetMachine> MakeTargetMachine(const std::string& cpu, int level, diag::Diagnostics& diagnostics);
// OptimizeModule that gives up early once `*cancelled` (may be null) turns true: passes not yet run are skipped and the module
// stays correct, only slower.
bool OptimizeUnless(const std::atomic<bool>* cancelled, llvm::Module& module, const CodeOptions& options,
                    diag::Diagnostics& diagnostics);

}  // namespace streamc::backend
