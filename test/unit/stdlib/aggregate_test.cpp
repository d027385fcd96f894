// The laws of every aggregate, on random values: merging two states is adding all their values; removing is undoing;
// results are those of a plain calculation.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <set>
#include <variant>

#include "runtime/batch/bytes.h"
#include "stdlib/descriptor.h"
#include "test/unit/state/formats.h"
#include "test/unit/stdlib/support.h"

namespace streamc::stdlib {
namespace {

using Int128 = __int128;
constexpr int64_t kScale = 2;

struct Decimal {
  Int128 value;
  auto operator<=>(const Decimal&) const = default;
};

// A value of any of the argument types; `monostate` for an aggregate without one.
using Value = std::variant<std::monostate, int64_t, double, uint8_t, Decimal, std::string>;
struct Row {
  Value value;
  int64_t time = 0;
  int64_t order = 0;
};

enum class Kind { None, Int, Float, Bool, Decimal, String };

Kind KindOf(std::string_view type) {
  if (type == "float") return Kind::Float;
  if (type == "bool") return Kind::Bool;
  if (type == "decimal") return Kind::Decimal;
  if (type == "string" || type == "bytes" || type == "uuid") return Kind::String;
  return Kind::Int;
}

// The type between `from` and `to` in the signature, the type variable replaced by the first of its types.
Kind KindBetween(const AggregateFn& fn, std::string_view from, std::string_view to) {
  size_t begin = fn.signature.find(from);
  if (begin == std::string_view::npos) return Kind::None;
  begin += from.size();
  std::string_view type = fn.signature.substr(begin, to.empty() ? std::string_view::npos : fn.signature.find(to) - begin);
  if (type == "T") type = fn.for_types.substr(0, fn.for_types.find(' '));
  return KindOf(type);
}

class Aggregate {
 public:
  explicit Aggregate(const AggregateFn& fn) : fn_(fn), argument_(KindBetween(fn, ": ", ")")), result_(KindBetween(fn, "-> ", "")) {}

  const AggregateFn& fn() const { return fn_; }
  Kind argument() const { return argument_; }

  // A state of zeros with a guard behind it that no kernel may touch.
  struct alignas(16) State {
    unsigned char bytes[128] = {};
  };

  void Add(State* state, const Row& row) const { Call(fn_.add, state, row, fn_.ordered); }
  void Remove(State* state, const Row& row) const { Call(fn_.remove, state, row, false); }

  void Merge(State* into, const State* from) const {
    if (fn_.allocates) {
      Kernel<void(ScArena*, void*, const void*)>(fn_.merge)(TestArena(), into->bytes, from->bytes);
    } else {
      Kernel<void(void*, const void*)>(fn_.merge)(into->bytes, from->bytes);
    }
  }

  // As generated code does: kernels where there are some, else the bytes of the state.
  std::string Save(const State& state) const {
    std::string bytes;
    if (fn_.save.empty()) return std::string(reinterpret_cast<const char*>(state.bytes), static_cast<size_t>(fn_.state_size));
    Kernel<void(const void*, ScBytes*)>(fn_.save)(state.bytes, rt::batch::AsBytes(&bytes));
    return bytes;
  }

  bool Load(State* zeros, const std::string& bytes) const {
    // Exactly as large as the input: a sanitizer sees a byte read behind it.
    auto copy = std::make_unique<char[]>(bytes.size());
    std::memcpy(copy.get(), bytes.data(), bytes.size());
    int64_t size = static_cast<int64_t>(bytes.size());
    if (fn_.load.empty()) {
      if (size != fn_.state_size) return false;
      std::memcpy(zeros->bytes, copy.get(), bytes.size());
      return true;
    }
    if (fn_.allocates) return Kernel<int32_t(ScArena*, void*, const char*, int64_t)>(fn_.load)(TestArena(), zeros->bytes, copy.get(), size) == 0;
    return Kernel<int32_t(void*, const char*, int64_t)>(fn_.load)(zeros->bytes, copy.get(), size) == 0;
  }

  void Destroy(State* state) const {
    if (!fn_.destroy.empty()) Kernel<void(void*)>(fn_.destroy)(state->bytes);
  }

