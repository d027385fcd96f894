// Every kind of expression, evaluated by generated code in both tiers.
#include <limits>

#include <gtest/gtest.h>

#include "harness.h"

namespace streamc::codegen::testing {
namespace {

using I = ExprKind;
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kDay = 86'400'000'000;

Outcome Value(Datum datum) {
  return {std::move(datum), 0};
}
Outcome Code(int32_t code) {
  return {Datum{}, code};
}
Datum D(int64_t value) {
  return Datum{value};
}
Datum B(bool value) {
  return Datum{value};
}
Datum S(std::string text) {
  return Datum{std::move(text)};
}
Datum Dc(types::Int128 value) {
  return Datum{value};
}
template <typename... Ts>
Datum L(Ts... elements) {
  return Datum{std::vector<Datum>{std::move(elements)...}};
}

types::Int128 Ten(int exponent) {
  types::Int128 power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

const TypeRef kInt = T(TypeKind::Int), kBool = T(TypeKind::Bool), kFloat = T(TypeKind::Float), kString = T(TypeKind::String);

TEST(Numbers, IntegersAreExactOrRejected) {
  EXPECT_EQ(Evaluate(Bin(I::Add, Int(2), Int(3))), Value(D(5)));
  EXPECT_EQ(Evaluate(Bin(I::Sub, Int(2), Int(3))), Value(D(-1)));
  EXPECT_EQ(Evaluate(Bin(I::Mul, Col(0, kInt), Int(3)), {kInt}, {D(-4)}), Value(D(-12)));
  EXPECT_EQ(Evaluate(Bin(I::Mod, Int(-7), Int(3))), Value(D(-1)));
  EXPECT_EQ(Evaluate(Make(I::Neg, kInt, {Col(0, kInt)}), {kInt}, {D(5)}), Value(D(-5)));
  EXPECT_EQ(Evaluate(Bin(I::Add, Col(0, kInt), Int(1)), {kInt}, {D(kMax)}), Code(SC_ERR_OVERFLOW));
  EXPECT_EQ(Evaluate(Bin(I::Sub, Col(0, kInt), Int(1)), {kInt}, {D(kMin)}), Code(SC_ERR_OVERFLOW));
  EXPECT_EQ(Evaluate(Bin(I::Mul, Col(0, kInt), Int(2)), {kInt}, {D(kMax)}), Code(SC_ERR_OVERFLOW));
  EXPECT_EQ(Evaluate(Make(I::Neg, kInt, {Col(0, kInt)}), {kInt}, {D(kMin)}), Code(SC_ERR_OVERFLOW));
  EXPECT_EQ(Evaluate(Bin(I::Mod, Int(7), Col(0, kInt)), {kInt}, {D(0)}), Code(SC_ERR_DIVIDE));
  EXPECT_EQ(Evaluate(Bin(I::Mod, Col(0, kInt), Int(-1)), {kInt}, {D(kMin)}), Value(D(0)));
}

TEST(Numbers, FloatsAreFinite) {
  EXPECT_EQ(Evaluate(Bin(I::Div, Make(I::ToFloat, kFloat, {Int(1)}), Float(4))), Value(Datum{0.25}));
  EXPECT_EQ(Evaluate(Bin(I::Div, Float(1), Col(0, kFloat)), {kFloat}, {Datum{0.0}}), Code(SC_ERR_DIVIDE));
  EXPECT_EQ(Evaluate(Bin(I::Mul, Col(0, kFloat), Float(10)), {kFloat}, {Datum{1e308}}), Code(SC_ERR_NAN));
  EXPECT_EQ(Evaluate(Bin(I::Add, Col(0, kFloat), Float(0.5)), {kFloat}, {Datum{1.0}}), Value(Datum{1.5}));
  EXPECT_EQ(Evaluate(Bin(I::Mod, Col(0, kFloat), Float(3)), {kFloat}, {Datum{7.5}}), Value(Datum{1.5}));
}

TEST(Numbers, DecimalsKeepTheirScale) {
  TypeRef d2 = types::MakeDecimal(20, 2), d3 = types::MakeDecimal(20, 3), d5 = types::MakeDecimal(38, 5),
          d6 = types::MakeDecimal(38, 6);
  EXPECT_EQ(Evaluate(Bin(I::Add, Dec(150, 2), Dec(1250, 3), d3)), Value(Dc(2750)));
  EXPECT_EQ(Evaluate(Bin(I::Sub, Col(0, d2), Dec(1, 2), d2), {d2}, {Dc(-5)}), Value(Dc(-6)));
  EXPECT_EQ(Evaluate(Bin(I::Mul, Dec(150, 2), Dec(1250, 3), d5)), Value(Dc(187500)));
  // 1.00 / 3.00 to six decimals, and half up away from zero: -0.5 / 1000000 to six.
  EXPECT_EQ(Evaluate(Bin(I::Div, Col(0, d2), Dec(300, 2), d6), {d2}, {Dc(100)}), Value(Dc(333333)));
  EXPECT_EQ(Evaluate(Bin(I::Div, Col(0, d2), Dec(300, 2), d6), {d2}, {Dc(200)}), Value(Dc(666667)));
  EXPECT_EQ(Evaluate(Bin(I::Div, Dec(-5, 1), Dec(1000000, 0), d6), {d2}, {Dc(0)}), Value(Dc(-1)));
  EXPECT_EQ(Evaluate(Bin(I::Div, Col(0, d2), Dec(0, 2), d6), {d2}, {Dc(100)}), Code(SC_ERR_DIVIDE));
  EXPECT_EQ(Evaluate(Make(I::ToDecimal, d2, {Int(7)})), Value(Dc(700)));
  EXPECT_EQ(Evaluate(Make(I::ToDecimal, d2, {Dec(1235, 3)})), Value(Dc(124)));
  TypeRef small = types::MakeDecimal(3, 2);
  EXPECT_EQ(Evaluate(Make(I::ToDecimal, small, {Col(0, kInt)}), {kInt}, {D(9)}), Value(Dc(900)));
  EXPECT_EQ(Evaluate(Make(I::ToDecimal, small, {Col(0, kInt)}), {kInt}, {D(10)}), Code(SC_ERR_OVERFLOW));
  EXPECT_EQ(Evaluate(Make(I::ToDecimal, Opt(small), {Col(0, Opt(kInt))}), {Opt(kInt)}, {Datum{}}), Value(Datum{}));
  EXPECT_EQ(Evaluate(Bin(I::Mod, Col(0, d2), Dec(25, 1), d2), {d2}, {Dc(701)}), Value(Dc(201)));
}

TEST(Numbers, DecimalsOfMoreThan38DigitsAreRejected) {
  TypeRef wide = types::MakeDecimal(38, 0), six = types::MakeDecimal(38, 6);
  EXPECT_EQ(Evaluate(Bin(I::Add, Col(0, wide), Col(0, wide), wide), {wide}, {Dc(Ten(38) - 1)}), Code(SC_ERR_OVERFLOW));
  EXPECT_EQ(Evaluate(Bin(I::Mul, Col(0, wide), Dec(10, 0), wide), {wide}, {Dc(Ten(37))}), Code(SC_ERR_OVERFLOW));
  EXPECT_EQ(Evaluate(Bin(I::Mul, Col(0, wide), Dec(9, 0), wide), {wide}, {Dc(Ten(37))}), Value(Dc(Ten(37) * 9)));
  // The dividend leaves 128 bits on the way, the quotient does not.
  EXPECT_EQ(Evaluate(Bin(I::Div, Col(0, wide), Col(0, wide), six), {wide}, {Dc(Ten(38) - 1)}), Value(Dc(1000000)));
  EXPECT_EQ(Evaluate(Bin(I::Div, Col(0, wide), Dec(-4, 0), six), {wide}, {Dc(Ten(37))}), Code(SC_ERR_OVERFLOW));
}

TEST(Numbers, Times) {
  TypeRef ts = T(TypeKind::Timestamp), date = T(TypeKind::Date), duration = T(TypeKind::Duration);
  EXPECT_EQ(Evaluate(Bin(I::Add, Col(0, ts), Lit(duration, D(5)), ts), {ts}, {D(10)}), Value(D(15)));
  EXPECT_EQ(Evaluate(Bin(I::Sub, Col(0, ts), Lit(ts, D(4)), duration), {ts}, {D(10)}), Value(D(6)));
  EXPECT_EQ(Evaluate(Bin(I::Add, Col(0, ts), Lit(duration, D(5)), ts), {ts}, {D(kMax)}), Code(SC_ERR_OVERFLOW));
  EXPECT_EQ(Evaluate(Bin(I::Add, Col(0, date), Lit(duration, D(3 * kDay)), date), {date}, {D(-1)}), Value(D(2)));
  EXPECT_EQ(Evaluate(Bin(I::Sub, Col(0, date), Lit(duration, D(1)), date), {date}, {D(-1)}), Value(D(-2)));
  EXPECT_EQ(Evaluate(Bin(I::Mul, Col(0, duration), Int(3), duration), {duration}, {D(7)}), Value(D(21)));
  EXPECT_EQ(Evaluate(Bin(I::Div, Col(0, duration), Int(2), duration), {duration}, {D(7)}), Value(D(3)));
  EXPECT_EQ(Evaluate(Bin(I::Div, Col(0, duration), Int(0), duration), {duration}, {D(7)}), Code(SC_ERR_DIVIDE));
}

TEST(Comparison, OrderOfEveryKind) {
  auto lt = [](ExprPtr a, ExprPtr b) { return Evaluate(Cmp(I::Lt, a, b)); };
  EXPECT_EQ(lt(Int(-1), Int(0)), Value(B(true)));
  EXPECT_EQ(lt(Float(0.5), Float(0.5)), Value(B(false)));
  EXPECT_EQ(lt(Str("a"), Str("ab")), Value(B(true)));
  EXPECT_EQ(lt(Str("\x7f"), Str("\xc3\xa5")), Value(B(true)));
  EXPECT_EQ(lt(Dec(199, 2), Dec(2, 0)), Value(B(true)));
  EXPECT_EQ(lt(Dec(Ten(37), 0, 38), Dec(Ten(37), 30, 38)), Value(B(false)));
  EXPECT_EQ(Evaluate(Cmp(I::Ge, Col(0, kString), Str("b")), {kString}, {S("b")}), Value(B(true)));
  EXPECT_EQ(Evaluate(Cmp(I::Gt, Col(0, kInt), Int(3)), {kInt}, {D(3)}), Value(B(false)));
  EXPECT_EQ(Evaluate(Cmp(I::Le, Col(0, kFloat), Float(3)), {kFloat}, {Datum{3.0}}), Value(B(true)));
}

TEST(Comparison, EqualityOfMissingValues) {
  TypeRef opt = Opt(kString);
  auto eq = [&](Datum a, Datum b) { return Evaluate(Cmp(I::Eq, Col(0, opt), Col(1, opt)), {opt, opt}, {a, b}); };
  EXPECT_EQ(eq(S("x"), S("x")), Value(B(true)));
  EXPECT_EQ(eq(S("x"), S("y")), Value(B(false)));
  EXPECT_EQ(eq(S(""), Datum{}), Value(B(false)));
  EXPECT_EQ(eq(Datum{}, S("")), Value(B(false)));
  EXPECT_EQ(eq(Datum{}, Datum{}), Value(B(true)));
  EXPECT_EQ(Evaluate(Cmp(I::Ne, Col(0, opt), Str("x")), {opt}, {Datum{}}), Value(B(true)));
}

TEST(Comparison, RecordsAndListsByParts) {
  TypeRef record = types::MakeRecord({{"a", kInt, "a", nullptr}, {"b", Opt(kString), "b", nullptr}});
  TypeRef list = types::MakeList(Opt(kString));
  auto eq = [&](TypeRef type, Datum a, Datum b) {
    return Evaluate(Cmp(I::Eq, Col(0, type), Col(1, type)), {type, type}, {a, b});
  };
  EXPECT_EQ(eq(record, L(D(1), S("x")), L(D(1), S("x"))), Value(B(true)));
  EXPECT_EQ(eq(record, L(D(1), Datum{}), L(D(1), S("x"))), Value(B(false)));
  EXPECT_EQ(eq(Opt(record), L(D(0), Datum{}), Datum{}), Value(B(false)));
  EXPECT_EQ(eq(list, L(S("x"), Datum{}), L(S("x"), Datum{})), Value(B(true)));
  EXPECT_EQ(eq(list, L(S("x"), S("")), L(S("x"), Datum{})), Value(B(false)));
  EXPECT_EQ(eq(list, L(S("x")), L(S("x"), S("y"))), Value(B(false)));
  EXPECT_EQ(eq(list, L(), L()), Value(B(true)));
}

TEST(Comparison, InLiteralAndComputedLists) {
  TypeRef ints = types::MakeList(kInt), strings = types::MakeList(kString);
  auto in = [&](Datum needle) {
    return Evaluate(Cmp(I::In, Col(0, kString), Lit(strings, L(S("view"), S("click"), S("buy")))), {kString}, {needle});
  };
  EXPECT_EQ(in(S("view")), Value(B(true)));
  EXPECT_EQ(in(S("buy")), Value(B(true)));
  EXPECT_EQ(in(S("vie")), Value(B(false)));
  EXPECT_EQ(Evaluate(Cmp(I::In, Int(1), Lit(ints, L()))), Value(B(false)));
  EXPECT_EQ(Evaluate(Cmp(I::In, Int(2), Make(I::List, ints, {Int(1), Col(0, kInt)})), {kInt}, {D(2)}), Value(B(true)));
  EXPECT_EQ(Evaluate(Cmp(I::In, Int(2), Col(0, ints)), {ints}, {L(D(1), D(2))}), Value(B(true)));
  EXPECT_EQ(Evaluate(Cmp(I::In, Int(3), Col(0, ints)), {ints}, {L(D(1), D(2))}), Value(B(false)));
}

TEST(Logic, ShortCircuits) {
  // 1 % 0 would reject the row.
  ExprPtr bad = Cmp(I::Eq, Bin(I::Mod, Int(1), Col(0, kInt)), Int(0));
  auto run = [&](ExprPtr expr) { return Evaluate(expr, {kInt}, {D(0)}); };
  ExprPtr zero = Cmp(I::Eq, Col(0, kInt), Int(0));
  EXPECT_EQ(run(Bin(I::And, Make(I::Not, kBool, {zero}), bad)), Value(B(false)));
  EXPECT_EQ(run(Bin(I::Or, zero, bad)), Value(B(true)));
  EXPECT_EQ(run(Bin(I::And, zero, bad)), Code(SC_ERR_DIVIDE));
  EXPECT_EQ(run(Make(I::If, kBool, {zero, Bool(true), bad})), Value(B(true)));
  EXPECT_EQ(run(Make(I::If, kBool, {zero, bad, Bool(true)})), Code(SC_ERR_DIVIDE));
}

TEST(Missing, CoalesceNeedUnwrap) {
  TypeRef opt = Opt(kInt);
  ExprPtr column = Col(0, opt);
  ExprPtr rejecting = Bin(I::Mod, Int(1), Int(0));
  EXPECT_EQ(Evaluate(Bin(I::Coalesce, column, Int(9), kInt), {opt}, {Datum{}}), Value(D(9)));
  EXPECT_EQ(Evaluate(Bin(I::Coalesce, column, rejecting, kInt), {opt}, {D(4)}), Value(D(4)));
  EXPECT_EQ(Evaluate(Bin(I::Coalesce, column, rejecting, kInt), {opt}, {Datum{}}), Code(SC_ERR_DIVIDE));
  EXPECT_EQ(Evaluate(Bin(I::Coalesce, column, column, opt), {opt}, {Datum{}}), Value(Datum{}));
  EXPECT_EQ(Evaluate(Need(column, "need"), {opt}, {Datum{}}), Code(SC_ERR_NEED));
  EXPECT_EQ(Evaluate(Need(column, "convert"), {opt}, {Datum{}}), Code(SC_ERR_CONVERT));
  EXPECT_EQ(Evaluate(Need(column, "need"), {opt}, {D(1)}), Value(D(1)));
  EXPECT_EQ(Evaluate(Make(I::IsNull, kBool, {column}), {opt}, {Datum{}}), Value(B(true)));
  EXPECT_EQ(Evaluate(Make(I::Wrap, opt, {Int(3)})), Value(D(3)));
  ExprPtr narrowed = Make(I::If, kInt, {Make(I::IsNull, kBool, {column}), Int(0), Make(I::Unwrap, kInt, {column})});
  EXPECT_EQ(Evaluate(narrowed, {opt}, {D(8)}), Value(D(8)));
  EXPECT_EQ(Evaluate(narrowed, {opt}, {Datum{}}), Value(D(0)));
  EXPECT_EQ(Evaluate(Make(I::If, opt, {Bool(true), Null(kInt), Make(I::Wrap, opt, {Int(3)})})), Value(Datum{}));
}

TEST(Records, FieldsAndOptionalRecords) {
  TypeRef inner = types::MakeRecord({{"x", kInt, "x", nullptr}, {"y", Opt(kString), "y", nullptr}});
  TypeRef outer = types::MakeRecord({{"n", kInt, "n", nullptr}, {"in", Opt(inner), "in", nullptr}});
  ExprPtr column = Col(0, outer);
  ExprPtr x = Field(Field(column, 1, Opt(inner)), 0, Opt(kInt));
  EXPECT_EQ(Evaluate(x, {outer}, {L(D(1), L(D(5), S("t")))}), Value(D(5)));
  EXPECT_EQ(Evaluate(x, {outer}, {L(D(1), Datum{})}), Value(Datum{}));
  EXPECT_EQ(Evaluate(column, {outer}, {L(D(1), L(D(5), Datum{}))}), Value(L(D(1), L(D(5), Datum{}))));
  EXPECT_EQ(Evaluate(column, {outer}, {L(D(1), Datum{})}), Value(L(D(1), Datum{})));
  ExprPtr needed = Field(Need(Field(column, 1, Opt(inner)), "need"), 0, kInt);
  EXPECT_EQ(Evaluate(needed, {outer}, {L(D(1), L(D(5), S("t")))}), Value(D(5)));
  EXPECT_EQ(Evaluate(needed, {outer}, {L(D(1), Datum{})}), Code(SC_ERR_NEED));
  ExprPtr made = Make(I::Record, inner, {Int(3), Null(kString)});
  EXPECT_EQ(Evaluate(made), Value(L(D(3), Datum{})));
  EXPECT_EQ(Evaluate(Field(made, 0, kInt)), Value(D(3)));
  EXPECT_EQ(Evaluate(Make(I::IsNull, kBool, {Field(column, 1, Opt(inner))}), {outer}, {L(D(1), Datum{})}), Value(B(true)));
  ExprPtr local = Let(1, column, Field(Field(Local(1, outer), 1, Opt(inner)), 1, Opt(kString)));
  EXPECT_EQ(Evaluate(local, {outer}, {L(D(1), L(D(5), S("t")))}), Value(S("t")));
  EXPECT_EQ(Evaluate(local, {outer}, {L(D(1), Datum{})}), Value(Datum{}));
}

TEST(Lists, LiteralIndexAndLoops) {
  TypeRef ints = types::MakeList(kInt), strings = types::MakeList(kString);
  ExprPtr list = Col(0, ints);
  const Datum data = L(D(3), D(4), D(5));
  EXPECT_EQ(Evaluate(Lit(ints, L(D(1), D(2)))), Value(L(D(1), D(2))));
  EXPECT_EQ(Evaluate(Lit(strings, L(S("a"), S("b")))), Value(L(S("a"), S("b"))));
  EXPECT_EQ(Evaluate(Make(I::List, strings, {Str("a"), Col(0, kString)}), {kString}, {S("z")}), Value(L(S("a"), S("z"))));
  EXPECT_EQ(Evaluate(Make(I::List, ints)), Value(L()));
  auto at = [&](int64_t i) { return Evaluate(Make(I::Index, Opt(kInt), {list, Int(i)}), {ints}, {data}); };
  EXPECT_EQ(at(0), Value(D(3)));
  EXPECT_EQ(at(2), Value(D(5)));
  EXPECT_EQ(at(3), Value(Datum{}));
  EXPECT_EQ(at(-1), Value(Datum{}));
  EXPECT_EQ(Evaluate(Make(I::Index, Opt(kString), {Lit(strings, L(S("a"))), Int(1)})), Value(Datum{}));

  ExprPtr element = Local(1, kInt);
  auto run = [&](ExprPtr expr) { return Evaluate(expr, {ints}, {data}); };
  EXPECT_EQ(run(Loop(I::Map, ints, {list, Bin(I::Mul, element, element)})), Value(L(D(9), D(16), D(25))));
  EXPECT_EQ(run(Loop(I::Filter, ints, {list, Cmp(I::Ne, element, Int(4))})), Value(L(D(3), D(5))));
  EXPECT_EQ(run(Loop(I::Exists, kBool, {list, Cmp(I::Eq, element, Int(4))})), Value(B(true)));
  EXPECT_EQ(run(Loop(I::Exists, kBool, {list, Cmp(I::Eq, element, Int(9))})), Value(B(false)));
  EXPECT_EQ(run(Loop(I::ForAll, kBool, {list, Cmp(I::Gt, element, Int(2))})), Value(B(true)));
  EXPECT_EQ(run(Loop(I::ForAll, kBool, {list, Cmp(I::Gt, element, Int(3))})), Value(B(false)));
  EXPECT_EQ(run(Loop(I::Reduce, kInt, {list, Int(100), Bin(I::Add, Local(1, kInt), Local(2, kInt))})), Value(D(112)));
  EXPECT_EQ(run(Loop(I::Map, ints, {list, Bin(I::Mod, Int(1), Bin(I::Sub, element, Int(4)))})), Code(SC_ERR_DIVIDE));
}

TEST(Params, ReadFromTheirOffsets) {
  physical::Program program = EmptyProgram();
  abi::TypeSpec text, number;
  text.logical = abi::Logical::String;
  number.optional = true;
  program.spec.params = {{"topic", text, false, {}, false}, {"n", number, false, {}, false}};
  auto param = std::make_shared<Expr>();
  param->kind = ExprKind::Param;
  param->type = Opt(kInt);
  param->index = 1;
  physical::Pipeline pipeline;
  pipeline.node = pipeline.function = 0;
  pipeline.steps.push_back({1, physical::Compute{100, param}});
  pipeline.terminal = physical::EmitRow{{{100, "n", param->type}}};
  program.pipelines.push_back(pipeline);
  program.function_count = 1;
  Job job(program);
  const int64_t row[] = {0, 0, 0, 42};  // a string of 16 bytes, then state and value
  job.ctx.params = reinterpret_cast<const char*>(row);
  Rows in({}), out({param->type});
  in.batch().Resize(1);
  job.Function<ScRowsFn>(0)(&job.ctx, in.batch().view(), out.batch().out());
  ASSERT_EQ(out.count(), 1);
  EXPECT_EQ(out.Read(0)[0], D(42));
}

}  // namespace
}  // namespace streamc::codegen::testing
