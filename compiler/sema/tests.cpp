// Test blocks: statements in order, rows as constants of the types they are compared or encoded with.
#include <algorithm>

#include "compiler/sema/constants.h"
#include "compiler/sema/expr.h"
#include "compiler/sema/payload.h"

namespace streamc::sema {
namespace {

using typed::TestStatement;
using types::Make;
using types::Type;

constexpr int64_t kDefaultStart = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
constexpr int64_t kMaxInstances = 16;

// Columns of one kind of expected rows.
struct Expected {
  std::vector<types::Field> columns;
  std::string what;
};

class TestChecker {
 public:
  explicit TestChecker(Context& context) : context_(context) {}

  typed::Test Check(const ast::Decl& decl) {
    const auto& node = std::get<ast::TestDecl>(decl.node);
    typed::Test test;
    test.name = node.name.text;
    test.span = decl.span;
    for (const ast::TestStmt& stmt : node.stmts) {
      TestStatement statement;
      statement.span = stmt.span;
      const bool fine = std::visit([&](const auto& each) { return CheckStatement(stmt, each, &statement); }, stmt.node);
      if (fine) test.statements.push_back(std::move(statement));
    }
    return test;
  }

 private:
  // Parameters and the start are fixed before anything happens.
  void MustBeFirst(const ast::TestStmt& stmt, const char* what) {
    if (begun_) context_.Report(DiagId::TestOrder, stmt.span, what).Help("write it at the beginning of the test");
  }

  bool CheckStatement(const ast::TestStmt& stmt, const ast::TestParam& node, TestStatement* out) {
    MustBeFirst(stmt, "param");
    out->kind = TestStatement::Kind::Param;
    const Symbol* symbol = context_.Find(node.name.text);
    if (symbol == nullptr || symbol->kind != SymbolKind::Param) {
      context_.Report(DiagId::UnknownParam, node.name.span, node.name.text)
          .DidYouMean(node.name.text, context_.NamesOf({SymbolKind::Param}));
      return false;
    }
    const typed::Param& param = context_.program.params[static_cast<size_t>(symbol->index)];
    const TypeRef type = param.secret ? Make(TypeKind::String) : param.type;
    auto value = CheckConstant(context_, *node.value, type, "parameter `" + param.name + "`");
    if (!value) return false;
    out->target = symbol->index;
    out->value = std::move(*value);
    return true;
  }

  bool CheckStatement(const ast::TestStmt& stmt, const ast::TestStart& node, TestStatement* out) {
    MustBeFirst(stmt, "start at");
    out->kind = TestStatement::Kind::StartAt;
    if (node.at.relative) {
      context_.Report(DiagId::TestStartRelative, node.at.span).Help("`start at @2026-01-01T00:00:00Z`");
      return false;
    }
    start_ = clock_ = out->micros = node.at.micros;
    return true;
  }

  bool CheckStatement(const ast::TestStmt&, const ast::TestWait& node, TestStatement* out) {
    begun_ = true;
    out->kind = TestStatement::Kind::Wait;
    const auto value = CheckConstant(context_, *node.duration, Make(TypeKind::Duration), "`wait`");
    if (!value) return false;
    out->micros = std::get<int64_t>(value->value);
    if (out->micros <= 0) {
      context_
          .Report(DiagId::DurationTooSmall, node.duration->span, "`wait`", types::ToString(*value, *Make(TypeKind::Duration)))
          .Help("`wait 1m`");
      return false;
    }
    if (__builtin_add_overflow(clock_, out->micros, &clock_)) clock_ = INT64_MAX;
    return true;
  }

  bool CheckStatement(const ast::TestStmt&, const ast::TestCrash&, TestStatement* out) {
    begun_ = true;
    out->kind = TestStatement::Kind::Crash;
    return true;
  }

  bool CheckStatement(const ast::TestStmt& stmt, const ast::TestRestart& node, TestStatement* out) {
    begun_ = true;
    out->kind = TestStatement::Kind::Restart;
    out->micros = node.instances.value_or(1);
    if (out->micros >= 1 && out->micros <= kMaxInstances) return true;
    context_.Report(DiagId::RestartInstances, stmt.span, out->micros)
        .Help("1 to " + std::to_string(kMaxInstances) + ": `restart instances 2`");
    return false;
  }