  // The result, `monostate` without one.
  Value Result(const State& state) const {
    for (size_t i = static_cast<size_t>(fn_.state_size); i < sizeof state.bytes; ++i) EXPECT_EQ(state.bytes[i], 0) << "written behind the state";
    switch (result_) {
      case Kind::Int: return ResultAs<int64_t>(state);
      case Kind::Float: return ResultAs<double>(state);
      case Kind::Bool: return ResultAs<uint8_t>(state);
      case Kind::Decimal: {
        Value value = ResultAs<Decimal>(state);
        return value;
      }
      default: {
        ScStr text{};
        if (CallResult(state, &text) != 1) return {};
        return Text(text);
      }
    }
  }

  uint8_t Status(const State& state) const {
    alignas(16) unsigned char out[16];
    return CallResult(state, out);
  }

 private:
  template <typename T>
  Value ResultAs(const State& state) const {
    alignas(16) T out{};
    if (CallResult(state, &out) != 1) return {};
    return out;
  }

  uint8_t CallResult(const State& state, void* out) const {
    if (fn_.allocates) return Kernel<uint8_t(ScArena*, const void*, void*)>(fn_.result)(TestArena(), state.bytes, out);
    return Kernel<uint8_t(const void*, void*)>(fn_.result)(state.bytes, out);
  }

  template <typename... Args>
  void CallWith(std::string_view symbol, State* state, const Row& row, bool ordered, Args... args) const {
    if (fn_.allocates && ordered) {
      Kernel<void(ScArena*, void*, Args..., int64_t, int64_t)>(symbol)(TestArena(), state->bytes, args..., row.time, row.order);
    } else if (fn_.allocates) {
      Kernel<void(ScArena*, void*, Args...)>(symbol)(TestArena(), state->bytes, args...);
    } else if (ordered) {
      Kernel<void(void*, Args..., int64_t, int64_t)>(symbol)(state->bytes, args..., row.time, row.order);
    } else {
      Kernel<void(void*, Args...)>(symbol)(state->bytes, args...);
    }
  }

  void Call(std::string_view symbol, State* state, const Row& row, bool ordered) const {
    switch (argument_) {
      case Kind::None: return CallWith(symbol, state, row, ordered);
      case Kind::Int: return CallWith(symbol, state, row, ordered, std::get<int64_t>(row.value));
      case Kind::Float: return CallWith(symbol, state, row, ordered, std::get<double>(row.value));
      case Kind::Bool: return CallWith(symbol, state, row, ordered, std::get<uint8_t>(row.value));
      case Kind::Decimal: return CallWith(symbol, state, row, ordered, std::get<Decimal>(row.value).value, kScale);
      case Kind::String: {
        // A copy that dies here: a kernel that keeps a view instead of the text is found by the sanitizer or the next comparison.
        std::string text = std::get<std::string>(row.value);
        CallWith<const char*, int64_t>(symbol, state, row, ordered, text.data(), static_cast<int64_t>(text.size()));
        std::fill(text.begin(), text.end(), '?');
      }
    }
  }

