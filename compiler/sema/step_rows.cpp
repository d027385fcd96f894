// Steps that work row by row: where, set, select, drop, rename, expand, check, tap and as rows.
#include <algorithm>

#include "compiler/sema/constants.h"
#include "compiler/sema/pipeline.h"

namespace streamc::sema {
namespace {

using types::Make;

std::string TextOf(const ast::Path& path) {
  std::string text;
  for (const ast::Name& name : path.names) text += (text.empty() ? "" : ".") + name.text;
  return text;
}

// A bare column behind the expression, narrowed or not; null when there is more to it.
const Expr* BareColumn(const ExprPtr& expr) {
  const Expr* at = expr->kind == ExprKind::Unwrap ? expr->args[0].get() : expr.get();
  return at->kind == ExprKind::Column ? at : nullptr;
}

// The last word of a path, or empty.
std::string LastWord(const ast::Expr& expr) {
  if (const auto* name = std::get_if<ast::NameExpr>(&expr.node)) return name->name.text;
  if (const auto* field = std::get_if<ast::FieldExpr>(&expr.node)) return field->field.text;
  return {};
}

typed::Computed Kept(const typed::Column& column) {
  return {column, nullptr};
}

}  // namespace

// Columns of a change key must stay as long as the rows are changes, seen or not.
void PipelineChecker::Replace(const ast::Step& step, std::vector<typed::Computed> columns) {
  std::vector<typed::Computed> all = std::move(columns);
  const auto has = [&](typed::ColumnId id) {
    return std::any_of(all.begin(), all.end(), [id](const typed::Computed& each) { return each.column.id == id; });
  };
  for (const typed::Column& column : flow.columns) {
    if (column.hidden && !has(column.id)) all.push_back(Kept(column));
  }
  for (const typed::ColumnId key : flow.rows.key) {
    if (has(key)) continue;
    for (const typed::Column& column : flow.columns) {
      if (column.id == key) all.push_back(Kept({column.id, "$key." + column.name, column.type, true}));
    }
  }
  flow.columns.clear();
  for (const typed::Computed& each : all) flow.columns.push_back(each.column);
  Finish(step, typed::Project{std::move(all)});
}

void PipelineChecker::CheckStep(const ast::Step& step, const ast::WhereStep& node) {
  ExprChecker checker(context_, RowScope(flow));
  ExprPtr condition = checker.CheckCondition(*node.condition, "`where`");
  if (IsError(condition)) return;
  Facts facts = FactsWhenTrue(*condition);
  flow.present.merge(facts);
  Finish(step, typed::Where{std::move(condition)});
}

// The record with the field at path[at..] replaced; the other fields are copied.
ExprPtr PipelineChecker::WithField(const ExprPtr& record, const ast::Path& path, size_t at, const ExprPtr& value) {
  if (at == path.names.size()) return value;
  const ast::Name& name = path.names[at];
  if (IsError(record)) return record;
  if (record->type->kind != TypeKind::Record) {
    context_.Report(DiagId::NotARecord, name.span, types::ToString(*record->type), name.text);
    return MakeError(name.span);
  }
  if (record->type->optional) {
    context_.Report(DiagId::OptionalRecord, name.span, types::ToString(*record->type), name.text)
        .Help("pass only rows that have it: `|> where " + path.names[at - 1].text + " is not null`");
    return MakeError(name.span);
  }
  std::vector<types::Field> fields = record->type->fields;
  const int index = types::FindField(*record->type, name.text);
  std::vector<ExprPtr> values;
  for (size_t i = 0; i < fields.size(); ++i) {
    ExprPtr old = record->kind == ExprKind::Record
                      ? record->args[i]
                      : Narrow(MakeField(record, static_cast<int>(i), fields[i].name, fields[i].type, path.span), flow.present);
    if (static_cast<int>(i) == index) old = WithField(old, path, at + 1, value);
    if (IsError(old)) return old;
    fields[i].type = old->type;
    values.push_back(std::move(old));
  }
  if (index < 0) {
    if (at + 1 < path.names.size()) {
      context_.Report(DiagId::UnknownField, name.span, types::ToString(*record->type), name.text);
      return MakeError(name.span);
    }
    fields.push_back({name.text, value->type, name.text, nullptr});
    values.push_back(value);
  }
  return MakeExpr(ExprKind::Record, types::MakeRecord(std::move(fields)), path.span, std::move(values));
}

// The record without the field at path[at..], or with it renamed.
ExprPtr PipelineChecker::WithoutField(const ExprPtr& record, const ast::Path& path, size_t at, const ast::Name* renamed) {
  const ast::Name& name = path.names[at];
  if (IsError(record)) return record;
  const int index =
      record->type->kind == TypeKind::Record && !record->type->optional ? types::FindField(*record->type, name.text) : -1;
  if (index < 0) {
    if (record->type->kind == TypeKind::Record && record->type->optional) {
      context_.Report(DiagId::OptionalRecord, name.span, types::ToString(*record->type), name.text)
          .Help("pass only rows that have it: `|> where " + path.names[at - 1].text + " is not null`");
    } else if (record->type->kind == TypeKind::Record) {
      context_.Report(DiagId::UnknownField, name.span, types::ToString(*record->type), name.text);
    } else {
      context_.Report(DiagId::NotARecord, name.span, types::ToString(*record->type), name.text);
    }
    return MakeError(name.span);
  }
  if (renamed != nullptr && at + 1 == path.names.size() && types::FindField(*record->type, renamed->text) >= 0) {
    context_.Report(DiagId::DuplicateField, renamed->span, renamed->text);
    return MakeError(name.span);
  }
  std::vector<types::Field> fields;
  std::vector<ExprPtr> values;
  for (size_t i = 0; i < record->type->fields.size(); ++i) {
    types::Field field = record->type->fields[i];
    ExprPtr value = record->kind == ExprKind::Record
                        ? record->args[i]
                        : Narrow(MakeField(record, static_cast<int>(i), field.name, field.type, path.span), flow.present);
    if (static_cast<int>(i) == index) {
      if (at + 1 < path.names.size()) {
        value = WithoutField(value, path, at + 1, renamed);
        if (IsError(value)) return value;
      } else if (renamed == nullptr) {
        continue;
      } else {
        field.name = field.outside_name = renamed->text;
      }
    }
    field.type = value->type;
    fields.push_back(std::move(field));
    values.push_back(std::move(value));
  }
  return MakeExpr(ExprKind::Record, types::MakeRecord(std::move(fields)), path.span, std::move(values));
}

void PipelineChecker::CheckStep(const ast::Step& step, const ast::SetStep& node) {
  std::vector<typed::Computed> columns;
  for (const typed::Column& column : flow.columns) {
    if (!column.hidden) columns.push_back(Kept(column));
  }
  std::set<std::string> assigned;
  bool poisoned = false;
  for (const ast::Assign& assign : node.assigns) {
    ExprChecker checker(context_, RowScope(flow));
    const ast::Name& name = assign.path.names[0];
    const typed::Column* before = flow.Find(name.text, false);
    // The old type shapes a bare `null` or `[]`; a record literal may have any fields.
    const bool shaped =
        before != nullptr && assign.path.names.size() == 1 && !std::holds_alternative<ast::RecordExpr>(assign.value->node);
    const TypeRef hint = shaped ? before->type : nullptr;
    ExprPtr value = checker.Check(*assign.value, hint);
    if (value->type->kind == TypeKind::Null) {
      if (hint) {
        value = MakeLiteral({}, types::Optional(hint), value->span);
      } else {
        context_.Report(DiagId::NullAlone, value->span).Help("give it a type: `if false { 0 } else { null }`");
        value = MakeError(value->span);
      }
    }
    if (!IsColumnName(name)) value = MakeError(value->span);
    if (!assigned.insert(TextOf(assign.path)).second) {
      context_.Report(DiagId::DuplicateColumn, assign.path.span, TextOf(assign.path)).Help("set it once in a step");
      poisoned = true;
    }
    if (before == nullptr && assign.path.names.size() > 1 && !flow.poisoned) {
      context_.Report(DiagId::UnknownName, name.span, name.text).DidYouMean(name.text, flow.VisibleNames());
      poisoned = true;
    }
    // A path that begins outside of any column was reported above, or follows from an earlier error.
    if (IsError(value) || (before == nullptr && assign.path.names.size() > 1)) {
      poisoned = true;
      if (assign.path.names.size() > 1 || before != nullptr) continue;
    }
    auto place = std::find_if(columns.begin(), columns.end(),
                              [&](const typed::Computed& each) { return each.column.name == name.text; });
    if (place == columns.end()) {
      columns.push_back(Compute(name.text, value));
      continue;
    }
    const ExprPtr old = place->expr ? place->expr : Narrow(MakeColumn(place->column, name.span), flow.present);
    const ExprPtr updated = WithField(old, assign.path, 1, value);
    poisoned = poisoned || IsError(updated);
    *place = Compute(name.text, updated);
  }
  if (poisoned) flow.poisoned = true;
  Replace(step, std::move(columns));
}

void PipelineChecker::CheckStep(const ast::Step& step, const ast::SelectStep& node) {
  std::vector<typed::Computed> columns;
  const auto add = [&](typed::Computed computed, Span span) {
    for (const typed::Computed& each : columns) {
      if (each.column.name != computed.column.name) continue;
      context_.Report(DiagId::DuplicateColumn, span, computed.column.name)
          .Help("give it another name: `" + computed.column.name + "_2 = ...`");
      return;
    }
    columns.push_back(std::move(computed));
  };
  for (const ast::Item& item : node.items) {
    ExprChecker checker(context_, RowScope(flow));
    ExprPtr value = checker.Check(*item.value);
    if (IsError(value)) flow.poisoned = true;
    if (item.all) {
      if (IsError(value)) continue;
      if (value->type->kind != TypeKind::Record || value->type->optional) {
        context_.Report(DiagId::SpreadNotRecord, item.span, types::ToString(*value->type)).Help("name the columns one by one");
        continue;
      }
      for (size_t i = 0; i < value->type->fields.size(); ++i) {
        const types::Field& field = value->type->fields[i];
        const ExprPtr part = Narrow(MakeField(value, static_cast<int>(i), field.name, field.type, item.span), flow.present);
        add(Compute(field.name, part), item.span);
      }
      continue;
    }
    std::string name;
    if (item.path) {
      if (item.path->names.size() > 1) {
        context_.Report(DiagId::ColumnPath, item.path->span, TextOf(*item.path))
            .Help("`" + item.path->names.back().text + " = ...`; to change a part of a record use `set`");
        continue;
      }
      if (!IsColumnName(item.path->names[0])) continue;
      name = item.path->names[0].text;
    } else {
      name = LastWord(*item.value);
      if (name.empty()) {
        context_.Report(DiagId::UnnamedColumn, item.span)
            .Help("name it: `total = " + std::string(context_.sources.Text(item.value->span)) + "`");
        flow.poisoned = true;
        continue;
      }
    }
    if (value->type->kind == TypeKind::Null) {
      context_.Report(DiagId::NullAlone, value->span);
      flow.poisoned = true;
      continue;
    }
    const Expr* bare = IsError(value) ? nullptr : BareColumn(value);
    const typed::Column* column = nullptr;
    if (bare != nullptr && !item.path) {
      for (const typed::Column& each : flow.columns) {
        if (each.id == bare->column && !each.hidden) column = &each;
      }
    }
    const bool taken = column != nullptr && std::any_of(columns.begin(), columns.end(), [&](const typed::Computed& each) {
                         return each.column.id == column->id;
                       });
    add(column != nullptr && !taken ? Kept(*column) : Compute(name, value), item.span);
  }
  Replace(step, std::move(columns));
}

void PipelineChecker::CheckStep(const ast::Step& step, const ast::DropStep& node) {
  std::vector<typed::Computed> columns;
  for (const typed::Column& column : flow.columns) {
    if (!column.hidden) columns.push_back(Kept(column));
  }
  for (const ast::Path& path : node.paths) {
    auto place = std::find_if(columns.begin(), columns.end(),
                              [&](const typed::Computed& each) { return each.column.name == path.names[0].text; });
    if (place == columns.end()) {
      if (!flow.poisoned)
        context_.Report(DiagId::UnknownName, path.names[0].span, path.names[0].text)
            .DidYouMean(path.names[0].text, flow.VisibleNames());
      continue;
    }
    if (path.names.size() == 1) {
      columns.erase(place);
      continue;
    }
    const ExprPtr old = place->expr ? place->expr : Narrow(MakeColumn(place->column, path.span), flow.present);
    const ExprPtr updated = WithoutField(old, path, 1, nullptr);
    if (IsError(updated)) {
      flow.poisoned = true;
    } else {
      *place = Compute(path.names[0].text, updated);
    }
  }
  if (columns.empty() && !node.paths.empty()) context_.Report(DiagId::NoColumnsLeft, step.span);
  Replace(step, std::move(columns));
}

void PipelineChecker::CheckStep(const ast::Step& step, const ast::RenameStep& node) {
  std::vector<typed::Computed> columns;
  for (const typed::Column& column : flow.columns) {
    if (!column.hidden) columns.push_back(Kept(column));
  }
  for (const ast::Rename& rename : node.renames) {
    const ast::Name& from = rename.from.names[0];
    auto place = std::find_if(columns.begin(), columns.end(),
                              [&](const typed::Computed& each) { return each.column.name == from.text; });
    if (place == columns.end()) {
      if (!flow.poisoned) context_.Report(DiagId::UnknownName, from.span, from.text).DidYouMean(from.text, flow.VisibleNames());
      continue;
    }
    if (rename.from.names.size() > 1) {
      const ExprPtr old = place->expr ? place->expr : Narrow(MakeColumn(place->column, rename.span), flow.present);
      const ExprPtr updated = WithoutField(old, rename.from, 1, &rename.to);
      if (IsError(updated)) {
        flow.poisoned = true;
      } else {
        *place = Compute(from.text, updated);
      }
      continue;
    }
    if (!IsColumnName(rename.to)) continue;
    const auto same = std::find_if(columns.begin(), columns.end(),
                                   [&](const typed::Computed& each) { return each.column.name == rename.to.text; });
    if (same != columns.end() && same != place) {
      context_.Report(DiagId::DuplicateColumn, rename.to.span, rename.to.text)
          .Help("drop the other one first: `|> drop " + rename.to.text + "`");
      continue;
    }
    place->column.name = rename.to.text;
  }
  Replace(step, std::move(columns));
}

void PipelineChecker::CheckStep(const ast::Step& step, const ast::ExpandStep& node) {
  if (flow.rows.changing && !flow.poisoned) {
    context_.Report(DiagId::ChangingInput, step.verb_span, "expand", flow.name)
        .Help("expand before the step that makes it changing, or take its changes as rows: `|> as rows |> expand ...`");
    flow.poisoned = true;
  }
  ExprChecker checker(context_, RowScope(flow));
  ExprPtr list = checker.Check(*node.list);
  TypeRef element = Make(TypeKind::Error);
  if (!IsError(list) && list->type->kind == TypeKind::List && !list->type->optional) {
    element = list->type->element;
  } else if (!IsError(list)) {
    auto report = context_.Report(DiagId::NotAList, list->span, "expand", types::ToString(*list->type));
    const std::string text(context_.sources.Text(list->span));
    if (list->type->kind == TypeKind::List)
      report.Help("of a missing list make an empty one: `expand " + node.name.text + " in " + text + " ?? []`");
    if (list->type->kind == TypeKind::String)
      report.Help("take its words: `expand " + node.name.text + " in words(" + text + ")`");
  }
  if (flow.Find(node.name.text, false) != nullptr) {
    context_.Report(DiagId::DuplicateColumn, node.name.span, node.name.text)
        .Help("give the element a name of its own, or drop the column first: `|> drop " + node.name.text + "`");
    flow.poisoned = true;
  }
  if (!IsColumnName(node.name) || element->kind == TypeKind::Error) flow.poisoned = true;
  const typed::Column column = context_.NewColumn(node.name.text, node.outer ? types::Optional(element) : element);
  flow.columns.push_back(column);
  Finish(step, typed::Expand{column, std::move(list), node.outer});
}

void PipelineChecker::CheckStep(const ast::Step& step, const ast::CheckStep& node) {
  ExprChecker checker(context_, RowScope(flow));
  ExprPtr condition = checker.CheckCondition(*node.condition, "`check`");
  if (node.code.text.empty()) {
    context_.Report(DiagId::EmptyCode, node.code.span).Help("name what is wrong: `else \"order.amount\"`");
  }
  if (IsError(condition)) return;
  Facts facts = FactsWhenTrue(*condition);
  flow.present.merge(facts);
  Finish(step, typed::Check{std::move(condition), node.code.text});
}

void PipelineChecker::CheckStep(const ast::Step& step, const ast::AsRowsStep&) {
  if (!flow.rows.changing && !flow.poisoned) {
    context_.Report(DiagId::AsRowsPlain, step.verb_span, flow.name).Help("leave `as rows` out");
    return;
  }
  const typed::Column kind = context_.NewColumn("change.kind", types::MakeEnum({"insert", "update", "delete"}), true);
  std::erase_if(flow.columns, [](const typed::Column& column) { return column.hidden && column.name == "change.kind"; });
  flow.columns.push_back(kind);
  flow.rows = {};
  Finish(step, typed::AsRows{kind});
}

void PipelineChecker::CheckStep(const ast::Step& step, const ast::TapStep& node) {
  typed::Tap tap;
  const auto number = [&](const ast::Expr& expr) -> int64_t {
    const auto value = CheckConstant(context_, expr, Make(TypeKind::Int), "`tap sample`");
    const auto* whole = value ? std::get_if<int64_t>(&value->value) : nullptr;
    if (whole == nullptr) return 1;
    if (*whole < 1) context_.Report(DiagId::TapSample, expr.span, *whole).Help("`tap sample 1 in 100`");
    return std::max<int64_t>(*whole, 1);
  };
  if (node.sample) tap.sample = number(*node.sample);
  if (node.in) tap.in = number(*node.in);
  if (tap.sample > tap.in) {
    context_.Report(DiagId::TapSample, step.span, tap.sample).Help("`tap sample 1 in 100` shows every hundredth row");
  }
  Finish(step, tap);
}

}  // namespace streamc::sema
