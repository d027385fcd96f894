// Text to syntax tree: the only folder that knows ANTLR, behind three functions.
// In: a text in a SourceManager. Out: ast:: values and E01xx diagnostics; no exception leaves. After an error in one
// declaration parsing resumes at the next (in a stream: at its next step), so each broken one gives its own message.
// Called by driver, repl and lsp; sema takes the result.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "compiler/source/source.h"

namespace streamc::parse {

inline constexpr size_t kMaxSourceBytes = size_t{4} << 20;

// A file. The program holds every declaration that parsed.
ast::Program ParseProgram(source::SourceId id, const source::SourceManager& sources, diag::Diagnostics& diags);

// What is typed into a REPL or notebook at once: declarations, or one pipeline (an expression is one without steps).
struct Cell {
  ast::Program program;
  std::optional<ast::Pipeline> pipeline;
  // More text may complete it: its first error is at its end, or a raw string or comment is open. The diagnostics are
  // reported all the same; who asks for more drops them.
  bool is_incomplete = false;
};
Cell ParseCell(source::SourceId id, const source::SourceManager& sources, diag::Diagnostics& diags);

// One token a line: `line:column kind text`, comments left out. Ill-formed text is reported and gives "".
std::string PrintTokens(source::SourceId id, const source::SourceManager& sources, diag::Diagnostics& diags);

// For the grammar's own test: each decision of the parser that was ambiguous or needed more context than SLL prediction
// has, as "rule: what". Empty for every text if the grammar is as it should be.
std::vector<std::string> FindGrammarConflicts(source::SourceId id, const source::SourceManager& sources);

}  // namespace streamc::parse
