// if, if let, match and blocks, lowered to If and Let.
#include <algorithm>
#include <set>

#include "compiler/sema/convert.h"
#include "compiler/sema/expr.h"

namespace streamc::sema {
namespace {

using types::Make;
using types::ToString;

std::string JoinQuoted(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "`" : ", `") + word + "`";
  return text;
}

// What a match over this type must cover when it has no `else`; empty: too many values to list.
std::vector<std::string> ValuesOf(const types::Type& type) {
  std::vector<std::string> values;
  if (type.kind == TypeKind::Bool) values = {"true", "false"};
  if (type.kind == TypeKind::Enum) {
    for (const std::string& value : type.enum_values) values.push_back("\"" + value + "\"");
  }
  if (!values.empty() && type.optional) values.emplace_back("null");
  return values;
}

}  // namespace

bool ExprChecker::DeclareLocal(const ast::Name& name, ExprPtr value) {
  const bool is_local =
      std::any_of(scope_.locals.begin(), scope_.locals.end(), [&](const Local& local) { return local.name == name.text; });
  const bool is_column = scope_.flow != nullptr && scope_.flow->Find(name.text, false) != nullptr;
  if (is_local || is_column) {
    context_.Report(DiagId::ShadowedName, name.span, name.text, is_local ? "a name" : "a column")
        .Help("give it a name of its own: `" + name.text + "_value`");
  }
  scope_.locals.push_back({name.text, std::move(value)});
  return !is_local && !is_column;
}

ExprPtr ExprChecker::MakeIf(Span span, ExprPtr condition, ExprPtr then_value, ExprPtr else_value) {
  if (IsError(condition) || IsError(then_value) || IsError(else_value)) return MakeError(span);
  TypeRef type = JoinTypes(then_value->type, else_value->type);
  if (!type) {
    // A literal branch may still take the other's type: an enum's word, a decimal.
    if (ExprPtr shaped = Convert(context_, else_value, then_value->type)) {
      else_value = shaped;
      type = then_value->type;
    } else if (ExprPtr other = Convert(context_, then_value, else_value->type)) {
      then_value = other;
      type = else_value->type;
    }
  }
  if (!type) {
    context_.Report(DiagId::BranchTypes, else_value->span, ToString(*then_value->type), ToString(*else_value->type))
        .Label(then_value->span, ToString(*then_value->type))
        .Label(else_value->span, ToString(*else_value->type));
    return MakeError(span);
  }
  return MakeExpr(ExprKind::If, type, span,
                  {std::move(condition), Coerce(context_, then_value, type), Coerce(context_, else_value, type)});
}

ExprPtr ExprChecker::CheckBlock(const ast::Block& block, const TypeRef& hint) {
  const BlockScope scope(*this);
  std::vector<std::pair<typed::LocalId, ExprPtr>> lets;
  if (!context_.CheckCount(block.lets.size(), "names", block.span)) return MakeError(block.span);
  for (const ast::Let& let : block.lets) {
    ExprPtr value = Check(*let.value);
    if (value->type->kind == TypeKind::Null) {
      context_.Report(DiagId::NullAlone, let.value->span);
      value = MakeError(let.value->span);
    }
    if (IsError(value)) {
      DeclareLocal(let.name, value);
      continue;
    }
    const typed::LocalId local = context_.NewLocal();
    DeclareLocal(let.name, MakeLocal(local, let.name.text, value->type, let.name.span));
    lets.emplace_back(local, std::move(value));
  }
  ExprPtr result = Check(*block.result, hint);
  if (IsError(result)) return result;
  for (auto let = lets.rbegin(); let != lets.rend(); ++let) result = MakeLet(let->first, let->second, result);
  return result;
}

ExprPtr ExprChecker::CheckIf(const ast::Expr& whole, const ast::IfExpr& branch, const TypeRef& hint) {
  const ExprPtr condition = CheckCondition(*branch.condition, "`if`");
  const auto with_facts = [&](Facts facts, const ast::Block& block) {
    const BlockScope scope(*this);
    scope_.present.merge(facts);
    return CheckBlock(block, hint);
  };
  ExprPtr then_value = with_facts(FactsWhenTrue(*condition), branch.then_block);
  ExprPtr else_value = with_facts(FactsWhenFalse(*condition), branch.else_block);
  return MakeIf(whole.span, condition, std::move(then_value), std::move(else_value));
}

