// The first conditions of the form `field op literal` are handed to the decoder, which then leaves rows out before anything is
// copied or computed for them. The filters stay: they reject rows whose field could not be decoded.
//
//   #0 scan tweets                      #0 scan tweets
//   #1 filter lang == "en"                   only lang == "en"
//                                       #1 filter lang == "en"
//
// A condition may be handed over when every row of the source meets it next: the scan has one consumer, and nothing before the
// filter may reject a row, other than conditions handed over themselves (the decoder tries those in order and keeps a row at
// the first field it could not decode). Left alone: sources whose event time is computed, as it is computed from the rows;
// parameters, known only at start; fields below optional records.
#include "compiler/optimize/rule.h"

namespace streamc::optimize {
namespace {

using plan::Expr;
using plan::ExprKind;
using plan::ScanTest;
using types::TypeKind;

struct Comparison {
  ExprKind kind;
  ScanTest test, turned;
};
constexpr Comparison kComparisons[] = {
    {ExprKind::Eq, ScanTest::Equal, ScanTest::Equal},  {ExprKind::Ne, ScanTest::NotEqual, ScanTest::NotEqual},
    {ExprKind::Lt, ScanTest::Less, ScanTest::Greater}, {ExprKind::Le, ScanTest::LessEqual, ScanTest::GreaterEqual},
    {ExprKind::Gt, ScanTest::Greater, ScanTest::Less}, {ExprKind::Ge, ScanTest::GreaterEqual, ScanTest::LessEqual},
};

bool IsTestable(TypeKind kind) {
  switch (kind) {
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Float:
    case TypeKind::String:
    case TypeKind::Timestamp:
    case TypeKind::Date:
    case TypeKind::Duration:
    case TypeKind::Enum: return true;
    default: return false;
  }
}

class ScanConditions {
 public:
  explicit ScanConditions(const typed::Source& source) : source_(source) {}

  // The predicate that says what the condition says, or nothing.
  std::optional<plan::ScanPredicate> From(const Expr& condition) const {
    if (condition.kind == ExprKind::In) return FromIn(condition);
    if (condition.kind == ExprKind::Not) return FromBool(*condition.args[0], false);
    for (const Comparison& each : kComparisons) {
      if (each.kind != condition.kind) continue;
      if (auto made = Make(*condition.args[0], each.test, {condition.args[1].get()})) return made;
      return Make(*condition.args[1], each.turned, {condition.args[0].get()});
    }
    return FromBool(condition, true);
  }

 private:
  std::optional<plan::ScanPredicate> FromBool(const Expr& field, bool value) const {
    if (field.type->kind != TypeKind::Bool || field.type->optional) return std::nullopt;
    return Make(field, ScanTest::Equal, types::Datum{value});
  }

  std::optional<plan::ScanPredicate> FromIn(const Expr& condition) const {
    const Expr& list = *condition.args[1];
    if (list.kind != ExprKind::List) return std::nullopt;
    std::vector<const Expr*> values;
    for (const plan::ExprPtr& element : list.args) values.push_back(element.get());
    return values.empty() ? std::nullopt : Make(*condition.args[0], ScanTest::In, values);
  }

  std::optional<plan::ScanPredicate> Make(const Expr& field, ScanTest test, const std::vector<const Expr*>& values) const {
    std::optional<plan::ScanPredicate> predicate = Field(field, test);
    if (!predicate) return std::nullopt;
    for (const Expr* value : values) {
      const Expr& literal = WithoutWrap(*value);
      if (!IsLiteral(literal) || literal.value.is_null() || literal.type->kind != predicate->type->kind) return std::nullopt;
      predicate->values.push_back(literal.value);
    }
    return predicate;
  }
  std::optional<plan::ScanPredicate> Make(const Expr& field, ScanTest test, types::Datum value) const {
    std::optional<plan::ScanPredicate> predicate = Field(field, test);
    if (predicate) predicate->values.push_back(std::move(value));
    return predicate;
  }

  // A field of the record that is reached through records which are always there.
  std::optional<plan::ScanPredicate> Field(const Expr& expr, ScanTest test) const {
    const Expr* at = &WithoutWrap(expr);
    plan::ScanPredicate predicate;
    predicate.test = test;
    predicate.type = at->type;
    predicate.path = plan::PathOf(*at);
    for (; at->kind == ExprKind::Field; at = at->args[0].get()) {
      const types::Type& record = *at->args[0]->type;
      if (record.optional) return std::nullopt;
      predicate.name = "." + record.fields[at->index].name + predicate.name;
    }
    if (at->kind != ExprKind::Column || !IsTestable(predicate.type->kind)) return std::nullopt;
    for (const plan::Column& column : source_.columns) {
      if (column.id != at->column || column.hidden || column.id == source_.key_column) continue;
      predicate.name = column.name + predicate.name;
      return predicate;
    }
    return std::nullopt;
  }

  const typed::Source& source_;
};

}  // namespace

bool PushFilterToScan(plan::Plan* plan) {
  bool changed = false;
  const std::vector<plan::ColumnSet> unchecked = plan::UncheckedColumns(*plan);
  const auto consumers = plan::Consumers(*plan);
  for (size_t id = 0; id < plan->ops.size(); ++id) {
    auto* scan = plan::As<plan::Scan>(plan->ops[id]);
    if (!scan) continue;
    const typed::Source& source = plan->program->sources[scan->source];
    if (source.time == typed::TimeKind::Column && !plan::TimeIsField(source)) continue;
    const ScanConditions conditions(source);
    auto at = static_cast<plan::OpId>(id);
    // Bad records on the second port are no rows and do not count as a consumer of them.
    while (true) {
      std::vector<plan::OpId> next;
      for (plan::OpId consumer : consumers[at]) {
        for (const plan::Input& input : plan->ops[consumer].inputs) {
          if (input.op == at && input.port == 0) next.push_back(consumer);
        }
      }
      if (next.size() != 1) break;
      at = next[0];
      const plan::Op& op = plan->ops[at];
      const bool rejects = OpCanReject(op, UncheckedBefore(*plan, unchecked, op));
      if (const auto* filter = plan::As<plan::Filter>(op)) {
        if (std::optional<plan::ScanPredicate> predicate = conditions.From(*filter->condition)) {
          scan->predicates.push_back(std::move(*predicate));
          changed = true;
          continue;
        }
      }
      if (rejects || !(plan::As<plan::Filter>(op) || plan::As<plan::Project>(op))) break;
    }
  }
  return changed;
}

}  // namespace streamc::optimize
