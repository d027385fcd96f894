// Shows diagnostics: as text for people, as JSON for editors and scripts.
// In: Diagnostics and the SourceManager their spans point into. Out: a string; the driver writes it. At most
// kShownLimit are shown, errors and warnings together, and the text says how many were left out.
#pragma once

#include <cstddef>
#include <string>

#include "compiler/diag/diag.h"
#include "compiler/source/source.h"

namespace streamc::diag {

inline constexpr size_t kShownLimit = 20;

// One block per diagnostic, an empty line after each; empty when there is nothing to say.
std::string RenderText(const Diagnostics& diagnostics, const source::SourceManager& sources);

// A JSON array of objects: code, severity, message, file, line, column, end_line, end_column, labels (the same
// place fields and text), notes, helps. Always a complete array; ends with a line end.
std::string RenderJson(const Diagnostics& diagnostics, const source::SourceManager& sources);

}  // namespace streamc::diag
