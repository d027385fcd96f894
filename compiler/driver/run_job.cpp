// streamc run JOB.sdl -- FLAGS: compiled in memory, run in this process.
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <string>
#include <vector>

#include "compiler/driver/aot.h"
#include "compiler/support/install.h"
#include "compiler/driver/options.h"
#include "runtime/engine/job_main.h"

namespace streamc::driver {

const ScJob* LoadJob(Compilation& compilation, backend::Jit& jit) {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module = compilation.TakeModule(&context);
  if (!module) return nullptr;
  return compilation.Timed("jit", [&] { return jit.Load(std::move(context), std::move(module), compilation.diagnostics()); });
}

int RunJob(const Options& options) {
  Compilation compilation(options.compile);
  if (!Load(compilation, options)) return kExitInput;
  backend::JitOptions jit_options;
  jit_options.level = options.level;
  jit_options.tier = options.level == 0 ? backend::Tier::Fast : backend::Tier::FastThenOptimized;
  jit_options.bitcode = support::BitcodePath();
  const std::unique_ptr<backend::Jit> jit = backend::Jit::Create(jit_options, compilation.diagnostics());
  const ScJob* job = jit ? LoadJob(compilation, *jit) : nullptr;
  if (!Finish(compilation, options) || job == nullptr) return kExitProgramWrong;
  std::vector<std::string> words = {compilation.stem()};
  words.insert(words.end(), options.job_arguments.begin(), options.job_arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return rt::engine::RunJobMain(job, static_cast<int>(words.size()), argv.data());
}

}  // namespace streamc::driver
