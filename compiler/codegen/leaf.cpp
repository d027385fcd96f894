#include "compiler/codegen/leaf.h"

namespace streamc::codegen {

using abi::LeafKind;
using types::TypeKind;

LeafKind KindOf(const types::Type& type) {
  switch (type.kind) {
    case TypeKind::Bool:
    case TypeKind::Null:
    case TypeKind::Record: return LeafKind::Bool;
    case TypeKind::Float: return LeafKind::F64;
    case TypeKind::Decimal: return LeafKind::Dec;
    case TypeKind::String:
    case TypeKind::Bytes:
    case TypeKind::Uuid:
    case TypeKind::Secret: return LeafKind::Str;
    case TypeKind::List: return LeafKind::List;
    default: return LeafKind::I64;
  }
}

void Flatten(const types::Type& type, std::vector<TypeLeaf>* out) {
  if (!IsRecord(type)) {
    out->push_back({KindOf(type), type.optional});
    return;
  }
  if (type.optional) out->push_back({LeafKind::Bool, false});
  for (const types::Field& field : type.fields) Flatten(*field.type, out);
}

int LeafCount(const types::Type& type) {
  if (!IsRecord(type)) return 1;
  int count = type.optional ? 1 : 0;
  for (const types::Field& field : type.fields) count += LeafCount(*field.type);
  return count;
}

int64_t RowSize(const types::Type& type) {
  std::vector<TypeLeaf> leaves;
  Flatten(type, &leaves);
  int64_t size = 0;
  for (const TypeLeaf& leaf : leaves) size += (leaf.has_state ? 8 : 0) + abi::RowWidth(leaf.kind);
  return size;
}

bool HasUnsupported(const types::Type& type) {
  if (type.kind == TypeKind::Map || type.kind == TypeKind::Error) return true;
  if (type.kind == TypeKind::List) return HasUnsupported(*type.element);
  for (const types::Field& field : type.fields)
    if (HasUnsupported(*field.type)) return true;
  return false;
}

}  // namespace streamc::codegen
