// lookup: the row of a file table as a record column.
#include "compiler/sema/convert.h"
#include "compiler/sema/pipeline.h"

namespace streamc::sema {

void PipelineChecker::CheckStep(const ast::Step& step, const ast::LookupStep& node) {
  Symbol* symbol = context_.Find(node.table.text);
  if (symbol == nullptr) {
    context_.Report(DiagId::UnknownTable, node.table.span, node.table.text)
        .DidYouMean(node.table.text, context_.NamesOf({SymbolKind::Table}))
        .Help("declare it: `table " + node.table.text + ": T key id from file(\"" + node.table.text + ".jsonl\")`");
    flow.poisoned = true;
    return;
  }
  if (symbol->kind != SymbolKind::Table) {
    if (symbol->kind == SymbolKind::Stream || symbol->kind == SymbolKind::Route) {
      context_.NotSupported(node.table.span, "`lookup` of a stream",
                            "look up a file table: `table users: User key id from file(\"users.jsonl\")`");
    } else {
      context_.Report(DiagId::NotATable, node.table.span, node.table.text, KindText(symbol->kind))
          .Label(symbol->span, "declared here");
    }
    flow.poisoned = true;
    return;
  }
  CheckTable(context_, *symbol);
  const typed::Table& table = context_.program.tables[static_cast<size_t>(symbol->index)];
  if (flow.rows.changing && !flow.poisoned) {
    context_.Report(DiagId::ChangingInput, step.verb_span, "lookup", flow.name)
        .Help("look up before the step that makes it changing, or take its changes as rows: `|> as rows |> lookup ...`");
  }
  if (node.as_of_time) context_.NotSupported(step.verb_span, "`as of time`", "leave it out: the row of the table as it is now");
  typed::Lookup lookup;
  lookup.table = symbol->index;
  if (symbol->flow.poisoned) flow.poisoned = true;
  if (node.on.size() != table.key.size() && !flow.poisoned) {
    context_.Report(DiagId::LookupKeys, step.span, table.name, table.key.size(), node.on.size())
        .Label(symbol->span, "declared here");
    flow.poisoned = true;
  }
  for (size_t i = 0; i < node.on.size(); ++i) {
    ExprChecker checker(context_, RowScope(flow));
    ExprPtr key = checker.Check(node.on[i]);
    if (i < table.key.size()) {
      const types::Field& field = table.record->fields[static_cast<size_t>(table.key[i])];
      key = Coerce(context_, key, field.type, "key `" + field.name + "` of `" + table.name + "`");
    }
    if (IsError(key)) flow.poisoned = true;
    lookup.keys.push_back(std::move(key));
  }
  switch (node.otherwise) {
    case ast::LookupStep::Else::Unwritten:
      context_.Report(DiagId::LookupElse, step.span, node.table.text)
          .Help("say what a row without a match means: `else drop`, `else null` or `else \"unknown." + node.table.text + "\"`");
      break;
    case ast::LookupStep::Else::Drop: lookup.otherwise = typed::LookupElse::Drop; break;
    case ast::LookupStep::Else::Null: lookup.otherwise = typed::LookupElse::Null; break;
    case ast::LookupStep::Else::Code:
      lookup.otherwise = typed::LookupElse::Reject;
      lookup.code = node.code ? node.code->text : "";
      if (lookup.code.empty())
        context_.Report(DiagId::EmptyCode, node.code ? node.code->span : step.span)
            .Help("name what is wrong: `else \"unknown." + node.table.text + "\"`");
      break;
  }
  const ast::Name& name = node.alias ? *node.alias : node.table;
  if (flow.Find(name.text, false) != nullptr) {
    context_.Report(DiagId::DuplicateColumn, name.span, name.text)
        .Help("give the row another name: `lookup " + node.table.text + " as " + node.table.text + "_row on ...`");
    flow.poisoned = true;
  }
  if (!IsColumnName(name)) flow.poisoned = true;
  const TypeRef row = lookup.otherwise == typed::LookupElse::Null ? types::Optional(table.record) : table.record;
  lookup.column = context_.NewColumn(name.text, row);
  flow.columns.push_back(lookup.column);
  Finish(step, std::move(lookup));
}

}  // namespace streamc::sema
