// Any bytes go through the parser: it must neither crash nor hang nor say something about a place outside the text.
// libFuzzer entry; also run over the corpus by ordinary builds.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "compiler/ast/print.h"
#include "compiler/diag/render.h"
#include "compiler/parse/parse.h"

namespace {

using namespace streamc;

void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "parse_fuzzer: %s\n", what);
  std::abort();
}

void RequireInside(source::Span span, size_t size) {
  Require(span.begin <= span.end && span.end <= size, "a span lies outside the text");
}

void CheckDiagnostics(const diag::Diagnostics& diags, const source::SourceManager& sources, size_t size) {
  for (const diag::Diagnostic& diagnostic : diags.Sorted()) {
    RequireInside(diagnostic.span, size);
    for (const diag::Label& label : diagnostic.labels) RequireInside(label.span, size);
    Require(diagnostic.message.find("expected ,") == std::string::npos, "a message expects nothing");
  }
  Require(diag::RenderText(diags, sources).empty() == diags.empty(), "the text and the list of messages disagree");
  Require(diag::RenderJson(diags, sources).size() >= 3, "the JSON is no array");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  source::SourceManager sources;
  const source::SourceId id = sources.Add("fuzz.sdl", std::string(reinterpret_cast<const char*>(data), size));

  diag::Diagnostics diags;
  const ast::Program program = parse::ParseProgram(id, sources, diags);
  for (const ast::Decl& decl : program.decls) RequireInside(decl.span, size);
  ast::Print(program);
  CheckDiagnostics(diags, sources, size);
  // What the fast prediction accepts, the exact one takes without a conflict: the grammar is as unambiguous as it claims.
  if (!diags.has_errors() && size < 2000) {
    Require(parse::FindGrammarConflicts(id, sources).empty(), "a decision of the grammar has a conflict");
  }

  diag::Diagnostics cell_diags;
  const parse::Cell cell = parse::ParseCell(id, sources, cell_diags);
  Require(!cell.is_incomplete || cell_diags.has_errors(), "an incomplete cell has no error");
  if (cell.pipeline) ast::Print(*cell.pipeline);
  CheckDiagnostics(cell_diags, sources, size);

  diag::Diagnostics token_diags;
  parse::PrintTokens(id, sources, token_diags);
  return 0;
}
