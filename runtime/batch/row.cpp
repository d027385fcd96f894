#include "runtime/batch/row.h"

#include <cmath>

namespace streamc::rt::batch {
namespace {

using abi::LeafKind;

template <typename T>
T Load(const void* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
template <typename T>
int Order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int StateRank(uint8_t state) { return state == SC_NULL ? -1 : state; }

int OrderFloats(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Order<int>(std::isnan(a), std::isnan(b));
  return Order(a, b);
}

int OrderStrings(ScStr a, ScStr b) {
  int64_t common = a.len < b.len ? a.len : b.len;
  if (common > 0) {
    int order = std::memcmp(a.ptr, b.ptr, static_cast<size_t>(common));
    if (order != 0) return order;
  }
  return Order(a.len, b.len);
}

int OrderLists(const RowShape& element, ScList a, ScList b) {
  const char* left = static_cast<const char*>(a.ptr);
  const char* right = static_cast<const char*>(b.ptr);
  for (int64_t i = 0; i < a.len && i < b.len; ++i, left += element.size(), right += element.size()) {
    if (int order = element.Compare(left, right); order != 0) return order;
  }
  return Order(a.len, b.len);
}

}  // namespace

RowShape::RowShape(std::vector<abi::Leaf> leaves) : leaves_(std::move(leaves)), offsets_(abi::RowLayout(leaves_)) {
  for (const abi::Leaf& leaf : leaves_) {
    elements_.emplace_back();
    if (leaf.kind == LeafKind::Str || leaf.kind == LeafKind::List) fixed_ = false;
    if (leaf.kind == LeafKind::List) {
      elements_.back() = std::make_unique<RowShape>(abi::FlattenType(leaf.type->element.front()));
    }
  }
}

void RowShape::Gather(const ScColumn* columns, int64_t row, void* to) const {
  char* out = static_cast<char*>(to);
  std::memset(out, 0, static_cast<size_t>(size()));
  for (size_t i = 0; i < leaves_.size(); ++i) {
    uint8_t state = columns[i].state != nullptr ? columns[i].state[row] : uint8_t{SC_VALUE};
    if (columns[i].data == nullptr) state = SC_NULL;
    if (state_offset(i) >= 0) out[state_offset(i)] = static_cast<char>(state);
    if (state != SC_VALUE) continue;
    int64_t width = abi::ColumnWidth(leaves_[i].kind);
    std::memcpy(out + value_offset(i), static_cast<const char*>(columns[i].data) + row * width, static_cast<size_t>(width));
  }
}

void RowShape::Scatter(const void* row, ScColumn* columns, int64_t at) const {
  const char* from = static_cast<const char*>(row);
  for (size_t i = 0; i < leaves_.size(); ++i) {
    if (columns[i].data == nullptr) continue;
    int64_t width = abi::ColumnWidth(leaves_[i].kind);
    std::memcpy(static_cast<char*>(columns[i].data) + at * width, from + value_offset(i), static_cast<size_t>(width));
    if (columns[i].state == nullptr) continue;
    columns[i].state[at] = state_offset(i) >= 0 ? static_cast<uint8_t>(from[state_offset(i)]) : uint8_t{SC_VALUE};
  }
}

void CopyDeepValue(LeafKind kind, const RowShape* element, void* value, ScArena* arena) {
  if (kind == LeafKind::Str) {
    ScStr text = Load<ScStr>(value);
    if (text.len <= 0) return;
    char* copy = static_cast<char*>(sc_arena_alloc(arena, text.len));
    std::memcpy(copy, text.ptr, static_cast<size_t>(text.len));
    text.ptr = copy;
    std::memcpy(value, &text, sizeof text);
  } else if (kind == LeafKind::List) {
    ScList list = Load<ScList>(value);
    if (list.len <= 0) return;
    int64_t bytes = list.len * element->size();
    char* copy = static_cast<char*>(sc_arena_alloc(arena, bytes));
    std::memcpy(copy, list.ptr, static_cast<size_t>(bytes));
    if (!element->fixed()) {
      for (int64_t i = 0; i < list.len; ++i) element->CopyDeep(copy + i * element->size(), arena);
    }
    list.ptr = copy;
    std::memcpy(value, &list, sizeof list);
  }
}

void RowShape::CopyDeep(void* row, ScArena* arena) const {
  if (fixed_) return;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    CopyDeepValue(leaves_[i].kind, element(i), static_cast<char*>(row) + value_offset(i), arena);
  }
}

int64_t RowShape::DeepBytes(const void* row) const {
  if (fixed_) return 0;
  int64_t bytes = 0;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    const char* value = static_cast<const char*>(row) + value_offset(i);
    if (leaves_[i].kind == LeafKind::Str) bytes += abi::RoundUp16(Load<ScStr>(value).len);
    if (leaves_[i].kind != LeafKind::List) continue;
    ScList list = Load<ScList>(value);
    bytes += abi::RoundUp16(list.len * element(i)->size());
    if (element(i)->fixed()) continue;
    for (int64_t k = 0; k < list.len; ++k) {
      bytes += element(i)->DeepBytes(static_cast<const char*>(list.ptr) + k * element(i)->size());
    }
  }
  return bytes;
}

int RowShape::CompareLeaf(size_t leaf, uint8_t state_a, const void* a, uint8_t state_b, const void* b) const {
  if (state_a != SC_VALUE || state_b != SC_VALUE) return Order(StateRank(state_a), StateRank(state_b));
  switch (leaves_[leaf].kind) {
    case LeafKind::Bool: return Order(Load<uint8_t>(a), Load<uint8_t>(b));
    case LeafKind::I64: return Order(Load<int64_t>(a), Load<int64_t>(b));
    case LeafKind::F64: return OrderFloats(Load<double>(a), Load<double>(b));
    case LeafKind::Dec: return Order(Load<__int128>(a), Load<__int128>(b));
    case LeafKind::Str: return OrderStrings(Load<ScStr>(a), Load<ScStr>(b));
    case LeafKind::List: return OrderLists(*element(leaf), Load<ScList>(a), Load<ScList>(b));
  }
  return 0;
}

int RowShape::CompareCells(size_t leaf, const ScColumn& a, int64_t row_a, const ScColumn& b, int64_t row_b) const {
  int64_t width = abi::ColumnWidth(leaves_[leaf].kind);
  auto state = [](const ScColumn& column, int64_t row) {
    if (column.data == nullptr) return uint8_t{SC_NULL};
    return column.state != nullptr ? column.state[row] : uint8_t{SC_VALUE};
  };
  return CompareLeaf(leaf, state(a, row_a), static_cast<const char*>(a.data) + row_a * width, state(b, row_b),
                     static_cast<const char*>(b.data) + row_b * width);
}

int RowShape::Compare(const void* a, const void* b) const {
  const char* left = static_cast<const char*>(a);
  const char* right = static_cast<const char*>(b);
  for (size_t i = 0; i < leaves_.size(); ++i) {
    uint8_t state_a = SC_VALUE, state_b = SC_VALUE;
    if (state_offset(i) >= 0) {
      state_a = static_cast<uint8_t>(left[state_offset(i)]);
      state_b = static_cast<uint8_t>(right[state_offset(i)]);
    }
    int order = CompareLeaf(i, state_a, left + value_offset(i), state_b, right + value_offset(i));
    if (order != 0) return order;
  }
  return 0;
}

bool RowShape::Equal(const void* a, const void* b) const {
  return Compare(a, b) == 0;
}

}  // namespace streamc::rt::batch