  const AggregateFn& fn_;
  Kind argument_, result_;
};

std::vector<Row> RandomRows(std::mt19937_64& random, Kind kind, int most) {
  std::vector<Row> rows(random() % static_cast<uint64_t>(most + 1));
  for (Row& row : rows) {
    int64_t number = static_cast<int64_t>(random() % 41) - 20;
    switch (kind) {
      case Kind::None: break;
      case Kind::Int: row.value = random() % 4 == 0 ? static_cast<int64_t>(random()) >> 8 : number; break;
      case Kind::Float: row.value = static_cast<double>(number) / 8 * (random() % 5 == 0 ? 1e6 : 1); break;
      case Kind::Bool: row.value = static_cast<uint8_t>(random() % 2); break;
      case Kind::Decimal: row.value = Decimal{static_cast<Int128>(number) * (random() % 4 == 0 ? static_cast<Int128>(1) << 90 : 1)}; break;
      case Kind::String: row.value = RandomText(random, {"a", "b", "åäö", "a longer piece of text "}, 4); break;
    }
    row.time = static_cast<int64_t>(random() % 10);
    row.order = static_cast<int64_t>(&row - rows.data()) * 7 % 1009;
  }
  return rows;
}

::testing::AssertionResult Same(const Value& a, const Value& b) {
  if (a.index() != b.index()) return ::testing::AssertionFailure() << "one has a value, the other has not";
  if (const double* x = std::get_if<double>(&a)) {
    double y = std::get<double>(b);
    if (std::fabs(*x - y) <= 1e-9 * std::max({1.0, std::fabs(*x), std::fabs(y)})) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << *x << " is not " << y;
  }
  if (a == b) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "results differ";
}

::testing::AssertionResult Exactly(const Value& a, const Value& b) {
  const double *x = std::get_if<double>(&a), *y = std::get_if<double>(&b);
  // More taken out than put in has no deviation.
  if (a == b || (x != nullptr && y != nullptr && std::isnan(*x) && std::isnan(*y))) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "results differ";
}

// What the aggregate means, the plain way.
Value Model(const Aggregate& aggregate, const std::vector<Row>& rows) {
  std::string_view name = aggregate.fn().name;
  Kind kind = aggregate.argument();
  int64_t n = static_cast<int64_t>(rows.size());
  std::vector<Value> values;
  for (const Row& row : rows) values.push_back(row.value);
  if (name == "count") return n;
  if (name == "count_distinct") return static_cast<int64_t>(std::set<Value>(values.begin(), values.end()).size());
  if (name == "any") return static_cast<uint8_t>(std::count(values.begin(), values.end(), Value(uint8_t{1})) > 0);
  if (name == "every") return static_cast<uint8_t>(std::count(values.begin(), values.end(), Value(uint8_t{0})) == 0);
  Int128 whole = 0;
  long double real = 0;
  for (const Value& value : values) {
    if (kind == Kind::Int) whole += std::get<int64_t>(value);
    if (kind == Kind::Decimal) whole += std::get<Decimal>(value).value;
    if (kind == Kind::Float) real += std::get<double>(value);
  }
  if (kind == Kind::Int) real = static_cast<long double>(whole);
  if (name == "sum") {
    if (kind == Kind::Int) return static_cast<int64_t>(whole);
    if (kind == Kind::Decimal) return Decimal{whole};
    return static_cast<double>(real);
  }
  if (rows.empty()) return {};
  if (name == "min") return *std::min_element(values.begin(), values.end());
  if (name == "max") return *std::max_element(values.begin(), values.end());
  auto before = [](const Row& a, const Row& b) { return std::pair(a.time, a.order) < std::pair(b.time, b.order); };
  if (name == "first") return std::min_element(rows.begin(), rows.end(), before)->value;
  if (name == "last") return std::max_element(rows.begin(), rows.end(), before)->value;
  if (name == "avg") {
    if (kind == Kind::Float || aggregate.fn().signature.ends_with("float")) return static_cast<double>(real / static_cast<long double>(n));
    Int128 doubled = 2 * (whole < 0 ? -whole : whole) + n;
    Int128 mean = doubled / (2 * n) * (whole < 0 ? -1 : 1);
    if (kind == Kind::Int) return static_cast<int64_t>(mean);
    return Decimal{mean};
  }
  long double mean = real / static_cast<long double>(n), squares = 0;
  for (const Value& value : values) {
    long double x = kind == Kind::Int ? static_cast<long double>(std::get<int64_t>(value)) : std::get<double>(value);
    squares += (x - mean) * (x - mean);
  }
  long double variance = squares / static_cast<long double>(n);
  return static_cast<double>(name == "variance" ? variance : std::sqrt(variance));
}

class Laws : public testing::TestWithParam<const AggregateFn*> {
 protected:
  static constexpr int kRounds = 400;
};

TEST_P(Laws, ResultIsThePlainOne) {
  Aggregate aggregate(*GetParam());
  std::mt19937_64 random(1);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Row> rows = RandomRows(random, aggregate.argument(), 40);
    Aggregate::State state;
    for (const Row& row : rows) aggregate.Add(&state, row);
    ASSERT_TRUE(Same(aggregate.Result(state), Model(aggregate, rows))) << round;
    aggregate.Destroy(&state);
  }
}

TEST_P(Laws, NothingAddedIsNoValueOrTheEmptyOne) {
  Aggregate aggregate(*GetParam());
  Aggregate::State state;
  EXPECT_EQ(aggregate.Status(state), aggregate.fn().always_value ? 1 : 0);
  aggregate.Destroy(&state);
}

TEST_P(Laws, MergeIsAddingAll) {
  Aggregate aggregate(*GetParam());
  std::mt19937_64 random(2);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Row> rows = RandomRows(random, aggregate.argument(), 40);
    // Three parts, merged as (a + b) + c and as c + (b + a).
    Aggregate::State part[3], other[3];
    for (const Row& row : rows) {
      size_t where = random() % 3;
      aggregate.Add(&part[where], row);
      aggregate.Add(&other[where], row);
    }
    aggregate.Merge(&part[0], &part[1]);
    aggregate.Merge(&part[0], &part[2]);
    aggregate.Merge(&other[1], &other[0]);
    aggregate.Merge(&other[2], &other[1]);
    Value expected = Model(aggregate, rows);
    ASSERT_TRUE(Same(aggregate.Result(part[0]), expected)) << round;
    ASSERT_TRUE(Same(aggregate.Result(other[2]), expected)) << round;
    for (Aggregate::State* state : {&part[0], &part[1], &part[2], &other[0], &other[1], &other[2]}) aggregate.Destroy(state);
  }
}

