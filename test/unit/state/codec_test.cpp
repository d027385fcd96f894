// Rows and slots as bytes: what is written is read back, bytes that are damaged are refused, and files of old formats are read.
#include "runtime/state/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>

#include "runtime/batch/bytes.h"
#include "test/unit/state/cells.h"
#include "test/unit/state/formats.h"

namespace streamc::rt::state {
namespace {

using abi::Logical;
using batch::RowShape;

// A row in memory, with what it points at.
class Row {
 public:
  explicit Row(const RowShape& shape) : shape_(shape), bytes_(static_cast<size_t>(shape.size()), '\x5a') {}
  Row(const RowShape& shape, const Cells& cells) : Row(shape) { WriteCells(shape, cells, bytes_.data(), &arena_); }
  std::string Encode() const {
    std::string out = "before";
    EncodeRow(shape_, bytes_.data(), &out);
    return out.substr(6);
  }
  bool Decode(std::string_view* in) { return DecodeRow(shape_, in, bytes_.data(), arena_.get()); }
  Cells Read() const { return ReadCells(shape_, bytes_.data()); }
  const std::string& bytes() const { return bytes_; }

 private:
  const RowShape& shape_;
  std::string bytes_;
  batch::Arena arena_;
};

// In a block of its own, so that a sanitizer sees a byte read behind it.
struct Exact {
  explicit Exact(std::string_view bytes) : block(new char[bytes.size()]), view(block.get(), bytes.size()) {
    std::memcpy(block.get(), bytes.data(), bytes.size());
  }
  std::unique_ptr<char[]> block;
  std::string_view view;
};

abi::TypeSpec AnyType(int depth) {
  const Logical kinds[] = {Logical::Bool,  Logical::Int,   Logical::Float,     Logical::Decimal, Logical::String,
                           Logical::Bytes, Logical::Uuid,  Logical::Timestamp, Logical::Enum,    Logical::List,
                           Logical::Record};
  abi::TypeSpec type = Type(kinds[*rc::gen::inRange(0, depth > 0 ? 11 : 9)], *rc::gen::arbitrary<bool>());
  if (type.logical == Logical::List) type.element.push_back(AnyType(depth - 1));
  if (type.logical == Logical::Record) {
    for (int fields = *rc::gen::inRange(1, 4); fields > 0; --fields) {
      type.fields.push_back({"f" + std::to_string(fields), "f", AnyType(depth - 1), false, {}});
    }
  }
  return type;
}

abi::LayoutSpec AnyLayout() {
  std::vector<abi::TypeSpec> types;
  for (int columns = *rc::gen::inRange(0, 5); columns > 0; --columns) types.push_back(AnyType(2));
  return Layout(std::move(types));
}

Cells AnyCells(const RowShape& shape) {
  Cells cells(shape.leaves().size());
  for (size_t i = 0; i < cells.size(); ++i) {
    if (shape.state_offset(i) >= 0) cells[i].state = *rc::gen::element<uint8_t>(SC_VALUE, SC_VALUE, SC_NULL, SC_ERR_OVERFLOW, 255);
    if (cells[i].state != SC_VALUE) continue;
    switch (shape.leaves()[i].kind) {
      case abi::LeafKind::Bool: cells[i].value = *rc::gen::arbitrary<bool>(); break;
      case abi::LeafKind::I64: cells[i].value = *rc::gen::arbitrary<int64_t>(); break;
      case abi::LeafKind::F64: cells[i].value = Bits{*rc::gen::arbitrary<uint64_t>()}; break;
      case abi::LeafKind::Dec: cells[i].value = Decimal{*rc::gen::arbitrary<uint64_t>(), *rc::gen::arbitrary<int64_t>()}; break;
      case abi::LeafKind::Str: cells[i].value = *rc::gen::arbitrary<std::string>(); break;
      case abi::LeafKind::List: {
        std::vector<Cells> rows(static_cast<size_t>(*rc::gen::inRange(0, 4)));
        for (Cells& row : rows) row = AnyCells(*shape.element(i));
        cells[i].value = std::move(rows);
      }
    }
  }
  return cells;
}

RC_GTEST_PROP(Rows, AreReadBack, ()) {
  const abi::LayoutSpec layout = AnyLayout();
  const RowShape shape(abi::FlattenLayout(layout, *rc::gen::arbitrary<bool>()));
  const Cells cells = AnyCells(shape);
  const std::string bytes = Row(shape, cells).Encode();
  const Exact input(bytes + "after");
  std::string_view in = input.view;
  Row back(shape);
  RC_ASSERT(back.Decode(&in));
  RC_ASSERT(in == "after");
  RC_ASSERT(back.Read() == cells);
  RC_ASSERT(back.Encode() == bytes);
  // Absent values and what lies between values are zero, as tables want their keys.
  if (shape.fixed()) {
    RC_ASSERT(back.bytes() == Row(shape, cells).bytes());
  }
}

RC_GTEST_PROP(Rows, CutShortAreRefused, ()) {
  const abi::LayoutSpec layout = AnyLayout();
  const RowShape shape(abi::FlattenLayout(layout, false));
  const std::string bytes = Row(shape, AnyCells(shape)).Encode();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const Exact input(bytes.substr(0, size));
    std::string_view in = input.view;
    RC_ASSERT(!Row(shape).Decode(&in));
  }
}

// With any bit turned it is refused, or it is another row that is written the same way.
RC_GTEST_PROP(Rows, DamagedDoNoHarm, ()) {
  const abi::LayoutSpec layout = AnyLayout();
  const RowShape shape(abi::FlattenLayout(layout, false));
  const std::string bytes = Row(shape, AnyCells(shape)).Encode();
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const Exact input(damaged);
    std::string_view in = input.view;
    Row row(shape);
    if (row.Decode(&in)) RC_ASSERT(row.Encode() == damaged.substr(0, damaged.size() - in.size()));
  }
}