  bool CheckStatement(const ast::TestStmt&, const ast::TestFeed& node, TestStatement* out) {
    begun_ = true;
    out->kind = TestStatement::Kind::Feed;
    Symbol* symbol = context_.Find(node.source.text);
    if (symbol == nullptr || (symbol->kind != SymbolKind::Source && symbol->kind != SymbolKind::Table)) {
      auto report = context_.Report(DiagId::UnknownTarget, node.source.span, node.source.text);
      report.DidYouMean(node.source.text, context_.NamesOf({SymbolKind::Source, SymbolKind::Table}));
      if (symbol != nullptr) report.Label(symbol->span, "this is a " + std::string(KindText(symbol->kind)));
      return false;
    }
    if (symbol->faulty || symbol->flow.poisoned) return false;
    out->target = symbol->index;
    out->target_kind = symbol->kind == SymbolKind::Table ? TestStatement::Target::Table : TestStatement::Target::Source;
    if (node.at) SetInstant(*node.at, out);
    if (symbol->kind == SymbolKind::Table) return FeedTable(node, *symbol, out);
    if (node.partition) {
      out->partition = static_cast<int32_t>(*node.partition);
      if (*node.partition < 0 || *node.partition > 999) {
        context_.Report(DiagId::PartitionNumber, node.source.span, *node.partition)
            .Help("partitions are numbered from 0 to 999");
        return false;
      }
    }
    const typed::Source& source = context_.program.sources[static_cast<size_t>(symbol->index)];
    if (node.key && !SetKey(*node.key, out)) return false;
    if (node.headers && !SetHeaders(*node.headers, out)) return false;
    return SetPayloads(node.rows, source.record, TimePath(source), out);
  }

  bool FeedTable(const ast::TestFeed& node, const Symbol& symbol, TestStatement* out) {
    if (node.partition || node.at || node.key || node.headers) {
      const char* what = node.at ? "at" : node.partition ? "partition" : node.key ? "key" : "headers";
      context_.Report(DiagId::FeedTable, node.source.span, what)
          .Label(symbol.span, "declared here")
          .Help("the rows of a table file have neither time, partition, key nor headers");
      return false;
    }
    if (node.rows.kind == ast::Rows::Kind::Null) {
      context_.Report(DiagId::FeedNull, node.rows.span, symbol.name)
          .Help("feed the rows the table then has; each `feed` of it replaces all");
      return false;
    }
    return SetPayloads(node.rows, context_.program.tables[static_cast<size_t>(symbol.index)].record, {}, out);
  }

  void SetInstant(const ast::Instant& at, TestStatement* out) {
    out->has_at = true;
    out->at_absolute = true;
    if (!at.relative) {
      out->micros = at.micros;
    } else if (__builtin_add_overflow(start_, at.micros, &out->micros)) {
      out->micros = INT64_MAX;
    }
    clock_ = std::max(clock_, out->micros);
  }

  bool SetKey(const ast::Expr& expr, TestStatement* out) {
    const ExprPtr key = ExprChecker(context_, {}).Check(expr);
    if (IsError(key)) return false;
    const auto value = FoldConstant(*key);
    if (!value) {
      context_.Report(DiagId::NotConstant, expr.span, "`key`").Help("`key \"user-1\"`");
      return false;
    }
    if (value->is_null()) return true;
    out->key = EncodeKey(*value, *key->type);
    return true;
  }

  bool SetHeaders(const ast::Expr& expr, TestStatement* out) {
    const auto* record = std::get_if<ast::RecordExpr>(&expr.node);
    if (record == nullptr) {
      context_.Report(DiagId::SinkHeadersType, expr.span, "something else").Help("`headers { trace: \"abc\" }`");
      return false;
    }
    for (const ast::RecordEntry& entry : record->entries) {
      const auto value = CheckConstant(context_, *entry.value, Make(TypeKind::String), "header `" + entry.key.text + "`");
      if (!value) return false;
      out->headers.emplace_back(entry.key.text, std::get<std::string>(value->value));
    }
    return true;
  }

