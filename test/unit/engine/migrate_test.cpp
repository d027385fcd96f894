// Records of an earlier program in the form of a later one: what it may change, and that damaged records are refused.
#include "runtime/engine/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <random>

#include "runtime/abi/type_text.h"
#include "runtime/batch/bytes.h"
#include "runtime/state/codec.h"
#include "test/unit/state/cells.h"

extern "C" {
void streamc_agg_count_distinct_add_string(void* state, const char* x, int64_t n);
void streamc_agg_count_distinct_save(const void* state, ScBytes* out);
int32_t streamc_agg_count_distinct_load(void* state, const char* data, int64_t size);
void streamc_agg_count_distinct_destroy(void* state);
void streamc_agg_min_add_string(ScArena* arena, void* state, const char* x, int64_t n);
void streamc_agg_min_save_string(const void* state, ScBytes* out);
}

namespace streamc::rt::engine {
namespace {

using abi::Logical;
using abi::StateField;
using state::Bits;
using state::Cell;
using state::Cells;
using state::Decimal;
using ::testing::ElementsAre;
using ::testing::Pair;

abi::ManifestStep Step(std::string kind, std::vector<StateField> fields) {
  abi::ManifestStep step;
  step.name = "s/" + kind;
  step.id = 7;
  step.kind = std::move(kind);
  step.fields = std::move(fields);
  return step;
}

StateField Field(std::string name, std::string text) { return {std::move(name), std::move(text), false, false, {}}; }
StateField Optional(std::string name, std::string text) { return {std::move(name), std::move(text), true, false, {}}; }
StateField Defaulted(std::string name, std::string text, abi::DatumSpec value) {
  return {std::move(name), std::move(text), false, true, std::move(value)};
}

abi::StepDiff From(std::vector<int32_t> from) {
  abi::StepDiff diff;
  diff.fate = abi::StepFate::Migrated;
  diff.id = 7;
  diff.from = std::move(from);
  return diff;
}

std::string Key(RecordKind kind, std::string_view row) {
  std::string bytes;
  AppendRecordKey({7, kind, {-5, 60, 70}, row}, &bytes);
  return bytes;
}

std::string Words(std::initializer_list<int64_t> words) {
  std::string bytes;
  for (int64_t word : words) bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  return bytes;
}

// --- aggregates ---------------------------------------------------------------------------------------------------

constexpr int64_t kCount = 0, kDistinct = 16, kLeast = 64, kStates = 128;

char* At(const ScSlot* slot, int64_t offset) {
  return reinterpret_cast<char*>(const_cast<ScSlot*>(slot)) + sizeof(ScSlot) + offset;
}
void SaveCount(const ScSlot* slot, ScBytes* out) {
  const int64_t place = sc_bytes_open(out);
  sc_bytes_append(out, At(slot, kCount), 8);
  sc_bytes_close(out, place);
}
void SaveDistinct(const ScSlot* slot, ScBytes* out) {
  const int64_t place = sc_bytes_open(out);
  streamc_agg_count_distinct_save(At(slot, kDistinct), out);
  sc_bytes_close(out, place);
}
void SaveLeast(const ScSlot* slot, ScBytes* out) {
  const int64_t place = sc_bytes_open(out);
  streamc_agg_min_save_string(At(slot, kLeast), out);
  sc_bytes_close(out, place);
}
void SaveOld(const ScSlot* slot, ScBytes* out) { SaveCount(slot, out), SaveDistinct(slot, out), SaveLeast(slot, out); }
void SaveWithoutDistinct(const ScSlot* slot, ScBytes* out) { SaveCount(slot, out), SaveLeast(slot, out); }
void SaveTextsMoved(const ScSlot* slot, ScBytes* out) { SaveLeast(slot, out), SaveDistinct(slot, out); }
void SaveNothing(const ScSlot*, ScBytes*) {}
int32_t Refuse(ScArena*, ScSlot*, const char*, int64_t) { return 1; }
void Destroy(ScSlot* slot) { streamc_agg_count_distinct_destroy(At(slot, kDistinct)); }

// The slot of a key that has seen the words, as a program that keeps what `save` writes stores it.
std::string Slot(ScSaveFn save, const std::vector<std::string>& words) {
  const abi::LayoutSpec no_key;
  const state::TableShape shape(no_key, kStates, nullptr, Destroy, save, Refuse);
  state::Table table(shape);
  ScSlot* slot = table.FindOrInsert(0, "");
  for (const std::string& word : words) {
    ++slot->rows;
    slot->last_time = 1000 + slot->rows;
    int64_t count = slot->rows;
    std::memcpy(At(slot, kCount), &count, sizeof count);
    streamc_agg_count_distinct_add_string(At(slot, kDistinct), word.data(), static_cast<int64_t>(word.size()));
    streamc_agg_min_add_string(table.abi()->arena, At(slot, kLeast), word.data(), static_cast<int64_t>(word.size()));
  }
  std::string bytes;
  state::EncodeSlot(shape, slot, &bytes);
  return bytes;
}

const abi::ManifestStep& OldAggregate() {
  static const abi::ManifestStep step = Step("aggregate", {Field("n", "count()"), Field("d", "count_distinct(word: string)"), Field("l", "min(word: string)")});
  return step;
}

struct Edit {
  const char* name;
  std::vector<int32_t> from;
  ScSaveFn save;
};

class AggregateEdits : public ::testing::TestWithParam<Edit> {};

TEST_P(AggregateEdits, GiveTheStateTheNewProgramWouldHave) {
  std::vector<StateField> fields;
  for (int32_t from : GetParam().from) fields.push_back(OldAggregate().fields[static_cast<size_t>(from)]);
  Migration migration(OldAggregate(), Step("aggregate", fields), From(GetParam().from));
  for (const std::vector<std::string>& words : {std::vector<std::string>{"b", "a", "c", "a"}, {"only"}, {}}) {
    const std::string old_slot = Slot(SaveOld, words), slot = Slot(GetParam().save, words), first = Words({77});
    StoredRecords out;
    EXPECT_TRUE(migration.Apply(Key(RecordKind::Slot, "k"), old_slot, &out));
    EXPECT_TRUE(migration.Apply(Key(RecordKind::Kept, "k"), old_slot, &out));
    EXPECT_TRUE(migration.Apply(Key(RecordKind::Pending, "k"), first + old_slot, &out));
    EXPECT_TRUE(migration.Apply(Key(RecordKind::KeptPending, "k"), first + old_slot, &out));
    EXPECT_THAT(out, ElementsAre(Pair(Key(RecordKind::Slot, "k"), slot), Pair(Key(RecordKind::Pending, "k"), first + slot),
                                 Pair(Key(RecordKind::Kept, "k"), slot), Pair(Key(RecordKind::KeptPending, "k"), first + slot)));
  }
}

INSTANTIATE_TEST_SUITE_P(Migration, AggregateEdits,
                         ::testing::Values(Edit{"drops_one", {0, 2}, SaveWithoutDistinct}, Edit{"moves_texts", {2, 1}, SaveTextsMoved},
                                           Edit{"drops_all", {}, SaveNothing}),
                         [](const auto& edit) { return edit.param.name; });

TEST(AggregateMigration, RefusesWhatIsNotOfTheOldForm) {
  Migration migration(OldAggregate(), Step("aggregate", {OldAggregate().fields[2]}), From({2}));
  StoredRecords out;
  const std::string slot = Slot(SaveOld, {"a", "bc"});
  const std::string pending = Words({1}) + slot;
  for (size_t size = 0; size < slot.size(); ++size) {
    EXPECT_FALSE(migration.Apply(Key(RecordKind::Slot, "k"), slot.substr(0, size), &out)) << size;
  }
  for (size_t size = 0; size < pending.size(); ++size) {
    EXPECT_FALSE(migration.Apply(Key(RecordKind::Pending, "k"), pending.substr(0, size), &out)) << size;
  }
  EXPECT_FALSE(migration.Apply(Key(RecordKind::Slot, "k"), slot + "x", &out));
  EXPECT_FALSE(migration.Apply(Key(RecordKind::Slot, "k"), Slot(SaveWithoutDistinct, {"a"}), &out)) << "a part too few";
  std::string newer = slot;
  newer[0] = 2;
  EXPECT_FALSE(migration.Apply(Key(RecordKind::Slot, "k"), newer, &out)) << "an unknown format";
  EXPECT_FALSE(migration.Apply(Key(RecordKind::TopRow, "k"), slot, &out));
  EXPECT_FALSE(migration.Apply(Key(RecordKind::Manifest, ""), slot, &out));
  EXPECT_FALSE(migration.Apply("", slot, &out));
  EXPECT_TRUE(out.empty());
}

TEST(AggregateMigration, APartThatIsNewCannotBe) {
  StoredRecords out;
  Migration migration(OldAggregate(), Step("aggregate", {OldAggregate().fields[0], Optional("x", "sum(n: int)")}), From({0, -1}));
  EXPECT_FALSE(migration.Apply(Key(RecordKind::Slot, "k"), Slot(SaveOld, {"a"}), &out));
}

// --- rankings -----------------------------------------------------------------------------------------------------

// Rows of given columns, as cells by leaf.
class Rows {
 public:
  explicit Rows(const std::vector<StateField>& fields) {
    for (const StateField& field : fields) {
      abi::TypeSpec type;
      EXPECT_TRUE(abi::ReadType(field.text, &type)) << field.text;
      layout_.columns.push_back({field.name, std::move(type), false});
    }
    shape_ = std::make_unique<batch::RowShape>(abi::FlattenLayout(layout_, false));
  }
  std::string Encode(const Cells& cells) const {
    batch::Arena arena;
    std::vector<char> row(static_cast<size_t>(shape_->size()));
    state::WriteCells(*shape_, cells, row.data(), &arena);
    std::string bytes;
    state::EncodeRow(*shape_, row.data(), &bytes);
    return bytes;
  }
  // Of the front of `bytes`; empty when it is no row.
  Cells Decode(std::string_view* bytes) const {
    batch::Arena arena;
    std::vector<char> row(static_cast<size_t>(shape_->size()));
    if (!state::DecodeRow(*shape_, bytes, row.data(), arena.get())) return {};
    return state::ReadCells(*shape_, row.data());
  }

