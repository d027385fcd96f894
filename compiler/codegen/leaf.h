// Leaves of language types: how a value spreads over columns and rows (runtime/abi/abi.h), for types::Type.
//
// The same rules as runtime/abi/layout.h, which speaks of TypeSpec; codegen has types::Type at hand in every expression.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/types/type.h"
#include "runtime/abi/layout.h"

namespace streamc::codegen {

struct TypeLeaf {
  abi::LeafKind kind = abi::LeafKind::I64;
  bool has_state = false;  // outside source batches
};

// Kind of a scalar or list; Bool for a record (its presence leaf).
abi::LeafKind KindOf(const types::Type& type);
inline bool IsRecord(const types::Type& type) {
  return type.kind == types::TypeKind::Record;
}

void Flatten(const types::Type& type, std::vector<TypeLeaf>* out);
int LeafCount(const types::Type& type);
// Bytes of a value in row layout; also the distance of list elements.
int64_t RowSize(const types::Type& type);
// True when the type holds something that is not generated (a map).
bool HasUnsupported(const types::Type& type);

}  // namespace streamc::codegen
