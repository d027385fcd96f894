// Implicit conversions: the few the language makes unasked, as explicit nodes.
// int -> float or decimal, T -> T?, a wider decimal, literals to the type beside them, records field by field.
#pragma once

#include "compiler/sema/context.h"

namespace streamc::sema {

// The type both values can have unasked (`int` joins float and decimal, null makes optional); null when there is none.
TypeRef JoinTypes(const TypeRef& a, const TypeRef& b);

// The value as `target`; null, unreported, when the language does not convert it.
ExprPtr Convert(Context& context, const ExprPtr& expr, const TypeRef& target);

// As Convert; reports what is in the way (`label` says where the wish comes from, e.g. "argument `text` of `lower`") and returns a
// poisoned expression.
ExprPtr Coerce(Context& context, const ExprPtr& expr, const TypeRef& target, const std::string& label = {});

// Digits of a number as written ("-12.50") as a decimal literal; null when it has more than 38 digits.
ExprPtr DecimalLiteral(const std::string& text, Span span);

}  // namespace streamc::sema
