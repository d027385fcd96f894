#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <algorithm>
#include <deque>
#include <iostream>
#include <optional>
#include <vector>

#include "compiler/ast/ast.h"
#include "compiler/backend/backend.h"
#include "compiler/codegen/codegen.h"
#include "compiler/diag/render.h"
#include "compiler/optimize/optimize.h"
#include "compiler/parse/parse.h"
#include "compiler/physical/physical.h"
#include "compiler/plan/plan.h"
#include "compiler/repl/repl.h"
#include "compiler/sema/sema.h"
#include "compiler/support/install.h"
#include "runtime/connector/memory/memory_log.h"
#include "runtime/engine/job_main.h"

namespace streamc::repl {
namespace {

// An expression is run as a job over one record in memory. The names cannot clash with a user's by accident.
constexpr const char* kOnceLog = "streamc_repl_once";
constexpr const char* kValueLog = "streamc_repl_value";
constexpr const char* kOnceSource =
    "source streamc_repl_once: { one: int } from memory(\"streamc_repl_once\") format json on bad drop";

constexpr const char* kHelp = R"(an expression        its value and type:  length("åäö")
a declaration        kept for later cells; a new one of the same name replaces it
a pipeline           rows as they come; ends with `;` or an empty line; Ctrl-C stops it
:list                the declarations so far
:brokers HOST:PORT   where kafka sources are read from
:quit                the end; Ctrl-D as well
)";

// A stream's rows as one sink to standard output (or a memory log).
typed::Sink MakeSink(const typed::Program& program, int32_t stream, const std::string& connector, const std::string& target) {
  const typed::Stream& rows = program.streams[static_cast<size_t>(stream)];
  typed::Sink sink;
  sink.name = rows.name;
  sink.stream = stream;
  sink.connector.connector = connector;
  if (!target.empty()) {
    typed::StartValue value;
    value.type = types::Make(types::TypeKind::String);
    value.constant.value = target;
    sink.connector.args.push_back(std::move(value));
  }
  std::vector<types::Field> fields;
  const auto read = [](const typed::Column& column) {
    auto expr = std::make_shared<typed::Expr>();
    expr->kind = typed::ExprKind::Column;
    expr->type = column.type;
    expr->column = column.id;
    expr->text = column.name;
    return expr;
  };
  for (const typed::Column& column : rows.columns) {
    if (!column.hidden) {
      fields.push_back({column.name, column.type, column.name, nullptr});
      sink.fields.push_back(read(column));
    }
    const auto& key = rows.rows.key;
    if (std::find(key.begin(), key.end(), column.id) != key.end()) {
      sink.key.push_back(read(column));
      sink.key_names.push_back(column.name);
    }
  }
  sink.record = types::MakeRecord(std::move(fields));
  sink.upsert = rows.rows.changing;
  return sink;
}

int32_t FindStream(const typed::Program& program, std::string_view name) {
  for (size_t i = 0; i < program.streams.size(); ++i) {
    if (program.streams[i].name == name) return static_cast<int32_t>(i);
  }
  return -1;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

// The name of a cell's only declaration; empty for several, and for those that another one does not replace.
std::string DeclaredName(const ast::Program& cell) {
  if (cell.decls.size() != 1) return {};
  return std::visit(
      [](const auto& decl) -> std::string {
        if constexpr (requires { decl.name.text; }) return decl.name.text;
        else return {};
      },
      cell.decls.front().node);
}

}  // namespace

struct Session::State {
  source::SourceManager sources;
  std::deque<ast::Program> declarations;  // one per accepted cell
  struct Text {
    std::string name;  // of its only declaration; empty when there are several
    std::string text;
  };
  std::vector<Text> texts;  // what `:list` shows
  std::unique_ptr<backend::Jit> jit;
  std::string brokers;
  bool until_end = false;

