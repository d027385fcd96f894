// User functions: pure, not recursive, inlined where they are called. Internal to sema/.
#pragma once

#include "compiler/sema/expr.h"

namespace streamc::sema {

// The checked head of a function. Its body is checked once by itself, so that its faults are reported where they
// stand, and again at each call to get nodes of its own.
struct FnHead {
  std::vector<TypeRef> params;
  TypeRef result;
};
FnHead HeadOf(Context& context, const ast::FnDecl& decl);

// The call with its arguments (already converted to the head's types) as one expression.
ExprPtr InlineFn(Context& context, const Symbol& symbol, const FnHead& head, const std::vector<ExprPtr>& args, Span span);

}  // namespace streamc::sema