  // Field indices of the column that holds a source's event time; empty when that is more than a column.
  static std::vector<int> TimePath(const typed::Source& source) {
    std::vector<int> path;
    if (source.time != typed::TimeKind::Column || !source.time_expr) return path;
    const Expr* at = source.time_expr.get();
    for (; at->kind == ExprKind::Field || at->kind == ExprKind::Unwrap; at = at->args[0].get()) {
      if (at->kind == ExprKind::Field) path.insert(path.begin(), at->index);
    }
    if (at->kind != ExprKind::Column) return {};
    for (size_t i = 0; i < source.record->fields.size(); ++i) {
      if (source.columns[i].id == at->column) {
        path.insert(path.begin(), static_cast<int>(i));
        return path;
      }
    }
    return {};
  }

  bool SetPayloads(const ast::Rows& rows, const TypeRef& record, const std::vector<int>& time_path, TestStatement* out) {
    switch (rows.kind) {
      case ast::Rows::Kind::Null: out->payloads.emplace_back(std::nullopt); return true;
      case ast::Rows::Kind::Raw: out->payloads.emplace_back(rows.text.text); return true;
      case ast::Rows::Kind::File: out->from_file = rows.text.text; return true;
      case ast::Rows::Kind::None:
        context_.Report(DiagId::TestRow, rows.span)
            .Help("`{ id: 1 }`, `[{ id: 1 }, { id: 2 }]`, `null`, `raw \"...\"` or `from \"rows.jsonl\"`");
        return false;
      case ast::Rows::Kind::Rows: break;
    }
    out->time_from_at = out->has_at && !time_path.empty();
    bool fine = true;
    for (const ast::Expr& row : rows.rows) {
      auto value = RowValue(row, record);
      if (!value) {
        fine = false;
        continue;
      }
      if (!SetTime(row, record, time_path, *out, &*value)) fine = false;
      out->payloads.emplace_back(EncodeJson(*value, *record));
    }
    return fine;
  }

  // `at` sets the time column; without it the row happens now.
  bool SetTime(const ast::Expr& row, const TypeRef& record, const std::vector<int>& path, const TestStatement& feed,
               Datum* value) {
    if (path.empty()) return true;
    const auto* entries = std::get_if<ast::RecordExpr>(&row.node);
    TypeRef type = record;
    for (size_t depth = 0; depth < path.size(); ++depth) {
      const auto index = static_cast<size_t>(path[depth]);
      const types::Field& field = type->fields[index];
      const ast::RecordEntry* entry = nullptr;
      for (const ast::RecordEntry& each : entries != nullptr ? entries->entries : kNoEntries) {
        if (each.key.text == field.name) entry = &each;
      }
      auto& parts = std::get<std::vector<Datum>>(value->value);
      if (parts[index].is_null() && field.type->kind == TypeKind::Record && entry == nullptr)
        parts[index] = types::ZeroValue(*types::Required(field.type));
      value = &parts[index];
      type = field.type;
      if (depth + 1 == path.size() && entry != nullptr) {
        if (!feed.has_at) return true;
        context_.Report(DiagId::FeedTimeTwice, entry->key.span).Help("leave out `at`, or field `" + field.name + "`");
        return false;
      }
      // A record given as null has no time to set; the row is then bad, as it says.
      if (value->is_null() && depth + 1 < path.size()) return true;
      entries = entry != nullptr ? std::get_if<ast::RecordExpr>(&entry->value->node) : nullptr;
    }
    *value = {feed.has_at ? feed.micros : clock_};
    return true;
  }

  std::optional<Datum> RowValue(const ast::Expr& row, const TypeRef& record) {
    if (!std::holds_alternative<ast::RecordExpr>(row.node)) {
      context_.Report(DiagId::TestRow, row.span)
          .Help("`{ " + (record->fields.empty() ? std::string("id") : record->fields[0].name) + ": ... }`");
      return std::nullopt;
    }
    return Value(row, record, true);
  }

