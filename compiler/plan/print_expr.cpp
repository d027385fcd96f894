// Source text of expressions. Conversions the checker inserted are not shown; parentheses stand only where they are needed.
#include "compiler/plan/expr.h"
#include "compiler/support/text.h"

namespace streamc::plan {
namespace {

// How tightly an operator binds; an operand of a looser one gets parentheses.
enum Level { kLoosest = 0, kOr, kAnd, kNot, kCompare, kCoalesce, kAdd, kMul, kNeg, kPostfix };

struct Operator {
  std::string_view text;
  Level level;
};
Operator OperatorOf(ExprKind kind) {
  switch (kind) {
    case ExprKind::Or: return {"or", kOr};
    case ExprKind::And: return {"and", kAnd};
    case ExprKind::Eq: return {"==", kCompare};
    case ExprKind::Ne: return {"!=", kCompare};
    case ExprKind::Lt: return {"<", kCompare};
    case ExprKind::Le: return {"<=", kCompare};
    case ExprKind::Gt: return {">", kCompare};
    case ExprKind::Ge: return {">=", kCompare};
    case ExprKind::In: return {"in", kCompare};
    case ExprKind::Coalesce: return {"??", kCoalesce};
    case ExprKind::Add: return {"+", kAdd};
    case ExprKind::Sub: return {"-", kAdd};
    case ExprKind::Mul: return {"*", kMul};
    case ExprKind::Div: return {"/", kMul};
    case ExprKind::Mod: return {"%", kMul};
    default: return {"", kPostfix};
  }
}

class Printer {
 public:
  Printer(const typed::Program& program, const std::vector<std::string>& calls) : program_(program), calls_(calls) {}

  std::string Text(const Expr& expr, Level around = kLoosest) const {
    const Level own = LevelOf(expr);
    std::string text = Bare(expr);
    return own < around ? "(" + text + ")" : text;
  }

 private:
  static Level LevelOf(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::ToFloat:
      case ExprKind::ToDecimal:
      case ExprKind::Wrap:
      case ExprKind::Unwrap: return LevelOf(*expr.args[0]);
      case ExprKind::Not: return expr.args[0]->kind == ExprKind::IsNull ? kCompare : kNot;
      case ExprKind::IsNull: return kCompare;
      case ExprKind::Neg: return kNeg;
      case ExprKind::Let: return kLoosest;
      default: return OperatorOf(expr.kind).level;
    }
  }

  std::string Local(typed::LocalId id, const std::string& name) const { return name.empty() ? "_" + std::to_string(id) : name; }

  // The name the body gives to a bound variable.
  static std::string NameIn(const Expr& body, typed::LocalId id) {
    std::string name = "_" + std::to_string(id);
    VisitExpr(body, [&](const Expr& each) {
      if (each.kind == ExprKind::Local && each.local == id && !each.text.empty()) name = each.text;
    });
    return name;
  }

  std::string List(const std::vector<ExprPtr>& args) const {
    std::string text;
    for (const ExprPtr& arg : args) text += (text.empty() ? "" : ", ") + Text(*arg);
    return text;
  }

  std::string FieldText(const Expr& expr) const {
    const types::Type& record = *expr.args[0]->type;
    const bool known = expr.index >= 0 && static_cast<size_t>(expr.index) < record.fields.size();
    const std::string name = known ? record.fields[expr.index].name : "?";
    return Text(*expr.args[0], kPostfix) + (record.optional ? "?." : ".") + name;
  }

  std::string RecordText(const Expr& expr) const {
    std::string text = "{";
    for (size_t i = 0; i < expr.args.size(); ++i) {
      text += (i == 0 ? " " : ", ") + expr.type->fields[i].name + ": " + Text(*expr.args[i]);
    }
    return text + " }";
  }

  std::string LambdaText(std::string_view name, const Expr& expr) const {
    return std::string(name) + "(" + Text(*expr.args[0]) + ", " + NameIn(*expr.args[1], expr.local) + " -> " +
           Text(*expr.args[1]) + ")";
  }

  std::string NeedText(const Expr& expr) const {
    const Expr& inner = *expr.args[0];
    if (inner.kind == ExprKind::Call) return std::string(inner.function->name) + "!(" + List(inner.args) + ")";
    return "need!(" + Text(inner) + ")";
  }

