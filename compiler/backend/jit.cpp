// Jobs in this process over ORC: one LLJIT per kind of code, one dylib per loaded job and kind.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/Bitcode/BitcodeWriter.h>
#include <llvm/ExecutionEngine/Orc/ExecutionUtils.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/TargetParser/Host.h>

#include "compiler/backend/backend.h"
#include "compiler/backend/symbols.h"
#include "compiler/backend/target.h"

namespace streamc::backend {

namespace {

namespace orc = llvm::orc;

// A job as the engine sees it: the compiled ScJob with a table of functions that can change.
struct LoadedJob {
  ScJob job{};
  std::vector<const void*> functions;
};

// One LLJIT; optimised or fast code.
class Engine {
 public:
  static llvm::Expected<std::unique_ptr<Engine>> Create(bool optimized) {
    auto host = orc::JITTargetMachineBuilder::detectHost();
    if (!host) return host.takeError();
    host->setCodeGenOptLevel(optimized ? llvm::CodeGenOptLevel::Default : llvm::CodeGenOptLevel::None);
    if (!optimized) host->getOptions().EnableFastISel = true;
    auto jit = orc::LLJITBuilder().setJITTargetMachineBuilder(std::move(*host)).create();
    if (!jit) return jit.takeError();
    auto engine = std::make_unique<Engine>();
    engine->jit_ = std::move(*jit);
    // ORC tells causes to the session and only consequences to the caller; by default it prints them.
    engine->jit_->getExecutionSession().setErrorReporter(
        [causes = &engine->causes_](llvm::Error error) { *causes += llvm::toString(std::move(error)) + "; "; });
    if (llvm::Error error = engine->DefineProcess()) return error;
    return engine;
  }

  // Compiles; the job's address stays valid as long as the engine.
  llvm::Expected<const ScJob*> Add(std::unique_ptr<llvm::LLVMContext> context, std::unique_ptr<llvm::Module> module) {
    auto dylib = jit_->createJITDylib("job" + std::to_string(count_++));
    if (!dylib) return dylib.takeError();
    dylib->addToLinkOrder(*process_);
    module->setDataLayout(jit_->getDataLayout());
    module->setTargetTriple(jit_->getTargetTriple().str());
    orc::ThreadSafeModule owned(std::move(module), std::move(context));
    if (llvm::Error error = jit_->addIRModule(*dylib, std::move(owned))) return error;
    auto address = jit_->lookup(*dylib, "streamc_job");
    if (!address) {
      std::string why = std::exchange(causes_, {}) + llvm::toString(address.takeError());
      return llvm::createStringError(llvm::inconvertibleErrorCode(), why);
    }
    return address->toPtr<const ScJob*>();
  }

 private:
  // What generated code calls: our own list first, then the C library by name.
  llvm::Error DefineProcess() {
    process_ = &jit_->getExecutionSession().createBareJITDylib("process");
    orc::SymbolMap map;
    for (const Symbol& symbol : KernelSymbols()) {
      map[jit_->mangleAndIntern(symbol.name)] = {orc::ExecutorAddr::fromPtr(symbol.address),
                                                 llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
    }
    if (llvm::Error error = process_->define(orc::absoluteSymbols(std::move(map)))) return error;
    auto generator = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(jit_->getDataLayout().getGlobalPrefix());
    if (!generator) return generator.takeError();
    process_->addGenerator(std::move(*generator));
    return llvm::Error::success();
  }

  std::string causes_;
  std::unique_ptr<orc::LLJIT> jit_;
  orc::JITDylib* process_ = nullptr;
  int count_ = 0;
};

}  // namespace

struct Jit::State {
  JitOptions options;
  std::unique_ptr<Engine> fast, optimized;
  std::deque<LoadedJob> jobs;  // addresses stay

  // Work of the optimising thread, in order.
  struct Work {
    std::string bitcode;
    LoadedJob* job;
  };
  std::thread worker;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Work> queue;
  std::atomic<bool> stopping = false;
  bool running = false, failed = false;

