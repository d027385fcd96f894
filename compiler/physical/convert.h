// Compiler types and constants as the data the runtime reads (runtime/abi/job_spec.h). Pure functions, internal to physical/
// and used by codegen and the driver where they need the same layouts.
#pragma once

#include <vector>

#include "compiler/sema/typed.h"
#include "runtime/abi/job_spec.h"

namespace streamc::physical {

// Maps have no layout; the checker refuses them where a value would need one.
abi::TypeSpec ToTypeSpec(const types::Type& type);
abi::DatumSpec ToDatumSpec(const types::Datum& datum);
abi::ValueSpec ToValueSpec(const typed::StartValue& value);
abi::ConnectorSpecRef ToConnectorSpec(const typed::ConnectorCall& call);
abi::FormatSpecRef ToFormatSpec(const typed::FormatCall& call);
abi::ActionSpec ToActionSpec(const typed::Action& action);
abi::BoundSpec ToBoundSpec(const typed::Bound& bound);
abi::LayoutSpec ToLayout(const std::vector<typed::Column>& columns);

// The leaves of `record` that belong to the field reached by `path` (indexes of fields), as [begin, end).
struct LeafRange {
  int32_t begin = 0, end = 0;
};
LeafRange LeavesOf(const types::Type& record, const std::vector<int32_t>& path);
// Bytes of a row (row layout, states only where optional) with these columns.
int64_t RowSize(const std::vector<types::TypeRef>& columns);

}  // namespace streamc::physical
