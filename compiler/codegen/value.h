// A value of the language while code for it is being made: a tree of SSA values.
#pragma once

#include <vector>

#include "compiler/types/type.h"

namespace llvm {
class Value;
}

namespace streamc::codegen {

// What a missing value's `data` and `size` hold is unspecified but safe to compute with: no pointer of it leads to unreadable
// memory (a missing text or list has size 0 or is readable).
struct Value {
  types::TypeRef type;
  llvm::Value* null = nullptr;  // i1, true when missing; null pointer: known to be present
  llvm::Value* data = nullptr;  // Bool i1; Float double; Decimal i128; String, List and the like ptr; others i64
  llvm::Value* size = nullptr;  // String and the like: bytes; List: elements
  std::vector<Value> fields;    // Record
};

}  // namespace streamc::codegen
