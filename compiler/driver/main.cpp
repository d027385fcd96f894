// streamc: dispatches to the subcommands. See options.h.
#include <algorithm>
#include <cxxopts.hpp>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "compiler/driver/options.h"
#include "compiler/repl/repl.h"
#include "compiler/support/text.h"

namespace streamc::driver {
namespace {

constexpr const char* kUsage = R"(streamc: stream jobs in .sdl, compiled to native programs

  streamc JOB.sdl [-o FILE]          compile to one self-contained binary
  streamc run JOB.sdl [-- FLAGS]     compile in memory and run at once; FLAGS are the job's
  streamc check JOB.sdl              say what is wrong, compile nothing
  streamc explain JOB.sdl            how the job will be executed
  streamc test JOB.sdl               run the test blocks of the program
  streamc diff OLD.sdl NEW.sdl       what an edited program makes of the state of the old one
  streamc repl                       try expressions, declarations and pipelines

)";

const std::map<std::string, Subcommand, std::less<>> kSubcommands = {
    {"run", RunJob}, {"check", CheckJob}, {"explain", ExplainJob}, {"test", TestJob}, {"build", BuildJob}, {"diff", DiffJob},
};
// Words that the language's tool will have and this version has not.
const std::vector<std::string> kNotBuilt = {"fmt", "kernel", "lsp", "schema", "topic", "produce", "consume", "deploy"};
const std::vector<std::string> kStages = {"tokens", "ast", "typed", "plan", "optimized", "physical", "llvm", "asm"};

int Usage(const std::string& message) {
  std::cerr << "streamc: " << message << "\n`streamc --help` lists what there is\n";
  return kExitUsage;
}

cxxopts::Options MakeParser() {
  cxxopts::Options parser("streamc");
  parser.add_options()("o,output", "binary to write (default: the program's name)", cxxopts::value<std::string>())(
      "emit", "print a stage: tokens, ast, typed, plan, optimized, physical, llvm, asm", cxxopts::value<std::string>())(
      "O", "optimisation of generated code: 0, 1, 2 or 3", cxxopts::value<std::string>()->default_value("2"))(
      "target-cpu", "`native` or a processor such as x86-64-v3", cxxopts::value<std::string>()->default_value(""))(
      "time-phases", "say how long every phase took")(
      "diagnostics", "`text` or `json`", cxxopts::value<std::string>()->default_value("text"))(
      "no-optimize", "leave the plan as written")(
      "disable-rule", "switch one plan rule off (repeatable)", cxxopts::value<std::vector<std::string>>())(
      "only-rule", "apply no plan rule but this (repeatable)", cxxopts::value<std::vector<std::string>>())(
      "jit-only", "test: do not try the compiled binary as well")(
      "filter", "test: only tests whose name holds this text", cxxopts::value<std::string>()->default_value(""))(
      "h,help", "this text")("version", "the version")("file", "", cxxopts::value<std::vector<std::string>>());
  parser.parse_positional({"file"});
  return parser;
}

// What is wrong with the command line, in words of our own: the library says it in its own, with the option or value in quotes.
int ReportOptions(const cxxopts::exceptions::exception& error) {
  const std::string what = error.what();
  const std::string open = "\u2018", close = "\u2019";
  const size_t begin = what.find(open), end = what.rfind(close);
  const std::string name = begin == what.npos || end == what.npos ? "" : what.substr(begin + open.size(), end - begin - open.size());
  const std::string option = (name.size() == 1 ? "-" : "--") + name;
  if (dynamic_cast<const cxxopts::exceptions::no_such_option*>(&error) != nullptr) {
    std::vector<std::string> known;
    const cxxopts::Options parser = MakeParser();
    for (const auto& each : parser.group_help("").options) known.insert(known.end(), each.l.begin(), each.l.end());
    const auto near = support::FindNearest(name, known);
    return Usage("there is no option `" + option + "`" + (near ? "; did you mean `--" + *near + "`?" : ""));
  }
  const bool lacks_value = dynamic_cast<const cxxopts::exceptions::missing_argument*>(&error) != nullptr ||
                           dynamic_cast<const cxxopts::exceptions::option_requires_argument*>(&error) != nullptr;
  if (lacks_value) return Usage("`" + option + "` needs a value");
  if (dynamic_cast<const cxxopts::exceptions::incorrect_argument_type*>(&error) != nullptr) {
    return Usage("`" + name + "` is the value of an option that takes none");
  }
  return Usage("`" + name + "` is no option: they are `--name value`, `--name=value` or `-o FILE`");
}

// Everything up to `--` is ours.
int Dispatch(std::vector<std::string> arguments, std::vector<std::string> job_arguments) {
  Subcommand command = BuildJob;
  if (arguments.empty()) {
    std::cerr << kUsage;
    return kExitUsage;
  }
  std::vector<const char*> argv = {"streamc"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  cxxopts::Options parser = MakeParser();
  const cxxopts::ParseResult parsed = parser.parse(static_cast<int>(argv.size()), argv.data());
  if (parsed.count("help")) {
    std::cout << kUsage << parser.help();
    return kExitOk;
  }
  if (parsed.count("version")) {
    std::cout << "streamc " STREAMC_VERSION "\n";
    return kExitOk;
  }
  // The subcommand is the first word that is no option, wherever the options stand.
  auto files = parsed.count("file") ? parsed["file"].as<std::vector<std::string>>() : std::vector<std::string>{};
  const std::string word = files.empty() ? "" : files.front();
  if (word == "repl") {
    if (arguments.size() > 1) return Usage("`repl` takes no arguments");
    return repl::RunRepl();
  }
  if (std::find(kNotBuilt.begin(), kNotBuilt.end(), word) != kNotBuilt.end()) {
    return Usage("`" + word + "` is not built yet in this version");
  }
  if (const auto found = kSubcommands.find(word); found != kSubcommands.end()) {
    command = found->second;
    files.erase(files.begin());
  }
  if (files.empty()) return Usage("no program named");
  const size_t wanted = command == DiffJob ? 2 : 1;
  if (files.size() < wanted) return Usage("`diff` takes two programs, the old one first: `streamc diff old.sdl new.sdl`");
  if (files.size() > wanted) {
    const auto words = [] {
      std::vector<std::string> names(kNotBuilt);
      for (const auto& [name, unused] : kSubcommands) names.push_back(name);
      return names;
    }();
    const auto near = support::FindNearest(files[0], words);
    return Usage((wanted == 1 ? "one program at a time; `" : "two programs at a time; `") + files[wanted] + "` is too many" + (near ? "; did you mean `streamc " + *near + "`?" : ""));
  }
  Options options;
  options.file = files[0];
  if (wanted == 2) options.new_file = files[1];
  options.output = parsed.count("output") ? parsed["output"].as<std::string>() : "";
  options.emit = parsed.count("emit") ? parsed["emit"].as<std::string>() : "";
  if (!options.emit.empty() && std::find(kStages.begin(), kStages.end(), options.emit) == kStages.end()) {
    return Usage("`--emit=" + options.emit + "`: there is no such stage; it may be tokens, ast, typed, plan, optimized, physical, llvm or asm");
  }
  const std::string form = parsed["diagnostics"].as<std::string>();
  if (form != "text" && form != "json") return Usage("`--diagnostics` is `text` or `json`, not `" + form + "`");
  options.json_diagnostics = form == "json";
  options.time_phases = parsed.count("time-phases") > 0;
  const std::string level = parsed["O"].as<std::string>();
  if (level.size() != 1 || level[0] < '0' || level[0] > '3') return Usage("`-O` takes 0, 1, 2 or 3, not `" + level + "`");
  options.level = level[0] - '0';
  options.target_cpu = parsed["target-cpu"].as<std::string>();
  options.jit_only = parsed.count("jit-only") > 0;
  options.filter = parsed["filter"].as<std::string>();
  options.job_arguments = std::move(job_arguments);
  optimize::OptimizeOptions& rules = options.compile.optimize;
  rules.enabled = parsed.count("no-optimize") == 0;
  if (parsed.count("disable-rule")) rules.disabled = parsed["disable-rule"].as<std::vector<std::string>>();
  if (parsed.count("only-rule")) rules.only = parsed["only-rule"].as<std::vector<std::string>>();
  for (const auto* list : {&rules.disabled, &rules.only}) {
    for (const std::string& rule : *list) {
      const std::vector<std::string> names = optimize::RuleNames();
      if (std::find(names.begin(), names.end(), rule) != names.end()) continue;
      const auto near = support::FindNearest(rule, names);
      return Usage("there is no rule `" + rule + "`" + (near ? "; did you mean `" + *near + "`?" : ""));
    }
  }
  return options.emit.empty() ? command(options) : EmitStage(options);
}

int Main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  std::vector<std::string> job_arguments;
  if (const auto dashes = std::find(arguments.begin(), arguments.end(), "--"); dashes != arguments.end()) {
    job_arguments.assign(dashes + 1, arguments.end());
    arguments.erase(dashes, arguments.end());
  }
  try {
    return Dispatch(std::move(arguments), std::move(job_arguments));
  } catch (const cxxopts::exceptions::exception& error) {
    return ReportOptions(error);
  }
}

}  // namespace
}  // namespace streamc::driver

int main(int argc, char** argv) { return streamc::driver::Main(argc, argv); }
