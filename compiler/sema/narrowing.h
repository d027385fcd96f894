// Narrowing: which optional paths are proved present where.
// A path is a column or local with field names behind it; its key is stable text ("c12.0.3"). Facts are sets of keys.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "compiler/sema/build.h"

namespace streamc::sema {

using Facts = std::set<std::string>;

// The key of a path; nullopt when the expression is none. Unwraps on the way do not matter.
std::optional<std::string> PathKey(const Expr& expr);

// What holds where `condition` is true, and where it is false.
Facts FactsWhenTrue(const Expr& condition);
Facts FactsWhenFalse(const Expr& condition);

// The expression, unwrapped when a fact proves it present.
ExprPtr Narrow(const ExprPtr& expr, const Facts& present);

}  // namespace streamc::sema
