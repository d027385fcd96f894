// Machine code as an object or as text.
#include <llvm/ADT/SmallString.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/backend/backend.h"
#include "compiler/backend/target.h"

namespace streamc::backend {

namespace {

bool Emit(llvm::Module& module, const CodeOptions& options, llvm::CodeGenFileType kind, std::string* result,
          diag::Diagnostics& diagnostics) {
  std::unique_ptr<llvm::TargetMachine> machine = MakeTargetMachine(options.cpu, options.level, diagnostics);
  if (machine == nullptr) return false;
  module.setTargetTriple(machine->getTargetTriple().str());
  module.setDataLayout(machine->createDataLayout());
  module.setPICLevel(llvm::PICLevel::BigPIC);
  module.setPIELevel(llvm::PIELevel::Large);
  llvm::SmallString<0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, nullptr, kind)) {
    diagnostics.Report(diag::DiagId::BackEndFailed, kNowhere, "this target writes no such file");
    return false;
  }
  passes.run(module);
  result->assign(bytes.data(), bytes.size());
  return true;
}

}  // namespace

bool EmitObject(llvm::Module& module, const CodeOptions& options, std::string* object, diag::Diagnostics& diagnostics) {
  return Emit(module, options, llvm::CodeGenFileType::ObjectFile, object, diagnostics);
}

bool PrintAssembly(llvm::Module& module, const CodeOptions& options, std::string* text, diag::Diagnostics& diagnostics) {
  return Emit(module, options, llvm::CodeGenFileType::AssemblyFile, text, diagnostics);
}

std::string PrintModule(const llvm::Module& module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream, nullptr);
  return text;
}

}  // namespace streamc::backend