  // A constant of the type. `fill`: fields left out get null, their default or zero. Durations mean times since the start.
  std::optional<Datum> Value(const ast::Expr& expr, const TypeRef& type, bool fill) {
    if (const auto* since = std::get_if<ast::DurationLit>(&expr.node); since != nullptr && type->kind == TypeKind::Timestamp) {
      int64_t micros = 0;
      if (__builtin_add_overflow(start_, since->micros, &micros)) micros = INT64_MAX;
      return Datum{micros};
    }
    if (const auto* text = std::get_if<ast::StringLit>(&expr.node); text != nullptr && type->kind == TypeKind::Bytes)
      return Datum{text->text};
    const auto* list = std::get_if<ast::ListExpr>(&expr.node);
    if (list != nullptr && type->kind == TypeKind::List) {
      std::vector<Datum> items;
      for (const ast::Expr& item : list->items) {
        auto value = Value(item, type->element, fill);
        if (!value) return std::nullopt;
        items.push_back(std::move(*value));
      }
      return Datum{std::move(items)};
    }
    const auto* record = std::get_if<ast::RecordExpr>(&expr.node);
    if (record != nullptr && type->kind == TypeKind::Record) return RecordValue(expr, *record, *type, fill);
    return CheckConstant(context_, expr, type, "a value of a test");
  }

  std::optional<Datum> RecordValue(const ast::Expr& whole, const ast::RecordExpr& record, const Type& type, bool fill) {
    std::vector<std::optional<Datum>> given(type.fields.size());
    bool fine = true;
    for (const ast::RecordEntry& entry : record.entries) {
      const int index = types::FindField(type, entry.key.text);
      if (index < 0) {
        std::vector<std::string> names;
        for (const types::Field& field : type.fields) names.push_back(field.name);
        context_
            .Report(DiagId::UnknownField, entry.key.span, types::ToString(*types::Required(std::make_shared<Type>(type))),
                    entry.key.text)
            .DidYouMean(entry.key.text, names);
        fine = false;
        continue;
      }
      auto& slot = given[static_cast<size_t>(index)];
      if (slot) {
        context_.Report(DiagId::DuplicateField, entry.key.span, entry.key.text);
        fine = false;
      }
      slot = Value(*entry.value, type.fields[static_cast<size_t>(index)].type, fill);
      fine = fine && slot.has_value();
    }
    if (!fine) return std::nullopt;
    std::vector<Datum> values;
    for (size_t i = 0; i < given.size(); ++i) {
      const types::Field& field = type.fields[i];
      if (!given[i] && !fill && !field.type->optional) {
        context_.Report(DiagId::MissingField, whole.span, field.name, types::ToString(type));
        return std::nullopt;
      }
      const bool has_default = field.deflt != nullptr && fill;
      values.push_back(given[i] ? std::move(*given[i]) : has_default ? *field.deflt : types::ZeroValue(*field.type));
    }
    return Datum{std::move(values)};
  }

  bool CheckStatement(const ast::TestStmt&, const ast::TestExpect& node, TestStatement* out) {
    begun_ = true;
    out->kind = TestStatement::Kind::Expect;
    Symbol* symbol = UseStream(context_, node.stream);
    if (symbol == nullptr || symbol->faulty || symbol->flow.poisoned) return false;
    const bool is_stream = symbol->kind == SymbolKind::Stream || symbol->kind == SymbolKind::Route;
    out->target = symbol->index;
    out->target_kind = is_stream                           ? TestStatement::Target::Stream
                       : symbol->kind == SymbolKind::Table ? TestStatement::Target::Table
                                                           : TestStatement::Target::Source;
    const auto expected = ColumnsFor(node, *symbol, is_stream, out);
    if (!expected) return false;
    out->none = node.rows.kind == ast::Rows::Kind::None;
    if (out->none) return true;
    if (node.rows.kind != ast::Rows::Kind::Rows) {
      context_.Report(DiagId::TestRow, node.rows.span)
          .Help("`expect " + node.stream.text + " [{ ... }]` or `expect " + node.stream.text + " none`");
      return false;
    }
    bool fine = true;
    for (const ast::Expr& row : node.rows.rows) fine = ExpectRow(row, *expected, out) && fine;
    return fine;
  }