RC_GTEST_PROP(Rows, EqualRowsAreEqualBytes, ()) {
  const abi::LayoutSpec layout = AnyLayout();
  const RowShape shape(abi::FlattenLayout(layout, false));
  const Cells a = AnyCells(shape), b = *rc::gen::arbitrary<bool>() ? a : AnyCells(shape);
  RC_ASSERT((Row(shape, a).Encode() == Row(shape, b).Encode()) == (a == b));
}

TEST(Rows, AListThatSaysItIsLongAsksForNoMemory) {
  const abi::LayoutSpec layout = Layout({ListOf(ListOf(Type(Logical::Int, true)))});
  const RowShape shape(abi::FlattenLayout(layout, false));
  for (const char* hex : {"ffffffff", "ffffffff0000000000", "01000000ffffffff01", "0100000000000080"}) {
    const std::string bytes = FromHex(hex);
    std::string_view in = bytes;
    EXPECT_FALSE(Row(shape).Decode(&in)) << hex;
  }
}

// --- slots ---

// Two states as generated code has them: a plain number and a text in the arena.
struct States {
  int64_t number;
  int64_t size;
  const char* text;
  int64_t padding;
};
constexpr int64_t kStates = sizeof(ScSlot) + 16;  // key: an int

States* StatesOf(ScSlot* slot) { return reinterpret_cast<States*>(reinterpret_cast<char*>(slot) + kStates); }
void SaveStates(const ScSlot* slot, ScBytes* out) {
  const States* states = StatesOf(const_cast<ScSlot*>(slot));
  int64_t place = sc_bytes_open(out);
  sc_bytes_append(out, &states->number, 8);
  sc_bytes_close(out, place);
  place = sc_bytes_open(out);
  sc_bytes_append(out, states->text, states->size);
  sc_bytes_close(out, place);
}
int32_t LoadStates(ScArena* arena, ScSlot* slot, const char* data, int64_t size) {
  const char* part = nullptr;
  int64_t part_size = 0;
  if (sc_bytes_part(&data, &size, &part, &part_size) != 0 || part_size != 8) return 1;
  std::memcpy(&StatesOf(slot)->number, part, 8);
  if (sc_bytes_part(&data, &size, &part, &part_size) != 0 || size != 0) return 1;
  char* copy = static_cast<char*>(sc_arena_alloc(arena, part_size));
  std::memcpy(copy, part, static_cast<size_t>(part_size));
  StatesOf(slot)->text = copy;
  StatesOf(slot)->size = part_size;
  return 0;
}

class Slots : public testing::Test {
 protected:
  ScSlot* New(const TableShape& shape, Table* table, int64_t key) {
    return table->FindOrInsert(HashKey(shape.key, &key), &key);
  }
  abi::LayoutSpec key_ = Layout({Type(Logical::Int)});
  TableShape plain_{key_, 32, nullptr, nullptr};
  TableShape kept_{key_, 32, nullptr, nullptr, SaveStates, LoadStates};
};