 private:
  abi::LayoutSpec layout_;
  std::unique_ptr<batch::RowShape> shape_;
};

Cell Text(std::string text) { return {SC_VALUE, std::move(text)}; }
Cell Int(int64_t number) { return {SC_VALUE, number}; }
Cell Truth(bool truth) { return {SC_VALUE, truth}; }
Cell Null() { return {SC_NULL, {}}; }

const std::vector<StateField> kOldColumns = {Field("id", "int"), Field("page", "string"), Optional("tags", "list<string>?")};

TEST(TopMigration, NewColumnsHaveTheirDefaultsOrNull) {
  const abi::DatumSpec three{std::vector<abi::DatumSpec>{{int64_t{1}}, {int64_t{2}}, {int64_t{3}}}};
  const abi::DatumSpec point{std::vector<abi::DatumSpec>{{int64_t{4}}, {std::string("here")}, {}}};
  const abi::DatumSpec points{std::vector<abi::DatumSpec>{point}};
  const std::string record = "{ x: int, label: string, note: string? }";
  const std::vector<StateField> columns = {kOldColumns[0],
                                           Optional("lang", "string?"),
                                           Defaulted("kind", "string", {std::string("plain")}),
                                           kOldColumns[1],
                                           Defaulted("n", "int", {int64_t{-9}}),
                                           Defaulted("price", "decimal(12, 2)", {abi::DatumSpec::Decimal{static_cast<uint64_t>(-250), -1}}),
                                           Defaulted("ratio", "float", {0.5}),
                                           Defaulted("state", "enum { \"new\", \"paid\" }", {std::string("paid")}),
                                           Defaulted("list", "list<int>", three),
                                           Defaulted("at", record, point),
                                           Optional("where", record + "?"),
                                           Defaulted("all", "list<" + record + ">", points),
                                           Defaulted("never", "bool?", {}),
                                           kOldColumns[2]};
  Migration migration(Step("top", kOldColumns), Step("top", columns), From({0, -1, -1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2}));
  const Rows old_rows(kOldColumns), rows(columns);
  const Cell tags{SC_VALUE, std::vector<Cells>{{Text("x")}, {Text("")}}};
  const std::string window = Words({100, 200});
  double half = 0.5;
  Bits bits;
  std::memcpy(&bits.bits, &half, sizeof half);
  const Cells here = {Int(4), Text("here"), Null()};
  const Cells expected = {Int(1), Null(), Text("plain"), Text("home"), Int(-9), Cell{SC_VALUE, Decimal{static_cast<uint64_t>(-250), -1}},
                          Cell{SC_VALUE, bits}, Int(1), Cell{SC_VALUE, std::vector<Cells>{{Int(1)}, {Int(2)}, {Int(3)}}},
                          Int(4), Text("here"), Null(),
                          Truth(false), Int(0), Text(""), Null(),
                          Cell{SC_VALUE, std::vector<Cells>{here}}, Null(), tags};
  const std::string old_row = old_rows.Encode({Int(1), Text("home"), tags});

  StoredRecords out;
  ASSERT_TRUE(migration.Apply(Key(RecordKind::TopRow, window + old_row), Words({3}), &out));
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out.at(Key(RecordKind::TopRow, window + old_row)), std::nullopt);
  out.erase(Key(RecordKind::TopRow, window + old_row));
  EXPECT_EQ(out.begin()->second, Words({3}));
  RecordKey key;
  ASSERT_TRUE(ReadRecordKey(out.begin()->first, &key));
  EXPECT_EQ(key.step, 7);
  EXPECT_EQ(key.kind, RecordKind::TopRow);
  EXPECT_EQ(key.row.substr(0, 16), window);
  std::string_view row = key.row.substr(16);
  EXPECT_EQ(rows.Decode(&row), expected);
  EXPECT_TRUE(row.empty());

