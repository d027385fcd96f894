// streamc diff OLD.sdl NEW.sdl: what the new program makes of the state the old one keeps.
//
// Exit code 0 when the new one can start where the old one stopped, 65 when it would refuse to, 1 when one of them does not compile.
// A job asks itself the same at every start, with the values its parameters then have; here they have their defaults.
#include <iostream>
#include <optional>

#include "compiler/driver/options.h"
#include "runtime/abi/manifest.h"

namespace streamc::driver {
namespace {

struct Compiled {
  abi::Manifest manifest;
  std::string job;  // empty: the program does not name it
};

// Nothing, with messages, when the program is wrong. Warnings are for those who compile it.
std::optional<Compiled> Compile(const Options& options, int* exit_code) {
  Compilation compilation(options.compile);
  *exit_code = kExitInput;
  if (!Load(compilation, options)) return std::nullopt;
  const physical::Program* program = compilation.Physical();
  *exit_code = kExitProgramWrong;
  if (program == nullptr || compilation.diagnostics().has_errors()) {
    Finish(compilation, options);
    return std::nullopt;
  }
  const typed::Job& job = compilation.Check()->job;
  return Compiled{abi::MakeManifest(program->spec), job.declared ? job.name : ""};
}

}  // namespace

int DiffJob(const Options& options) {
  int exit_code = kExitOk;
  const std::optional<Compiled> before = Compile(options, &exit_code);
  if (!before) return exit_code;
  Options new_options = options;
  new_options.file = options.new_file;
  const std::optional<Compiled> after = Compile(new_options, &exit_code);
  if (!after) return exit_code;

  const abi::Manifest running = abi::CompareManifests(nullptr, before->manifest).next;
  abi::ManifestDiff diff = abi::CompareManifests(&running, after->manifest);
  if (!before->job.empty() && !after->job.empty() && before->job != after->job) {
    diff.ok = false;
    diff.refused.push_back("job `" + before->job + "` has become `" + after->job + "`, another consumer group with state of its own");
    diff.help.push_back("to go on where the old one stopped, start it with `--group " + before->job + "`");
  }
  std::cout << abi::DiffText(diff) << std::flush;
  return diff.ok ? kExitOk : kExitIncompatible;
}

}  // namespace streamc::driver
