#include "runtime/state/codec.h"

#include <cstring>

#include "runtime/batch/bytes.h"

namespace streamc::rt::state {
namespace {

using abi::LeafKind;
using batch::Put;
using batch::RowShape;
using batch::Take;

constexpr uint8_t kSlotVersion = 1;

template <typename T>
T Load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
template <typename T>
void Store(char* p, const T& value) {
  std::memcpy(p, &value, sizeof value);
}

void PutValue(const RowShape& shape, size_t leaf, const char* value, std::string* out) {
  switch (shape.leaves()[leaf].kind) {
    case LeafKind::Bool: return Put(out, Load<uint8_t>(value));
    case LeafKind::I64:
    case LeafKind::F64: return Put(out, Load<uint64_t>(value));
    case LeafKind::Dec: return Put(out, Load<__int128>(value));
    case LeafKind::Str: {
      const ScStr text = Load<ScStr>(value);
      Put(out, static_cast<uint32_t>(text.len));
      if (text.len > 0) out->append(text.ptr, static_cast<size_t>(text.len));
      return;
    }
    case LeafKind::List: {
      const ScList list = Load<ScList>(value);
      const RowShape& element = *shape.element(leaf);
      const char* row = static_cast<const char*>(list.ptr);
      Put(out, static_cast<uint32_t>(list.len));
      for (int64_t i = 0; i < list.len; ++i) EncodeRow(element, row + i * element.size(), out);
      return;
    }
  }
}

bool TakeString(std::string_view* in, char* value, ScArena* arena) {
  uint32_t size = 0;
  if (!Take(in, &size) || in->size() < size) return false;
  ScStr text{"", size};
  if (size > 0) {
    char* copy = static_cast<char*>(sc_arena_alloc(arena, size));
    std::memcpy(copy, in->data(), size);
    text.ptr = copy;
  }
  in->remove_prefix(size);
  Store(value, text);
  return true;
}

bool TakeList(const RowShape& element, std::string_view* in, char* value, ScArena* arena) {
  uint32_t count = 0;
  // Every element takes at least a byte, so memory is asked for in proportion to the input.
  if (!Take(in, &count) || (element.leaves().empty() ? count > 0 : count > in->size())) return false;
  ScList list{nullptr, count};
  if (count > 0) {
    char* rows = static_cast<char*>(sc_arena_alloc(arena, count * element.size()));
    for (int64_t i = 0; i < list.len; ++i) {
      if (!DecodeRow(element, in, rows + i * element.size(), arena)) return false;
    }
    list.ptr = rows;
  }
  Store(value, list);
  return true;
}

bool TakeValue(const RowShape& shape, size_t leaf, std::string_view* in, char* value, ScArena* arena) {
  switch (shape.leaves()[leaf].kind) {
    case LeafKind::Bool: {
      uint8_t truth = 0;
      if (!Take(in, &truth) || truth > 1) return false;
      *value = static_cast<char>(truth);
      return true;
    }
    case LeafKind::I64:
    case LeafKind::F64: {
      uint64_t word = 0;
      if (!Take(in, &word)) return false;
      Store(value, word);
      return true;
    }
    case LeafKind::Dec: {
      __int128 number = 0;
      if (!Take(in, &number)) return false;
      Store(value, number);
      return true;
    }
    case LeafKind::Str: return TakeString(in, value, arena);
    case LeafKind::List: return TakeList(*shape.element(leaf), in, value, arena);
  }
  return false;
}

}  // namespace

void EncodeRow(const RowShape& shape, const void* row, std::string* out) {
  const char* from = static_cast<const char*>(row);
  for (size_t i = 0; i < shape.leaves().size(); ++i) {
    if (shape.state_offset(i) >= 0) {
      const uint8_t state = Load<uint8_t>(from + shape.state_offset(i));
      Put(out, state);
      if (state != SC_VALUE) continue;
    }
    PutValue(shape, i, from + shape.value_offset(i), out);
  }
}

bool DecodeRow(const RowShape& shape, std::string_view* in, void* row, ScArena* arena) {
  char* to = static_cast<char*>(row);
  if (shape.size() > 0) std::memset(to, 0, static_cast<size_t>(shape.size()));
  for (size_t i = 0; i < shape.leaves().size(); ++i) {
    if (shape.state_offset(i) >= 0) {
      uint8_t state = SC_VALUE;
      if (!Take(in, &state)) return false;
      to[shape.state_offset(i)] = static_cast<char>(state);
      if (state != SC_VALUE) continue;
    }
    if (!TakeValue(shape, i, in, to + shape.value_offset(i), arena)) return false;
  }
  return true;
}

void EncodeSlot(const TableShape& shape, const ScSlot* slot, std::string* out) {
  Put(out, kSlotVersion);
  Put(out, slot->rows);
  Put(out, slot->last_time);
  if (shape.save != nullptr) {
    shape.save(slot, batch::AsBytes(out));
  } else {
    out->append(reinterpret_cast<const char*>(slot) + shape.state_offset, static_cast<size_t>(shape.state_size));
  }
}

bool DecodeSlot(const TableShape& shape, std::string_view in, ScSlot* slot, ScArena* arena) {
  uint8_t version = 0;
  int64_t rows = 0, last_time = 0;
  if (!Take(&in, &version) || version != kSlotVersion || !Take(&in, &rows) || !Take(&in, &last_time)) return false;
  if (shape.load != nullptr) {
    if (shape.load(arena, slot, in.data(), static_cast<int64_t>(in.size())) != 0) return false;
  } else {
    if (in.size() != static_cast<size_t>(shape.state_size)) return false;
    std::memcpy(reinterpret_cast<char*>(slot) + shape.state_offset, in.data(), in.size());
  }
  slot->rows = rows;
  slot->last_time = last_time;
  return true;
}

bool SplitSlot(std::string_view slot, std::string_view* head, std::vector<std::string_view>* states) {
  constexpr size_t kHead = sizeof kSlotVersion + sizeof(ScSlot::rows) + sizeof(ScSlot::last_time);
  if (slot.size() < kHead || static_cast<uint8_t>(slot[0]) != kSlotVersion) return false;
  *head = slot.substr(0, kHead);
  slot.remove_prefix(kHead);
  states->clear();
  while (!slot.empty()) {
    std::string_view rest = slot;
    uint32_t size = 0;
    if (!Take(&rest, &size) || rest.size() < size) return false;
    states->push_back(slot.substr(0, sizeof size + size));
    slot.remove_prefix(sizeof size + size);
  }
  return true;
}

}  // namespace streamc::rt::state
