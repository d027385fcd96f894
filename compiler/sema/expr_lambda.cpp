// map, filter, exists, for_all and reduce: the functions that take a lambda.
#include "compiler/sema/convert.h"
#include "compiler/sema/expr.h"

namespace streamc::sema {
namespace {

using types::Make;
using types::ToString;

struct ListFunction {
  std::string_view name;
  ExprKind kind;
  std::string_view example;
};
constexpr ListFunction kListFunctions[] = {
    {"map", ExprKind::Map, "map(tags, tag -> lower(tag))"},
    {"filter", ExprKind::Filter, "filter(tags, tag -> tag != \"\")"},
    {"exists", ExprKind::Exists, "exists(items, item -> item.price > 100)"},
    {"for_all", ExprKind::ForAll, "for_all(items, item -> item.price > 0)"},
    {"reduce", ExprKind::Reduce, "reduce(items, 0, (total, item) -> total + item.count)"},
};

const ListFunction* FindListFunction(std::string_view name) {
  for (const ListFunction& function : kListFunctions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

}  // namespace

bool IsListFunction(std::string_view name) {
  return FindListFunction(name) != nullptr;
}

ExprPtr ExprChecker::CheckListFunction(const ast::Expr& whole, const ast::Call& call) {
  const ListFunction& function = *FindListFunction(call.name.text);
  const std::string help = "`" + std::string(function.example) + "`";
  const bool is_reduce = function.kind == ExprKind::Reduce;
  const size_t wanted = is_reduce ? 3 : 2;
  if (call.args.size() != wanted) {
    context_.Report(DiagId::ArgumentCount, call.name.span, call.name.text, wanted, call.args.size()).Help(help);
    return MakeError(whole.span);
  }
  const ExprPtr list = Check(*call.args[0].value);
  if (!IsError(list) && (list->type->kind != TypeKind::List || list->type->optional)) {
    context_.Report(DiagId::NotAList, list->span, call.name.text, ToString(*list->type)).Help(help);
  }
  const bool poisoned = IsError(list) || list->type->kind != TypeKind::List || list->type->optional;
  const auto* lambda = std::get_if<ast::Lambda>(&call.args.back().value->node);
  if (lambda == nullptr) {
    context_.Report(DiagId::LambdaMissing, call.args.back().span, call.name.text).Help(help);
    return MakeError(whole.span);
  }
  if (lambda->params.size() != (is_reduce ? 2U : 1U)) {
    context_.Report(DiagId::LambdaParams, call.args.back().span, call.name.text, is_reduce ? 2 : 1, lambda->params.size())
        .Help(help);
    return MakeError(whole.span);
  }
  if (poisoned) return MakeError(whole.span);
  if (is_reduce) return CheckReduce(whole, call, list);

  const BlockScope scope(*this);
  const typed::LocalId local = context_.NewLocal();
  const ast::Name& name = lambda->params[0];
  DeclareLocal(name, MakeLocal(local, name.text, list->type->element, name.span));
  ExprPtr body =
      function.kind == ExprKind::Map ? Check(*lambda->body) : CheckCondition(*lambda->body, "`" + call.name.text + "`");
  if (IsError(body)) return MakeError(whole.span);
  if (body->type->kind == TypeKind::Null) {
    context_.Report(DiagId::NullAlone, body->span);
    return MakeError(whole.span);
  }
  TypeRef type = Make(TypeKind::Bool);
  if (function.kind == ExprKind::Map) type = types::MakeList(body->type);
  if (function.kind == ExprKind::Filter) type = list->type;
  auto result = std::make_shared<Expr>(*MakeExpr(function.kind, type, whole.span, {list, std::move(body)}));
  result->local = local;
  result->text = name.text;
  return result;
}

ExprPtr ExprChecker::CheckReduce(const ast::Expr& whole, const ast::Call& call, const ExprPtr& list) {
  const auto& lambda = std::get<ast::Lambda>(call.args[2].value->node);
  ExprPtr initial = Check(*call.args[1].value);
  if (IsError(initial)) return MakeError(whole.span);
  const auto check_body = [&](const TypeRef& accumulator, typed::LocalId local, typed::LocalId element) {
    const BlockScope scope(*this);
    DeclareLocal(lambda.params[0], MakeLocal(local, lambda.params[0].text, accumulator, lambda.params[0].span));
    DeclareLocal(lambda.params[1], MakeLocal(element, lambda.params[1].text, list->type->element, lambda.params[1].span));
    return Check(*lambda.body, accumulator);
  };
  const typed::LocalId local = context_.NewLocal();
  const typed::LocalId element = context_.NewLocal();
  // `0.00` as the start of a sum of decimals is a decimal: try it as one.
  if (IsLiteral(initial) && initial->type->kind == TypeKind::Float) {
    if (ExprPtr decimal = DecimalLiteral(initial->text, initial->span)) {
      ++context_.muted;
      const ExprPtr tried = check_body(decimal->type, local, element);
      --context_.muted;
      if (!IsError(tried) && tried->type->kind == TypeKind::Decimal) initial = decimal;
    }
  }
  ExprPtr body = check_body(initial->type, local, element);
  if (IsError(body)) return MakeError(whole.span);
  // `reduce(prices, 0, ...)` over floats: the start value widens to what the body gives.
  TypeRef type = initial->type;
  if (!types::SameType(*body->type, *type)) {
    const TypeRef wide =
        body->type->kind == TypeKind::Decimal && !body->type->optional ? types::MakeDecimal(38, body->type->scale) : body->type;
    if (ExprPtr widened = Convert(context_, initial, wide)) {
      initial = widened;
      type = wide;
      body = check_body(type, local, element);
    }
  }
  body = Coerce(context_, body, type, "the lambda gives the next `" + lambda.params[0].text + "`");
  if (IsError(body)) return MakeError(whole.span);
  auto result = std::make_shared<Expr>(*MakeExpr(ExprKind::Reduce, type, whole.span, {list, initial, body}));
  result->local = local;
  result->local2 = element;
  result->text = lambda.params[0].text;
  return result;
}

}  // namespace streamc::sema
