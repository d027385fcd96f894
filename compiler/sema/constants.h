// Values known before the first record: constants, and values known at start (parameters among them).
#pragma once

#include <optional>
#include <string>

#include "compiler/sema/context.h"

namespace streamc::sema {

// The value of a literal expression (also arithmetic of ints and durations, lists, records); nullopt when it is none.
std::optional<Datum> FoldConstant(const Expr& expr);

// A constant of the type; nullopt, reported, otherwise. `what` says what it is for ("default of `n`").
std::optional<Datum> CheckConstant(Context& context, const ast::Expr& expr, const TypeRef& type, const std::string& what);

// A constant, a parameter, or (strings) a text with parameters in it. A poisoned one has the type Error.
typed::StartValue CheckStartValue(Context& context, const ast::Expr& expr, const TypeRef& type, const std::string& what);

// A duration; when it is a constant it must be at least `lowest` microseconds.
typed::StartValue CheckDuration(Context& context, const ast::Expr& expr, const std::string& what, int64_t lowest);

// Whether the two are constants and so can be compared now.
std::optional<int64_t> ConstantMicros(const typed::StartValue& value);

typed::StartValue ConstantValue(Datum value, TypeRef type, Span span);

}  // namespace streamc::sema
