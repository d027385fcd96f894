#include "runtime/engine/job_flags.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "runtime/connector/options.h"
#include "runtime/format/time_text.h"

namespace streamc::rt::engine {
namespace {

enum class Flag : uint8_t {
#define FLAG(id, name, value, help) id,
#include "runtime/engine/job_flags.def"
#undef FLAG
};

struct FlagInfo {
  Flag flag;
  std::string_view name, value, help;
};

constexpr FlagInfo kFlags[] = {
#define FLAG(id, name, value, help) {Flag::id, name, value, help},
#include "runtime/engine/job_flags.def"
#undef FLAG
};

Status Usage(const std::string& message) {
  return Status::Error(Exit::Usage, message);
}

Status Unknown(std::string_view name) {
  const FlagInfo* nearest = nullptr;
  size_t distance = 4;
  for (const FlagInfo& info : kFlags) {
    size_t d = connector::EditDistance(name, info.name);
    if (!info.help.empty() && d < distance) nearest = &info, distance = d;
  }
  std::string help = nearest == nullptr ? "see --help" : "did you mean " + std::string(nearest->name) + "?";
  return Usage("unknown flag " + std::string(name) + "; " + help);
}

bool SplitPair(const std::string& text, std::string* name, std::string* value) {
  size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  *name = text.substr(0, equals);
  *value = text.substr(equals + 1);
  return true;
}

bool ParseCount(const std::string& text, int64_t* number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size() && *number > 0;
}

Status Apply(const FlagInfo& info, const std::string& value, JobFlags* flags) {
  EngineOptions& engine = flags->engine;
  std::string name, rest;
  int64_t number = 0;
  auto needs = [&](std::string_view what) {
    return Usage(std::string(info.name) + " " + value + ": needs " + std::string(what));
  };
  switch (info.flag) {
    case Flag::Param:
      if (!SplitPair(value, &name, &rest)) return needs(info.value);
      engine.params[name] = rest;
      return Status::Ok();
    case Flag::Kafka:
      if (!SplitPair(value, &name, &rest)) return needs(info.value);
      engine.kafka[name] = rest;
      return Status::Ok();
    case Flag::Bind: {
      if (!SplitPair(value, &name, &rest)) return needs(info.value);
      connector::Binding binding;
      if (Status status = connector::ParseBinding(rest, &binding); !status.ok())
        return Usage("--bind " + value + ": " + status.message);
      engine.bindings[name] = binding;
      return Status::Ok();
    }
    case Flag::Until:
      if (value != "end") return needs("end");
      engine.until_end = true;
      return Status::Ok();
    case Flag::Threads:
      if (!ParseCount(value, &number) || number > 256) return needs("a number from 1 to 256");
      engine.threads = static_cast<int>(number);
      return Status::Ok();
    case Flag::BatchRecords:
      if (!ParseCount(value, &number)) return needs("a number above zero");
      engine.batch_records = number;
      return Status::Ok();
    case Flag::CommitEvery:
      if (!format::ParseDuration(value, &number) || number <= 0) return needs("a duration such as 100ms");
      engine.commit_every = number;
      return Status::Ok();
    case Flag::Memory:
      if (!ParseSize(value, &number)) return needs("a size such as 512MB");
      engine.memory = number;
      return Status::Ok();
    case Flag::StateDir: engine.state_dir = value; return Status::Ok();
    case Flag::SnapshotEvery:
      if (!format::ParseDuration(value, &number) || number <= 0) return needs("a duration such as 30s");
      engine.snapshot_every = number;
      return Status::Ok();
    case Flag::Brokers: engine.brokers = value; return Status::Ok();
    case Flag::Group: engine.group = value; return Status::Ok();
    case Flag::Instance: engine.instance = value; return Status::Ok();
    case Flag::Metrics: flags->metrics = value; return Status::Ok();
    case Flag::TestFilter: flags->tests.filter = value; return Status::Ok();
    case Flag::TestInstances:
    case Flag::TestRestart:
    case Flag::TestAbort: {
      if (!ParseCount(value, &number) || number > 256) return needs("a number from 1 to 256");
      TestOptions& tests = flags->tests;
      int32_t& into = info.flag == Flag::TestInstances ? tests.instances
                      : info.flag == Flag::TestRestart ? tests.restart
                                                       : tests.abort_every;
      into = static_cast<int32_t>(number);
      return Status::Ok();
    }
    case Flag::Reset: engine.reset.push_back(value); return Status::Ok();
    case Flag::Quiet: flags->quiet = true; return Status::Ok();
    case Flag::Check: flags->action = JobAction::Check; return Status::Ok();
    case Flag::Explain: flags->action = JobAction::Explain; return Status::Ok();
    case Flag::Manifest: flags->action = JobAction::Manifest; return Status::Ok();
    case Flag::RunTests: flags->action = JobAction::RunTests; return Status::Ok();
    case Flag::Version: flags->action = JobAction::Version; return Status::Ok();
    case Flag::Help: flags->action = JobAction::Help; return Status::Ok();
  }
  return Status::Ok();
}

}  // namespace

bool ParseSize(const std::string& text, int64_t* bytes) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0) return false;
  std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  int shift = unit.empty() || unit == "B" ? 0
              : unit == "KB"              ? 10
              : unit == "MB"              ? 20
              : unit == "GB"              ? 30
              : unit == "TB"              ? 40
                                          : -1;
  if (shift < 0 || number > (INT64_MAX >> shift)) return false;
  *bytes = number << shift;
  return true;
}

