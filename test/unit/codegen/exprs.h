// Short spellings of typed expressions for the tests of code generation.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/sema/typed.h"

namespace streamc::codegen::testing {

using typed::Expr;
using typed::ExprKind;
using typed::ExprPtr;
using types::Datum;
using types::TypeKind;
using types::TypeRef;

inline TypeRef T(TypeKind kind) {
  return types::Make(kind);
}
inline TypeRef Opt(TypeRef type) {
  return types::Optional(type);
}

inline ExprPtr Make(ExprKind kind, TypeRef type, std::vector<ExprPtr> args = {}) {
  auto expr = std::make_shared<Expr>();
  expr->kind = kind;
  expr->type = std::move(type);
  expr->args = std::move(args);
  return expr;
}
inline ExprPtr Lit(TypeRef type, Datum value) {
  auto expr = std::make_shared<Expr>();
  expr->type = std::move(type);
  expr->value = std::move(value);
  return expr;
}
inline ExprPtr Int(int64_t value) {
  return Lit(T(TypeKind::Int), Datum{value});
}
inline ExprPtr Float(double value) {
  return Lit(T(TypeKind::Float), Datum{value});
}
inline ExprPtr Bool(bool value) {
  return Lit(T(TypeKind::Bool), Datum{value});
}
inline ExprPtr Str(std::string value) {
  return Lit(T(TypeKind::String), Datum{std::move(value)});
}
inline ExprPtr Dec(types::Int128 value, int scale, int precision = 20) {
  return Lit(types::MakeDecimal(precision, scale), Datum{value});
}
inline ExprPtr Null(TypeRef type) {
  return Lit(Opt(std::move(type)), Datum{});
}
inline ExprPtr Col(typed::ColumnId id, TypeRef type) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Column;
  expr->type = std::move(type);
  expr->column = id;
  return expr;
}
inline ExprPtr Local(typed::LocalId id, TypeRef type) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Local;
  expr->type = std::move(type);
  expr->local = id;
  return expr;
}
inline ExprPtr Field(ExprPtr record, int32_t index, TypeRef type) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Field;
  expr->type = std::move(type);
  expr->index = index;
  expr->args = {std::move(record)};
  return expr;
}
inline ExprPtr Bin(ExprKind kind, ExprPtr a, ExprPtr b, TypeRef type = nullptr) {
  if (type == nullptr) type = a->type;
  return Make(kind, type, {std::move(a), std::move(b)});
}
inline ExprPtr Cmp(ExprKind kind, ExprPtr a, ExprPtr b) {
  return Bin(kind, std::move(a), std::move(b), T(TypeKind::Bool));
}
// A loop of a list: Map, Filter, Exists, ForAll with the element in local 1; Reduce with the accumulator in 1, the element
// in 2.
inline ExprPtr Loop(ExprKind kind, TypeRef type, std::vector<ExprPtr> args) {
  auto expr = std::make_shared<Expr>();
  expr->kind = kind;
  expr->type = std::move(type);
  expr->args = std::move(args);
  expr->local = 1;
  expr->local2 = 2;
  return expr;
}
inline ExprPtr Let(typed::LocalId local, ExprPtr value, ExprPtr body) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Let;
  expr->type = body->type;
  expr->local = local;
  expr->args = {std::move(value), std::move(body)};
  return expr;
}
inline ExprPtr Need(ExprPtr value, std::string code) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Need;
  expr->type = types::Required(value->type);
  expr->args = {std::move(value)};
  expr->text = std::move(code);
  return expr;
}

}  // namespace streamc::codegen::testing