  std::vector<const ast::Program*> Trees() const {
    std::vector<const ast::Program*> trees;
    for (const ast::Program& program : declarations) trees.push_back(&program);
    return trees;
  }
  sema::SemaOptions SemaOptions() const {
    sema::SemaOptions options;
    options.default_job = "repl";
    options.interactive = true;
    return options;
  }
  void Show(const diag::Diagnostics& diags) { std::cerr << diag::RenderText(diags, sources) << std::flush; }

  parse::Cell ParseText(std::string text, diag::Diagnostics& diags) {
    return parse::ParseCell(sources.Add("<repl>", std::move(text)), sources, diags);
  }
  bool Declare(ast::Program program, std::string_view text);
  bool RunPipeline(const ast::Pipeline& pipeline, std::string_view text);
  bool Evaluate(std::string_view text, const types::Type& type);
  bool RunProgram(typed::Program program, std::vector<std::string> flags, diag::Diagnostics& diags);
};

bool Session::State::Declare(ast::Program program, std::string_view text) {
  diag::Diagnostics diags;
  // A parameter without a value would fail every cell from here on.
  for (const ast::Decl& decl : program.decls) {
    const auto* param = std::get_if<ast::ParamDecl>(&decl.node);
    if (param == nullptr || param->default_value != nullptr) continue;
    std::cerr << "here a parameter needs a value: `param " << param->name.text << ": TYPE = VALUE`; a new one replaces it\n";
    return false;
  }
  declarations.push_back(std::move(program));
  const parse::Cell nothing = ParseText("0", diags);
  const bool good = sema::CheckCell(Trees(), *nothing.pipeline, sources, diags, SemaOptions()).has_value();
  Show(diags);
  if (!good) {
    declarations.pop_back();
    return false;
  }
  const std::string name = DeclaredName(declarations.back());
  if (!name.empty()) std::erase_if(texts, [&](const Text& old) { return old.name == name; });
  texts.push_back({name, std::string(text)});
  return true;
}

bool Session::State::RunProgram(typed::Program program, std::vector<std::string> flags, diag::Diagnostics& diags) {
  plan::Plan plan = plan::BuildPlan(program);
  optimize::OptimizePlan(plan);
  physical::PhysicalOptions options;
  options.sources = &sources;
  options.program_name = "<repl>";
  const physical::Program physical = physical::BuildPhysical(plan, program, options);
  if (!jit) {
    backend::JitOptions jit_options;
    jit_options.bitcode = support::BitcodePath();
    jit = backend::Jit::Create(jit_options, diags);
    if (!jit) return false;
  }
  auto context = std::make_unique<llvm::LLVMContext>();
  std::string error;
  auto module = codegen::GenerateModule(*context, physical, {}, &error);
  if (!module) {
    diags.Report(diag::DiagId::CannotGenerate, source::Span{}, error);
    return false;
  }
  const ScJob* job = jit->Load(std::move(context), std::move(module), diags);
  if (job == nullptr) return false;
  if (!brokers.empty()) flags.insert(flags.end(), {"--brokers", brokers});
  flags.insert(flags.begin(), "repl");
  std::vector<char*> argv;
  for (std::string& flag : flags) argv.push_back(flag.data());
  argv.push_back(nullptr);
  std::cout << std::flush;
  return rt::engine::RunJobMain(job, static_cast<int>(flags.size()), argv.data(), rt::engine::Process::Shared) == 0;
}

bool Session::State::Evaluate(std::string_view text, const types::Type& type) {
  using rt::connector::MemoryLog;
  diag::Diagnostics diags;
  const parse::Cell once = ParseText(kOnceSource, diags);
  const parse::Cell value = ParseText("streamc_repl_once |> select value = (" + std::string(text) + "\n)", diags);
  std::vector<const ast::Program*> trees = Trees();
  trees.push_back(&once.program);
  auto checked = value.pipeline ? sema::CheckCell(trees, *value.pipeline, sources, diags, SemaOptions()) : std::nullopt;
  if (!checked) {
    Show(diags);
    return false;
  }
  const int32_t stream = FindStream(checked->program, sema::kCellStream);
  checked->program.sinks = {MakeSink(checked->program, stream, "memory", kValueLog)};
  MemoryLog& input = MemoryLog::Get(kOnceLog);
  MemoryLog& output = MemoryLog::Get(kValueLog);
  input.Clear();
  output.Clear();
  input.Append(0, {std::nullopt, R"({"one":1})", 0, {}});
  input.Finish();
  diag::Diagnostics run_diags;
  const bool ran = RunProgram(std::move(checked->program), {"--until", "end", "--quiet"}, run_diags);
  Show(run_diags);
  if (!ran) return false;
  if (output.end(0) == 0) {
    std::cerr << "the expression has no value: it divides by zero, overflows or rejects its record\n";
    return false;
  }
  // The record is {"value":...}.
  std::string_view row = *output.At(0, 0).value;
  row.remove_prefix(std::string_view(R"({"value":)").size());
  row.remove_suffix(1);
  std::cout << row << " : " << types::ToString(type) << "\n" << std::flush;
  return true;
}

bool Session::State::RunPipeline(const ast::Pipeline& pipeline, std::string_view text) {
  diag::Diagnostics diags;
  auto checked = sema::CheckCell(Trees(), pipeline, sources, diags, SemaOptions());
  Show(diags);
  if (!checked) return false;
  if (checked->is_expression) {
    if (checked->expression->type->kind != types::TypeKind::Null) return Evaluate(text, *checked->expression->type);
    std::cout << "null\n" << std::flush;
    return true;
  }
  const int32_t stream = FindStream(checked->program, sema::kCellStream);
  checked->program.sinks = {MakeSink(checked->program, stream, "stdout", "")};
  diag::Diagnostics run_diags;
  std::vector<std::string> flags = {"--quiet"};
  if (until_end) flags.insert(flags.end(), {"--until", "end"});
  const bool ran = RunProgram(std::move(checked->program), std::move(flags), run_diags);
  Show(run_diags);
  return ran;
}

Session::Session(bool until_end) : state_(std::make_unique<State>()) {
  state_->until_end = until_end;
}
Session::~Session() = default;

bool Session::WantsMore(std::string_view text) const {
  if (Trim(text).empty() || Trim(text).ends_with(';')) return false;
  diag::Diagnostics diags;
  source::SourceManager sources;
  const parse::Cell cell = parse::ParseCell(sources.Add("<repl>", std::string(text)), sources, diags);
  if (cell.is_incomplete) return true;
  if (diags.has_errors()) return false;
  if (cell.pipeline) {
    if (!cell.pipeline->steps.empty()) return true;
    // A bare name may be the start of a pipeline over that stream.
    return cell.pipeline->input == nullptr || std::holds_alternative<ast::NameExpr>(cell.pipeline->input->node);
  }
  return !cell.program.decls.empty() && std::holds_alternative<ast::StreamDecl>(cell.program.decls.back().node);
}

bool Session::Run(std::string_view text) {
  std::string_view cell_text = Trim(text);
  if (cell_text.empty()) return true;
  diag::Diagnostics diags;
  parse::Cell cell = state_->ParseText(std::string(cell_text), diags);
  if (diags.has_errors()) {
    state_->Show(diags);
    return false;
  }
  if (!cell.pipeline) return state_->Declare(std::move(cell.program), cell_text);
  while (cell_text.ends_with(';')) cell_text = Trim(cell_text.substr(0, cell_text.size() - 1));
  return state_->RunPipeline(*cell.pipeline, cell_text);
}

bool Session::Command(std::string_view line) {
  const size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  const std::string_view rest = space == std::string_view::npos ? std::string_view{} : Trim(line.substr(space));
  if (word == ":quit" || word == ":q") return false;
  if (word == ":help") std::cout << kHelp;
  else if (word == ":list") for (const State::Text& old : state_->texts) std::cout << old.text << "\n";
  else if (word == ":brokers") state_->brokers = rest;
  else std::cerr << "`" << word << "` is no command; `:help` lists them\n";
  std::cout << std::flush;
  return true;
}

}  // namespace streamc::repl
