// streamc --emit=STAGE, `check` and `explain`: what a phase made, as stable text on standard output.
#include <iostream>

#include "compiler/ast/print.h"
#include "compiler/backend/backend.h"
#include "compiler/support/install.h"
#include "compiler/driver/options.h"
#include "compiler/parse/parse.h"
#include "compiler/physical/physical.h"
#include "compiler/sema/sema.h"

namespace streamc::driver {
namespace {

bool AppendCode(Compilation& compilation, const Options& options, std::string* text) {
  llvm::Module* module = compilation.Generate();
  if (module == nullptr) return false;
  backend::CodeOptions code;
  code.level = options.level;
  code.cpu = options.target_cpu;
  code.bitcode = support::BitcodePath();
  if (options.level > 0 && !backend::OptimizeModule(*module, code, compilation.diagnostics())) return false;
  if (options.emit == "asm") return backend::PrintAssembly(*module, code, text, compilation.diagnostics());
  *text = backend::PrintModule(*module);
  return true;
}

bool Append(Compilation& compilation, const Options& options, std::string* text) {
  const std::string& stage = options.emit;
  if (stage == "tokens") {
    *text = parse::PrintTokens(compilation.main_source(), compilation.sources(), compilation.diagnostics());
  } else if (stage == "ast") {
    if (const ast::Program* program = compilation.Parse()) *text = ast::Print(*program);
  } else if (stage == "typed") {
    if (const typed::Program* program = compilation.Check()) *text = sema::PrintTyped(*program);
  } else if (stage == "plan") {
    if (const plan::Plan* plan = compilation.Plan()) *text = plan::PrintPlan(*plan);
  } else if (stage == "optimized") {
    if (const plan::Plan* plan = compilation.Optimize()) *text = plan::PrintPlan(*plan);
  } else if (stage == "physical") {
    if (const physical::Program* program = compilation.Physical()) *text = physical::PrintPhysical(*program, *compilation.Check());
  } else {
    return AppendCode(compilation, options, text);
  }
  return !compilation.diagnostics().has_errors();
}

}  // namespace

int EmitStage(const Options& options) {
  Compilation compilation(options.compile);
  if (!Load(compilation, options)) return kExitInput;
  std::string text;
  if (Append(compilation, options, &text)) std::cout << text << std::flush;
  return Finish(compilation, options) ? kExitOk : kExitProgramWrong;
}

int CheckJob(const Options& options) {
  Options with_tests = options;
  with_tests.compile.with_tests = true;
  Compilation compilation(with_tests.compile);
  if (!Load(compilation, options)) return kExitInput;
  compilation.Physical();
  return Finish(compilation, options) ? kExitOk : kExitProgramWrong;
}

int ExplainJob(const Options& options) {
  Compilation compilation(options.compile);
  if (!Load(compilation, options)) return kExitInput;
  if (const physical::Program* program = compilation.Physical()) std::cout << program->spec.explain << std::flush;
  return Finish(compilation, options) ? kExitOk : kExitProgramWrong;
}

}  // namespace streamc::driver
