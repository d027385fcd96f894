// streamc JOB.sdl: to one self-contained binary.
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <string>

#include "compiler/driver/aot.h"
#include "compiler/support/install.h"
#include "compiler/driver/options.h"

namespace streamc::driver {

bool BuildBinary(Compilation& compilation, const Options& options, const std::string& output) {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module = compilation.TakeModule(&context);
  if (!module) return false;
  backend::CodeOptions code;
  code.level = options.level;
  code.cpu = options.target_cpu;
  code.bitcode = support::BitcodePath();
  backend::LinkOptions link;
  link.library_dir = support::LibraryDir();
  std::string object;
  diag::Diagnostics& diagnostics = compilation.diagnostics();
  const bool done =
      compilation.Timed("llvm", [&] { return backend::OptimizeModule(*module, code, diagnostics); }) &&
      compilation.Timed("emit", [&] { return backend::EmitObject(*module, code, &object, diagnostics); }) &&
      compilation.Timed("link", [&] { return backend::LinkJob(object, output, link, diagnostics); });
  module.reset();
  return done;
}

int BuildJob(const Options& options) {
  Compilation compilation(options.compile);
  if (!Load(compilation, options)) return kExitInput;
  const std::string output = options.output.empty() ? compilation.stem() : options.output;
  BuildBinary(compilation, options, output);
  return Finish(compilation, options) ? kExitOk : kExitProgramWrong;
}

}  // namespace streamc::driver