TEST_P(Laws, RemoveUndoesAdd) {
  Aggregate aggregate(*GetParam());
  if (aggregate.fn().remove.empty()) {
    // Order and extremes cannot be taken back; the language refuses them on changing streams.
    std::set<std::string_view> final_only = {"min", "max", "first", "last"};
    EXPECT_TRUE(final_only.contains(aggregate.fn().name)) << aggregate.fn().name;
    return;
  }
  std::mt19937_64 random(3);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Row> kept = RandomRows(random, aggregate.argument(), 30);
    std::vector<Row> gone = RandomRows(random, aggregate.argument(), 30);
    std::vector<std::pair<const Row*, bool>> all;
    for (const Row& row : kept) all.push_back({&row, false});
    for (const Row& row : gone) all.push_back({&row, true});
    std::shuffle(all.begin(), all.end(), random);
    Aggregate::State state;
    for (const auto& [row, leaves] : all) aggregate.Add(&state, *row);
    std::shuffle(all.begin(), all.end(), random);
    for (const auto& [row, leaves] : all)
      if (leaves) aggregate.Remove(&state, *row);
    ASSERT_TRUE(Same(aggregate.Result(state), Model(aggregate, kept))) << round;
    aggregate.Destroy(&state);
  }
}

// A loaded state is the saved one in all that follows.
TEST_P(Laws, SavedIsWhatItWas) {
  Aggregate aggregate(*GetParam());
  std::mt19937_64 random(6);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Row> rows = RandomRows(random, aggregate.argument(), 40);
    std::vector<Row> more = RandomRows(random, aggregate.argument(), 10);
    Aggregate::State state, loaded, other;
    for (const Row& row : rows) aggregate.Add(&state, row);
    // Some counts end up below 0: what was taken out here came in elsewhere.
    if (!aggregate.fn().remove.empty()) {
      for (const Row& row : more) {
        if (random() % 2 == 0) aggregate.Remove(&state, row);
      }
    }
    for (const Row& row : more) aggregate.Add(&other, row);
    const std::string bytes = aggregate.Save(state);
    ASSERT_TRUE(aggregate.Load(&loaded, bytes)) << round;
    ASSERT_EQ(aggregate.Save(loaded), bytes) << round;
    ASSERT_EQ(aggregate.Status(loaded), aggregate.Status(state)) << round;
    ASSERT_TRUE(Exactly(aggregate.Result(loaded), aggregate.Result(state))) << round;
    // Both ways of merging and further rows, to the bit.
    Aggregate::State other_loaded;
    ASSERT_TRUE(aggregate.Load(&other_loaded, aggregate.Save(other)));
    aggregate.Merge(&other, &state);
    aggregate.Merge(&other_loaded, &loaded);
    aggregate.Merge(&loaded, &other);
    aggregate.Merge(&state, &other);
    for (const Row& row : more) {
      aggregate.Add(&state, row);
      aggregate.Add(&loaded, row);
    }
    ASSERT_EQ(aggregate.Save(other_loaded), aggregate.Save(other)) << round;
    ASSERT_EQ(aggregate.Save(loaded), aggregate.Save(state)) << round;
    ASSERT_TRUE(Exactly(aggregate.Result(loaded), aggregate.Result(state))) << round;
    for (Aggregate::State* one : {&state, &loaded, &other, &other_loaded}) aggregate.Destroy(one);
  }
}