  // What has been sent: the same key, and each row in its place.
  out.clear();
  const std::string sent_key = Key(RecordKind::TopSent, window + "per");
  ASSERT_TRUE(migration.Apply(sent_key, Words({55, 1, 0}) + old_row + Words({2, 1}) + old_row, &out));
  ASSERT_EQ(out.size(), 1u);
  std::string_view sent = *out.at(sent_key);
  for (const std::string& words : {Words({55, 1, 0}), Words({2, 1})}) {
    ASSERT_TRUE(sent.starts_with(words));
    sent.remove_prefix(words.size());
    EXPECT_EQ(rows.Decode(&sent), expected);
  }
  EXPECT_TRUE(sent.empty());
}

TEST(TopMigration, RowsThatDifferInADroppedColumnBecomeOne) {
  Migration migration(Step("top", kOldColumns), Step("top", {kOldColumns[1]}), From({1}));
  const Rows old_rows(kOldColumns), rows({kOldColumns[1]});
  const std::string window = Words({0, 0});
  StoredRecords out;
  std::vector<std::string> old_keys;
  for (int64_t id : {1, 2, 3}) {
    old_keys.push_back(Key(RecordKind::TopRow, window + old_rows.Encode({Int(id), Text("home"), Null()})));
    ASSERT_TRUE(migration.Apply(old_keys.back(), Words({id}), &out));
  }
  EXPECT_EQ(out.size(), 4u);
  EXPECT_EQ(out.at(Key(RecordKind::TopRow, window + rows.Encode({Text("home")}))), Words({6}));
  for (const std::string& key : old_keys) EXPECT_EQ(out.at(key), std::nullopt);
}

// A row may get the key another one gives up, whichever comes first.
TEST(TopMigration, ColumnsThatChangePlacesLoseNoRow) {
  const std::vector<StateField> columns = {Field("a", "string"), Field("b", "string")};
  Migration migration(Step("top", columns), Step("top", {columns[1], columns[0]}), From({1, 0}));
  const Rows rows(columns);
  const std::string xy = Key(RecordKind::TopRow, Words({0, 0}) + rows.Encode({Text("x"), Text("y")})),
                    yx = Key(RecordKind::TopRow, Words({0, 0}) + rows.Encode({Text("y"), Text("x")})),
                    zz = Key(RecordKind::TopRow, Words({0, 0}) + rows.Encode({Text("z"), Text("z")}));
  StoredRecords out;
  ASSERT_TRUE(migration.Apply(xy, Words({1}), &out));
  ASSERT_TRUE(migration.Apply(yx, Words({2}), &out));
  ASSERT_TRUE(migration.Apply(zz, Words({3}), &out));
  EXPECT_EQ(out, (StoredRecords{{xy, Words({2})}, {yx, Words({1})}, {zz, Words({3})}}));
}

TEST(TopMigration, RefusesWhatIsNotOfTheOldForm) {
  Migration migration(Step("top", kOldColumns), Step("top", {kOldColumns[0]}), From({0}));
  const std::string row = Rows(kOldColumns).Encode({Int(1), Text("home"), Cell{SC_VALUE, std::vector<Cells>{{Text("x")}}}});
  const std::string whole = Words({0, 0}) + row, sent = Words({1, 1, 0}) + row;
  StoredRecords out;
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(migration.Apply(Key(RecordKind::TopRow, whole.substr(0, size)), Words({1}), &out)) << size;
  }
  EXPECT_FALSE(migration.Apply(Key(RecordKind::TopRow, whole + "x"), Words({1}), &out));
  for (const std::string& count : {std::string(), Words({0}), Words({-1}), Words({1, 1}), std::string("1234567")}) {
    EXPECT_FALSE(migration.Apply(Key(RecordKind::TopRow, whole), count, &out));
  }
  EXPECT_TRUE(out.empty());
  for (size_t size = 0; size < sent.size(); ++size) {
    EXPECT_EQ(migration.Apply(Key(RecordKind::TopSent, "k"), sent.substr(0, size), &out), size == 8) << size;
  }
  EXPECT_FALSE(migration.Apply(Key(RecordKind::Slot, "k"), Words({1}), &out));
}

