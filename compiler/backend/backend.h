// The back end: from an LLVM module to something that runs.
//
// OptimizeModule links the stdlib's bitcode and optimises; EmitObject and LinkJob make a self-contained executable in process;
// Jit makes a job in this process. Modules come from codegen/. Failures are reported as E06xx without a
// place; functions then return false or null. Links are serialised by a lock, everything else may run in parallel on
// different modules.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diag.h"
#include "runtime/abi/abi.h"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace streamc::backend {

// CPU of a job binary when the user names none: every x86-64 server of the last dozen years.
inline constexpr std::string_view kBaselineCpu = "x86-64-v2";

struct CodeOptions {
  int level = 2;        // -O0 to -O3
  std::string cpu;      // LLVM's name; "native": this machine's; empty: kBaselineCpu
  std::string bitcode;  // path of stdlib.bc; empty: kernels stay external. Not read at level 0
};

// Links what the module uses of the bitcode, makes everything but `streamc_job` internal and optimises for the CPU.
bool OptimizeModule(llvm::Module& module, const CodeOptions& options, diag::Diagnostics& diagnostics);

// The module as a relocatable object in memory. The same module gives the same bytes.
bool EmitObject(llvm::Module& module, const CodeOptions& options, std::string* object, diag::Diagnostics& diagnostics);
// The module as text: LLVM IR, or assembly for the CPU.
std::string PrintModule(const llvm::Module& module);
bool PrintAssembly(llvm::Module& module, const CodeOptions& options, std::string* text, diag::Diagnostics& diagnostics);

struct LinkOptions {
  std::string library_dir;               // lib/streamc of the installation: libstreamc_rt.a, sasl_shim.o
  std::vector<std::string> search_dirs;  // where static libraries and start files are sought first; then the system's
};

// Links an object and the runtime into a position-independent executable that needs glibc only. `output` appears complete or
// not at all. Reproducible: same object and libraries, same bytes.
bool LinkJob(std::string_view object, const std::string& output, const LinkOptions& options, diag::Diagnostics& diagnostics);

enum class Tier : uint8_t {
  Fast,               // code at once, unoptimised
  Optimized,          // optimised before Load returns
  FastThenOptimized,  // starts fast; a thread optimises and exchanges the entries of ScJob::functions
};

struct JitOptions {
  Tier tier = Tier::FastThenOptimized;
  int level = 2;
  std::string bitcode;  // as CodeOptions::bitcode, for optimised code
};

// Jobs in this process, for the host's CPU. Loaded jobs live as long as the Jit.
class Jit {
 public:
  static std::unique_ptr<Jit> Create(const JitOptions& options, diag::Diagnostics& diagnostics);
  ~Jit();
  Jit(const Jit&) = delete;
  Jit& operator=(const Jit&) = delete;

  // Compiles a module and returns its `streamc_job`. With FastThenOptimized the entries of `functions` change once, each by one
  // store, to code of the same meaning and state layout: read them anew for every batch.
  const ScJob* Load(std::unique_ptr<llvm::LLVMContext> context, std::unique_ptr<llvm::Module> module,
                    diag::Diagnostics& diagnostics);
  // Returns when no optimisation is running or waiting; false when one of them failed (the fast code then stays).
  bool WaitOptimized();

 private:
  struct State;
  explicit Jit(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace streamc::backend