TEST_P(Laws, NothingSavedIsNothingLoaded) {
  Aggregate aggregate(*GetParam());
  Aggregate::State state, loaded;
  const std::string bytes = aggregate.Save(state);
  ASSERT_TRUE(aggregate.Load(&loaded, bytes));
  EXPECT_EQ(aggregate.Status(loaded), aggregate.fn().always_value ? 1 : 0);
  EXPECT_EQ(aggregate.Save(loaded), bytes);
  aggregate.Destroy(&loaded);
}

// Cut anywhere or with a bit turned, saved bytes are refused or are another state that can be used; nothing is read outside them.
TEST_P(Laws, DamagedBytesDoNoHarm) {
  Aggregate aggregate(*GetParam());
  std::mt19937_64 random(7);
  for (int round = 0; round < 20; ++round) {
    std::vector<Row> rows = RandomRows(random, aggregate.argument(), 12);
    Aggregate::State state;
    for (const Row& row : rows) aggregate.Add(&state, row);
    const std::string bytes = aggregate.Save(state);
    aggregate.Destroy(&state);
    for (size_t i = 0; i <= 8 * bytes.size(); ++i) {
      std::string damaged = bytes;
      if (i % 8 == 0) damaged.resize(i / 8);
      if (i % 8 != 0 || i == 0) damaged += static_cast<char>(random());
      if (i / 8 < damaged.size()) damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ (1 << i % 8));
      Aggregate::State loaded;
      if (aggregate.Load(&loaded, damaged)) {
        ASSERT_EQ(aggregate.Save(loaded), damaged);
        // Plain numbers may be anything; states with kernels must be good ones.
        if (!aggregate.fn().load.empty()) aggregate.Status(loaded);
      }
      aggregate.Destroy(&loaded);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Laws, testing::ValuesIn(Aggregates().begin(), Aggregates().end()), [](const auto& info) {
  std::string name(info.param->name);
  return name + "_" + std::to_string(info.index);
});

// Three rows of a value each, in the order of `kinds`.
std::vector<Row> HeldRows(Kind kind) {
  std::vector<Row> rows = {{{}, 30, 1}, {{}, 10, 2}, {{}, 20, 3}};
  const Value values[][3] = {{},
                             {int64_t{5}, int64_t{-7}, int64_t{1} << 40},
                             {0.1, 1e20, -2.5},
                             {uint8_t{1}, uint8_t{0}, uint8_t{1}},
                             {Decimal{-1}, Decimal{static_cast<Int128>(1) << 100}, Decimal{25}},
                             {"b", std::string("h\xc3\xa4n"), ""}};
  for (size_t i = 0; i < rows.size(); ++i) rows[i].value = values[static_cast<int>(kind)][i];
  return rows;
}

// What the first release saved is still read, and means what it meant. A state that changes needs a format of its own, and this file
// stays.
TEST(Formats, StatesOfVersion1) {
  auto held = rt::state::HeldFormat("state.1");
  for (const AggregateFn* function : Aggregates()) {
    Aggregate aggregate(*function);
    std::string name(function->add.substr(std::string_view("streamc_agg_").size()));
    name.erase(name.find("_add"), 4);
    if (function->result.ends_with("_duration")) name += "_duration";
    SCOPED_TRACE(name);
    Aggregate::State state, loaded;
    for (const Row& row : HeldRows(aggregate.argument())) aggregate.Add(&state, row);
    EXPECT_EQ(rt::state::ToHex(aggregate.Save(state)), rt::state::ToHex(held[name]));
    EXPECT_TRUE(aggregate.Load(&loaded, held[name])) << "refused";
    EXPECT_TRUE(Exactly(aggregate.Result(loaded), aggregate.Result(state)));
    aggregate.Destroy(&state);
    aggregate.Destroy(&loaded);
    held.erase(name);
  }
  EXPECT_TRUE(held.empty()) << "a held state that nothing reads: " << held.begin()->first;
}

const AggregateFn& Find(std::string_view signature) {
  for (const AggregateFn* function : Aggregates())
    if (function->signature == signature) return *function;
  ADD_FAILURE() << signature;
  return *Aggregates()[0];
}

TEST(Sums, StopTheJobWhenTheyDoNotFit) {
  Aggregate sum(Find("sum(x: T) -> T"));
  Aggregate::State state;
  sum.Add(&state, {INT64_MAX});
  sum.Add(&state, {int64_t{1}});
  EXPECT_EQ(sum.Status(state), 2);
  sum.Add(&state, {int64_t{-1}});
  EXPECT_EQ(sum.Status(state), 1);
  EXPECT_TRUE(Same(sum.Result(state), INT64_MAX));

  Aggregate decimal(Find("sum(x: decimal) -> decimal"));
  Aggregate::State big;
  Int128 most = 1;
  for (int i = 0; i < 38; ++i) most *= 10;
  --most;
  for (int i = 0; i < 5; ++i) decimal.Add(&big, {Decimal{most}});
  EXPECT_EQ(decimal.Status(big), 2);
  for (int i = 0; i < 4; ++i) decimal.Remove(&big, {Decimal{most}});
  EXPECT_TRUE(Same(decimal.Result(big), Decimal{most}));
  for (int i = 0; i < 3; ++i) decimal.Add(&big, {Decimal{-most}});
  EXPECT_EQ(decimal.Status(big), 2);

  Aggregate floats(Find("sum(x: float) -> float"));
  Aggregate::State huge;
  floats.Add(&huge, {1e308});
  floats.Add(&huge, {1e308});
  EXPECT_EQ(floats.Status(huge), 2);
}

TEST(Edges, RowsOfOneRecordKeepTheirOrder) {
  for (std::string_view signature : {"first(x: T) -> T", "last(x: T) -> T"}) {
    Aggregate edge(Find(signature));
    Aggregate::State state;
    for (int64_t value : {2, 3, 1}) edge.Add(&state, {value, 5, 5});
    EXPECT_TRUE(Same(edge.Result(state), signature.starts_with("first") ? int64_t{2} : int64_t{1}));
  }
}

// Two partitions may have a row of the same time and offset: whichever state comes first, one of them wins.
TEST(Edges, MergingTiesDoesNotDependOnTheSide) {
  for (const AggregateFn* function : Aggregates()) {
    if (!function->ordered) continue;
    Aggregate edge(*function);
    std::mt19937_64 random(5);
    for (int round = 0; round < 100; ++round) {
      std::vector<Row> rows = RandomRows(random, edge.argument(), 8);
      if (rows.size() < 2) continue;
      Aggregate::State ab, ba, a, b;
      for (Aggregate::State* state : {&ab, &a}) edge.Add(state, {rows[0].value, 1, 1});
      for (Aggregate::State* state : {&ba, &b}) edge.Add(state, {rows[1].value, 1, 1});
      edge.Merge(&ab, &b);
      edge.Merge(&ba, &a);
      ASSERT_TRUE(Same(edge.Result(ab), edge.Result(ba))) << function->signature;
    }
  }
}

// Exact on a case where plain addition gives 0, in any order.
TEST(Sums, FloatsDoNotDependOnOrder) {
  Aggregate sum(Find("sum(x: float) -> float"));
  std::vector<double> values = {1e16, 1.0, -1e16, 1e-3, 3.5, -1e-3};
  std::sort(values.begin(), values.end());
  do {
    Aggregate::State state;
    for (double value : values) sum.Add(&state, {value});
    ASSERT_EQ(std::get<double>(sum.Result(state)), 4.5);
  } while (std::next_permutation(values.begin(), values.end()));
}

TEST(Variance, SurvivesALargeMean) {
  Aggregate variance(Find("variance(x: float) -> float"));
  Aggregate::State state;
  for (double x : {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}) variance.Add(&state, {x});
  EXPECT_TRUE(Same(variance.Result(state), 22.5));
}

TEST(CountDistinct, LargeSetsGrowAndShrink) {
  Aggregate distinct(Find("count_distinct(x: T) -> int"));
  Aggregate::State state;
  for (int64_t i = 0; i < 50000; ++i) distinct.Add(&state, {i % 20000});
  EXPECT_TRUE(Same(distinct.Result(state), int64_t{20000}));
  for (int64_t i = 0; i < 50000; ++i)
    if (i % 20000 >= 100) distinct.Remove(&state, {i % 20000});
  EXPECT_TRUE(Same(distinct.Result(state), int64_t{100}));
  distinct.Destroy(&state);
}

// A removal may reach a part before the addition it belongs to; together they come out even.
TEST(CountDistinct, RemovalInAnotherPart) {
  Aggregate distinct(Find("count_distinct(x: T) -> int"));
  Aggregate::State a, b;
  distinct.Add(&a, {int64_t{1}});
  distinct.Add(&a, {int64_t{2}});
  distinct.Remove(&b, {int64_t{1}});
  EXPECT_TRUE(Same(distinct.Result(b), int64_t{0}));
  distinct.Merge(&b, &a);
  EXPECT_TRUE(Same(distinct.Result(b), int64_t{1}));
  distinct.Destroy(&a);
  distinct.Destroy(&b);
}

// Two histories of the same values: what stands in a compacted topic must not depend on them.
TEST(CountDistinct, SavedInOneOrder) {
  for (const AggregateFn* function : Aggregates()) {
    if (function->name != "count_distinct") continue;
    Aggregate distinct(*function);
    std::mt19937_64 random(8);
    for (int round = 0; round < 50; ++round) {
      std::vector<Row> rows = RandomRows(random, distinct.argument(), 60), gone = RandomRows(random, distinct.argument(), 60);
      Aggregate::State a, b;
      for (const Row& row : rows) distinct.Add(&a, row);
      std::shuffle(rows.begin(), rows.end(), random);
      for (const Row& row : gone) distinct.Add(&b, row);
      for (const Row& row : rows) distinct.Add(&b, row);
      for (const Row& row : gone) distinct.Remove(&b, row);
      ASSERT_EQ(distinct.Save(a), distinct.Save(b));
      for (const Row& row : rows) distinct.Remove(&b, row);
      ASSERT_EQ(distinct.Save(b), "");
      distinct.Destroy(&a);
      distinct.Destroy(&b);
    }
  }
}

TEST(CountDistinct, CountsBelowZeroAreSaved) {
  Aggregate distinct(Find("count_distinct(x: T) -> int"));
  Aggregate::State a, b;
  distinct.Remove(&a, {int64_t{5}});
  distinct.Remove(&a, {int64_t{5}});
  distinct.Add(&a, {int64_t{7}});
  ASSERT_TRUE(distinct.Load(&b, distinct.Save(a)));
  distinct.Add(&b, {int64_t{5}});
  distinct.Add(&b, {int64_t{5}});
  EXPECT_TRUE(Same(distinct.Result(b), int64_t{1}));
  distinct.Add(&b, {int64_t{5}});
  EXPECT_TRUE(Same(distinct.Result(b), int64_t{2}));
  distinct.Destroy(&a);
  distinct.Destroy(&b);
}

TEST(CountDistinct, SavedInAnotherFormIsRefused) {
  Aggregate distinct(Find("count_distinct(x: T) -> int"));
  const std::string one("\0\2\5\0\0\0\0\0\0\0", 10), two("\0\2\6\0\0\0\0\0\0\0", 10);
  Aggregate::State good;
  EXPECT_TRUE(distinct.Load(&good, one + two.substr(1)));
  distinct.Destroy(&good);
  const std::string bad[] = {
      std::string("\0", 1),                           // a form and no values
      std::string("\2\2\5\0\0\0\0\0\0\0", 10),          // no such form
      std::string("\0\0\5\0\0\0\0\0\0\0", 10),          // a count of 0
      std::string("\0\x82\0\5\0\0\0\0\0\0\0", 11),     // a number longer than it needs to be
      two + one.substr(1),                            // not in order
      one + one.substr(1),                            // twice the same
      std::string("\1\2\5abcd", 7),                   // text with fewer bytes than it says
      std::string("\1\2\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 12),
      std::string("\1\2\xff\xff\xff\xff\xff\xff\xff\xff\xff\2", 12),  // a number of more than 64 bits
  };
  for (const std::string& bytes : bad) {
    Aggregate::State state;
    EXPECT_FALSE(distinct.Load(&state, bytes)) << testing::PrintToString(bytes);
    distinct.Destroy(&state);
  }
}

}  // namespace
}  // namespace streamc::stdlib
