// What every rule needs: the list of rules as functions, and the edits of a plan they share. Internal to optimize/.
//
// A rule takes the plan, rewrites it in place and says whether anything changed. Each file shows what it does as plan text,
// before and after, and what it leaves alone.
#pragma once

#include "compiler/plan/expr.h"
#include "compiler/plan/plan.h"

namespace streamc::optimize {

#define OPTIMIZE_RULE(function, name) bool function(plan::Plan* plan);
#include "compiler/optimize/rules.def"
#undef OPTIMIZE_RULE

// Puts `op` between operator `id` and its first input; `op` gets that input. Later operators move up by one.
void InsertBefore(plan::Plan* plan, plan::OpId id, plan::Op op);
// Takes out an operator with one row input; its consumers read that input. Operators behind it move down by one.
// If it was materialised and the input is a row step, that one is from then on.
void RemoveOp(plan::Plan* plan, plan::OpId id);
// Exchanges row step `id` with the row step before it, of which it must be the only consumer. Columns are the caller's affair.
void SwapWithInput(plan::Plan* plan, plan::OpId id);

// Whether evaluating the operator's own expressions, or the operator itself, may reject a row.
bool OpCanReject(const plan::Op& op, const plan::ColumnSet& unchecked);
// Columns of the first input that hold unread fields.
plan::ColumnSet UncheckedBefore(const plan::Plan& plan, const std::vector<plan::ColumnSet>& unchecked, const plan::Op& op);

plan::ExprPtr MakeLiteral(types::Datum value, types::TypeRef type, source::Span span);
bool IsLiteral(const plan::Expr& expr);
bool IsBoolLiteral(const plan::Expr& expr, bool value);
// The expression without conversions between a type and its optional form.
const plan::Expr& WithoutWrap(const plan::Expr& expr);

}  // namespace streamc::optimize
