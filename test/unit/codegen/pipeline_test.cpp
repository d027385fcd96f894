// Row pipelines: steps, decode errors, output, lookups.
#include <gtest/gtest.h>

#include "harness.h"

namespace streamc::codegen::testing {
namespace {

Datum D(int64_t value) {
  return Datum{value};
}
Datum S(std::string text) {
  return Datum{std::move(text)};
}
template <typename... Ts>
Datum L(Ts... elements) {
  return Datum{std::vector<Datum>{std::move(elements)...}};
}
const TypeRef kInt = T(TypeKind::Int), kString = T(TypeKind::String);

physical::Program OnePipeline(physical::Pipeline pipeline) {
  physical::Program program = EmptyProgram();
  pipeline.node = 0;
  pipeline.function = 0;
  program.pipelines.push_back(std::move(pipeline));
  program.function_count = 1;
  return program;
}

std::vector<std::vector<Datum>> RunRows(Job& job, Rows& in, std::vector<TypeRef> types, bool all_states = false) {
  Rows out(std::move(types), all_states);
  EXPECT_EQ(job.Function<ScRowsFn>(0)(&job.ctx, in.batch().view(), out.batch().out()), 0);
  std::vector<std::vector<Datum>> rows;
  for (int64_t i = 0; i < out.count(); ++i) rows.push_back(out.Read(i));
  return rows;
}
using Table = std::vector<std::vector<Datum>>;

class BothTiers : public ::testing::TestWithParam<backend::Tier> {};
INSTANTIATE_TEST_SUITE_P(Tiers, BothTiers, ::testing::Values(backend::Tier::Fast, backend::Tier::Optimized));

TEST_P(BothTiers, FilterComputeCheckInOrder) {
  physical::Pipeline p;
  p.input = {{0, "a", kInt}, {1, "s", kString}};
  p.steps.push_back({1, physical::Filter{Cmp(ExprKind::Gt, Col(0, kInt), Int(0))}});
  p.steps.push_back({2, physical::Compute{2, Bin(ExprKind::Mod, Int(100), Bin(ExprKind::Sub, Col(0, kInt), Int(3)))}});
  p.steps.push_back({3, physical::Check{Cmp(ExprKind::Ne, Col(1, kString), Str("bad"))}});
  p.terminal = physical::EmitRow{{{1, "s", kString}, {2, "m", kInt}}};
  Job job(OnePipeline(p), GetParam());
  Rows in({kInt, kString});
  for (auto& [a, s] : std::vector<std::pair<int64_t, std::string>>{{-1, "x"}, {10, "y"}, {3, "z"}, {5, "bad"}, {6, "w"}}) {
    in.Add({D(a), S(s)});
  }
  EXPECT_EQ(RunRows(job, in, {kString, kInt}), (Table{{S("y"), D(2)}, {S("w"), D(1)}}));
  EXPECT_EQ(job.host.rejections, (std::vector<Rejection>{{2, 2, SC_ERR_DIVIDE}, {3, 3, SC_ERR_CHECK}}));
}

TEST_P(BothTiers, UndecodedFieldsRejectWhereTheyAreNeeded) {
  physical::Pipeline p;
  p.source_batch = true;
  p.input = {{0, "a", kInt}, {1, "b", Opt(kInt)}, {2, "c", kInt}};
  p.steps.push_back({1, physical::Filter{Cmp(ExprKind::Gt, Col(0, kInt), Int(0))}});
  p.steps.push_back({2, physical::Compute{3, Bin(ExprKind::Coalesce, Col(1, Opt(kInt)), Int(-1), kInt)}});
  p.terminal = physical::EmitRow{{{0, "a", kInt}, {3, "b", kInt}}};
  Job job(OnePipeline(p), GetParam());
  Rows in({kInt, Opt(kInt), kInt}, true);
  in.Add({D(1), D(2), D(3)});
  in.Add({D(0), D(2), D(3)});  // dropped: that b is bad does not matter
  in.SetState(1, 1, SC_ERR_JSON_TYPE);
  in.Add({D(1), D(2), D(3)});  // b is bad
  in.SetState(2, 1, SC_ERR_JSON_RANGE);
  in.Add({Datum{}, D(2), D(3)});  // a is missing
  in.Add({D(1), Datum{}, D(3)});
  in.Add({D(1), D(2), D(3)});  // c is never read
  in.SetState(5, 2, SC_ERR_JSON_TYPE);
  EXPECT_EQ(RunRows(job, in, {kInt, kInt}), (Table{{D(1), D(2)}, {D(1), D(-1)}, {D(1), D(2)}}));
  EXPECT_EQ(job.host.rejections, (std::vector<Rejection>{{2, 2, SC_ERR_JSON_RANGE}, {3, 1, SC_ERR_MISSING}}));
}

TEST_P(BothTiers, AbsentRecordsHideTheStatesOfTheirFields) {
  TypeRef user = types::MakeRecord({{"id", kInt, "id", nullptr}, {"name", Opt(kString), "name", nullptr}});
  ExprPtr id = Field(Col(0, Opt(user)), 0, Opt(kInt));
  physical::Pipeline p;
  p.source_batch = true;
  p.input = {{0, "user", Opt(user)}};
  p.steps.push_back({1, physical::Compute{1, Make(ExprKind::IsNull, T(TypeKind::Bool), {Col(0, Opt(user))})}});
  p.steps.push_back({2, physical::Compute{2, id}});
  p.terminal = physical::EmitRow{{{1, "none", T(TypeKind::Bool)}, {2, "id", Opt(kInt)}}};
  Job job(OnePipeline(p), GetParam());
  Rows in({Opt(user)}, true);
  in.Add({L(D(7), S("n"))});
  in.Add({Datum{}});
  in.SetState(1, 1, SC_NULL);
  in.Add({L(D(7), S("n"))});
  in.SetState(2, 1, SC_NULL);  // present, but its required id is missing
  in.Add({Datum{}});
  in.SetState(3, 0, SC_ERR_JSON_TYPE);  // the record itself could not be decoded
  EXPECT_EQ(RunRows(job, in, {T(TypeKind::Bool), Opt(kInt)}), (Table{{Datum{false}, D(7)}, {Datum{true}, Datum{}}}));
  EXPECT_EQ(job.host.rejections, (std::vector<Rejection>{{2, 2, SC_ERR_MISSING}, {3, 1, SC_ERR_JSON_TYPE}}));
}

TEST_P(BothTiers, UncheckedOutputCarriesStatesOn) {
  physical::Pipeline p;
  p.source_batch = p.unchecked_output = true;
  p.input = {{0, "a", kInt}, {1, "s", kString}};
  p.steps.push_back({1, physical::Compute{2, Int(5)}});
  p.terminal = physical::EmitRow{{{1, "s", kString}, {0, "a", kInt}, {2, "five", kInt}}};
  Job job(OnePipeline(p), GetParam());
  Rows in({kInt, kString}, true);
  in.Add({D(1), S("x")});
  in.Add({D(2), S("y")});
  in.SetState(1, 1, SC_ERR_UTF8);
  EXPECT_EQ(RunRows(job, in, {kString, kInt, kInt}, true), (Table{{S("x"), D(1), D(5)}, {D(-SC_ERR_UTF8), D(2), D(5)}}));
  EXPECT_TRUE(job.host.rejections.empty());
}

TEST_P(BothTiers, ExpandRunsTheRestPerElement) {
  TypeRef list = types::MakeList(kInt);
  for (bool outer : {false, true}) {
    TypeRef element = outer ? Opt(kInt) : kInt;
    physical::Pipeline p;
    p.input = {{0, "id", kInt}, {1, "xs", list}};
    p.steps.push_back({1, physical::Expand{2, Col(1, list), outer}});
    ExprPtr value = outer ? Bin(ExprKind::Coalesce, Col(2, element), Int(50), kInt) : Col(2, kInt);
    p.steps.push_back({2, physical::Compute{3, Bin(ExprKind::Mod, Int(100), value)}});
    p.terminal = physical::EmitRow{{{0, "id", kInt}, {2, "x", element}, {3, "m", kInt}}};
    Job job(OnePipeline(p), GetParam());
    Rows in({kInt, list});
    in.Add({D(1), L(D(7), D(0), D(9))});  // the row of element 0 is rejected, the others are not
    in.Add({D(2), L()});
    in.Add({D(3), L(D(30))});
    Table expected{{D(1), D(7), D(2)}, {D(1), D(9), D(1)}};
    if (outer) expected.push_back({D(2), Datum{}, D(0)});
    expected.push_back({D(3), D(30), D(10)});
    EXPECT_EQ(RunRows(job, in, {kInt, element, kInt}), expected);
    EXPECT_EQ(job.host.rejections, (std::vector<Rejection>{{0, 2, SC_ERR_DIVIDE}}));
  }
}

TEST_P(BothTiers, OutputGrows) {
  TypeRef list = types::MakeList(kInt);
  physical::Pipeline p;
  p.input = {{0, "xs", list}};
  p.steps.push_back({1, physical::Expand{1, Col(0, list), false}});
  p.terminal = physical::EmitRow{{{1, "x", kInt}}};
  Job job(OnePipeline(p), GetParam());
  Rows in({list});
  std::vector<Datum> elements;
  for (int64_t i = 0; i < 1000; ++i) elements.push_back(D(i));
  for (int i = 0; i < 20; ++i) in.Add({Datum{elements}});
  Table rows = RunRows(job, in, {kInt});
  ASSERT_EQ(rows.size(), 20000u);
  for (size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(rows[i][0], D(static_cast<int64_t>(i % 1000)));
}

TEST_P(BothTiers, LookupDropsRejectsOrLeavesNull) {
  TypeRef row = types::MakeRecord({{"key", kString, "key", nullptr}, {"value", kInt, "value", nullptr}});
  for (auto otherwise : {typed::LookupElse::Drop, typed::LookupElse::Null, typed::LookupElse::Reject}) {
    const bool null = otherwise == typed::LookupElse::Null;
    TypeRef type = null ? Opt(row) : row;
    physical::Pipeline p;
    p.input = {{0, "k", kString}};
    p.steps.push_back({4, physical::LookupRow{2, {Col(0, kString)}, 1, otherwise, row}});
    p.terminal = physical::EmitRow{{{0, "k", kString}, {1, "row", type}}};
    Job job(OnePipeline(p), GetParam());
    rt::batch::Arena arena;
    alignas(16) char bytes[64];
    WriteRow(*row, L(S("a"), D(77)), bytes, &arena);
    job.host.lookup = [&](int32_t table, uint64_t hash, const void* key) -> const void* {
      EXPECT_EQ(table, 2);
      const auto* text = static_cast<const ScStr*>(key);
      EXPECT_EQ(hash, sc_hash_mix(0, sc_hash_str(text->ptr, text->len)));
      return std::string(text->ptr, static_cast<size_t>(text->len)) == "a" ? bytes : nullptr;
    };
    Rows in({kString});
    in.Add({S("a")});
    in.Add({S("b")});
    Table expected{{S("a"), L(S("a"), D(77))}};
    if (null) expected.push_back({S("b"), Datum{}});
    EXPECT_EQ(RunRows(job, in, {kString, type}), expected);
    if (otherwise == typed::LookupElse::Reject) {
      EXPECT_EQ(job.host.rejections, (std::vector<Rejection>{{1, 4, SC_ERR_CHECK}}));
    } else {
      EXPECT_TRUE(job.host.rejections.empty());
    }
  }
}

}  // namespace
}  // namespace streamc::codegen::testing