  std::string Bare(const Expr& expr) const {
    switch (expr.kind) {
      case ExprKind::Literal: return types::ToString(expr.value, *expr.type);
      case ExprKind::Param: return program_.params.at(expr.index).name;
      case ExprKind::Column: return expr.text.empty() ? "#" + std::to_string(expr.column) : expr.text;
      case ExprKind::Local: return Local(expr.local, expr.text);
      case ExprKind::Agg:
        return static_cast<size_t>(expr.index) < calls_.size() ? calls_[expr.index] : "agg" + std::to_string(expr.index);
      case ExprKind::Field: return FieldText(expr);
      case ExprKind::Record: return RecordText(expr);
      case ExprKind::List: return "[" + List(expr.args) + "]";
      case ExprKind::Index: return Text(*expr.args[0], kPostfix) + "[" + Text(*expr.args[1]) + "]";
      case ExprKind::Call: return std::string(expr.function->name) + "(" + List(expr.args) + ")";
      case ExprKind::Neg: return "-" + Text(*expr.args[0], kNeg);
      case ExprKind::Not:
        if (expr.args[0]->kind == ExprKind::IsNull) return Text(*expr.args[0]->args[0], kCoalesce) + " is not null";
        return "not " + Text(*expr.args[0], kNot);
      case ExprKind::IsNull: return Text(*expr.args[0], kCoalesce) + " is null";
      case ExprKind::If:
        return "if " + Text(*expr.args[0]) + " { " + Text(*expr.args[1]) + " } else { " + Text(*expr.args[2]) + " }";
      case ExprKind::Let:
        return "let " + NameIn(*expr.args[1], expr.local) + " = " + Text(*expr.args[0]) + "; " + Text(*expr.args[1]);
      case ExprKind::Map: return LambdaText("map", expr);
      case ExprKind::Filter: return LambdaText("filter", expr);
      case ExprKind::Exists: return LambdaText("exists", expr);
      case ExprKind::ForAll: return LambdaText("for_all", expr);
      case ExprKind::Reduce:
        return "reduce(" + Text(*expr.args[0]) + ", " + Text(*expr.args[1]) + ", (" + NameIn(*expr.args[2], expr.local) + ", " +
               NameIn(*expr.args[2], expr.local2) + ") -> " + Text(*expr.args[2]) + ")";
      case ExprKind::ToFloat:
      case ExprKind::ToDecimal:
      case ExprKind::Wrap:
      case ExprKind::Unwrap: return Bare(*expr.args[0]);
      case ExprKind::Need: return NeedText(expr);
      default: return Infix(expr);
    }
  }

  std::string Infix(const Expr& expr) const {
    const Operator op = OperatorOf(expr.kind);
    // Operators of one level group to the left; comparisons do not chain and `??` groups to the right.
    const bool right = expr.kind == ExprKind::Coalesce;
    const auto tighter = static_cast<Level>(op.level + 1);
    const bool strict_left = right || op.level == kCompare;
    return Text(*expr.args[0], strict_left ? tighter : op.level) + " " + std::string(op.text) + " " +
           Text(*expr.args[1], right ? op.level : tighter);
  }

  const typed::Program& program_;
  const std::vector<std::string>& calls_;
};

}  // namespace

std::string PrintExpr(const Expr& expr, const typed::Program& program, const std::vector<std::string>& calls) {
  return Printer(program, calls).Text(expr);
}

std::string PrintAggCall(const typed::AggCall& call, const typed::Program& program) {
  std::string text;
  for (const ExprPtr& arg : call.args) text += (text.empty() ? "" : ", ") + PrintExpr(*arg, program);
  if (call.where) text += (text.empty() ? "where " : " where ") + PrintExpr(*call.where, program);
  return std::string(call.function->name) + "(" + text + ")";
}

std::string PrintStartValue(const typed::StartValue& value, const typed::Program& program) {
  if (value.param >= 0) return program.params.at(value.param).name;
  if (value.parts.empty()) return value.type ? types::ToString(value.constant, *value.type) : "null";
  std::string text;
  for (const typed::StartValue::Part& part : value.parts) {
    text += part.param >= 0 ? "{" + program.params.at(part.param).name + "}" : part.text;
  }
  return support::QuoteJson(text);
}

std::string PrintBound(const typed::Bound& bound, const typed::Program& program) {
  auto value = [&](const typed::StartValue& v) { return PrintStartValue(v, program); };
  auto is_set = [](const typed::StartValue& v) { return !v.constant.is_null() || v.param >= 0 || !v.parts.empty(); };
  std::string text;
  switch (bound.window) {
    case typed::WindowKind::None: text = bound.keep_forever ? "keep forever" : "keep " + value(bound.keep); break;
    case typed::WindowKind::Tumbling: text = "window tumbling(" + value(bound.size); break;
    case typed::WindowKind::Hopping: text = "window hopping(" + value(bound.size) + ", every: " + value(bound.every); break;
  }
  if (bound.window != typed::WindowKind::None) {
    if (is_set(bound.offset)) text += ", offset: " + value(bound.offset);
    text += ")";
  }
  if (bound.has_late) text += " late " + value(bound.late);
  if (bound.on_late) {
    const typed::Action& action = *bound.on_late;
    text += " on late ";
    switch (action.kind) {
      case typed::ActionKind::Drop: text += "drop"; break;
      case typed::ActionKind::Stop: text += "stop"; break;
      case typed::ActionKind::DeadLetter: text += "dead_letter(" + value(action.topic) + ")"; break;
      case typed::ActionKind::ToStream: text += "-> " + program.streams.at(action.stream).name; break;
    }
  }
  if (bound.emit == typed::EmitKind::Changes) {
    text += " emit changes";
    if (is_set(bound.emit_every)) text += " every " + value(bound.emit_every);
  }
  return text;
}

}  // namespace streamc::plan
