// Update, merge and result functions over a real table and the library's aggregates.
#include <algorithm>

#include <gtest/gtest.h>

#include "harness.h"
#include "runtime/state/codec.h"
#include "runtime/state/table.h"

namespace streamc::codegen::testing {
namespace {

Datum D(int64_t value) {
  return Datum{value};
}
Datum S(std::string text) {
  return Datum{std::move(text)};
}
const TypeRef kInt = T(TypeKind::Int), kString = T(TypeKind::String), kTime = T(TypeKind::Timestamp);
using Table = std::vector<std::vector<Datum>>;

const stdlib::AggregateFn* Find(std::string_view name, std::string_view add = {}) {
  for (const stdlib::AggregateFn* function : stdlib::Aggregates())
    if (function->name == name && (add.empty() || function->add == add)) return function;
  ADD_FAILURE() << "no aggregate " << name;
  return nullptr;
}

ExprPtr Agg(int32_t index, TypeRef type) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::Agg;
  expr->type = std::move(type);
  expr->index = index;
  return expr;
}

// Columns: 0 word, 1 n (int?), 2 time, 3 watermark, 4 sign. Key: word. count(), sum(n) of those above 0, min(word).
struct Words {
  physical::Program program = EmptyProgram();
  bool changing;

  explicit Words(bool with_sign) : changing(with_sign) {
    abi::NodeSpec& node = program.spec.nodes[0];
    node.kind = abi::NodeKind::Aggregate;
    node.index = 0;
    abi::AggregateSpec& spec = program.spec.aggregates.emplace_back();
    spec.key.columns.push_back({"word", ToTypeSpec(*kString), false});
    spec.bound.window = abi::WindowKind::Tumbling;

    physical::AggregateCode code;
    code.node = 0;
    code.keys.push_back({{10, "word", kString, false}, Col(0, kString)});
    int64_t offset = 0;
    auto call = [&](const stdlib::AggregateFn* function, std::vector<ExprPtr> args, ExprPtr where, TypeRef type) {
      physical::AggCall one;
      one.function = function;
      one.args = std::move(args);
      one.where = std::move(where);
      one.type = std::move(type);
      one.state_offset = offset;
      offset += abi::RoundUp16(function->state_size);
      code.calls.push_back(one);
    };
    ExprPtr n = Make(ExprKind::Unwrap, kInt, {Col(1, Opt(kInt))});
    ExprPtr positive = Bin(
        ExprKind::And, Make(ExprKind::Not, T(TypeKind::Bool), {Make(ExprKind::IsNull, T(TypeKind::Bool), {Col(1, Opt(kInt))})}),
        Cmp(ExprKind::Gt, n, Int(0)), T(TypeKind::Bool));
    call(Find("count"), {}, nullptr, kInt);
    call(Find("sum", "streamc_agg_sum_add"), {Bin(ExprKind::Mul, n, Int(2))}, positive, kInt);
    if (!with_sign) call(Find("min", "streamc_agg_min_add_string"), {Col(0, kString)}, positive, Opt(kString));
    code.items.push_back({{11, "n", kInt, false}, Agg(0, kInt)});
    code.items.push_back({{12, "rest", kInt, false}, Bin(ExprKind::Mod, Agg(1, kInt), Agg(0, kInt))});
    if (!with_sign) code.items.push_back({{13, "least", Opt(kString), false}, Agg(2, Opt(kString))});
    code.time = 2;
    code.watermark = 3;
    code.sign = with_sign ? 4 : -1;
    code.update_site = 5;
    code.result_site = 6;
    code.late_columns = {{0, "word", kString}};
    code.window_start = 20;
    code.window_end = 21;
    code.window_pane = 22;
    code.meta_time = 23;
    code.output = {{10, "word", kString}, {11, "n", kInt}, {12, "rest", kInt}};
    if (!with_sign) code.output.push_back({13, "least", Opt(kString)});
    code.output.insert(
        code.output.end(),
        {{20, "window.start", kTime}, {21, "window.end", kTime}, {22, "window.pane", kInt}, {23, "meta.time", kTime}});
    code.key_size = 16;
    code.state_size = spec.state_size = offset;
    code.merge_function = 1;
    code.result_function = 2;
    code.save_function = 3;
    code.load_function = 4;
    program.aggregates.push_back(code);

    physical::Pipeline update;
    update.node = update.function = 0;
    update.input = {{0, "word", kString}, {1, "n", Opt(kInt)}, {2, "meta.time", kTime}, {3, "$wm", kTime}, {4, "$sign", kInt}};
    update.terminal = physical::UpdateSlot{0};
    program.pipelines.push_back(update);
    program.function_count = 5;
  }

