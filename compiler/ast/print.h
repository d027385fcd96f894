// The syntax tree as text, for --emit=ast and its goldens.
// In: a tree. Out: one node a line, children indented, no places or addresses, so that it changes only when the meaning of
// the text does. Expressions are printed as fully bracketed code in one line. Anyone may call it.
#pragma once

#include <string>

#include "compiler/ast/ast.h"

namespace streamc::ast {

std::string Print(const Program& program);
std::string Print(const Pipeline& pipeline);
// In one line, with brackets around every operator: `(a + (b * c))`.
std::string Print(const Expr& expr);
std::string Print(const Type& type);

std::string_view TextOf(BinaryOp op);

}  // namespace streamc::ast
