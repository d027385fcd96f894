// Conditions a decoder applies after reading a record (ScanPredicate): the row is left out when all its leaves were read and one fails.
#pragma once

#include <string>
#include <vector>

#include "runtime/abi/layout.h"
#include "runtime/batch/arena.h"
#include "runtime/batch/status.h"
#include "runtime/format/json/plan.h"

namespace streamc::rt::format::json {

struct Predicate {
  int32_t leaf = 0;
  abi::ScanTest test = abi::ScanTest::Equal;
  abi::LeafKind kind = abi::LeafKind::I64;
  std::vector<LeafValue> values;
};

// Strings of the values are copied into `arena`. An error when a value is not of its leaf's type.
Status MakePredicates(const std::vector<abi::Leaf>& leaves, const std::vector<abi::ScanPredicate>& specs, batch::Arena* arena,
                      std::vector<Predicate>* out);

// Tried in order; a leaf that could not be decoded keeps the row; of a null leaf only NotEqual holds.
bool AllHold(const std::vector<Predicate>& predicates, const ScColumn* leaves, int64_t row);

}  // namespace streamc::rt::format::json
