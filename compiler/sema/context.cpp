#include "compiler/sema/context.h"

#include <algorithm>

namespace streamc::sema {
namespace {

constexpr int64_t kMaxLeaves = 4096;
constexpr int kMaxDepth = 64;
constexpr size_t kMaxCount = 1000;

}  // namespace

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

// Types share their parts, so a short text can stand for a record of any number of values.
const Context::Size& Context::SizeOf(const TypeRef& type) {
  if (const auto found = sizes_.find(type); found != sizes_.end()) return found->second;
  Size size{1, 0};
  if (type->kind == TypeKind::Record) {
    size.leaves = 0;
    for (const types::Field& field : type->fields) {
      const Size& part = SizeOf(field.type);
      size.leaves += part.leaves;
      size.depth = std::max(size.depth, part.depth);
    }
    ++size.depth;
  } else if (type->element) {
    size = SizeOf(type->element);
    ++size.depth;
  }
  size.leaves = std::min(size.leaves, kMaxLeaves + 1);
  return sizes_.emplace(type, size).first->second;
}

bool Context::CheckSize(const TypeRef& type, Span span) {
  const Size size = SizeOf(type);
  if (size.leaves <= kMaxLeaves && size.depth <= kMaxDepth) return true;
  Report(DiagId::RecordTooLarge, span, kMaxLeaves, kMaxDepth).Help("declare the fields that are used, and leave the rest out");
  return false;
}

bool Context::CheckCount(size_t count, const char* what, Span span) {
  if (count <= kMaxCount) return true;
  Report(DiagId::TooMany, span, count, what, kMaxCount);
  return false;
}

bool Context::FollowsBroken(DiagId id, std::initializer_list<diag::Argument> args) const {
  switch (id) {
    case DiagId::NoBadAction:
      return job_broken;
    case DiagId::UnknownName:
    case DiagId::UnknownType:
    case DiagId::UnknownStream:
    case DiagId::UnknownTable:
    case DiagId::UnknownFunction:
    case DiagId::UnknownTarget:
    case DiagId::UnknownParam:
      return args.size() > 0 && broken.count(args.begin()->text()) != 0;
    default:
      return false;
  }
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