  Rows Input(const Table& cells) const {
    Rows rows({kString, Opt(kInt), kTime, kTime, kInt});
    for (const auto& row : cells) rows.Add(row);
    return rows;
  }
  std::vector<TypeRef> OutputTypes() const {
    std::vector<TypeRef> types;
    for (const physical::Slot& slot : program.aggregates[0].output) types.push_back(slot.type);
    return types;
  }
};

class Aggregates : public ::testing::TestWithParam<backend::Tier> {};
INSTANTIATE_TEST_SUITE_P(Tiers, Aggregates, ::testing::Values(backend::Tier::Fast, backend::Tier::Optimized));

Table Results(const Words& words, Job& job, rt::state::Table& table) {
  std::vector<const ScSlot*> slots;
  table.ForEach([&](const ScSlot* slot) { slots.push_back(slot); });
  Rows out(words.OutputTypes());
  EXPECT_EQ(
      job.Function<ScResultFn>(2)(&job.ctx, slots.data(), static_cast<int64_t>(slots.size()), 0, 100, 1, 1, out.batch().out()),
      0);
  Table rows;
  for (int64_t i = 0; i < out.count(); ++i) rows.push_back(out.Read(i));
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return std::get<std::string>(a[0].value) < std::get<std::string>(b[0].value); });
  return rows;
}

TEST_P(Aggregates, UpdateMergeResult) {
  Words words(false);
  Job job(words.program, GetParam());
  rt::state::TableShape shape(words.program.spec.aggregates[0].key, words.program.spec.aggregates[0].state_size,
                              job.Function<ScMergeFn>(1), nullptr);
  rt::state::Table first(shape), second(shape);
  int asked = 0;
  rt::state::Table* current = &first;
  job.host.slice = [&](ScAgg* agg, int64_t time, int64_t watermark) -> ScTable* {
    ++asked;
    if (watermark >= 100) return nullptr;
    EXPECT_LT(time, 100);
    *agg = {0, 100, 100, current->abi(), agg->owner};
    return current->abi();
  };
  ScAgg head{};
  Rows late({kString});
  std::vector<std::unique_ptr<Rows>> inputs;  // late rows are views into them
  auto update = [&](const Table& cells) {
    Rows& in = *inputs.emplace_back(new Rows(words.Input(cells)));
    EXPECT_EQ(job.Function<ScUpdateFn>(0)(&job.ctx, in.batch().view(), &head, late.batch().out()), 0);
  };
  const int64_t max = INT64_MAX;
  update({{S("a"), D(1), D(10), D(0), D(1)},
          {S("b"), D(-5), D(20), D(0), D(1)},
          {S("a"), Datum{}, D(15), D(5), D(1)},
          {S("c"), D(max), D(30), D(5), D(1)},  // 2 * n overflows: no slot remains
          {S("late"), D(1), D(40), D(100), D(1)},
          {S("a"), D(7), D(12), D(5), D(1)}});
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(job.host.rejections, (std::vector<Rejection>{{3, 5, SC_ERR_OVERFLOW}}));
  ASSERT_EQ(late.count(), 1);
  EXPECT_EQ(late.Read(0)[0], S("late"));
  EXPECT_EQ(first.size(), 2);

  current = &second;
  head = ScAgg{};
  update({{S("b"), D(4), D(50), D(0), D(1)}, {S("d"), D(9), D(60), D(0), D(1)}});
  second.ForEach([&](const ScSlot* slot) { first.Merge(slot); });
  const auto row = [](std::string word, int64_t n, int64_t rest, Datum least) {
    return std::vector<Datum>{S(std::move(word)), D(n), D(rest), std::move(least), D(0), D(100), D(1), D(99)};
  };
  EXPECT_EQ(Results(words, job, first), (Table{row("a", 3, 16 % 3, S("a")), row("b", 2, 0, S("b")), row("d", 1, 0, S("d"))}));
  first.ForEach([&](const ScSlot* slot) {
    const auto* key = reinterpret_cast<const ScStr*>(slot + 1);
    EXPECT_EQ(slot->last_time, *key->ptr == 'a' ? 15 : *key->ptr == 'b' ? 50 : 60);
  });
}

