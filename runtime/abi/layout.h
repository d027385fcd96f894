// Leaves and offsets of values in column and row layout, computed the same way by the code generator and the runtime.
// Header only; see abi.h for what a leaf is. Nothing here allocates beyond its result.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/abi/job_spec.h"

namespace streamc::abi {

struct Leaf {
  LeafKind kind = LeafKind::I64;
  bool has_state = false;
  const TypeSpec* type = nullptr;  // the scalar or list type; for a presence leaf the optional record
};

inline LeafKind KindOf(const TypeSpec& type) {
  switch (type.logical) {
    case Logical::Bool: return LeafKind::Bool;
    case Logical::Float: return LeafKind::F64;
    case Logical::Decimal: return LeafKind::Dec;
    case Logical::String:
    case Logical::Bytes:
    case Logical::Uuid: return LeafKind::Str;
    case Logical::List: return LeafKind::List;
    case Logical::Record: return LeafKind::Bool;  // the presence leaf
    default: return LeafKind::I64;
  }
}

// Appends the leaves of `type`. `all_states`: every leaf has a state (source batches: decoding may have failed).
inline void Flatten(const TypeSpec& type, bool all_states, std::vector<Leaf>* out) {
  if (type.logical == Logical::Record) {
    if (type.optional) out->push_back({LeafKind::Bool, all_states, &type});
    for (const FieldSpec& field : type.fields) Flatten(field.type, all_states, out);
    return;
  }
  out->push_back({KindOf(type), all_states || type.optional, &type});
}
inline std::vector<Leaf> FlattenLayout(const LayoutSpec& layout, bool all_states) {
  std::vector<Leaf> leaves;
  for (const ColumnSpec& column : layout.columns) Flatten(column.type, all_states, &leaves);
  return leaves;
}
inline std::vector<Leaf> FlattenType(const TypeSpec& type, bool all_states = false) {
  std::vector<Leaf> leaves;
  Flatten(type, all_states, &leaves);
  return leaves;
}

// Bytes of one value in a column array.
inline int64_t ColumnWidth(LeafKind kind) {
  switch (kind) {
    case LeafKind::Bool: return 1;
    case LeafKind::I64:
    case LeafKind::F64: return 8;
    default: return 16;
  }
}
// Bytes of one value in row layout, without its state.
inline int64_t RowWidth(LeafKind kind) { return kind == LeafKind::Bool ? 8 : ColumnWidth(kind); }

struct RowOffsets {
  std::vector<int64_t> state;  // -1: leaf has none
  std::vector<int64_t> value;
  int64_t size = 0;
};
inline RowOffsets RowLayout(const std::vector<Leaf>& leaves) {
  RowOffsets row;
  for (const Leaf& leaf : leaves) {
    row.state.push_back(leaf.has_state ? row.size : -1);
    if (leaf.has_state) row.size += 8;
    row.value.push_back(row.size);
    row.size += RowWidth(leaf.kind);
  }
  return row;
}
inline int64_t RoundUp16(int64_t size) { return (size + 15) & ~int64_t{15}; }

}  // namespace streamc::abi