// if let x = o { a } else { b }   ->   let t = o in if not (t is null) { let x = present t in a } else { b }
ExprPtr ExprChecker::CheckIfLet(const ast::Expr& whole, const ast::IfExpr& branch, const TypeRef& hint) {
  const ExprPtr value = Check(*branch.condition);
  const bool poisoned = IsError(value);
  if (!poisoned && !value->type->optional) {
    context_.Report(DiagId::IfLetNeverMissing, value->span, ToString(*value->type))
        .Help("bind it without a question: `let " + branch.let_name->text + " = ...;`");
  }
  const bool again = !IsTrivial(value);
  const typed::LocalId local = again ? context_.NewLocal() : -1;
  const ExprPtr tested = again ? MakeLocal(local, branch.let_name->text, value->type, value->span) : value;
  ExprPtr then_value;
  {
    const BlockScope scope(*this);
    const ExprPtr present = poisoned || !value->type->optional
                                ? MakeError(value->span)
                                : MakeExpr(ExprKind::Unwrap, types::Required(value->type), value->span, {tested});
    DeclareLocal(*branch.let_name, present);
    then_value = CheckBlock(branch.then_block, hint);
  }
  ExprPtr else_value = CheckBlock(branch.else_block, hint);
  if (poisoned || !value->type->optional) return MakeError(whole.span);
  ExprPtr is_there = MakeNot(MakeExpr(ExprKind::IsNull, Make(TypeKind::Bool), value->span, {tested}));
  ExprPtr result = MakeIf(whole.span, std::move(is_there), std::move(then_value), std::move(else_value));
  if (IsError(result) || !again) return result;
  return MakeLet(local, value, std::move(result));
}

// match x { "a", "b" -> 1, else -> 0 }   ->   let t = x in if t == "a" or t == "b" { 1 } else { 0 }
ExprPtr ExprChecker::CheckMatch(const ast::Expr& whole, const ast::MatchExpr& match, const TypeRef& hint) {
  const ExprPtr subject = Check(*match.subject);
  const bool again = !IsTrivial(subject);
  const typed::LocalId local = again ? context_.NewLocal() : -1;
  const ExprPtr tested = again ? MakeLocal(local, "matched", subject->type, subject->span) : subject;
  struct Arm {
    ExprPtr condition;  // null: always
    ExprPtr value;
  };
  std::vector<Arm> arms;
  if (!context_.CheckCount(match.arms.size(), "arms", whole.span)) return MakeError(whole.span);
  std::set<std::string> seen;
  bool poisoned = IsError(subject);
  bool has_else = false;
  for (const ast::MatchArm& arm : match.arms) {
    if (has_else) {
      context_.Report(DiagId::MatchUnreachable, arm.span).Help("put the `else` arm last");
      poisoned = true;
    }
    ExprPtr condition;
    if (!context_.CheckCount(arm.patterns.size(), "patterns", arm.span)) return MakeError(whole.span);
    for (const ast::Expr& pattern : arm.patterns) {
      const ExprPtr value = Check(pattern, types::Required(subject->type));
      if (IsError(value) || IsError(subject)) {
        poisoned = true;
        continue;
      }
      if (!IsLiteral(value)) {
        context_.Report(DiagId::MatchPattern, pattern.span)
            .Help("compare other values with `if`: `if x == y { ... } else { ... }`");
        poisoned = true;
        continue;
      }
      const ExprPtr shaped =
          Coerce(context_, value, value->type->kind == TypeKind::Null ? subject->type : types::Required(subject->type),
                 "pattern of `match`");
      if (IsError(shaped)) {
        poisoned = true;
        continue;
      }
      if (!seen.insert(ToString(shaped->value, *shaped->type)).second) {
        context_.Report(DiagId::MatchUnreachable, pattern.span).Help("leave the second one out");
        poisoned = true;
      }
      ExprPtr test = shaped->value.is_null() ? MakeExpr(ExprKind::IsNull, Make(TypeKind::Bool), pattern.span, {tested})
                                             : MakeExpr(ExprKind::Eq, Make(TypeKind::Bool), pattern.span, {tested, shaped});
      condition = condition ? MakeExpr(ExprKind::Or, Make(TypeKind::Bool), pattern.span, {condition, test}) : test;
    }
    has_else = has_else || arm.patterns.empty();
    ExprPtr value = CheckBlock(arm.body, hint);
    poisoned = poisoned || IsError(value);
    arms.push_back({std::move(condition), std::move(value)});
  }
  if (!IsError(subject) && !has_else) {
    std::vector<std::string> missing;
    const auto values = ValuesOf(*subject->type);
    for (const std::string& value : values) {
      if (seen.count(value) == 0) missing.push_back(value);
    }
    if (values.empty() || !missing.empty()) {
      context_
          .Report(DiagId::MatchNotExhaustive, match.subject->span,
                  values.empty() ? "every " + ToString(*subject->type) : JoinQuoted(missing))
          .Help("add a last arm: `else -> ...`");
      poisoned = true;
    }
  }
  if (poisoned || arms.empty()) return MakeError(whole.span);
  // Exhaustive without `else`: the last arm needs no test.
  ExprPtr result = arms.back().value;
  for (size_t i = arms.size() - 1; i-- > 0;) {
    result = MakeIf(whole.span, arms[i].condition, arms[i].value, result);
    if (IsError(result)) return result;
  }
  return again ? MakeLet(local, subject, std::move(result)) : result;
}

}  // namespace streamc::sema