TEST_P(Aggregates, ChangesRemoveWhatTheyAdded) {
  Words words(true);
  Job job(words.program, GetParam());
  rt::state::TableShape shape(words.program.spec.aggregates[0].key, words.program.spec.aggregates[0].state_size,
                              job.Function<ScMergeFn>(1), nullptr);
  rt::state::Table table(shape);
  job.host.slice = [&](ScAgg* agg, int64_t, int64_t) {
    *agg = {INT64_MIN, INT64_MAX, INT64_MAX, table.abi(), agg->owner};
    return table.abi();
  };
  ScAgg head{};
  Rows late({kString});
  Rows in = words.Input({{S("a"), D(5), D(1), D(0), D(1)},
                         {S("a"), D(6), D(2), D(0), D(1)},
                         {S("a"), D(5), D(3), D(0), D(-1)},
                         {S("z"), D(0), D(3), D(0), D(1)},
                         {S("z"), D(0), D(3), D(0), D(-1)}});
  EXPECT_EQ(job.Function<ScUpdateFn>(0)(&job.ctx, in.batch().view(), &head, late.batch().out()), 0);
  // z has no rows left, and a remainder by zero: its result is rejected.
  EXPECT_EQ(Results(words, job, table), (Table{{S("a"), D(1), D(0), D(0), D(100), D(1), D(99)}}));
  ASSERT_EQ(job.host.rejections.size(), 1u);
  EXPECT_EQ(job.host.rejections[0].site, 6);
  EXPECT_EQ(job.host.rejections[0].code, SC_ERR_DIVIDE);
}

// Slots written out and read back into another table give the results and merge as they did; other bytes are refused.
TEST_P(Aggregates, SlotsAreSavedAndLoaded) {
  Words words(false);
  auto distinct = physical::AggCall();
  distinct.function = Find("count_distinct", "streamc_agg_count_distinct_add_string");
  distinct.args = {Col(0, kString)};
  distinct.type = kInt;
  distinct.state_offset = words.program.aggregates[0].state_size;
  words.program.aggregates[0].calls.push_back(distinct);
  words.program.aggregates[0].items[0] = {{11, "n", kInt, false}, Agg(3, kInt)};
  words.program.aggregates[0].state_size += 16;
  words.program.aggregates[0].destroy_function = 5;
  words.program.function_count = 6;
  words.program.spec.aggregates[0].state_size += 16;
  Job job(words.program, GetParam());
  rt::state::TableShape shape(words.program.spec.aggregates[0].key, words.program.spec.aggregates[0].state_size,
                              job.Function<ScMergeFn>(1), job.Function<ScDestroyFn>(5), job.Function<ScSaveFn>(3),
                              job.Function<ScLoadFn>(4));
  rt::state::Table first(shape), second(shape);
  job.host.slice = [&](ScAgg* agg, int64_t, int64_t) {
    *agg = {0, 100, 100, first.abi(), agg->owner};
    return first.abi();
  };
  ScAgg head{};
  Rows late({kString});
  Rows in = words.Input({{S("a"), D(1), D(10), D(0), D(1)}, {S("b"), D(-5), D(20), D(0), D(1)}, {S("a"), D(7), D(12), D(0), D(1)}});
  EXPECT_EQ(job.Function<ScUpdateFn>(0)(&job.ctx, in.batch().view(), &head, late.batch().out()), 0);
  first.ForEach([&](ScSlot* slot) {
    std::string bytes;
    rt::state::EncodeSlot(shape, slot, &bytes);
    ScSlot* copy = second.FindOrInsert(rt::state::Table::HashOf(slot), first.KeyOf(slot));
    // Cut short, or with more behind: refused, and what was read until then is given back.
    for (size_t size = 0; size <= bytes.size(); ++size) {
      std::string other = size == bytes.size() ? bytes + "x" : bytes.substr(0, size);
      EXPECT_FALSE(rt::state::DecodeSlot(shape, other, copy, second.abi()->arena)) << size;
      second.ResetStates(copy);
    }
    EXPECT_TRUE(rt::state::DecodeSlot(shape, bytes, copy, second.abi()->arena));
    std::string again;
    rt::state::EncodeSlot(shape, copy, &again);
    EXPECT_EQ(again, bytes);
  });
  EXPECT_EQ(Results(words, job, second), Results(words, job, first));
  second.ForEach([&](const ScSlot* slot) { first.Merge(slot); });
  const auto row = [](std::string word, int64_t n, int64_t rest, Datum least) {
    return std::vector<Datum>{S(std::move(word)), D(n), D(rest), std::move(least), D(0), D(100), D(1), D(99)};
  };
  EXPECT_EQ(Results(words, job, first), (Table{row("a", 1, 32 % 4, S("a")), row("b", 1, 0, Datum{})}));
}

