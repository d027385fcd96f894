// One compilation, phase by phase: text -> ast -> typed -> plan -> optimised plan -> physical -> LLVM module.
//
// In: a file (or a text for the REPL) and CompileOptions. Out: the product the caller asks for, diagnostics, and the time
// every phase took. Each step runs the ones before it, once, and returns null when diagnostics hold an error. This is the one place
// of the compiler that reads files. Used by every subcommand and by the REPL.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "compiler/optimize/optimize.h"
#include "compiler/physical/physical.h"
#include "compiler/plan/plan.h"
#include "compiler/sema/typed.h"
#include "compiler/source/source.h"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace streamc::driver {

struct CompileOptions {
  optimize::OptimizeOptions optimize;
  bool with_tests = false;            // carry test blocks and what they watch
};

struct PhaseTime {
  std::string phase;
  double milliseconds = 0;
};

class Compilation {
 public:
  explicit Compilation(CompileOptions options);
  ~Compilation();
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;

  // False with a text in `problem` when the file cannot be read.
  bool LoadFile(const std::string& path, std::string* problem);
  void LoadText(std::string display_name, std::string text);

  const ast::Program* Parse();
  const typed::Program* Check();
  const plan::Plan* Plan();
  const plan::Plan* Optimize();
  const physical::Program* Physical();
  // Both stay owned by the compilation until TakeModule.
  llvm::Module* Generate();
  // The module with its context; the caller owns both (context first made, last freed).
  std::unique_ptr<llvm::Module> TakeModule(std::unique_ptr<llvm::LLVMContext>* context);

  // Runs `body` and counts it among the phases: what callers do after Generate.
  template <typename Body>
  auto Timed(std::string phase, Body&& body) {
    Stopwatch watch(*this, std::move(phase));
    return body();
  }

  const source::SourceManager& sources() const { return sources_; }
  source::SourceId main_source() const { return main_; }
  diag::Diagnostics& diagnostics() { return diagnostics_; }
  const std::vector<PhaseTime>& times() const { return times_; }
  // File name without folder and extension; the default name of the job and of the binary.
  const std::string& stem() const { return stem_; }

 private:
  class Stopwatch {
   public:
    Stopwatch(Compilation& owner, std::string phase);
    ~Stopwatch();

   private:
    Compilation& owner_;
    std::string phase_;
    int64_t start_ns_;
  };

  const ast::Program* LoadUsed(const std::string& path, std::string* why);
  bool ResolveFeeds(typed::Program* program);

  CompileOptions options_;
  std::string directory_;
  std::string stem_ = "job";
  source::SourceManager sources_;
  source::SourceId main_;
  diag::Diagnostics diagnostics_;
  std::vector<PhaseTime> times_;
  std::deque<ast::Program> used_;
  std::optional<ast::Program> ast_;
  std::optional<typed::Program> typed_;
  std::optional<plan::Plan> plan_;
  std::optional<plan::Plan> optimized_;
  std::optional<physical::Program> physical_;
  std::unique_ptr<llvm::LLVMContext> context_;
  std::unique_ptr<llvm::Module> module_;
};

// The whole of a file; false with "cannot read x: why" in `problem`.
bool ReadWholeFile(const std::string& path, std::string* text, std::string* problem);

}  // namespace streamc::driver
