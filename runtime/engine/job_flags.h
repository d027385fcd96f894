// Parsing a job's command line (job_flags.def) into engine options and what else was asked for.
#pragma once

#include <string>
#include <vector>

#include "runtime/batch/status.h"
#include "runtime/engine/test_runner.h"
#include "runtime/engine/wiring.h"

namespace streamc::rt::engine {

enum class JobAction : uint8_t { Run, State, Check, Explain, Manifest, RunTests, Version, Help };

struct JobFlags {
  JobAction action = JobAction::Run;
  EngineOptions engine;
  std::vector<std::string> words;  // of State: what to do, and with which step and key
  std::string metrics;
  TestOptions tests;
  bool quiet = false;
};

// argv[0] is skipped; `state` and its words may come before the flags. Usage errors name the flag and what it takes.
Status ParseJobFlags(int argc, const char* const* argv, JobFlags* flags);
// The text of `--help`.
std::string JobHelp(const std::string& program);
// `512MB`, `2GB`, `1048576`. False: not a size.
bool ParseSize(const std::string& text, int64_t* bytes);

}  // namespace streamc::rt::engine
