// What keyed steps keep, as canonical texts (job_spec.h: StateSpec). Taken from the typed program, not from the plan: which rules ran
// must not decide whether a job can go on with its state.
#include "compiler/physical/state_spec.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>

#include "compiler/physical/convert.h"
#include "compiler/plan/expr.h"
#include "runtime/abi/type_text.h"

namespace streamc::physical {
namespace {

// Texts of expressions. A key or result of an aggregate is named by how it is made, so that giving it another name changes nothing.
class Texts {
 public:
  explicit Texts(const typed::Program& program) : program_(program) {
    for (const typed::Stream& stream : program.streams) {
      for (const typed::Step& step : stream.steps) {
        const auto* aggregate = std::get_if<typed::Aggregate>(&step.node);
        if (aggregate == nullptr) continue;
        std::vector<std::string> calls;
        for (const typed::AggCall& call : aggregate->calls) calls.push_back(Call(call, false));
        for (const typed::Computed& key : aggregate->keys) Note(key.column.id, Expr(key.expr));
        for (const typed::Computed& item : aggregate->items) Note(item.column.id, Expr(item.expr, calls));
      }
    }
  }

  std::string Column(const typed::Column& column) const {
    const auto found = made_.find(column.id);
    return found == made_.end() ? column.name : found->second;
  }
  std::string Expr(const typed::ExprPtr& expr, const std::vector<std::string>& calls = {}) const {
    const typed::ExprPtr named = plan::RewriteExpr(expr, [&](const typed::ExprPtr& each) {
      const auto found = each->kind == plan::ExprKind::Column ? made_.find(each->column) : made_.end();
      if (found == made_.end()) return each;
      auto copy = std::make_shared<plan::Expr>(*each);
      copy->text = found->second;
      return typed::ExprPtr(copy);
    });
    return plan::PrintExpr(*named, program_, calls);
  }
  std::string Typed(const typed::ExprPtr& expr) const { return Expr(expr) + ": " + abi::TypeText(ToTypeSpec(*expr->type)); }
  std::string Call(const typed::AggCall& call, bool with_types) const {
    std::string text;
    for (const typed::ExprPtr& arg : call.args) text += (text.empty() ? "" : ", ") + (with_types ? Typed(arg) : Expr(arg));
    if (call.where) text += (text.empty() ? "where " : " where ") + Expr(call.where);
    return std::string(call.function->name) + "(" + text + ")";
  }

 private:
  // Texts hold the texts of what they are made of, aggregate after aggregate; a long one is left at its name.
  void Note(typed::ColumnId id, std::string text) {
    if (text.size() <= 200) made_[id] = std::move(text);
  }

  const typed::Program& program_;
  std::map<typed::ColumnId, std::string> made_;
};

// The first result that is made with the call.
std::string NameOf(int32_t call, const std::vector<typed::Computed>& items) {
  for (const typed::Computed& item : items) {
    bool uses = false;
    plan::VisitExpr(*item.expr, [&](const plan::Expr& each) { uses = uses || (each.kind == plan::ExprKind::Agg && each.index == call); });
    if (uses) return item.column.name;
  }
  return {};
}

std::vector<std::string> Names(const std::vector<typed::EarlierName>& was) {
  std::vector<std::string> names;
  for (const typed::EarlierName& each : was) names.push_back(each.name);
  return names;
}

// The declared default of the source field a column still is; null when there is none.
const types::Datum* DefaultOf(const typed::Column& column, const typed::Program& program) {
  for (const typed::Source& source : program.sources) {
    for (size_t i = 0; i < source.record->fields.size(); ++i) {
      if (source.columns[i].id == column.id) return source.record->fields[i].deflt.get();
    }
  }
  return nullptr;
}

}  // namespace

template <typename Step>
const Step& FindStep(const typed::Program& program, const std::string& stream, const std::string& label) {
  for (const typed::Stream& each : program.streams) {
    if (each.name != stream) continue;
    for (const typed::Step& step : each.steps) {
      if (const auto* node = std::get_if<Step>(&step.node); node != nullptr && node->label == label) return *node;
    }
  }
  // The plan was built from this program, so the step is there.
  __builtin_unreachable();
}
template const typed::Aggregate& FindStep(const typed::Program&, const std::string&, const std::string&);
template const typed::Top& FindStep(const typed::Program&, const std::string&, const std::string&);

abi::StateSpec StateOf(const typed::Aggregate& step, std::vector<typed::AggCall>* calls, std::vector<typed::Computed>* items,
                       const typed::Program& program) {
  const Texts texts(program);
  abi::StateSpec state;
  state.kind = "aggregate";
  state.was = Names(step.was);
  for (const typed::Computed& key : step.keys) state.shape += (state.shape.empty() ? "by " : ", ") + texts.Typed(key.expr);
  if (step.keys.empty()) state.shape = "of all rows";

  std::vector<abi::StateField> fields;
  for (size_t i = 0; i < calls->size(); ++i) {
    const typed::AggCall& written = step.calls[static_cast<size_t>((*calls)[i].number)];
    fields.push_back({NameOf(static_cast<int32_t>(i), *items), texts.Call(written, true), false, false, {}});
  }
  std::vector<int32_t> order(calls->size()), place(calls->size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return fields[a].text < fields[b].text; });
  std::vector<typed::AggCall> sorted;
  for (size_t i = 0; i < order.size(); ++i) {
    place[static_cast<size_t>(order[i])] = static_cast<int32_t>(i);
    sorted.push_back((*calls)[static_cast<size_t>(order[i])]);
    state.fields.push_back(fields[static_cast<size_t>(order[i])]);
  }
  *calls = std::move(sorted);
  for (typed::Computed& item : *items) {
    item.expr = plan::RewriteExpr(item.expr, [&](const typed::ExprPtr& each) {
      if (each->kind != plan::ExprKind::Agg) return each;
      auto copy = std::make_shared<plan::Expr>(*each);
      copy->index = place[static_cast<size_t>(each->index)];
      return typed::ExprPtr(copy);
    });
  }
  return state;
}

abi::StateSpec StateOf(const typed::Top& step, const typed::Program& program) {
  const Texts texts(program);
  abi::StateSpec state;
  state.kind = "top";
  state.was = Names(step.was);
  for (const typed::SortKey& key : step.order) {
    state.shape += (state.shape.empty() ? "by " : ", ") + texts.Typed(key.expr) + (key.descending ? "" : " asc");
  }
  std::string per;
  for (const typed::ExprPtr& each : step.per) per += (per.empty() ? " per " : ", ") + texts.Typed(each);
  if (step.per_window) per += per.empty() ? " per window" : ", window";
  state.shape += per;
  return state;
}

abi::StateField RowField(const typed::Column& column, bool read_later, const typed::Program& program) {
  abi::StateField field{Texts(program).Column(column), abi::TypeText(ToTypeSpec(*column.type)), column.type->optional, false, {}};
  if (!read_later) {
    field.has_default = true;
    field.deflt = ToDatumSpec(types::ZeroValue(*column.type));
  } else if (const types::Datum* deflt = DefaultOf(column, program)) {
    field.has_default = true;
    field.deflt = ToDatumSpec(*deflt);
  }
  return field;
}

}  // namespace streamc::physical
