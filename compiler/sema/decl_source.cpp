// Sources and tables: their columns, hidden values, time and failure rules.
#include <algorithm>

#include "compiler/sema/connector_calls.h"
#include "compiler/sema/constants.h"
#include "compiler/sema/expr.h"

namespace streamc::sema {
namespace {

using types::Make;
using types::Optional;

constexpr int64_t kSecond = 1'000'000;

typed::StartValue NoDuration() {
  return ConstantValue({}, Make(TypeKind::Duration), {});
}

// The declared type as a record; null, reported, when it is none.
TypeRef RecordOf(Context& context, const ast::Type& type, std::string_view what) {
  const TypeRef record = ResolveType(context, type);
  if (record->kind == TypeKind::Error) return nullptr;
  if (record->kind != TypeKind::Record || record->optional) {
    context.Report(DiagId::SourceNotRecord, type.span, what, types::ToString(*record))
        .Help("name a schema, or write the fields: `{ id: int, text: string }`");
    return nullptr;
  }
  return record;
}

std::vector<typed::Column> FieldColumns(Context& context, const types::Type& record) {
  std::vector<typed::Column> columns;
  for (const types::Field& field : record.fields) columns.push_back(context.NewColumn(field.name, field.type));
  return columns;
}

// What every record brings along. `$wm`, `$order` and `$rec` are for the planner: the partition's watermark before the
// record, the record's order, and a reference to it for dead letters.
void AddHiddenColumns(Context& context, std::vector<typed::Column>* columns) {
  const TypeRef bytes = Optional(Make(TypeKind::Bytes));
  const TypeRef headers = types::MakeList(
      types::MakeRecord({{"name", Make(TypeKind::String), "name", nullptr}, {"value", bytes, "value", nullptr}}));
  const std::pair<const char*, TypeRef> hidden[] = {
      {"meta.key", bytes},
      {"meta.value", bytes},
      {"meta.headers", headers},
      {"meta.topic", Make(TypeKind::String)},
      {"meta.partition", Make(TypeKind::Int)},
      {"meta.offset", Make(TypeKind::Int)},
      {"meta.timestamp", Make(TypeKind::Timestamp)},
      {"meta.time", Make(TypeKind::Timestamp)},
      {"$wm", Make(TypeKind::Timestamp)},
      {"$order", Make(TypeKind::Int)},
      {"$rec", Make(TypeKind::Int)},
  };
  for (const auto& [name, type] : hidden) columns->push_back(context.NewColumn(name, type, true));
}

void CheckKeyColumn(Context& context, const ast::KeyColumn& key, typed::Source* source) {
  const TypeRef type = ResolveType(context, key.type);
  if (type->kind == TypeKind::Record || type->kind == TypeKind::List || type->kind == TypeKind::Map) {
    context.Report(DiagId::KeyColumnType, key.type.span, types::ToString(*type))
        .Help("a record's key is read as one value: `key id: string`");
    return;
  }
  for (const typed::Column& column : source->columns) {
    if (column.name == key.name.text) {
      context.Report(DiagId::DuplicateColumn, key.name.span, key.name.text)
          .Help("give the key another name: `key record_key: " + types::ToString(*type) + "`");
      return;
    }
  }
  source->columns.push_back(context.NewColumn(key.name.text, type));
  source->key_column = source->columns.back().id;
}

void CheckTime(Context& context, const ast::Expr& expr, const Flow& flow, typed::Source* source) {
  if (const auto* name = std::get_if<ast::NameExpr>(&expr.node);
      name != nullptr && !name->name.quoted && name->name.text == "arrival") {
    source->time = typed::TimeKind::Arrival;
    return;
  }
  ExprChecker checker(context, RowScope(flow));
  const ExprPtr time = checker.Check(expr);
  if (IsError(time)) return;
  if (time->kind == ExprKind::Column && time->text == "meta.timestamp") {
    source->time = typed::TimeKind::MetaTimestamp;
    return;
  }
  if (time->type->kind != TypeKind::Timestamp) {
    auto report = context.Report(DiagId::TimeType, expr.span, types::ToString(*time->type));
    if (time->type->kind == TypeKind::Int)
      report.Help("declare how it is read: `" + std::string(context.sources.Text(expr.span)) +
                  ": timestamp(ms)` in the schema");
    return;
  }
  source->time = typed::TimeKind::Column;
  source->time_expr = time;
}

void CheckTimeClauses(Context& context, const ast::SourceDecl& decl, const Flow& flow, typed::Source* source) {
  const ast::SourceClauses& clauses = decl.clauses;
  source->lag = source->ahead = source->idle = NoDuration();
  if (clauses.time) CheckTime(context, *clauses.time->value, flow, source);
  if (clauses.watermark) {
    source->has_watermark = true;
    source->lag = CheckDuration(context, *clauses.watermark->lag, "`watermark lag`", 0);
    if (clauses.watermark->ahead) source->ahead = CheckDuration(context, *clauses.watermark->ahead, "`ahead`", 1);
    if (!clauses.time) {
      context.Report(DiagId::WatermarkWithoutTime, clauses.watermark->word_span, source->name)
          .Help("say what the time of a record is: `time meta.timestamp watermark lag ...`");
    }
  } else if (clauses.time) {
    context.Report(DiagId::TimeWithoutWatermark, clauses.time->word_span, source->name)
        .Help("say how long to wait for stragglers: `watermark lag 10s`; `watermark lag 0s` when times only rise");
  }
  if (clauses.idle) {
    source->idle = CheckDuration(context, *clauses.idle->value, "`idle`", 1);
    if (!clauses.watermark) {
      context.Report(DiagId::IdleWithoutWatermark, clauses.idle->word_span, source->name)
          .Help("`time meta.timestamp watermark lag 10s idle 30s`");
    }
  }
}

void CheckStart(Context& context, const ast::SourceDecl& decl, typed::Source* source) {
  source->start_at = ConstantValue({}, Make(TypeKind::Timestamp), {});
  if (!decl.clauses.start) return;
  const ast::StartClause& start = *decl.clauses.start;
  if (start.at) {
    source->start = typed::StartKind::At;
    source->start_at = CheckStartValue(context, *start.at, Make(TypeKind::Timestamp), "`start at`");
  } else if (start.word->text == "latest") {
    source->start = typed::StartKind::Latest;
  } else if (start.word->text != "earliest") {
    context.Report(DiagId::UnknownStart, start.word->span, start.word->text)
        .DidYouMean(start.word->text, {"earliest", "latest"})
        .Help("`start earliest`, `start latest` or `start at @2026-01-01T00:00:00Z`");
  }
}

// The source's own `on bad`, or the job's.
typed::Action BadAction(Context& context, const std::optional<ast::ActionClause>& own, Span name_span,
                        const std::string& name) {
  if (own) return CheckAction(context, own->action);
  if (context.program.job.on_bad) return *context.program.job.on_bad;
  context.Report(DiagId::NoBadAction, name_span, name)
      .Help("choose for this one: `on bad dead_letter(\"" + name +
            ".bad\")`, `on bad drop` (counted) or `on bad stop`; or once for all in `job NAME { on bad ... }`");
  return {};
}

}  // namespace

void CheckSource(Context& context, Symbol& symbol) {
  if (symbol.state != CheckState::Waiting) return;
  symbol.state = CheckState::Active;
  const size_t errors_before = context.diags.error_count();
  const auto& decl = std::get<ast::SourceDecl>(symbol.decl->node);
  typed::Source source;
  source.name = symbol.name;
  source.span = symbol.decl->span;
  const TypeRef record = RecordOf(context, decl.type, "source");
  source.record = record ? record : types::MakeRecord({});
  source.columns = FieldColumns(context, *source.record);
  if (decl.clauses.key) CheckKeyColumn(context, *decl.clauses.key, &source);
  AddHiddenColumns(context, &source.columns);
  source.connector = CheckConnector(context, decl.connector, catalog::Side::Source, nullptr);
  source.format = CheckFormat(context, decl.clauses.format);
  symbol.flow.name = symbol.name;
  symbol.flow.columns = source.columns;
  symbol.flow.poisoned = record == nullptr;
  CheckTimeClauses(context, decl, symbol.flow, &source);
  CheckStart(context, decl, &source);
  source.on_bad = BadAction(context, decl.clauses.on_bad, decl.name.span, symbol.name);
  source.on_null_is_bad = !decl.clauses.on_null.has_value();
  source.on_null = decl.clauses.on_null ? CheckAction(context, decl.clauses.on_null->action) : source.on_bad;
  symbol.index = static_cast<int32_t>(context.program.sources.size());
  symbol.flow.sources = {symbol.index};
  // A faulty time clause was reported; later steps shall not complain that there is none.
  symbol.flow.has_time = decl.clauses.time.has_value();
  symbol.flow.has_watermark = decl.clauses.watermark.has_value() || decl.clauses.time.has_value();
  context.program.sources.push_back(std::move(source));
  symbol.faulty = context.diags.error_count() > errors_before;
  symbol.state = CheckState::Done;
}

void CheckTable(Context& context, Symbol& symbol) {
  if (symbol.state != CheckState::Waiting) return;
  symbol.state = CheckState::Active;
  const auto& decl = std::get<ast::TableDecl>(symbol.decl->node);
  const ast::SourceClauses& clauses = decl.clauses;
  typed::Table table;
  table.name = symbol.name;
  table.span = symbol.decl->span;
  const TypeRef record = RecordOf(context, decl.type, "table");
  table.record = record ? record : types::MakeRecord({});
  table.columns = FieldColumns(context, *table.record);
  table.connector.connector = decl.connector.name.text;
  if (const auto* info = catalog::FindConnector(decl.connector.name.text); info != nullptr && info->name != "file") {
    context.NotSupported(decl.connector.name.span, "a table from `" + std::string(info->name) + "`",
                         "read it from a file: `from file(\"" + symbol.name + ".jsonl\")`");
  } else {
    table.connector = CheckConnector(context, decl.connector, catalog::Side::Source, nullptr);
  }
  table.format = CheckFormat(context, clauses.format);
  table.refresh = ConstantValue({}, Make(TypeKind::Duration), {});
  if (clauses.refresh_every)
    table.refresh = CheckDuration(context, *clauses.refresh_every->value, "`refresh every`", kSecond / 1000);
  table.on_bad = BadAction(context, clauses.on_bad, decl.name.span, symbol.name);
  for (const ast::Name& key : decl.keys) {
    const int index = record ? types::FindField(*record, key.text) : -1;
    if (!record) continue;
    if (index < 0) {
      std::vector<std::string> names;
      for (const types::Field& field : record->fields) names.push_back(field.name);
      context.Report(DiagId::UnknownField, key.span, types::ToString(*record), key.text).DidYouMean(key.text, names);
      continue;
    }
    const types::Type& type = *record->fields[static_cast<size_t>(index)].type;
    if (!types::IsKeyable(type)) {
      context.Report(DiagId::KeyType, key.span, types::ToString(type))
          .Help("keys are whole values that are always there: strings, ints, ids, times");
    }
    if (std::find(table.key.begin(), table.key.end(), index) != table.key.end()) {
      context.Report(DiagId::DuplicateField, key.span, key.text);
      continue;
    }
    table.key.push_back(index);
  }
  const auto refuse = [&](Span span, const char* what) {
    context.Report(DiagId::SourceClause, span, symbol.name, what).Help("a table is read whole; leave it out");
  };
  if (clauses.idle) refuse(clauses.idle->word_span, "idle");
  if (clauses.key) refuse(clauses.key->word_span, "key");
  if (clauses.start) refuse(clauses.start->word_span, "start");
  if (clauses.on_null) refuse(clauses.on_null->word_span, "on null");
  if (clauses.time)
    context.NotSupported(clauses.time->word_span, "`time` on a table",
                         "look up the current row: leave `time`, `watermark` and `history` out");
  if (clauses.history)
    context.NotSupported(clauses.history->word_span, "`history` on a table", "look up the current row: leave `history` out");
  if (clauses.watermark && !clauses.time)
    context.NotSupported(clauses.watermark->word_span, "`watermark` on a table", "leave it out");
  symbol.flow.name = symbol.name;
  symbol.flow.columns = table.columns;
  symbol.flow.poisoned = record == nullptr;
  symbol.flow.rows.changing = true;
  symbol.flow.combined_by = "table";
  for (const int index : table.key) symbol.flow.rows.key.push_back(table.columns[static_cast<size_t>(index)].id);
  symbol.index = static_cast<int32_t>(context.program.tables.size());
  context.program.tables.push_back(std::move(table));
  symbol.state = CheckState::Done;
}

}  // namespace streamc::sema
