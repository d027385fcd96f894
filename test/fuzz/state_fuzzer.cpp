// Any bytes as a saved row or slot: reading must not crash, read outside them or take memory out of proportion; what is read is written
// again and must be the same bytes. The first byte chooses: bit 0 a row or a slot, for a row bit 1 whether all leaves have a state.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "runtime/batch/arena.h"
#include "runtime/batch/bytes.h"
#include "runtime/state/codec.h"
#include "runtime/state/table.h"

// Kernels of the library whose states are more than numbers.
extern "C" {
void streamc_agg_count_distinct_save(const void* state, ScBytes* out);
int32_t streamc_agg_count_distinct_load(void* state, const char* data, int64_t size);
void streamc_agg_count_distinct_destroy(void* state);
void streamc_agg_first_save_string(const void* state, ScBytes* out);
int32_t streamc_agg_first_load_string(ScArena* arena, void* state, const char* data, int64_t size);
void streamc_agg_min_save_string(const void* state, ScBytes* out);
int32_t streamc_agg_min_load_string(ScArena* arena, void* state, const char* data, int64_t size);
}

namespace {

using namespace streamc;
using abi::Logical;

void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "state_fuzzer: %s\n", what);
  std::abort();
}

abi::TypeSpec Type(Logical logical, bool optional) {
  abi::TypeSpec type;
  type.logical = logical;
  type.optional = optional;
  return type;
}

// Every kind of leaf, with and without a state, and lists of lists of records.
abi::LayoutSpec Layout() {
  abi::TypeSpec item = Type(Logical::Record, true), items = Type(Logical::List, true), lists = Type(Logical::List, false);
  item.fields = {{"k", "k", Type(Logical::String, false), false, {}}, {"v", "v", Type(Logical::Float, true), false, {}}};
  items.element = {item};
  lists.element = {items};
  abi::LayoutSpec layout;
  for (const abi::TypeSpec& type : {Type(Logical::Bool, false), Type(Logical::Int, true), Type(Logical::Decimal, true), Type(Logical::String, true), items, lists}) {
    layout.columns.push_back({"c", type, false});
  }
  return layout;
}

// The states of a slot: count_distinct, first and min of strings, then a plain number.
constexpr int64_t kFirst = 16, kMin = 64, kNumber = 96, kStates = 112;

char* At(const ScSlot* slot, int64_t offset) {
  return reinterpret_cast<char*>(const_cast<ScSlot*>(slot)) + sizeof(ScSlot) + offset;
}

void Save(const ScSlot* slot, ScBytes* out) {
  int64_t place = sc_bytes_open(out);
  streamc_agg_count_distinct_save(At(slot, 0), out);
  sc_bytes_close(out, place);
  place = sc_bytes_open(out);
  streamc_agg_first_save_string(At(slot, kFirst), out);
  sc_bytes_close(out, place);
  place = sc_bytes_open(out);
  streamc_agg_min_save_string(At(slot, kMin), out);
  sc_bytes_close(out, place);
  place = sc_bytes_open(out);
  sc_bytes_append(out, At(slot, kNumber), 8);
  sc_bytes_close(out, place);
}

int32_t Load(ScArena* arena, ScSlot* slot, const char* data, int64_t size) {
  const char* part = nullptr;
  int64_t length = 0;
  auto next = [&] { return sc_bytes_part(&data, &size, &part, &length) == 0; };
  if (!next() || streamc_agg_count_distinct_load(At(slot, 0), part, length) != 0) return 1;
  if (!next() || streamc_agg_first_load_string(arena, At(slot, kFirst), part, length) != 0) return 1;
  if (!next() || streamc_agg_min_load_string(arena, At(slot, kMin), part, length) != 0) return 1;
  if (!next() || length != 8) return 1;
  std::memcpy(At(slot, kNumber), part, 8);
  return size == 0 ? 0 : 1;
}

void Destroy(ScSlot* slot) { streamc_agg_count_distinct_destroy(At(slot, 0)); }

void CheckRow(std::string_view bytes, bool all_states) {
  static const abi::LayoutSpec layout = Layout();
  static const rt::batch::RowShape some(abi::FlattenLayout(layout, false)), all(abi::FlattenLayout(layout, true));
  const rt::batch::RowShape& shape = all_states ? all : some;
  rt::batch::Arena arena;
  std::string row(static_cast<size_t>(shape.size()), '\x5a'), out;
  std::string_view in = bytes;
  if (!rt::state::DecodeRow(shape, &in, row.data(), arena.get())) return;
  rt::state::EncodeRow(shape, row.data(), &out);
  Require(out == bytes.substr(0, bytes.size() - in.size()), "a row is written in another way than it was read");
}

void CheckSlot(std::string_view bytes) {
  static const abi::LayoutSpec no_key;
  static const rt::state::TableShape shape(no_key, kStates, nullptr, Destroy, Save, Load);
  rt::state::Table table(shape);
  ScSlot* slot = table.FindOrInsert(0, "");
  std::string out;
  if (!rt::state::DecodeSlot(shape, bytes, slot, table.abi()->arena)) return;
  rt::state::EncodeSlot(shape, slot, &out);
  Require(out == bytes, "a slot is written in another way than it was read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // Exactly as large as the input: sanitizers see a byte read behind it.
  std::unique_ptr<char[]> copy(new char[size - 1]);
  std::memcpy(copy.get(), data + 1, size - 1);
  const std::string_view bytes(copy.get(), size - 1);
  if ((data[0] & 1) != 0) {
    CheckSlot(bytes);
  } else {
    CheckRow(bytes, (data[0] & 2) != 0);
  }
  return 0;
}
