// Sinks: what is written where, under which key.
#include <algorithm>

#include "compiler/sema/connector_calls.h"
#include "compiler/sema/convert.h"
#include "compiler/sema/expr.h"

namespace streamc::sema {
namespace {

using types::Make;

// Without a schema columns are written under their own names and times as RFC 3339, however they were read.
TypeRef AsWritten(const TypeRef& type) {
  auto copy = std::make_shared<types::Type>(*type);
  if (copy->kind == TypeKind::Timestamp) {
    copy->time_format = types::TimeFormat::Rfc3339;
    copy->pattern.clear();
  }
  if (copy->element) copy->element = AsWritten(copy->element);
  for (types::Field& field : copy->fields) {
    field.type = AsWritten(field.type);
    field.outside_name = field.name;
  }
  return copy;
}

class SinkChecker {
 public:
  SinkChecker(Context& context, const ast::Decl& decl, Symbol& stream)
      : context_(context), decl_(std::get<ast::SinkDecl>(decl.node)), flow_(stream.flow) {
    flow_.poisoned = flow_.poisoned || stream.faulty;
    sink_.name = stream.name;
    sink_.stream = StreamIndexOf(context, stream);
    sink_.span = decl.span;
    sink_.upsert = flow_.rows.changing;
    if (decl_.label) sink_.label = decl_.label->text;
  }

  typed::Sink Check() {
    sink_.connector = CheckConnector(context_, decl_.connector, catalog::Side::Sink, &flow_);
    sink_.format = CheckFormat(context_, decl_.format);
    CheckRecord();
    CheckKey();
    CheckClauses();
    CheckChanges();
    if (decl_.delivery) CheckDelivery(*decl_.delivery);
    return std::move(sink_);
  }

 private:
  ExprPtr Read(const typed::Column& column, Span span) { return Narrow(MakeColumn(column, span), flow_.present); }
  ExprChecker Checker() { return ExprChecker(context_, RowScope(flow_)); }

  void CheckRecord() {
    if (decl_.schema) {
      CheckSchema();
      return;
    }
    std::vector<types::Field> fields;
    for (const typed::Column& column : flow_.columns) {
      if (column.hidden) continue;
      ExprPtr value = Read(column, decl_.stream.span);
      fields.push_back({column.name, AsWritten(value->type), column.name, nullptr});
      sink_.fields.push_back(std::move(value));
    }
    sink_.record = types::MakeRecord(std::move(fields));
  }

  void CheckSchema() {
    sink_.record = ResolveType(context_, *decl_.schema);
    if (sink_.record->kind == TypeKind::Error || flow_.poisoned) return;
    if (sink_.record->kind != TypeKind::Record || sink_.record->optional) {
      context_.Report(DiagId::SourceNotRecord, decl_.schema->span, "sink", types::ToString(*sink_.record));
      return;
    }
    bool missing = false;
    for (const types::Field& field : sink_.record->fields) {
      const typed::Column* column = flow_.Find(field.name, false);
      if (column == nullptr && !field.type->optional && !field.type->is_rest) {
        context_
            .Report(DiagId::SinkFieldMissing, decl_.schema->span, decl_.stream.text, field.name, types::ToString(*sink_.record))
            .DidYouMean(field.name, flow_.VisibleNames());
        missing = true;
        continue;
      }
      Datum absent;
      if (field.type->is_rest) absent.value = std::string("{}");
      ExprPtr value = column == nullptr ? MakeLiteral(std::move(absent), field.type, decl_.schema->span)
                                        : Coerce(context_, Read(*column, decl_.schema->span), field.type,
                                                 "column `" + field.name + "` of `" + decl_.stream.text + "`");
      sink_.fields.push_back(std::move(value));
    }
    // A misspelt name is one fault, not two.
    if (missing) return;
    for (const std::string& name : flow_.VisibleNames()) {
      // Undeclared fields are written where the schema says so.
      if (types::FindField(*sink_.record, name) >= 0 || flow_.Find(name, false)->type->is_rest) continue;
      context_.Report(DiagId::SinkFieldLost, decl_.schema->span, name, types::ToString(*sink_.record))
          .Help("leave it out on purpose: `|> drop " + name + "`, or add it to the schema");
    }
  }

