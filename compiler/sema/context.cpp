#include "compiler/sema/context.h"

namespace streamc::sema {

const typed::Column* Flow::Find(std::string_view name, bool hidden) const {
  for (const typed::Column& column : columns) {
    if (column.hidden == hidden && column.name == name) return &column;
  }
  return nullptr;
}

std::vector<std::string> Flow::VisibleNames() const {
  std::vector<std::string> names;
  for (const typed::Column& column : columns) {
    if (!column.hidden) names.push_back(column.name);
  }
  return names;
}

std::string_view KindText(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::Param: return "parameter";
    case SymbolKind::Schema: return "schema";
    case SymbolKind::Source: return "source";
    case SymbolKind::Table: return "table";
    case SymbolKind::Stream:
    case SymbolKind::Route: return "stream";
    case SymbolKind::Fn: return "function";
    case SymbolKind::Agg: return "aggregate";
    case SymbolKind::Cluster: return "cluster";
    case SymbolKind::Mirror: return "mirror";
  }
  return "name";
}

void Context::NotSupported(Span span, std::string_view what, std::string help) {
  Report(DiagId::NotSupported, span, what).Help(std::move(help));
}

Symbol* Context::Find(const std::string& name) {
  const auto found = symbols.find(name);
  return found == symbols.end() ? nullptr : &found->second;
}

Symbol* Context::FindSchema(const std::string& name) {
  const auto found = schemas.find(name);
  return found == schemas.end() ? nullptr : &found->second;
}

std::vector<std::string> Context::NamesOf(std::initializer_list<SymbolKind> kinds) const {
  std::vector<std::string> names;
  for (const auto& [name, symbol] : symbols) {
    for (const SymbolKind kind : kinds) {
      if (symbol.kind == kind) names.push_back(name);
    }
  }
  return names;
}

typed::Column Context::NewColumn(std::string name, TypeRef type, bool hidden) {
  return {NewColumn(), std::move(name), std::move(type), hidden};
}

typed::ColumnId Context::RootOf(typed::ColumnId column) const {
  const auto found = roots.find(column);
  return found == roots.end() ? column : found->second;
}

}  // namespace streamc::sema
