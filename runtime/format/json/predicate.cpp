#include "runtime/format/json/predicate.h"

#include <cstring>
#include <string_view>

namespace streamc::rt::format::json {
namespace {

using abi::LeafKind;
using abi::ScanTest;

template <typename T>
T Load(const void* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

std::string_view Text(const void* p) {
  ScStr text = Load<ScStr>(p);
  return text.len == 0 ? std::string_view() : std::string_view(text.ptr, static_cast<size_t>(text.len));
}

template <typename T>
bool Holds(ScanTest test, const T& a, const T& b) {
  switch (test) {
    case ScanTest::Equal:
    case ScanTest::In: return a == b;
    case ScanTest::NotEqual: return a != b;
    case ScanTest::Less: return a < b;
    case ScanTest::LessEqual: return a <= b;
    case ScanTest::Greater: return a > b;
    case ScanTest::GreaterEqual: return a >= b;
  }
  return true;
}

bool HoldsFor(const Predicate& predicate, const void* a, const void* b) {
  switch (predicate.kind) {
    case LeafKind::Bool: return Holds(predicate.test, Load<uint8_t>(a), Load<uint8_t>(b));
    case LeafKind::I64: return Holds(predicate.test, Load<int64_t>(a), Load<int64_t>(b));
    case LeafKind::F64: return Holds(predicate.test, Load<double>(a), Load<double>(b));
    case LeafKind::Dec: return Holds(predicate.test, Load<__int128>(a), Load<__int128>(b));
    case LeafKind::Str: return Holds(predicate.test, Text(a), Text(b));
    case LeafKind::List: return true;
  }
  return true;
}

}  // namespace

Status MakePredicates(const std::vector<abi::Leaf>& leaves, const std::vector<abi::ScanPredicate>& specs, batch::Arena* arena,
                      std::vector<Predicate>* out) {
  for (const abi::ScanPredicate& spec : specs) {
    bool valid = spec.leaf >= 0 && static_cast<size_t>(spec.leaf) < leaves.size() && !spec.values.empty() &&
                 (spec.test == ScanTest::In || spec.values.size() == 1);
    if (!valid) return Status::Error(Exit::Internal, "a scan predicate does not fit the record");
    const abi::Leaf& leaf = leaves[static_cast<size_t>(spec.leaf)];
    Predicate predicate{spec.leaf, spec.test, leaf.kind, {}};
    for (const abi::DatumSpec& value : spec.values) {
      size_t before = predicate.values.size();
      bool scalar = leaf.type->logical != abi::Logical::Record && leaf.type->logical != abi::Logical::List;
      if (!scalar || value.is_null() || !LeavesOfDatum(*leaf.type, value, arena, &predicate.values) ||
          predicate.values.size() != before + 1) {
        return Status::Error(Exit::Internal, "a scan predicate's value is not of its field's type");
      }
    }
    out->push_back(std::move(predicate));
  }
  return Status::Ok();
}

bool AllHold(const std::vector<Predicate>& predicates, const ScColumn* leaves, int64_t row) {
  for (const Predicate& predicate : predicates) {
    const ScColumn& column = leaves[predicate.leaf];
    if (column.data == nullptr) continue;
    uint8_t state = column.state[row];
    if (state == SC_NULL) {
      if (predicate.test == ScanTest::NotEqual) continue;
      return false;
    }
    if (state != SC_VALUE) return true;
    const char* value = static_cast<const char*>(column.data) + row * abi::ColumnWidth(predicate.kind);
    bool holds = false;
    for (const LeafValue& wanted : predicate.values) holds = holds || HoldsFor(predicate, value, wanted.bytes);
    if (!holds) return false;
  }
  return true;
}

}  // namespace streamc::rt::format::json
