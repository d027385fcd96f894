// The semantic checker: names, types, time and state rules. ast::Program in, typed::Program out.
//
// Everything wrong is reported; nothing is printed or thrown. When an error was reported the result is nullopt, so later
// phases never see a program with holes. No file is read here: `use` asks the loader, `feed ... from` keeps the path.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "compiler/sema/typed.h"
#include "compiler/source/source.h"

namespace streamc::sema {

struct SemaOptions {
  // Name of the job when the program declares none; the program's file name without its extension.
  std::string default_job = "job";
  // Gives the parsed program of `use "path"`, or null when it cannot be had; then `why` says so, or is left empty when
  // the loader has reported errors itself. The tree must outlive the call.
  std::function<const ast::Program*(const std::string& path, source::Span use, std::string* why)> load;
  // Declarations may stand without what would use them (warnings about unused ones are left out).
  bool interactive = false;
};

// nullopt when errors were reported; warnings do not matter.
std::optional<typed::Program> CheckProgram(const ast::Program& program, const source::SourceManager& sources,
                                           diag::Diagnostics& diags, const SemaOptions& options = {});

// What a REPL cell means, given the declarations before it.
struct CheckedCell {
  typed::Program program;      // the declarations before, and the pipeline as stream `kCellStream`
  bool is_expression = false;  // then `expression` is set and no stream was added
  typed::ExprPtr expression;   // over parameters only
};
inline constexpr const char* kCellStream = "cell";

// `declarations`: one tree per earlier cell (a later declaration of a name replaces an earlier one).
std::optional<CheckedCell> CheckCell(const std::vector<const ast::Program*>& declarations, const ast::Pipeline& cell,
                                     const source::SourceManager& sources, diag::Diagnostics& diags,
                                     const SemaOptions& options = {});

// The whole program as stable, readable text: `--emit=typed`.
std::string PrintTyped(const typed::Program& program);
// One expression, columns by name and id (`word#12`).
std::string PrintExpr(const typed::Expr& expr);

}  // namespace streamc::sema
