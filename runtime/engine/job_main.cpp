#include "runtime/engine/job_main.h"

#include <malloc.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>

#include "runtime/abi/job_spec_io.h"
#include "runtime/batch/fault_point.h"
#include "runtime/engine/check.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/job_flags.h"
#include "runtime/engine/report.h"
#include "runtime/engine/state_view.h"
#include "runtime/engine/test_runner.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/observe/process_memory.h"
#include "runtime/observe/watch.h"

namespace streamc::rt::engine {
namespace {

constexpr unsigned kStopSeconds = 10;
constexpr int64_t kRoomyBudget = 1 << 30;

std::atomic<Engine*> running{nullptr};
std::atomic<Engine*> stopping{nullptr};
std::atomic<bool> opening{false};

// For signal handlers, which may not use stdio.
template <size_t N>
[[noreturn]] void End(Exit code, const char (&message)[N]) {
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, message, N - 1);
  _exit(static_cast<int>(code));
}

[[noreturn]] void GiveUp(int) {
  // All is committed; the group will miss the instance after its session.
  if (const Engine* engine = stopping.load(); engine != nullptr && engine->closing()) End(Exit::Ok, "stopped without leaving the group\n");
  End(Exit::TryAgain, "error: stopped before the turn was written; what was read since the last commit will be read again\n");
}

// While the job still looks for its brokers and files there is nothing to finish. Later the first signal ends it after its turn,
// within the time the contract gives; the second at once.
void OnSignal(int) {
  if (opening.load()) End(Exit::Ok, "stopped before it began; nothing was read\n");
  Engine* engine = running.exchange(nullptr);
  if (engine == nullptr) GiveUp(0);
  stopping.store(engine);
  engine->Stop();
  alarm(kStopSeconds);
}

void OnSignalShared(int) {
  if (Engine* engine = running.exchange(nullptr)) engine->Stop();
}

class SignalScope {
 public:
  SignalScope(Engine* engine, Process process) {
    running.store(engine);
    struct sigaction action = {};
    action.sa_handler = process == Process::Own ? OnSignal : OnSignalShared;
    sigaction(SIGTERM, &action, &old_[0]);
    sigaction(SIGINT, &action, &old_[1]);
    action.sa_handler = GiveUp;
    sigaction(SIGALRM, &action, &old_[2]);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, &old_[3]);
    sigaction(SIGXFSZ, &action, &old_[4]);  // a file at its limit is an error like a full disk
  }
  ~SignalScope() {
    alarm(0);
    running.store(nullptr);
    stopping.store(nullptr);
    sigaction(SIGTERM, &old_[0], nullptr);
    sigaction(SIGINT, &old_[1], nullptr);
    sigaction(SIGALRM, &old_[2], nullptr);
    sigaction(SIGPIPE, &old_[3], nullptr);
    sigaction(SIGXFSZ, &old_[4], nullptr);
  }
  SignalScope(const SignalScope&) = delete;
  SignalScope& operator=(const SignalScope&) = delete;

 private:
  struct sigaction old_[5];
};

int Report(const Status& status) {
  if (!status.ok()) std::fprintf(stderr, "error: %s\n", status.message.c_str());
  return static_cast<int>(status.code);
}

int RunTests(const ScJob* job, const JobFlags& flags) {
  TestOptions options = flags.tests;
  if (flags.engine.batch_records > 0) options.batch_records = flags.engine.batch_records;
  options.threads = flags.engine.threads;
  TestResult result = RunJobTests(job, options);
  std::printf("%s%d tests, %d failed\n", result.report.c_str(), result.ran, result.failed);
  return result.failed == 0 ? 0 : 1;
}

// The kernel's killer is nobody's budget: without --memory most of what the control group allows is one.
EngineOptions WithBudget(EngineOptions options) {
  if (options.memory == 0) options.memory = observe::ControlGroupLimit() / 10 * 9;
  return options;
}

// Opens and runs the engine with everything around it that looks at its counters.
Status Watched(Engine& engine, const JobFlags& flags) {
  const observe::JobCounters& counters = engine.counters();
  opening.store(true);
  std::unique_ptr<observe::HttpServer> metrics;
  if (!flags.metrics.empty()) {
    if (Status status = observe::StartMetrics(flags.metrics, counters, &metrics); !status.ok()) return status;
  }
  auto watch = std::make_unique<observe::Watch>(counters, flags.quiet);
  Status status = engine.Open();
  opening.store(false);
  if (!status.ok()) return status;
  bool stateful = std::find(counters.stateful.begin(), counters.stateful.end(), 1) != counters.stateful.end();
  if (stateful && !engine.durable() && !flags.engine.until_end && !flags.quiet) {
    observe::Log(observe::LogLevel::Warn, "state_in_memory", {{"note", "a restart forgets open windows and kept keys"}});
  }
  status = engine.Run();
  watch.reset();
  if (!flags.quiet) std::fputs(RunSummary(counters, status.ok()).c_str(), stderr);
  return status;
}

// The C library would give the buffers of fetches back to the system and fault them in again, a tenth of a job's time. A small
// budget has no room for what is kept.
void KeepBuffers(int64_t budget) {
  if (budget > 0 && budget < kRoomyBudget) return;
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
  mallopt(M_TOP_PAD, 1 << 20);
}

int Execute(std::shared_ptr<const Plan> plan, const JobFlags& flags, Process process) {
  EngineOptions options = WithBudget(flags.engine);
  if (process == Process::Own) KeepBuffers(options.memory);
  Engine engine(std::move(plan), std::move(options));
  SignalScope signals(&engine, process);
  if (flags.action == JobAction::Run) return Report(Watched(engine, flags));
  Status status = engine.Open(true);
  if (status.ok()) status = CheckJob(engine.plan(), flags.engine);
  return Report(status);
}

}  // namespace

int RunJobMain(const ScJob* job, int argc, char** argv, Process process) {
  if (Status status = batch::ArmFaults(); !status.ok()) return Report(status);
  JobFlags flags;
  if (Status status = ParseJobFlags(argc, argv, &flags); !status.ok()) return Report(status);
  if (flags.quiet) observe::SetLog(observe::LogLevel::Error, observe::LogFormat::Logfmt);
  if (job->abi_version != STREAMC_ABI_VERSION) {
    return Report(Status::Error(
        Exit::Internal, "the job was compiled for another runtime (interface " + std::to_string(job->abi_version) + ")"));
  }
  abi::JobSpec spec;
  if (!abi::ReadJobSpec({job->spec, static_cast<size_t>(job->spec_size)}, &spec)) {
    return Report(Status::Error(Exit::Internal, "the job's specification cannot be read"));
  }
  switch (flags.action) {
    case JobAction::Help: std::fputs(JobHelp(argc > 0 ? argv[0] : spec.name).c_str(), stdout); return 0;
    case JobAction::Version:
      std::printf("%s, compiled by streamc %s\n", spec.name.c_str(), spec.compiler_version.c_str());
      return 0;
    case JobAction::Explain: std::fputs(spec.explain.c_str(), stdout); return 0;
    case JobAction::Manifest: std::fputs(Manifest(spec).c_str(), stdout); return 0;
    case JobAction::RunTests: return RunTests(job, flags);
    case JobAction::Run:
    case JobAction::State:
    case JobAction::Check: break;
  }
  std::shared_ptr<const Plan> plan;
  if (Status status = Plan::Make(std::move(spec), job, &plan); !status.ok()) return Report(status);
  if (flags.action == JobAction::State) return Report(ShowState(std::move(plan), flags.engine, flags.words));
  return Execute(std::move(plan), flags, process);
}

}  // namespace streamc::rt::engine