TEST_F(Slots, AreReadBack) {
  for (const TableShape* shape : {&plain_, &kept_}) {
    Table table(*shape);
    ASSERT_EQ(shape->state_offset, kStates);
    ScSlot* slot = New(*shape, &table, 1);
    slot->rows = -3;
    slot->last_time = 1234567;
    const std::string text = shape == &kept_ ? "a text" : "";
    *StatesOf(slot) = {99, static_cast<int64_t>(text.size()), shape == &kept_ ? text.data() : nullptr, 0};
    std::string bytes;
    EncodeSlot(*shape, slot, &bytes);
    for (size_t size = 0; size < bytes.size(); ++size) {
      ScSlot* other = New(*shape, &table, 2);
      EXPECT_FALSE(DecodeSlot(*shape, Exact(bytes.substr(0, size)).view, other, table.abi()->arena)) << size;
      table.Remove(other);
    }
    EXPECT_FALSE(DecodeSlot(*shape, bytes + "x", New(*shape, &table, 3), table.abi()->arena));
    ScSlot* back = New(*shape, &table, 4);
    ASSERT_TRUE(DecodeSlot(*shape, Exact(bytes).view, back, table.abi()->arena));
    EXPECT_EQ(back->rows, -3);
    EXPECT_EQ(back->last_time, 1234567);
    EXPECT_EQ(StatesOf(back)->number, 99);
    EXPECT_EQ(std::string(StatesOf(back)->text, StatesOf(back)->text + StatesOf(back)->size), text);
    std::string again;
    EncodeSlot(*shape, back, &again);
    EXPECT_EQ(again, bytes);
  }
}

TEST_F(Slots, OfALaterFormatAreRefused) {
  Table table(plain_);
  std::string bytes;
  EncodeSlot(plain_, New(plain_, &table, 1), &bytes);
  ++bytes[0];
  EXPECT_FALSE(DecodeSlot(plain_, bytes, New(plain_, &table, 2), table.abi()->arena));
}

// --- held files ---

struct HeldRow {
  const char* name;
  abi::TypeSpec type;
  Cells cells;
};

std::vector<HeldRow> HeldRows() {
  abi::TypeSpec item = Type(Logical::Record, true);
  item.fields = {{"k", "k", Type(Logical::String), false, {}}, {"v", "v", Type(Logical::Int, true), false, {}}};
  const Cell null{SC_NULL, {}};
  return {
      {"bool", Type(Logical::Bool), {{0, true}}},
      {"int", Type(Logical::Int), {{0, int64_t{-2}}}},
      {"int_null", Type(Logical::Int, true), {null}},
      {"int_optional", Type(Logical::Int, true), {{0, int64_t{0x0102030405060708}}}},
      {"int_undecoded", Type(Logical::Int, true), {{SC_ERR_OVERFLOW, {}}}},
      {"float", Type(Logical::Float), {{0, Bits{0x3ff8000000000000}}}},
      {"decimal", Type(Logical::Decimal), {{0, Decimal{0xfffffffffffffff6, -1}}}},
      {"string", Type(Logical::String), {{0, std::string("h\xc3\xa4n")}}},
      {"string_empty", Type(Logical::String), {{0, std::string()}}},
      {"list", ListOf(Type(Logical::Int)), {{0, std::vector<Cells>{{{0, int64_t{1}}}, {{0, int64_t{2}}}}}}},
      {"list_records", ListOf(item, true),
       {{0, std::vector<Cells>{{{0, true}, {0, std::string("a")}, null}, {{0, false}, {0, std::string()}, {0, int64_t{0}}}}}}},
  };
}

TEST(Formats, RowsOfVersion1) {
  auto held = HeldFormat("row.1");
  for (const HeldRow& row : HeldRows()) {
    SCOPED_TRACE(row.name);
    const abi::LayoutSpec layout = Layout({row.type});
    const RowShape shape(abi::FlattenLayout(layout, false));
    const std::string now = Row(shape, row.cells).Encode();
    EXPECT_EQ(ToHex(held[row.name]), ToHex(now));
    std::string_view in = held[row.name];
    Row back(shape);
    ASSERT_TRUE(back.Decode(&in));
    EXPECT_EQ(back.Read(), row.cells);
    held.erase(row.name);
  }
  EXPECT_TRUE(held.empty()) << "a held row that nothing reads: " << held.begin()->first;
}

TEST_F(Slots, OfVersion1) {
  auto held = HeldFormat("slot.1");
  Table table(kept_);
  ScSlot* slot = New(kept_, &table, 1);
  ASSERT_TRUE(DecodeSlot(kept_, held["slot"], slot, table.abi()->arena)) << "no such file, or not read any more";
  EXPECT_EQ(slot->rows, 2);
  EXPECT_EQ(slot->last_time, -5);
  EXPECT_EQ(StatesOf(slot)->number, 7);
  EXPECT_EQ(std::string_view(StatesOf(slot)->text, static_cast<size_t>(StatesOf(slot)->size)), "word");
  std::string now;
  EncodeSlot(kept_, slot, &now);
  EXPECT_EQ(ToHex(now), ToHex(held["slot"]));
}

}  // namespace
}  // namespace streamc::rt::state
