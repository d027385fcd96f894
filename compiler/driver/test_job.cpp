// streamc test JOB.sdl: the program's test blocks on the real compiled job, in every way it can be compiled and batched.
//
// Compiled in memory with and without plan rules, and as a linked binary; in batches of 1, 7 and 4096 records; as 1, 2 and 3
// instances over a durable log, stopped in the middle and restored as another number, from snapshots too, and with commits that are
// aborted. All must agree with what the tests expect.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "compiler/driver/aot.h"
#include "compiler/support/install.h"
#include "compiler/driver/options.h"
#include "runtime/engine/test_runner.h"

namespace streamc::driver {
namespace {

constexpr std::array<int64_t, 3> kBatchSizes = {1, 7, 4096};

// What one way of running said. Two ways that say the same are shown once.
struct Outcome {
  std::string way;
  int failed = 0;
  int ran = 0;
  std::string report;
};

// How a job is spread over instances, and disturbed.
struct Spread {
  std::string_view words;
  int64_t batch;
  int32_t instances, restart, abort_every;
  bool snapshots;
  int32_t threads;
};
constexpr std::array<Spread, 7> kSpreads = {
    {{"1 instance", 4096, 1, 0, 0, false, 1},
     {"2 instances", 1, 2, 0, 0, false, 1},
     {"3 instances", 7, 3, 0, 0, false, 1},
     {"1 instance, restarted as 3", 7, 1, 3, 0, false, 1},
     {"2 instances of 3 threads", 7, 2, 0, 0, false, 3},
     {"2 instances, restarted as 1, commits 3, 9, 27, ... aborted", 4096, 2, 1, 3, false, 1},
     {"3 instances with snapshots, restarted as 2, commits 3, 9, 27, ... aborted", 7, 3, 2, 3, true, 1}}};

// Gone with its files when it goes out of scope. In memory where that is possible: tests write many small files for good.
struct TemporaryFolder {
  explicit TemporaryFolder(bool in_memory = false) {
    if (in_memory && access("/dev/shm", W_OK) == 0) path = "/dev/shm/streamc-test-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) path.clear();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path = (std::filesystem::temp_directory_path() / "streamc-test-XXXXXX").string();
};

std::string Way(const std::string& how, int64_t batch) {
  return how + ", batches of " + std::to_string(batch);
}

bool RunInMemory(const Options& options, bool optimized, std::vector<Outcome>* outcomes) {
  Options own = options;
  if (!optimized) own.compile.optimize.enabled = false;
  Compilation compilation(own.compile);
  if (!Load(compilation, own)) return false;
  backend::JitOptions jit_options;
  jit_options.tier = optimized ? backend::Tier::Optimized : backend::Tier::Fast;
  jit_options.level = options.level;
  jit_options.bitcode = support::BitcodePath();
  const std::unique_ptr<backend::Jit> jit = backend::Jit::Create(jit_options, compilation.diagnostics());
  const ScJob* job = jit ? LoadJob(compilation, *jit) : nullptr;
  // Warnings were shown with the first way; errors cannot differ between ways but are shown if they do.
  if (compilation.diagnostics().has_errors() || outcomes->empty()) {
    if (!Finish(compilation, own)) return false;
  }
  if (job == nullptr) return false;
  for (const int64_t batch : kBatchSizes) {
    rt::engine::TestOptions test_options;
    test_options.batch_records = batch;
    test_options.filter = options.filter;
    const rt::engine::TestResult result = rt::engine::RunJobTests(job, test_options);
    outcomes->push_back({Way(optimized ? "in memory" : "in memory without plan rules", batch), result.failed, result.ran, result.report});
  }
  if (!optimized) return true;
  for (const Spread& spread : kSpreads) {
    rt::engine::TestOptions test_options;
    test_options.batch_records = spread.batch;
    test_options.filter = options.filter;
    test_options.instances = spread.instances;
    test_options.threads = spread.threads;
    test_options.restart = spread.restart;
    test_options.abort_every = spread.abort_every;
    const TemporaryFolder snapshots(true);
    if (spread.snapshots) test_options.state_dir = snapshots.path;
    const rt::engine::TestResult result = rt::engine::RunJobTests(job, test_options);
    outcomes->push_back({Way(std::string(spread.words), spread.batch), result.failed, result.ran, result.report});
  }
  return true;
}

// The output of a child process and its exit code; false when it could not be run or was killed.
bool Capture(const std::vector<std::string>& command, std::string* output, int* code) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    std::vector<char*> argv;
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(ends[1]);
  char block[4096];
  ssize_t got;
  while ((got = read(ends[0], block, sizeof block)) > 0) output->append(block, static_cast<size_t>(got));
  close(ends[0]);
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return false;
  *code = WEXITSTATUS(status);
  return true;
}

bool RunLinked(const Options& options, std::vector<Outcome>* outcomes) {
  const TemporaryFolder folder;
  if (folder.path.empty()) {
    std::cerr << "streamc: cannot make a temporary folder\n";
    return false;
  }
  const std::string binary = folder.path + "/job";
  Compilation compilation(options.compile);
  bool done = Load(compilation, options) && BuildBinary(compilation, options, binary);
  if (!done) Finish(compilation, options);
  for (size_t i = 0; done && i < kBatchSizes.size(); ++i) {
    std::vector<std::string> command = {binary, "--run-tests", "--batch-records", std::to_string(kBatchSizes[i])};
    if (!options.filter.empty()) command.insert(command.end(), {"--test-filter", options.filter});
    Outcome outcome;
    outcome.way = Way("linked binary", kBatchSizes[i]);
    int code = 0;
    if (!Capture(command, &outcome.report, &code)) {
      outcome.failed = 1;
      outcome.report += "the binary did not end by itself\n";
    } else {
      outcome.failed = code == 0 ? 0 : 1;
    }
    outcomes->push_back(std::move(outcome));
  }
  return done;
}

}  // namespace

int TestJob(const Options& options) {
  Options own = options;
  own.compile.with_tests = true;
  std::vector<Outcome> outcomes;
  if (!RunInMemory(own, true, &outcomes) || !RunInMemory(own, false, &outcomes) || (!own.jit_only && !RunLinked(own, &outcomes))) {
    return kExitProgramWrong;
  }
  const int tests = outcomes.front().ran;
  if (tests == 0) {
    std::cerr << "streamc: " << options.file << " has no test" << (own.filter.empty() ? "" : " of that name") << "\n";
    return kExitProgramWrong;
  }
  int wrong = 0;
  std::set<std::string> shown;
  for (const Outcome& outcome : outcomes) {
    if (outcome.failed == 0) continue;
    ++wrong;
    if (shown.insert(outcome.report).second) std::cout << "--- " << outcome.way << "\n" << outcome.report;
    else std::cout << "--- " << outcome.way << ": the same\n";
  }
  std::cout << options.file << ": " << tests << (tests == 1 ? " test, " : " tests, ") << outcomes.size() << " ways of running each; "
            << (wrong == 0 ? "all passed" : std::to_string(wrong) + " of the ways failed") << "\n";
  return wrong == 0 ? kExitOk : kExitProgramWrong;
}

}  // namespace streamc::driver