TEST_P(Aggregates, SumThatDoesNotFitStops) {
  Words words(false);
  words.program.aggregates[0].calls[1].args = {Make(ExprKind::Unwrap, kInt, {Col(1, Opt(kInt))})};
  Job job(words.program, GetParam());
  rt::state::TableShape shape(words.program.spec.aggregates[0].key, words.program.spec.aggregates[0].state_size,
                              job.Function<ScMergeFn>(1), nullptr);
  rt::state::Table table(shape);
  job.host.slice = [&](ScAgg* agg, int64_t, int64_t) {
    *agg = {0, 100, 100, table.abi(), agg->owner};
    return table.abi();
  };
  ScAgg head{};
  Rows late({kString});
  Rows in = words.Input({{S("a"), D(INT64_MAX), D(1), D(0), D(1)}, {S("a"), D(INT64_MAX), D(2), D(0), D(1)}});
  EXPECT_EQ(job.Function<ScUpdateFn>(0)(&job.ctx, in.batch().view(), &head, late.batch().out()), 0);
  std::vector<const ScSlot*> slots;
  table.ForEach([&](const ScSlot* slot) { slots.push_back(slot); });
  Rows out(words.OutputTypes());
  EXPECT_EQ(job.Function<ScResultFn>(2)(&job.ctx, slots.data(), 1, 0, 100, 1, 1, out.batch().out()), SC_ERR_SUM_OVERFLOW);
}

TEST(TimeFunction, GivesTimesAndStates) {
  physical::Program program = EmptyProgram();
  physical::TimeCode code;
  code.node = code.function = 0;
  code.input = {{0, "seconds", kInt}, {1, "t", Opt(kTime)}};
  code.expr =
      Bin(ExprKind::Coalesce, Col(1, Opt(kTime)),
          Make(ExprKind::If, Opt(kTime),
               {Cmp(ExprKind::Eq, Bin(ExprKind::Mod, Int(10), Col(0, kInt)), Int(0)), Lit(Opt(kTime), D(5)), Null(kTime)}),
          Opt(kTime));
  program.times.push_back(code);
  program.function_count = 1;
  Job job(program);
  Rows in({kInt, Opt(kTime)}, true);
  in.Add({D(0), D(77)});
  in.Add({D(5), Datum{}});
  in.Add({D(3), Datum{}});
  in.Add({D(0), Datum{}});
  in.Add({D(1), D(1)});
  in.SetState(4, 1, SC_ERR_TIME_FORMAT);
  int64_t time[5];
  uint8_t state[5];
  EXPECT_EQ(job.Function<ScTimeFn>(0)(&job.ctx, in.batch().view(), time, state), 0);
  EXPECT_EQ(std::vector<uint8_t>(state, state + 5), (std::vector<uint8_t>{0, 0, SC_NULL, SC_ERR_DIVIDE, SC_ERR_TIME_FORMAT}));
  EXPECT_EQ(time[0], 77);
  EXPECT_EQ(time[1], 5);
}

}  // namespace
}  // namespace streamc::codegen::testing