  CodeOptions code() const { return {options.level, "native", options.bitcode}; }

  bool Optimize(Work& work) {
    auto context = std::make_unique<llvm::LLVMContext>();
    auto module = llvm::parseBitcodeFile(llvm::MemoryBufferRef(work.bitcode, "job"), *context);
    if (!module) {
      llvm::consumeError(module.takeError());
      return false;
    }
    diag::Diagnostics diagnostics;
    if (!OptimizeUnless(&stopping, **module, code(), diagnostics)) return false;
    if (stopping) return true;
    auto compiled = optimized->Add(std::move(context), std::move(*module));
    if (!compiled) {
      llvm::consumeError(compiled.takeError());
      return false;
    }
    for (size_t i = 0; i < work.job->functions.size(); ++i)
      std::atomic_ref<const void*>(work.job->functions[i]).store((*compiled)->functions[i], std::memory_order_release);
    return true;
  }

  void RunWorker() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return stopping || !queue.empty(); });
      if (stopping) return;
      Work work = std::move(queue.front());
      queue.pop_front();
      running = true;
      lock.unlock();
      const bool done = Optimize(work);
      lock.lock();
      running = false;
      failed = failed || !done;
      changed.notify_all();
    }
  }
};

Jit::Jit(std::unique_ptr<State> state) : state_(std::move(state)) {}

Jit::~Jit() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  if (state_->worker.joinable()) state_->worker.join();
}

std::unique_ptr<Jit> Jit::Create(const JitOptions& options, diag::Diagnostics& diagnostics) {
  InitializeTarget();
  auto state = std::make_unique<State>();
  state->options = options;
  auto make = [&](bool optimized, std::unique_ptr<Engine>* engine) {
    auto made = Engine::Create(optimized);
    if (made) {
      *engine = std::move(*made);
      return true;
    }
    diagnostics.Report(diag::DiagId::BackEndFailed, kNowhere, llvm::toString(made.takeError()));
    return false;
  };
  if (options.tier != Tier::Optimized && !make(false, &state->fast)) return nullptr;
  if (options.tier != Tier::Fast && !make(true, &state->optimized)) return nullptr;
  return std::unique_ptr<Jit>(new Jit(std::move(state)));
}

const ScJob* Jit::Load(std::unique_ptr<llvm::LLVMContext> context, std::unique_ptr<llvm::Module> module,
                       diag::Diagnostics& diagnostics) {
  std::string bitcode;
  if (state_->options.tier == Tier::Optimized && !OptimizeModule(*module, state_->code(), diagnostics)) return nullptr;
  if (state_->options.tier == Tier::FastThenOptimized) {
    llvm::raw_string_ostream stream(bitcode);
    llvm::WriteBitcodeToFile(*module, stream);
  }
  Engine& engine = state_->options.tier == Tier::Optimized ? *state_->optimized : *state_->fast;
  auto compiled = engine.Add(std::move(context), std::move(module));
  if (!compiled) {
    diagnostics.Report(diag::DiagId::BackEndFailed, kNowhere, llvm::toString(compiled.takeError()));
    return nullptr;
  }
  LoadedJob& loaded = state_->jobs.emplace_back();
  loaded.job = **compiled;
  loaded.functions.assign(loaded.job.functions, loaded.job.functions + loaded.job.function_count);
  loaded.job.functions = loaded.functions.data();
  if (!bitcode.empty()) {
    {
      std::lock_guard lock(state_->mutex);
      state_->queue.push_back({std::move(bitcode), &loaded});
    }
    if (!state_->worker.joinable()) state_->worker = std::thread([state = state_.get()] { state->RunWorker(); });
    state_->changed.notify_all();
  }
  return &loaded.job;
}

bool Jit::WaitOptimized() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return state_->queue.empty() && !state_->running; });
  return !state_->failed;
}

}  // namespace streamc::backend
