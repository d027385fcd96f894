// Runs the `test` blocks of a job on the real compiled job: sources, sinks and tables in memory, a clock the test moves.
//
// Each test gets a fresh engine. After every statement the engine takes turns until nothing moves any more; `expect` compares
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
};
struct TestResult {
  int ran = 0, failed = 0;
  std::string report;  // of failures only, for people
};

TestResult RunJobTests(const ScJob* job, const TestOptions& options);

}  // namespace streamc::rt::engine
