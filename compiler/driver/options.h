// The command line of streamc: one parser for every subcommand, so that a flag means the same everywhere.
#pragma once

#include <string>
#include <vector>

#include "compiler/driver/compilation.h"

namespace streamc::driver {

// The exit codes of streamc; those of a job are rt::Exit.
enum : int { kExitOk = 0, kExitProgramWrong = 1, kExitUsage = 64, kExitIncompatible = 65, kExitInput = 66 };

struct Options {
  std::string file;                    // the program
  std::string new_file;                // diff: what it has become
  std::string output;                  // -o
  std::string emit;                    // --emit
  bool json_diagnostics = false;
  bool time_phases = false;
  int level = 2;                       // -O
  std::string target_cpu;              // empty: baseline for binaries, this machine's for `run`
  bool jit_only = false;               // test: leave out the compiled binary
  std::string filter;                  // test: only tests whose name holds this text
  std::vector<std::string> job_arguments;  // after `--`
  CompileOptions compile;
};

// What a subcommand does with its options; returns the exit code.
using Subcommand = int (*)(const Options&);

int BuildJob(const Options& options);
int RunJob(const Options& options);
int CheckJob(const Options& options);
int ExplainJob(const Options& options);
int TestJob(const Options& options);
int DiffJob(const Options& options);
int EmitStage(const Options& options);

// Prints diagnostics in the form asked for (text to stderr, JSON to stdout) and the phase times; true when there are no errors.
bool Finish(Compilation& compilation, const Options& options);
// LoadFile with its message printed; false: exit with kExitInput.
bool Load(Compilation& compilation, const Options& options);

}  // namespace streamc::driver
