#include "runtime/engine/top_rules.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace streamc::rt::engine {
namespace {

std::vector<size_t> LeavesOf(const Columns& layout, const std::vector<int32_t>& columns) {
  std::vector<size_t> leaves;
  for (int32_t column : columns) {
    for (int32_t leaf = layout.leaf(column); leaf < layout.leaf(column + 1); ++leaf)
      leaves.push_back(static_cast<size_t>(leaf));
  }
  return leaves;
}

std::vector<abi::Leaf> Select(const std::vector<abi::Leaf>& leaves, const std::vector<size_t>& which) {
  std::vector<abi::Leaf> selected;
  for (size_t leaf : which) selected.push_back(leaves[leaf]);
  return selected;
}

}  // namespace

TopRules::TopRules(const Shared& shared_parts, const NodePlan& node_plan, uint16_t number)
    : shared(shared_parts),
      node(node_plan),
      spec(shared.spec().tops[static_cast<size_t>(node.spec->index)]),
      step(number),
      shape(node.work.leaves),
      per(LeavesOf(node.work, spec.per)),
      per_shape(Select(node.work.leaves, per)) {
  const Columns& work = node.work;
  for (const abi::SortSpec& sort : spec.order) order.push_back({static_cast<size_t>(work.leaf(sort.column)), sort.descending});
  sign_leaf = work.FindLeaf("$sign");
  for (const char* name : {"$sign", "$wm", "$rec"}) {
    if (int32_t leaf = work.FindLeaf(name); leaf >= 0) passing_leaves.push_back(leaf);
  }
  kept_leaves = static_cast<size_t>(work.leaf(spec.kept));
  limit = std::max<int64_t>(0, shared.params.Int(spec.limit));
  changing = spec.changing_output;
  if (spec.per_window) {
    start_leaf = work.leaf(spec.window_start);
    end_leaf = work.leaf(spec.window_end);
  }
  if (spec.has_bound) {
    const abi::BoundSpec& bound = spec.bound;
    own_window = bound.window != abi::WindowKind::None;
    early = bound.emit == abi::EmitKind::Changes;
    emit_every = shared.params.Int(bound.emit_every);
    if (own_window) {
      int64_t size = shared.params.Int(bound.size);
      int64_t every = bound.every.is_set() ? shared.params.Int(bound.every) : size;
      windows = {size, every, shared.params.Int(bound.offset), shared.params.Int(bound.late)};
    } else {
      keep = shared.params.Int(bound.keep);
      forgets = !bound.keep_forever && bound.keep.is_set();
      forgets_by_clock = forgets && spec.time < 0;
    }
    time_leaf = work.leaf(spec.time);
    watermark_leaf = work.leaf(spec.watermark);
  }
  windowed = own_window || spec.per_window;
  // Columns behind the kept ones, wherever the layout has them.
  auto own = [&](const char* name) {
    int32_t column = node.output.Find(name);
    return column >= spec.kept ? node.output.leaf(column) : -1;
  };
  out_rank = own("rank");
  out_start = own("window.start");
  out_end = own("window.end");
  out_pane = own("window.pane");
  out_time = own("meta.time");
  out_sign = own("$sign");
}

int TopRules::CompareLeaf(size_t leaf, const char* a, const char* b) const {
  uint8_t state_a = SC_VALUE, state_b = SC_VALUE;
  if (int64_t at = shape.state_offset(leaf); at >= 0) {
    state_a = static_cast<uint8_t>(a[at]);
    state_b = static_cast<uint8_t>(b[at]);
  }
  // Whatever is no value comes first.
  if (state_a != state_b) return state_a == SC_VALUE ? 1 : state_b == SC_VALUE ? -1 : state_a < state_b ? -1 : 1;
  return shape.CompareLeaf(leaf, state_a, a + shape.value_offset(leaf), state_b, b + shape.value_offset(leaf));
}

int TopRules::OrderOnly(const char* a, const char* b) const {
  for (const auto& [leaf, descending] : order) {
    int result = CompareLeaf(leaf, a, b);
    if (result != 0) return descending ? -result : result;
  }
  return 0;
}

int TopRules::Order(const char* a, const char* b) const {
  if (int result = OrderOnly(a, b); result != 0) return result;
  for (size_t leaf = 0; leaf < shape.leaves().size(); ++leaf) {
    if (int result = CompareLeaf(leaf, a, b); result != 0) return result;
  }
  return 0;
}

int TopRules::OrderPer(const char* a, const char* b) const {
  for (size_t leaf : per) {
    if (int result = CompareLeaf(leaf, a, b); result != 0) return result;
  }
  return 0;
}

int64_t TopRules::IntOf(const char* row, int32_t leaf) const {
  int64_t value;
  std::memcpy(&value, row + shape.value_offset(static_cast<size_t>(leaf)), sizeof value);
  return value;
}

bool TopRules::Place(const char* row, int64_t answered, time::SliceKey* slice) const {
  return windows.Place(IntOf(row, time_leaf), std::max(WatermarkOf(row), answered), slice);
}

void TopRules::Normalise(char* row) const {
  for (int32_t leaf : passing_leaves) {
    size_t at = static_cast<size_t>(leaf);
    std::memset(row + shape.value_offset(at), 0, static_cast<size_t>(abi::RowWidth(shape.leaves()[at].kind)));
    if (shape.state_offset(at) >= 0) row[shape.state_offset(at)] = SC_VALUE;
  }
}

RankedRow TopRules::Keep(const char* row) const {
  int64_t fixed = abi::RoundUp16(shape.size());
  int64_t bytes = fixed + shape.DeepBytes(row);
  char* memory = static_cast<char*>(::operator new(static_cast<size_t>(bytes), std::align_val_t{16}));
  std::memcpy(memory, row, static_cast<size_t>(shape.size()));
  ScArena rest{memory + fixed, memory + bytes, nullptr};
  shape.CopyDeep(memory, &rest);
  return {memory, [](const char* p) { ::operator delete(const_cast<char*>(p), std::align_val_t{16}); }};
}

void TopRules::GatherPer(const char* row, char* per_row) const {
  for (size_t i = 0; i < per.size(); ++i) {
    std::memcpy(per_row + per_shape.value_offset(i), row + shape.value_offset(per[i]),
                static_cast<size_t>(abi::RowWidth(per_shape.leaves()[i].kind)));
    if (int64_t state = per_shape.state_offset(i); state >= 0) per_row[state] = row[shape.state_offset(per[i])];
  }
}

void TopRules::ScatterPer(const char* per_row, char* row) const {
  for (size_t i = 0; i < per.size(); ++i) {
    std::memcpy(row + shape.value_offset(per[i]), per_row + per_shape.value_offset(i),
                static_cast<size_t>(abi::RowWidth(per_shape.leaves()[i].kind)));
    if (int64_t state = per_shape.state_offset(i); state >= 0) row[shape.state_offset(per[i])] = per_row[state];
  }
}

}  // namespace streamc::rt::engine