  std::optional<Expected> ColumnsFor(const ast::TestExpect& node, const Symbol& symbol, bool is_stream, TestStatement* out) {
    const auto visible = [&](const std::vector<typed::Column>& columns) {
      Expected expected{{}, symbol.name};
      for (const typed::Column& column : columns) {
        if (!column.hidden) expected.columns.push_back({column.name, column.type, column.name, nullptr});
      }
      return expected;
    };
    if (node.mode == ast::TestExpect::Mode::Bad) return BadColumns(node, symbol, out);
    if (!is_stream) {
      context_.Report(DiagId::ExpectSource, node.stream.span, symbol.name, KindText(symbol.kind))
          .Help("`expect " + symbol.name + " bad [{ code: \"json.syntax\" }]`; or name a stream made of it");
      return std::nullopt;
    }
    const typed::Stream& stream = context_.program.streams[static_cast<size_t>(symbol.index)];
    switch (node.mode) {
      case ast::TestExpect::Mode::InOrder: out->expect = typed::ExpectKind::RowsInOrder; break;
      case ast::TestExpect::Mode::Late: return LateColumns(node, stream, out);
      case ast::TestExpect::Mode::Now:
      case ast::TestExpect::Mode::Deleted: {
        const bool now = node.mode == ast::TestExpect::Mode::Now;
        out->expect = now ? typed::ExpectKind::Now : typed::ExpectKind::Deleted;
        if (!symbol.flow.rows.changing) {
          context_.Report(DiagId::ExpectChanges, node.stream.span, symbol.name, now ? "now" : "deleted")
              .Help("`expect " + symbol.name + " [...]`");
          return std::nullopt;
        }
        break;
      }
      default: break;
    }
    return visible(stream.columns);
  }

  std::optional<Expected> BadColumns(const ast::TestExpect& node, const Symbol& symbol, TestStatement* out) {
    out->expect = typed::ExpectKind::Bad;
    if (symbol.kind != SymbolKind::Source) {
      context_.Report(DiagId::ExpectMode, node.stream.span, symbol.name, KindText(symbol.kind), "bad")
          .Help("rows rejected on the way belong to the source they came from: `expect SOURCE bad [...]`");
      return std::nullopt;
    }
    const TypeRef text = Make(TypeKind::String);
    const TypeRef bytes = types::Optional(Make(TypeKind::Bytes));
    Expected expected{{}, "bad records of " + symbol.name};
    for (const auto& [name, type] : {std::pair("code", text), std::pair("place", text), std::pair("topic", text),
                                     std::pair("partition", Make(TypeKind::Int)), std::pair("offset", Make(TypeKind::Int)),
                                     std::pair("value", bytes), std::pair("key", bytes)}) {
      expected.columns.push_back({name, type, name, nullptr});
    }
    return expected;
  }

  std::optional<Expected> LateColumns(const ast::TestExpect& node, const typed::Stream& stream, TestStatement* out) {
    out->expect = typed::ExpectKind::Late;
    Expected expected{{}, "late rows of " + stream.name};
    bool windowed = false;
    for (size_t i = 0; i < stream.steps.size(); ++i) {
      const auto* aggregate = std::get_if<typed::Aggregate>(&stream.steps[i].node);
      const auto* top = std::get_if<typed::Top>(&stream.steps[i].node);
      const typed::Bound* bound = aggregate != nullptr           ? &aggregate->bound
                                  : top != nullptr && top->bound ? &*top->bound
                                                                 : nullptr;
      if (bound == nullptr || bound->window == typed::WindowKind::None) continue;
      windowed = true;
      for (const typed::Column& column : i == 0 ? stream.input_columns : stream.steps[i - 1].columns) {
        const auto same = [&](const types::Field& field) { return field.name == column.name; };
        if (!column.hidden && std::none_of(expected.columns.begin(), expected.columns.end(), same))
          expected.columns.push_back({column.name, column.type, column.name, nullptr});
      }
    }
    if (windowed) return expected;
    context_.Report(DiagId::ExpectLate, node.stream.span, stream.name).Help("name the stream whose step has the window");
    return std::nullopt;
  }

