// Small constructors of typed expressions. No checks: callers have done them.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "compiler/sema/typed.h"

namespace streamc::sema {

using source::Span;
using typed::Expr;
using typed::ExprKind;
using typed::ExprPtr;
using types::Datum;
using types::TypeKind;
using types::TypeRef;

ExprPtr MakeExpr(ExprKind kind, TypeRef type, Span span, std::vector<ExprPtr> args = {});
ExprPtr MakeLiteral(Datum value, TypeRef type, Span span);
ExprPtr MakeBool(bool value, Span span);
ExprPtr MakeColumn(const typed::Column& column, Span span);
ExprPtr MakeLocal(typed::LocalId local, const std::string& name, TypeRef type, Span span);
ExprPtr MakeLet(typed::LocalId local, ExprPtr value, ExprPtr body);
ExprPtr MakeNot(ExprPtr operand);
ExprPtr MakeAnd(ExprPtr a, ExprPtr b);
ExprPtr MakeField(ExprPtr record, int index, const std::string& name, TypeRef type, Span span);
// The poisoned expression: its type is Error.
ExprPtr MakeError(Span span);
// A copy that stands elsewhere.
ExprPtr WithSpan(const ExprPtr& expr, Span span);

inline bool IsError(const ExprPtr& expr) { return expr->type->kind == TypeKind::Error; }
bool IsLiteral(const ExprPtr& expr);
// Costs nothing to evaluate twice.
bool IsTrivial(const ExprPtr& expr);

}  // namespace streamc::sema
