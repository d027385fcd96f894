// The code generator: turns a physical program into one LLVM module.
//
// In: physical::Program (complete spec, function numbers assigned). Out: a verified module with one internal function per
// function number, shaped as runtime/abi/abi.h says, and the exported constant `streamc_job` (ScJob). Stdlib kernels and sc_*
// functions stay external declarations; backend/ links or resolves them. Nothing here optimises or knows a CPU.
#pragma once

#include <memory>
#include <string>

#include "compiler/physical/physical.h"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace streamc::codegen {

struct CodegenOptions {
  std::string module_name = "job";
  bool verify = true;  // run LLVM's verifier over the result; a failure is a bug of this library
};

// Null with a text in `error` when the program uses what is not generated yet (maps) or is inconsistent.
std::unique_ptr<llvm::Module> GenerateModule(llvm::LLVMContext& context, const physical::Program& program,
                                             const CodegenOptions& options, std::string* error);

}  // namespace streamc::codegen
