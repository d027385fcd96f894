#include "runtime/engine/test_rows.h"

#include <cmath>
#include <cstring>
#include <functional>

#include "runtime/engine/lane.h"
#include "runtime/engine/params.h"
#include "runtime/format/format.h"

namespace streamc::rt::engine {
namespace {

using abi::DatumSpec;
using abi::Logical;
using abi::TypeSpec;

struct Cell {
  uint8_t state;
  const void* value;
};
using CellAt = std::function<Cell(size_t leaf)>;  // leaves of one value, in column or row layout

template <class T>
T Load(const void* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

bool SameFloat(double expected, double actual, double tolerance) {
  if (std::isnan(expected) || std::isnan(actual)) return std::isnan(expected) && std::isnan(actual);
  return expected == actual || std::fabs(expected - actual) <= tolerance * std::max(1.0, std::fabs(expected));
}

bool Same(const TypeSpec& type, const DatumSpec& expected, double tolerance, size_t* leaf, const CellAt& at);

bool SameList(const TypeSpec& type, const DatumSpec& expected, double tolerance, const ScList& list) {
  const auto* items = std::get_if<std::vector<DatumSpec>>(&expected.value);
  if (items == nullptr || static_cast<int64_t>(items->size()) != list.len || type.element.empty()) return false;
  batch::RowShape element(abi::FlattenType(type.element[0]));
  for (size_t i = 0; i < items->size(); ++i) {
    const char* row = static_cast<const char*>(list.ptr) + static_cast<int64_t>(i) * element.size();
    auto at = [&](size_t leaf) -> Cell {
      int64_t state = element.state_offset(leaf);
      return {state < 0 ? uint8_t{SC_VALUE} : static_cast<uint8_t>(row[state]), row + element.value_offset(leaf)};
    };
    size_t leaf = 0;
    if (!Same(type.element[0], (*items)[i], tolerance, &leaf, at)) return false;
  }
  return true;
}

bool SameScalar(const TypeSpec& type, const DatumSpec& expected, double tolerance, const void* value) {
  switch (abi::KindOf(type)) {
    case abi::LeafKind::Bool: {
      const bool* truth = std::get_if<bool>(&expected.value);
      return truth != nullptr && *truth == (Load<uint8_t>(value) != 0);
    }
    case abi::LeafKind::I64: {
      int64_t actual = Load<int64_t>(value);
      if (const std::string* word = std::get_if<std::string>(&expected.value)) {
        return actual >= 0 && static_cast<size_t>(actual) < type.enum_values.size() &&
               type.enum_values[static_cast<size_t>(actual)] == *word;
      }
      const int64_t* number = std::get_if<int64_t>(&expected.value);
      return number != nullptr && *number == actual;
    }
    case abi::LeafKind::F64: {
      double actual = Load<double>(value);
      if (const int64_t* whole = std::get_if<int64_t>(&expected.value))
        return SameFloat(static_cast<double>(*whole), actual, tolerance);
      const double* number = std::get_if<double>(&expected.value);
      return number != nullptr && SameFloat(*number, actual, tolerance);
    }
    case abi::LeafKind::Dec: {
      const auto* decimal = std::get_if<DatumSpec::Decimal>(&expected.value);
      return decimal != nullptr && std::memcmp(&decimal->low, value, 8) == 0 &&
             std::memcmp(&decimal->high, static_cast<const char*>(value) + 8, 8) == 0;
    }
    case abi::LeafKind::Str: {
      const std::string* text = std::get_if<std::string>(&expected.value);
      ScStr actual = Load<ScStr>(value);
      return text != nullptr && *text == std::string_view(actual.ptr, static_cast<size_t>(actual.len));
    }
    case abi::LeafKind::List: return SameList(type, expected, tolerance, Load<ScList>(value));
  }
  return false;
}

bool Same(const TypeSpec& type, const DatumSpec& expected, double tolerance, size_t* leaf, const CellAt& at) {
  if (type.logical != Logical::Record) {
    Cell cell = at((*leaf)++);
    if (expected.is_null() || cell.state != SC_VALUE) return expected.is_null() && cell.state == SC_NULL;
    return SameScalar(type, expected, tolerance, cell.value);
  }
  bool absent = false;
  if (type.optional) {
    Cell presence = at((*leaf)++);
    absent = presence.state != SC_VALUE || Load<uint8_t>(presence.value) == 0;
  }
  if (absent || expected.is_null()) {
    *leaf += abi::FlattenType(type).size() - (type.optional ? 1 : 0);
    return absent && expected.is_null();
  }
  const auto* fields = std::get_if<std::vector<DatumSpec>>(&expected.value);
  if (fields == nullptr || fields->size() != type.fields.size()) return false;
  for (size_t i = 0; i < fields->size(); ++i) {
    if (!Same(type.fields[i].type, (*fields)[i], tolerance, leaf, at)) return false;
  }
  return true;
}

void AppendQuoted(const std::string& text, std::string* out) {
  TypeSpec type;
  type.logical = Logical::String;
  ScStr string{text.data(), static_cast<int64_t>(text.size())};
  ScColumn column{&string, nullptr};
  format::EncodeJsonValue(type, &column, 0, out);
}

void AppendDatum(const TypeSpec& type, const DatumSpec& datum, std::string* out) {
  if (datum.is_null()) {
    *out += "null";
  } else if (type.logical == Logical::Record || type.logical == Logical::List) {
    bool record = type.logical == Logical::Record;
    const auto* items = std::get_if<std::vector<DatumSpec>>(&datum.value);
    *out += record ? '{' : '[';
    for (size_t i = 0; items != nullptr && i < items->size(); ++i) {
      if (i > 0) *out += ',';
      if (record) AppendQuoted(type.fields[i].name, out), *out += ':';
      AppendDatum(record ? type.fields[i].type : type.element[0], (*items)[i], out);
    }
    *out += record ? '}' : ']';
  } else {
    batch::RowShape shape(abi::FlattenType(type));
    std::vector<char> row(static_cast<size_t>(shape.size()) + 16, 0);
    batch::Arena arena(256);
    batch::Batch one(shape.leaves());
    one.Resize(1);
    if (!WriteDatum(shape, 0, type, datum, row.data(), arena.get())) {
      *out += "?";
      return;
    }
    shape.Scatter(row.data(), one.columns(), 0);
    format::EncodeJsonValue(type, one.columns(), 0, out);
  }
}

bool RowMatches(const ExpectedRow& expected, const ActualRow& actual) {
  for (const abi::ExpectCell& cell : expected) {
    if (!actual.Matches(cell)) return false;
  }
  return true;
}

// Pairs rows so that as many as possible match: rows name some cells only, so the first match need not be the right one.
class Pairing {
 public:
  Pairing(const std::vector<ExpectedRow>& expected, const std::vector<const ActualRow*>& actual)
      : expected_(expected), actual_(actual), of_expected_(expected.size(), -1), of_actual_(actual.size(), -1) {
    for (size_t i = 0; i < expected.size(); ++i) {
      visited_.assign(actual.size(), false);
      TryPair(i);
    }
  }
  const std::vector<int64_t>& of_expected() const { return of_expected_; }
  const std::vector<int64_t>& of_actual() const { return of_actual_; }

 private:
  bool TryPair(size_t i) {
    for (size_t k = 0; k < actual_.size(); ++k) {
      if (visited_[k] || !RowMatches(expected_[i], *actual_[k])) continue;
      visited_[k] = true;
      if (of_actual_[k] >= 0 && !TryPair(static_cast<size_t>(of_actual_[k]))) continue;
      of_actual_[k] = static_cast<int64_t>(i);
      of_expected_[i] = static_cast<int64_t>(k);
      return true;
    }
    return false;
  }

  const std::vector<ExpectedRow>& expected_;
  const std::vector<const ActualRow*>& actual_;
  std::vector<int64_t> of_expected_, of_actual_;
  std::vector<bool> visited_;
};

}  // namespace

bool BatchRow::Matches(const abi::ExpectCell& cell) const {
  int32_t first = columns_.FindLeaf(cell.column);
  if (first < 0) return false;
  size_t leaf = static_cast<size_t>(first);
  auto at = [&](size_t i) -> Cell { return {batch_.state(i, row_), batch_.value(i, row_)}; };
  return Same(columns_.layout->columns[static_cast<size_t>(columns_.Find(cell.column))].type, cell.value, cell.tolerance, &leaf,
              at);
}

std::string BatchRow::Json() const {
  return RowAsJson(columns_, *batch_.view(), row_);
}

bool TextRow::Matches(const abi::ExpectCell& cell) const {
  for (const auto& [name, text] : cells_) {
    if (name != cell.column) continue;
    if (const std::string* expected = std::get_if<std::string>(&cell.value.value)) return *expected == text;
    if (const int64_t* number = std::get_if<int64_t>(&cell.value.value)) return std::to_string(*number) == text;
    return false;
  }
  return cell.value.is_null();
}

std::string TextRow::Json() const {
  std::string out = "{";
  for (const auto& [name, text] : cells_) {
    if (out.size() > 1) out += ',';
    AppendQuoted(name, &out);
    out += ':';
    AppendQuoted(text, &out);
  }
  return out + "}";
}

std::string ExpectedJson(const ExpectedRow& row) {
  std::string out = "{";
  for (const abi::ExpectCell& cell : row) {
    if (out.size() > 1) out += ',';
    AppendQuoted(cell.column, &out);
    out += ':';
    AppendDatum(cell.type, cell.value, &out);
  }
  return out + "}";
}

std::string CompareRows(const std::vector<ExpectedRow>& expected, const std::vector<const ActualRow*>& actual, bool in_order) {
  std::string lines;
  auto line = [&](const char* what, const std::string& json) {
    std::string text = "    ";
    text += what;
    text.resize(16, ' ');
    lines += text + json + "\n";
  };
  if (in_order) {
    bool same = expected.size() == actual.size();
    for (size_t i = 0; same && i < expected.size(); ++i) same = RowMatches(expected[i], *actual[i]);
    if (same) return lines;
    for (size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
      if (i < expected.size() && i < actual.size() && RowMatches(expected[i], *actual[i])) {
        line("as expected", actual[i]->Json());
        continue;
      }
      if (i < expected.size()) line("expected", ExpectedJson(expected[i]));
      if (i < actual.size()) line("got", actual[i]->Json());
    }
    return lines;
  }
  Pairing pairing(expected, actual);
  for (size_t i = 0; i < expected.size(); ++i) {
    if (pairing.of_expected()[i] < 0) line("missing", ExpectedJson(expected[i]));
  }
  for (size_t i = 0; i < actual.size(); ++i) {
    if (pairing.of_actual()[i] < 0) line("unexpected", actual[i]->Json());
  }
  return lines;
}

}  // namespace streamc::rt::engine