  bool KeyFits(const ExprPtr& key, Span span) {
    if (IsError(key)) return false;
    // A forwarded record may have no key; then neither has the new one.
    if (key->kind == ExprKind::Column && key->text == "meta.key" && decl_.key->values.size() == 1) return true;
    if (types::IsKeyable(*key->type)) return true;
    auto report = context_.Report(DiagId::KeyType, span, types::ToString(*key->type));
    if (key->type->optional) {
      const TypeRef plain = types::Required(key->type);
      report.Help("give the missing ones a value: `" + std::string(context_.sources.Text(span)) + " ?? " +
                  types::ToString(types::ZeroValue(*plain), *plain) + "`");
    }
    return false;
  }

  void CheckKey() {
    if (!decl_.key) {
      if (flow_.rows.changing) DefaultKey();
      return;
    }
    for (const ast::Expr& value : decl_.key->values) {
      ExprChecker checker = Checker();
      ExprPtr key = checker.Check(value);
      if (!KeyFits(key, value.span)) {
        key_faulty_ = true;
        continue;
      }
      std::string name;
      if (const auto* word = std::get_if<ast::NameExpr>(&value.node)) name = word->name.text;
      if (const auto* field = std::get_if<ast::FieldExpr>(&value.node)) name = field->field.text;
      if (name.empty() && decl_.key->values.size() > 1) {
        context_.Report(DiagId::UnnamedColumn, value.span)
            .Help("several keys are written as a record, so each has a name; make it a column: `|> set part = " +
                  std::string(context_.sources.Text(value.span)) + "`");
        key_faulty_ = true;
      }
      if (std::find(sink_.key_names.begin(), sink_.key_names.end(), name) != sink_.key_names.end()) {
        context_.Report(DiagId::DuplicateColumn, value.span, name);
        key_faulty_ = true;
      }
      sink_.key_names.push_back(std::move(name));
      sink_.key.push_back(std::move(key));
    }
  }

  void DefaultKey() {
    for (const typed::ColumnId id : flow_.rows.key) {
      for (const typed::Column& column : flow_.columns) {
        if (column.id != id) continue;
        sink_.key.push_back(Read(column, decl_.stream.span));
        std::string name = column.name;
        if (name.rfind("$key.", 0) == 0) name = name.substr(5);
        if (name.rfind("window.", 0) == 0) name = "window_" + name.substr(7);
        sink_.key_names.push_back(std::move(name));
        break;
      }
    }
  }

  void CheckClauses() {
    const auto clause = [&](const std::optional<ast::ValueClause>& from, const TypeRef& type, const char* what) -> ExprPtr {
      if (!from) return nullptr;
      ExprChecker checker = Checker();
      return checker.CheckAs(*from->value, type, what);
    };
    sink_.partition = clause(decl_.partition, Make(TypeKind::Int), "`partition`");
    sink_.timestamp = clause(decl_.timestamp, Make(TypeKind::Timestamp), "`timestamp`");
    if (decl_.delete_when) {
      ExprChecker checker = Checker();
      sink_.delete_when = checker.CheckCondition(*decl_.delete_when->value, "`delete when`");
      if (sink_.key.empty() && !key_faulty_ && !flow_.poisoned) {
        context_.Report(DiagId::DeleteWithoutKey, decl_.delete_when->word_span)
            .Help("a null value removes what its key names: add `key id`");
      }
    }
    if (decl_.value) CheckValue(*decl_.value->value);
    if (decl_.headers) CheckHeaders(*decl_.headers->value);
  }

  void CheckValue(const ast::Expr& expr) {
    ExprChecker checker = Checker();
    sink_.value = checker.Check(expr);
    const TypeKind kind = sink_.value->type->kind;
    if (decl_.schema) context_.Report(DiagId::ValueAndSchema, expr.span).Help("leave one of them out");
    if (kind == TypeKind::Error || kind == TypeKind::String || kind == TypeKind::Bytes) return;
    context_.Report(DiagId::SinkValueType, expr.span, types::ToString(*sink_.value->type))
        .Help("the record as it came: `value meta.value`; a text: `value to_string(id)`");
  }

