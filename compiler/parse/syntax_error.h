// Turns a failed parse into one message that a person can act on. Private to parse.
// In: where the parser stood when it gave up. Out: one diagnostic (E01xx) at the exact token, with what was expected, what
// was found and, for the mistakes people make most, what to write instead. ANTLR's own texts are never used.
#pragma once

#include <cstddef>
#include <optional>

#include "SdlParser.h"
#include "compiler/diag/diag.h"
#include "compiler/parse/expected.h"
#include "compiler/parse/lexed_source.h"

namespace streamc::parse {

struct Failure {
  Position position;                       // behind the last token taken
  size_t first = 0;                        // number of the token after it
  size_t begin = 0;                        // token the declaration (or cell) starts with
  std::optional<size_t> next_declaration;  // set when the failure is that the next declaration starts there
  std::optional<size_t> step;              // token that leads the step being read
  bool in_comparison = false;              // the last token taken belongs to a comparison
};

struct FailureReport {
  size_t token = 0;       // what the message is about
  bool is_closed = true;  // false when a bracket, string or comment is open, so that what follows cannot be read in good faith
};

// Reports the failure, once.
FailureReport ReportSyntaxError(SdlParser& parser, const LexedSource& source, const Failure& failure, diag::Diagnostics& diags);

}  // namespace streamc::parse
