#include "compiler/driver/compilation.h"

#include <fcntl.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <utility>

#include "compiler/codegen/codegen.h"
#include "compiler/parse/parse.h"
#include "compiler/sema/sema.h"

namespace streamc::driver {
namespace {

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

bool ReadWholeFile(const std::string& path, std::string* text, std::string* problem) {
  const auto fail = [&](const char* why) {
    *problem = "cannot read " + path + ": " + why;
    return false;
  };
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(std::strerror(errno));
  struct stat info;
  if (fstat(file, &info) == 0 && S_ISDIR(info.st_mode)) {
    close(file);
    return fail("is a directory");
  }
  text->clear();
  char block[1 << 16];
  ssize_t got;
  while ((got = read(file, block, sizeof block)) > 0) text->append(block, static_cast<size_t>(got));
  const int error = errno;
  close(file);
  return got == 0 || fail(std::strerror(error));
}

Compilation::Stopwatch::Stopwatch(Compilation& owner, std::string phase)
    : owner_(owner), phase_(std::move(phase)), start_ns_(NowNs()) {}

Compilation::Stopwatch::~Stopwatch() {
  owner_.times_.push_back({std::move(phase_), static_cast<double>(NowNs() - start_ns_) / 1e6});
}

Compilation::Compilation(CompileOptions options) : options_(std::move(options)) {}
Compilation::~Compilation() = default;

bool Compilation::LoadFile(const std::string& path, std::string* problem) {
  std::string text;
  if (!ReadWholeFile(path, &text, problem)) return false;
  const std::filesystem::path file(path);
  directory_ = file.parent_path().string();
  stem_ = file.stem().string();
  LoadText(path, std::move(text));
  return true;
}

void Compilation::LoadText(std::string display_name, std::string text) {
  main_ = sources_.Add(std::move(display_name), std::move(text));
}

const ast::Program* Compilation::Parse() {
  if (!ast_) ast_ = Timed("parse", [&] { return parse::ParseProgram(main_, sources_, diagnostics_); });
  return diagnostics_.has_errors() ? nullptr : &*ast_;
}

const ast::Program* Compilation::LoadUsed(const std::string& path, std::string* why) {
  const std::string full = (std::filesystem::path(directory_) / path).string();
  std::string text, problem;
  if (!ReadWholeFile(full, &text, &problem)) {
    *why = problem;
    return nullptr;
  }
  const source::SourceId id = sources_.Add(full, std::move(text));
  const size_t errors = diagnostics_.error_count();
  used_.push_back(parse::ParseProgram(id, sources_, diagnostics_));
  return diagnostics_.error_count() > errors ? nullptr : &used_.back();
}

// `feed s from "file"`: one record a line, as the file connector reads it.
bool Compilation::ResolveFeeds(typed::Program* program) {
  for (typed::Test& test : program->tests) {
    for (typed::TestStatement& statement : test.statements) {
      if (statement.from_file.empty()) continue;
      std::string text, problem;
      if (!ReadWholeFile((std::filesystem::path(directory_) / statement.from_file).string(), &text, &problem)) {
        diagnostics_.Report(diag::DiagId::UnreadableFile, statement.span, problem)
            .Help("paths are relative to the program's folder");
        return false;
      }
      std::string_view rest = text;
      while (!rest.empty()) {
        const size_t end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) statement.payloads.emplace_back(std::string(line));
      }
    }
  }
  return true;
}

const typed::Program* Compilation::Check() {
  if (!typed_) {
    // Declarations that parsed are checked even when others did not, so that one run shows all that is wrong.
    Parse();
    sema::SemaOptions sema_options;
    sema_options.default_job = stem_;
    sema_options.load = [this](const std::string& path, source::Span, std::string* why) { return LoadUsed(path, why); };
    typed_ = Timed("check", [&] { return sema::CheckProgram(*ast_, sources_, diagnostics_, sema_options); });
    if (typed_ && options_.with_tests && !ResolveFeeds(&*typed_)) typed_.reset();
  }
  return diagnostics_.has_errors() || !typed_ ? nullptr : &*typed_;
}

const plan::Plan* Compilation::Plan() {
  if (!plan_) {
    const typed::Program* program = Check();
    if (program == nullptr) return nullptr;
    plan::PlanOptions plan_options;
    plan_options.with_tests = options_.with_tests;
    plan_ = Timed("plan", [&] { return plan::BuildPlan(*program, plan_options); });
  }
  return &*plan_;
}

const plan::Plan* Compilation::Optimize() {
  if (!optimized_) {
    const plan::Plan* plan = Plan();
    if (plan == nullptr) return nullptr;
    optimized_ = *plan;
    std::vector<std::string> faults;
    Timed("optimize", [&] { optimize::OptimizePlan(*optimized_, options_.optimize, &faults); });
    for (const std::string& fault : faults) diagnostics_.Report(diag::DiagId::UnsoundPlan, source::Span{main_, 0, 0}, fault);
    if (!faults.empty()) return nullptr;
  }
  return &*optimized_;
}

const physical::Program* Compilation::Physical() {
  if (!physical_) {
    const plan::Plan* plan = Optimize();
    if (plan == nullptr) return nullptr;
    physical::PhysicalOptions physical_options;
    physical_options.sources = &sources_;
    physical_options.program_name = std::string(sources_.DisplayName(main_));
    physical_options.compiler_version = STREAMC_VERSION;
    physical_options.with_tests = options_.with_tests;
    physical_ = Timed("physical", [&] { return physical::BuildPhysical(*plan, *typed_, physical_options); });
  }
  return &*physical_;
}

llvm::Module* Compilation::Generate() {
  if (!module_) {
    const physical::Program* program = Physical();
    if (program == nullptr) return nullptr;
    context_ = std::make_unique<llvm::LLVMContext>();
    std::string error;
    codegen::CodegenOptions codegen_options;
    codegen_options.module_name = stem_;
    module_ = Timed("codegen", [&] { return codegen::GenerateModule(*context_, *program, codegen_options, &error); });
    if (!module_) diagnostics_.Report(diag::DiagId::CannotGenerate, source::Span{main_, 0, 0}, error);
  }
  return module_.get();
}

std::unique_ptr<llvm::Module> Compilation::TakeModule(std::unique_ptr<llvm::LLVMContext>* context) {
  if (Generate() == nullptr) return nullptr;
  *context = std::move(context_);
  return std::move(module_);
}

}  // namespace streamc::driver