  bool ExpectRow(const ast::Expr& expr, const Expected& expected, TestStatement* out) {
    const auto* record = std::get_if<ast::RecordExpr>(&expr.node);
    if (record == nullptr) {
      context_.Report(DiagId::TestRow, expr.span)
          .Help("`{ " + (expected.columns.empty() ? std::string("id") : expected.columns[0].name) + ": ... }`");
      return false;
    }
    typed::TestRow row;
    row.span = expr.span;
    bool fine = true;
    for (const ast::RecordEntry& entry : record->entries) {
      const auto column = std::find_if(expected.columns.begin(), expected.columns.end(),
                                       [&](const types::Field& field) { return field.name == entry.key.text; });
      if (column == expected.columns.end()) {
        std::vector<std::string> names;
        for (const types::Field& field : expected.columns) names.push_back(field.name);
        context_.Report(DiagId::UnknownColumn, entry.key.span, expected.what, entry.key.text).DidYouMean(entry.key.text, names);
        fine = false;
        continue;
      }
      const auto same = [&](const auto& named) { return named.first == entry.key.text; };
      if (std::any_of(row.named.begin(), row.named.end(), same)) {
        context_.Report(DiagId::DuplicateField, entry.key.span, entry.key.text);
        fine = false;
        continue;
      }
      double tolerance = kDefaultTolerance;
      auto value = ExpectedValue(*entry.value, column->type, &tolerance);
      if (!value) {
        fine = false;
        continue;
      }
      row.named.emplace_back(entry.key.text, std::move(*value));
      row.types.push_back(column->type);
      out->tolerance.push_back(tolerance);
      if (std::find(out->columns.begin(), out->columns.end(), entry.key.text) == out->columns.end())
        out->columns.push_back(entry.key.text);
    }
    out->rows.push_back(std::move(row));
    return fine;
  }

  // The value, or `about(value, tolerance)` of a float.
  std::optional<Datum> ExpectedValue(const ast::Expr& expr, const TypeRef& type, double* tolerance) {
    const auto* call = std::get_if<ast::Call>(&expr.node);
    if (call == nullptr || call->name.text != "about") return Value(expr, type, false);
    if (call->args.size() != 2 || type->kind != TypeKind::Float) {
      context_.Report(DiagId::AboutFloat, expr.span, types::ToString(*type))
          .Help("`about(2.5, 0.1)`: a float between 2.4 and 2.6");
      return std::nullopt;
    }
    const auto allowed = CheckConstant(context_, *call->args[1].value, Make(TypeKind::Float), "tolerance of `about`");
    auto value = CheckConstant(context_, *call->args[0].value, type, "value of `about`");
    if (!allowed || !value) return std::nullopt;
    *tolerance = std::get<double>(allowed->value);
    return value;
  }

  static constexpr double kDefaultTolerance = 1e-9;
  static inline const std::vector<ast::RecordEntry> kNoEntries;

  Context& context_;
  int64_t start_ = kDefaultStart;
  int64_t clock_ = kDefaultStart;
  bool begun_ = false;
};

}  // namespace

void CheckTests(Context& context) {
  std::map<std::string, Span> names;
  for (const ast::Decl* decl : context.decls) {
    const auto* node = std::get_if<ast::TestDecl>(&decl->node);
    if (node == nullptr) continue;
    const auto [place, fresh] = names.emplace(node->name.text, node->name.span);
    if (!fresh) {
      context.Report(DiagId::DuplicateTest, node->name.span, node->name.text).Label(place->second, "the first one");
      continue;
    }
    TestChecker checker(context);
    context.program.tests.push_back(checker.Check(*decl));
  }
}

}  // namespace streamc::sema