  void CheckHeaders(const ast::Expr& expr) {
    ExprChecker checker = Checker();
    sink_.headers = checker.Check(expr);
    if (IsError(sink_.headers)) return;
    if (sink_.headers->kind == ExprKind::Column && sink_.headers->text == "meta.headers") return;
    bool fits = sink_.headers->type->kind == TypeKind::Record && !sink_.headers->type->optional;
    for (const types::Field& field : sink_.headers->type->fields) {
      fits = fits && (field.type->kind == TypeKind::String || field.type->kind == TypeKind::Bytes);
    }
    if (!fits)
      context_.Report(DiagId::SinkHeadersType, expr.span, types::ToString(*sink_.headers->type))
          .Help("`headers { source: \"shop\", trace: trace_id }`");
  }

  // The key of an upsert must tell apart all that the change key tells apart.
  void CheckChanges() {
    if (!flow_.rows.changing || flow_.poisoned) return;
    if (sink_.connector.connector == "file") {
      context_.Report(DiagId::FileChanging, decl_.connector.name.span, decl_.stream.text)
          .Note("a line in a file cannot be replaced or taken back")
          .Help("write the changes themselves: `|> as rows`, with `change.kind` as a column if needed");
      return;
    }
    if (!decl_.key || key_faulty_) return;
    std::set<typed::ColumnId> in_key;
    for (const ExprPtr& key : sink_.key) {
      const Expr* at = key->kind == ExprKind::Unwrap ? key->args[0].get() : key.get();
      if (at->kind == ExprKind::Column) in_key.insert(context_.RootOf(at->column));
    }
    std::vector<std::string> missing;
    for (const typed::ColumnId id : flow_.rows.key) {
      if (in_key.count(context_.RootOf(id)) != 0) continue;
      for (const typed::Column& column : flow_.columns) {
        if (column.id == id) missing.push_back(column.name.rfind("$key.", 0) == 0 ? column.name.substr(5) : column.name);
      }
    }
    if (missing.empty()) return;
    std::string list;
    for (const std::string& name : missing) list += (list.empty() ? "`" : ", `") + name + "`";
    std::string all;
    for (const ast::Expr& value : decl_.key->values) all += std::string(context_.sources.Text(value.span)) + ", ";
    for (size_t i = 0; i < missing.size(); ++i) all += (i == 0 ? "" : ", ") + missing[i];
    context_.Report(DiagId::KeyMergesChanges, decl_.key->word_span, decl_.stream.text, list)
        .Note("rows that differ there would overwrite one another")
        .Help("`key " + all + "`; or leave `key` out, then it is the whole change key");
  }

  void CheckDelivery(const ast::Name& delivery) {
    if (delivery.text == "at_least_once" || delivery.text == "exactly_once") return;
    context_.Report(DiagId::UnknownDelivery, delivery.span, delivery.text)
        .DidYouMean(delivery.text, {"exactly_once", "at_least_once"});
  }

  Context& context_;
  const ast::SinkDecl& decl_;
  Flow flow_;
  typed::Sink sink_;
  bool key_faulty_ = false;
};

}  // namespace

void CheckSinks(Context& context) {
  std::map<std::pair<std::string, std::string>, Span> seen;
  for (const ast::Decl* decl : context.decls) {
    const auto* node = std::get_if<ast::SinkDecl>(&decl->node);
    if (node == nullptr) continue;
    const std::string label = node->label ? node->label->text : "";
    const auto [place, fresh] = seen.emplace(std::pair(node->stream.text, label), node->stream.span);
    if (!fresh) {
      context.Report(DiagId::DuplicateSink, node->stream.span, node->stream.text)
          .Label(place->second, "the first one")
          .Help("give each a label: `sink " + node->stream.text + "@copy to ...`");
      continue;
    }
    Symbol* stream = UseStream(context, node->stream);
    if (stream == nullptr) continue;
    SinkChecker checker(context, *decl, *stream);
    context.program.sinks.push_back(checker.Check());
  }
}

}  // namespace streamc::sema
