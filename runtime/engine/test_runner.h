// Runs the `test` blocks of a job on the real compiled job: sources, sinks and tables in memory, a clock the test moves.
//
// Each test gets fresh engines. After every statement they take turns until nothing moves any more; `expect` compares
// what reached the named stream since the last one. Used by `streamc test` (JIT) and by jobs built with tests (`--run-tests`).
#pragma once

#include <cstdint>
#include <string>

#include "runtime/abi/abi.h"

namespace streamc::rt::engine {

struct TestOptions {
  int64_t batch_records = 4096;  // most records per turn and rows per batch
  std::string filter;            // only tests whose name contains it
  int32_t threads = 1;
  // How the job is spread. 0 instances: one engine with its state in memory, as a job on files runs (a durable log all the same
  // where the test says `crash` or `restart`). Else that many engines over one durable log. `restart` > 0: stopped in the middle of each
  // test and started again as so many instances. `abort_every` n > 1: commits n, n*n, n*n*n, ... are aborted, as brokers may do.
  int32_t instances = 0;
  int32_t restart = 0;
  int32_t abort_every = 0;
  // With instances: their snapshots, written at each commit; each test empties the folder. Empty: none.
  std::string state_dir;
};
struct TestResult {
  int ran = 0, failed = 0;
  std::string report;  // of failures only, for people
};

TestResult RunJobTests(const ScJob* job, const TestOptions& options);

}  // namespace streamc::rt::engine