TEST(TopMigration, CountsBeyondAllBoundsAreRefused) {
  Migration migration(Step("top", kOldColumns), Step("top", {kOldColumns[1]}), From({1}));
  const Rows old_rows(kOldColumns);
  StoredRecords out;
  const auto add = [&](int64_t id) {
    return migration.Apply(Key(RecordKind::TopRow, Words({0, 0}) + old_rows.Encode({Int(id), Text(""), Null()})), Words({INT64_MAX}), &out);
  };
  EXPECT_TRUE(add(1));
  EXPECT_FALSE(add(2));
}

TEST(TopMigration, ManifestsThatDoNotFitAreRefused) {
  const std::string key = Key(RecordKind::TopRow, Words({0, 0}) + Rows({kOldColumns[0]}).Encode({Int(1)}));
  const abi::ManifestStep old_step = Step("top", {kOldColumns[0]});
  const auto applies = [&](const abi::ManifestStep& before, const abi::ManifestStep& after, std::vector<int32_t> from) {
    StoredRecords out;
    return Migration(before, after, From(std::move(from))).Apply(key, Words({1}), &out);
  };
  EXPECT_TRUE(applies(old_step, old_step, {0}));
  EXPECT_FALSE(applies(old_step, old_step, {1})) << "there is no such column";
  EXPECT_FALSE(applies(old_step, old_step, {})) << "it does not say where all columns are from";
  EXPECT_FALSE(applies(Step("top", {Field("id", "integer")}), old_step, {0})) << "no type";
  EXPECT_FALSE(applies(old_step, Step("top", {Field("id", "int"), Field("x", "int")}), {0, -1})) << "neither optional nor with a default";
  EXPECT_FALSE(applies(old_step, Step("top", {Defaulted("x", "int", {std::string("1")})}), {-1})) << "a default of another type";
  EXPECT_FALSE(applies(old_step, Step("aggregate", {kOldColumns[0]}), {0}));
}

TEST(TopMigration, GarbageDoesNoHarm) {
  const std::vector<StateField> columns = {Field("l", "list<{ a: string, b: list<decimal(9, 2)?>, c: bool }>?"), Field("t", "string"), Field("b", "bool")};
  Migration migration(Step("top", columns), Step("top", {columns[1], columns[0]}), From({1, 0}));
  std::mt19937 random(7);
  StoredRecords out;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 64, 0);
    for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? random() : random() % 3);
    migration.Apply(Key(RecordKind::TopRow, Words({0, 0}) + bytes), Words({1}), &out);
    migration.Apply(Key(RecordKind::TopSent, "k"), bytes, &out);
    migration.Apply(bytes, bytes, &out);
  }
  EXPECT_FALSE(out.empty()) << "some of it is rows";
}

}  // namespace
}  // namespace streamc::rt::engine
