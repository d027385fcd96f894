// Texts of programs through parser and checker, for the tests of this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/diag/diag.h"
#include "compiler/parse/parse.h"
#include "compiler/sema/sema.h"

namespace streamc::sema {

struct Checked {
  std::optional<typed::Program> program;
  std::vector<std::string> codes;  // sorted by place
  std::string typed;               // PrintTyped
  std::string text;                // rendered diagnostics
};

Checked CheckText(const std::string& text, const SemaOptions& options = {});

// A source `s` with columns of every kind, time and watermark; then `stream x = s` with these steps.
std::string WithSource(const std::string& declarations);
std::string WithSteps(const std::string& steps);

}  // namespace streamc::sema
