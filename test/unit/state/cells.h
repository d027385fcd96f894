// Rows as plain values, for tests: a cell per leaf, written to row layout and read back from it.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <variant>
#include <vector>

#include "runtime/batch/arena.h"
#include "runtime/batch/row.h"

namespace streamc::rt::state {

struct Decimal {
  uint64_t low = 0;
  int64_t high = 0;
  bool operator==(const Decimal&) const = default;
};
struct Bits {  // of a float: compared as they are
  uint64_t bits = 0;
  bool operator==(const Bits&) const = default;
};
struct Cell;
using Cells = std::vector<Cell>;
struct Cell {
  uint8_t state = SC_VALUE;
  std::variant<std::monostate, bool, int64_t, Bits, Decimal, std::string, std::vector<Cells>> value = {};
  bool operator==(const Cell&) const = default;
};

inline abi::TypeSpec Type(abi::Logical logical, bool optional = false) {
  abi::TypeSpec type;
  type.logical = logical;
  type.optional = optional;
  return type;
}
inline abi::TypeSpec ListOf(abi::TypeSpec element, bool optional = false) {
  abi::TypeSpec type = Type(abi::Logical::List, optional);
  type.element.push_back(std::move(element));
  return type;
}
inline abi::LayoutSpec Layout(std::vector<abi::TypeSpec> types) {
  abi::LayoutSpec layout;
  for (abi::TypeSpec& type : types) layout.columns.push_back({"c" + std::to_string(layout.columns.size()), std::move(type), false});
  return layout;
}

// `row`: shape.size() bytes.
inline void WriteCells(const batch::RowShape& shape, const Cells& cells, void* row, batch::Arena* arena) {
  char* to = static_cast<char*>(row);
  std::memset(to, 0, static_cast<size_t>(shape.size()));
  for (size_t i = 0; i < cells.size(); ++i) {
    if (shape.state_offset(i) >= 0) to[shape.state_offset(i)] = static_cast<char>(cells[i].state);
    char* value = to + shape.value_offset(i);
    auto put = [&](const auto& bytes) { std::memcpy(value, &bytes, sizeof bytes); };
    if (const auto* truth = std::get_if<bool>(&cells[i].value)) *value = *truth;
    if (const auto* number = std::get_if<int64_t>(&cells[i].value)) put(*number);
    if (const auto* number = std::get_if<Bits>(&cells[i].value)) put(*number);
    if (const auto* number = std::get_if<Decimal>(&cells[i].value)) put(*number);
    if (const auto* text = std::get_if<std::string>(&cells[i].value)) put(arena->CopyString(text->data(), static_cast<int64_t>(text->size())));
    if (const auto* list = std::get_if<std::vector<Cells>>(&cells[i].value)) {
      const batch::RowShape& element = *shape.element(i);
      const int64_t count = static_cast<int64_t>(list->size());
      char* rows = count == 0 ? nullptr : static_cast<char*>(arena->Allocate(count * element.size()));
      for (int64_t k = 0; k < count; ++k) WriteCells(element, (*list)[static_cast<size_t>(k)], rows + k * element.size(), arena);
      put(ScList{rows, count});
    }
  }
}

inline Cells ReadCells(const batch::RowShape& shape, const void* row) {
  Cells cells(shape.leaves().size());
  const char* from = static_cast<const char*>(row);
  for (size_t i = 0; i < cells.size(); ++i) {
    if (shape.state_offset(i) >= 0) cells[i].state = static_cast<uint8_t>(from[shape.state_offset(i)]);
    if (cells[i].state != SC_VALUE) continue;
    const char* value = from + shape.value_offset(i);
    auto get = [&]<typename T>(T bytes) {
      std::memcpy(&bytes, value, sizeof bytes);
      return bytes;
    };
    switch (shape.leaves()[i].kind) {
      case abi::LeafKind::Bool: cells[i].value = *value != 0; break;
      case abi::LeafKind::I64: cells[i].value = get(int64_t{}); break;
      case abi::LeafKind::F64: cells[i].value = get(Bits{}); break;
      case abi::LeafKind::Dec: cells[i].value = get(Decimal{}); break;
      case abi::LeafKind::Str: {
        const ScStr text = get(ScStr{});
        cells[i].value = std::string(text.len > 0 ? text.ptr : "", static_cast<size_t>(text.len));
        break;
      }
      case abi::LeafKind::List: {
        const ScList list = get(ScList{});
        std::vector<Cells> rows;
        for (int64_t k = 0; k < list.len; ++k) {
          rows.push_back(ReadCells(*shape.element(i), static_cast<const char*>(list.ptr) + k * shape.element(i)->size()));
        }
        cells[i].value = std::move(rows);
        break;
      }
    }
  }
  return cells;
}

}  // namespace streamc::rt::state
