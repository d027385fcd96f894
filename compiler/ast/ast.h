// The syntax tree of .sdl: plain values, one struct per construct of grammar/Sdl.g4, a Span on every node.
// In: filled by parse. Out: read by sema (and the printer in print.h). It says what was written, not what it means:
// names are not resolved, `int` and `kafka` are names like others, and missing clauses are simply absent.
// Ownership is by value and std::unique_ptr, so a tree moves but does not copy.
//   type.h  names, paths, types    expr.h  expressions    step.h  pipelines, steps, fold bodies    decl.h  declarations, tests
#pragma once

#include "compiler/ast/decl.h"
#include "compiler/ast/expr.h"
#include "compiler/ast/step.h"
#include "compiler/ast/type.h"