Status ParseJobFlags(int argc, const char* const* argv, JobFlags* flags) {
  int first = 1;
  if (argc > 1 && std::string_view(argv[1]) == "state") {
    flags->action = JobAction::State;
    for (first = 2; first < argc && !std::string_view(argv[first]).starts_with("--"); ++first) flags->words.push_back(argv[first]);
  }
  for (int i = first; i < argc; ++i) {
    std::string argument = argv[i], inline_value;
    size_t equals = argument.find('=');
    bool has_inline = argument.starts_with("--") && equals != std::string::npos;
    if (has_inline) {
      inline_value = argument.substr(equals + 1);
      argument.resize(equals);
    }
    if (argument == "-h") argument = "--help";
    auto info = std::find_if(std::begin(kFlags), std::end(kFlags), [&](const FlagInfo& f) { return f.name == argument; });
    if (info == std::end(kFlags)) {
      return argument.starts_with("-") ? Unknown(argument) : Usage("unexpected argument " + argument + "; see --help");
    }
    if (info->value.empty()) {
      if (has_inline) return Usage(argument + " takes no value");
    } else if (!has_inline) {
      if (i + 1 >= argc) return Usage(argument + " needs " + std::string(info->value));
      inline_value = argv[++i];
    }
    if (Status status = Apply(*info, inline_value, flags); !status.ok()) return status;
  }
  return Status::Ok();
}

std::string JobHelp(const std::string& program) {
  std::string text = "usage: " + program + " [flags]\n       " + program +
                     " state ls | get STEP KEY... | dump [STEP]  --brokers HOST:PORT [--group NAME] | --state-dir DIR\n\n";
  for (const FlagInfo& info : kFlags) {
    if (info.help.empty()) continue;
    std::string left = "  " + std::string(info.name) + (info.value.empty() ? "" : " ") + std::string(info.value);
    left.resize(std::max<size_t>(left.size() + 1, 30), ' ');
    text += left + std::string(info.help) + "\n";
  }
  return text +
         "\nexit codes: 0 clean, 64 usage, 65 incompatible state or topology, 66 bad input, 69 broker unreachable,\n"
         "70 internal error, 75 try again\n";
}

}  // namespace streamc::rt::engine
