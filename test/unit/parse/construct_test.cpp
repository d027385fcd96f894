// Every construct of the language, once: the text parses, without a conflict in the grammar, to the tree it should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/ast/print.h"
#include "test/unit/parse/fixture.h"

namespace streamc::parse {
namespace {

using testing::IsEmpty;

struct Construct {
  const char* text;
  const char* tree;
};
void PrintTo(const Construct& construct, std::ostream* out) {
  *out << construct.text;
}

class ConstructTest : public testing::TestWithParam<Construct> {};

TEST_P(ConstructTest, ParsesToItsTree) {
  const Parsed parsed(GetParam().text);
  EXPECT_THAT(parsed.Messages(), IsEmpty());
  EXPECT_EQ(ast::Print(parsed.program), GetParam().tree);
  EXPECT_THAT(FindGrammarConflicts(parsed.id, parsed.sources), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Declarations, ConstructTest,
    testing::Values(
        Construct{R"(use "common.sdl")", "use \"common.sdl\"\n"},
        Construct{R"(job j { delivery at_least_once commit every 100ms key_groups 16 home us on bad -> bads linger.ms: 5, acks: "all" })",
                  "job j\n  delivery at_least_once\n  commit every 100ms\n  key_groups 16\n  home us\n  on bad -> bads\n  linger.ms: 5\n  acks: "
                  "\"all\"\n"},
        Construct{"param p: duration = 90s; param key: secret", "param p: duration = 1m30s\nparam key: secret\n"},
        Construct{R"(cluster eu { brokers: "a:1", security: { protocol: "ssl" } })",
                  "cluster eu\n  brokers: \"a:1\"\n  security: {protocol: \"ssl\"}\n"},
        Construct{R"(schema S { id: int = 5 as "ID", tag: string? sub: { a: int ...others } null: bool ...rest })",
                  "schema S { id: int = 5 as \"ID\" tag: string? sub: { a: int ...others } null: bool ...rest }\n"},
        Construct{
            R"(schema S { e: enum { view, "add-to-cart" } m: map<string, list<int?>> d: decimal(10, 2) t: timestamp("%Y") u: timestamp(ms) })",
            "schema S { e: enum { \"view\", \"add-to-cart\" } m: map<string, list<int?>> d: decimal(10, 2) t: "
            "timestamp(\"%Y\") u: timestamp(ms) }\n"},
        Construct{R"(source s: S from kafka("t", fetch.min.bytes: 1) format json(strict: true) key k: string time arrival
                     watermark lag 10s ahead 1d idle 30s start earliest on bad stop on null drop)",
                  "source s: S from kafka(\"t\", fetch.min.bytes: 1)\n  format json(strict: true)\n  key k: string\n  time "
                  "arrival\n  watermark lag 10s ahead 1d\n  idle 30s\n  start earliest\n  on bad stop\n  on null drop\n"},
        Construct{R"(source s: { a: int } from file("x") time meta.timestamp start at @2026-01-01)",
                  "source s: { a: int } from file(\"x\")\n  time meta.timestamp\n  start at @2026-01-01T00:00:00Z\n"},
        Construct{R"(table t: S key a, b from file("t.csv") format csv refresh every 5m history 1d on bad dead_letter("d"))",
                  "table t: S key a, b from file(\"t.csv\")\n  format csv\n  on bad dead_letter(\"d\")\n  refresh every 5m\n  "
                  "history 1d\n"},
        Construct{"stream m = merge a, b, c |> as rows", "stream m\n  merge a, b, c\n  as rows\n"},
        Construct{R"(sink b@two: S to kafka("alerts.{team.name}") key a, b.c value v headers { h: "x" } partition p timestamp t
                     format json delete when gone delivery at_least_once)",
                  "sink b @two: S to kafka(concat(\"alerts.\", team.name))\n  key a, b.c\n  value v\n  headers {h: \"x\"}\n  "
                  "partition p\n  timestamp t\n  format json\n  delete when gone\n  delivery at_least_once\n"},
        Construct{
            R"(mirror m from kafka(pattern: r"o\..*", cluster: eu) to kafka("eu.{meta.topic}", cluster: us) where meta.partition == 1)",
            "mirror m from kafka(pattern: \"o\\\\..*\", cluster: eu) to kafka(concat(\"eu.\", meta.topic), cluster: us) "
            "where (meta.partition == 1)\n"},
        Construct{"fn f(a: int, b: string?) -> int? = a + 1 fn g() -> int { let b = 1; b }",
                  "fn f(a: int, b: string?) -> int? { (a + 1) }\nfn g() -> int { let b = 1; b }\n"},
        Construct{"agg mean(v: float) -> float { state { s: float = 0.0 n: int = 0 } add { s += v n += 1 } remove { s -= v; } "
                  "merge o { s += o.s } result = s / n }",
                  "agg mean(v: float) -> float\n  state { s: float = 0.0 n: int = 0 }\n  add\n    s += v\n    n += 1\n  "
                  "remove\n    s -= v\n  merge o\n    s += o.s\n  result { (s / n) }\n"},
        Construct{"/// One.\n/// Two.\nparam p: int", "/// One.\n/// Two.\nparam p: int\n"}));

INSTANTIATE_TEST_SUITE_P(
    Steps, ConstructTest,
    testing::Values(
        Construct{"stream s = a |> where b |> set c.d = 1, e = 2", "stream s\n  a\n  where b\n  set c.d = 1, e = 2\n"},
        Construct{"stream s = a |> select b, c = d.e, r.*, x.y.*, f(z)",
                  "stream s\n  a\n  select b, c = d.e, r.*, x.y.*, f(z)\n"},
        Construct{"stream s = a |> drop b, c.d |> rename e.f as g, h as `i j`",
                  "stream s\n  a\n  drop b, c.d\n  rename e.f as g, h as `i j`\n"},
        Construct{R"(stream s = a |> expand x in l |> expand outer y in m |> check x > 1 else "small")",
                  "stream s\n  a\n  expand x in l\n  expand outer y in m\n  check (x > 1) else \"small\"\n"},
        Construct{"stream s = a |> aggregate n = count(), m = div(sum(x), count(where y)) by k, day = date(at) window "
                  "tumbling(1d, offset: 1h) late 10s on late drop emit changes every 5s",
                  "stream s\n  a\n  aggregate n = count(), m = div(sum(x), count(where y)) by k, day = date(at) window "
                  "tumbling(1d, offset: 1h) late 10s on late drop emit changes every 5s\n"},
        Construct{"stream s = a |> aggregate@hourly n = count(x where y) keep forever emit changes |> aggregate n = count()",
                  "stream s\n  a\n  aggregate @hourly n = count(x where y) keep forever emit changes\n  aggregate n = "
                  "count()\n"},
        Construct{R"(stream s = a |> aggregate@h was "old/h" n = count() keep 1d |> top was "old/top", "s/best" 3 by n keep 1d)",
                  "stream s\n  a\n  aggregate @h was \"old/h\" n = count() keep 1d\n  top was \"old/top\", \"s/best\" 3 by n keep "
                  "1d\n"},
        Construct{"stream s = a |> aggregate n = sum(x) window hopping(1h, every: 5m) emit final",
                  "stream s\n  a\n  aggregate n = sum(x) window hopping(1h, every: 5m) emit final\n"},
        Construct{
            "stream s = a |> rolling n = count() by k over 10m |> rolling@r n = count() by k over 11 rows keep 7d ordered",
            "stream s\n  a\n  rolling n = count() by k over 10m\n  rolling @r n = count() by k over 11 rows keep 7d "
            "ordered\n"},
        Construct{"stream s = a |> top 10 by e desc, f asc per k, window with ties |> top@t n by e keep 1d",
                  "stream s\n  a\n  top 10 by e, f asc per k, window with ties\n  top @t n by e keep 1d\n"},
        Construct{"stream s = a |> dedup by k within 1h |> dedup@z by k window tumbling(1m) |> dedup by k",
                  "stream s\n  a\n  dedup by k within 1h\n  dedup @z by k window tumbling(1m)\n  dedup by k\n"},
        Construct{"stream s = a |> latest by k order e delete when f keep 3d |> latest@l by k",
                  "stream s\n  a\n  latest by k order e delete when f keep 3d\n  latest @l by k\n"},
        Construct{"stream s = a |> left join b as q on k == q.x between -5m and 10s on late drop |> join@l b on k == b.k keep "
                  "forever |> anti join c on x == c.x window session(gap: 1m, max: 1h) |> semi join d on y == d.y |> full join "
                  "e on z == e.z between 0s and expires - at",
                  "stream s\n  a\n  left join b as q on (k == q.x) between -5m and 10s on late drop\n  join @l b on (k == b.k) "
                  "keep forever\n  anti join c on (x == c.x) window session(gap: 1m, max: 1h)\n  semi join d on (y == d.y)\n  "
                  "full join e on (z == e.z) between 0s and (expires - at)\n"},
        Construct{
            R"(stream s = a |> lookup t as tt on id, opt as of time else drop |> lookup t on id else null |> lookup t on id else "none" |> lookup t on id)",
            "stream s\n  a\n  lookup t as tt on id, opt as of time else drop\n  lookup t on id else null\n  lookup t on "
            "id else \"none\"\n  lookup t on id\n"},
        Construct{
            R"(stream s = a |> fold st { n: int = 0 } by k keep 1d ordered {
                       on row { let x = e; st.n += 1; st.m["k"] = e if b > 1 { emit k, n = st.n } else if c { clear } else { cancel t }
                                for q in xs { timer t at meta.time + 1m } }
                       on timer t { emit k } on expire { clear } })",
            "stream s\n  a\n  fold st { n: int = 0 } by k keep 1d ordered\n    on row\n      let x = e\n      st.n += "
            "1\n      st.m[\"k\"] = e\n      if (b > 1)\n        emit k, n = st.n\n      else\n        if c\n          "
            "clear\n        else\n          cancel t\n      for q in xs\n        timer t at (meta.time + 1m)\n    on timer "
            "t\n      emit k\n    on expire\n      clear\n"},
        Construct{"stream s = a |> pattern by k within 1h { a: e == 1 some b: x maybe c: y, no d: z }",
                  "stream s\n  a\n  pattern by k within 1h\n    a: (e == 1)\n    some b: x\n    maybe c: y\n    no d: z\n"},
        Construct{
            "stream s = a |> route { when b > 1 -> x when c -> y else -> z } stream t = a |> route { when b -> x else drop }",
            "stream s\n  a\n  route\n    when (b > 1) -> x\n    when c -> y\n    else -> z\nstream t\n  a\n  route\n    when b "
            "-> x\n    else drop\n"},
        Construct{"stream s = a |> as rows |> tap |> tap sample 1 in 100",
                  "stream s\n  a\n  as rows\n  tap\n  tap sample 1 in 100\n"}));

INSTANTIATE_TEST_SUITE_P(
    Tests, ConstructTest,
    testing::Values(
        Construct{
            R"(test "t" { param p = 1 start at @2026-01-01T00:00:00Z feed s partition 1 at 5s key "k" headers { a: "b" } [{ a: 1 }, { "b c": 2 }] })",
            "test \"t\"\n  param p = 1\n  start at @2026-01-01T00:00:00Z\n  feed s partition 1 at 5s key \"k\" headers "
            "{a: \"b\"} [{a: 1}, {`b c`: 2}]\n"},
        Construct{R"(test "t" { feed s null feed s raw r"{broken" feed s from "x.jsonl" feed s { a: 1 } })",
                  "test \"t\"\n  feed s null\n  feed s raw \"{broken\"\n  feed s from \"x.jsonl\"\n  feed s [{a: 1}]\n"},
        Construct{"test \"t\" { wait 1m crash restart instances 2 restart; }",
                  "test \"t\"\n  wait 1m\n  crash\n  restart instances 2\n  restart\n"},
        Construct{"test \"t\" { expect a none expect a [] expect a in order [{ b: 0s }] expect a now { c: about(1.0, 0.1) } "
                  "expect a deleted [{ k: 1 }] expect a late [] expect a bad none }",
                  "test \"t\"\n  expect a none\n  expect a []\n  expect a in order [{b: 0s}]\n  expect a now [{c: about(1.0, "
                  "0.1)}]\n  expect a deleted [{k: 1}]\n  expect a late []\n  expect a bad none\n"}));

// ---- expressions: precedence and shape, as the one expression of a cell

struct Shape {
  const char* text;
  const char* tree;
};
void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.text;
}

class ShapeTest : public testing::TestWithParam<Shape> {};

TEST_P(ShapeTest, BindsAsWritten) {
  const Parsed parsed(GetParam().text, true);
  EXPECT_THAT(parsed.Messages(), IsEmpty());
  ASSERT_TRUE(parsed.cell.pipeline.has_value());
  EXPECT_EQ(ast::Print(*parsed.cell.pipeline->input), GetParam().tree);
  EXPECT_FALSE(parsed.cell.is_incomplete);
}

INSTANTIATE_TEST_SUITE_P(Expressions, ShapeTest,
                         testing::Values(Shape{"a + b * c - d", "((a + (b * c)) - d)"}, Shape{"-a.b[1] * 2", "((-a.b[1]) * 2)"},
                                         Shape{"- 5 + -3s", "(-5 + -3s)"}, Shape{"a ?? b ?? c", "(a ?? (b ?? c))"},
                                         Shape{"a.b?.c.d", "a.b?.c.d"},
                                         Shape{"not a == 1 and b or c", "(((not (a == 1)) and b) or c)"},
                                         Shape{"a or b and not c", "(a or (b and (not c)))"},
                                         Shape{"x in [1, 2,] and y not in z", "((x in [1, 2]) and (y not in z))"},
                                         Shape{"x is null or y is not null", "((x is null) or (y is not null))"},
                                         Shape{"(a + b) * c", "((a + b) * c)"}, Shape{"f!(x, n: 2) % 3", "(f!(x, n: 2) % 3)"},
                                         Shape{"map(xs, x -> x + 1)", "map(xs, (x -> (x + 1)))"},
                                         Shape{"reduce(xs, 0, (a, b) -> a + b)", "reduce(xs, 0, (a, b -> (a + b)))"},
                                         Shape{"if a { 1 } else if let x = o { let y = 1; x + y } else { 3 }",
                                               "if a { 1 } else { if let x = o { let y = 1; (x + y) } else { 3 } }"},
                                         Shape{"match x { \"a\", \"b\" -> 1, else -> { let z = 2; z }, }",
                                               "match x { \"a\", \"b\" -> { 1 }, else -> { let z = 2; z } }"},
                                         Shape{"{ a: 1, \"b\": { c: null } }", "{a: 1, `b`: {c: null}}"}, Shape{"{}", "{}"},
                                         Shape{"x.in.null", "x.in.null"}, Shape{"`meta`.topic", "`meta`.topic"},
                                         Shape{"\"{a.b}-{c}\"", "concat(a.b, \"-\", c)"}, Shape{"64MB", "67108864B"}));

TEST(SpanTest, EveryNodeKnowsItsPlace) {
  const Parsed parsed("stream s = a\n  |> where x.y > f(1, 2)\n  |> left join@l b as c on k == c.k keep 1d\n");
  const auto& stream = std::get<ast::StreamDecl>(parsed.program.decls.at(0).node);
  const ast::Step& where = stream.pipeline.steps.at(0);
  EXPECT_EQ(parsed.sources.Text(parsed.program.decls[0].word_span), "stream");
  EXPECT_EQ(parsed.sources.Text(where.span), "where x.y > f(1, 2)");
  EXPECT_EQ(parsed.sources.Text(where.verb_span), "where");
  const ast::Expr& condition = *std::get<ast::WhereStep>(where.node).condition;
  EXPECT_EQ(parsed.sources.Text(condition.span), "x.y > f(1, 2)");
  const auto& comparison = std::get<ast::BinaryExpr>(condition.node);
  EXPECT_EQ(parsed.sources.Text(comparison.op_span), ">");
  EXPECT_EQ(parsed.sources.Text(comparison.lhs->span), "x.y");
  EXPECT_EQ(parsed.sources.Text(std::get<ast::FieldExpr>(comparison.lhs->node).field.span), "y");
  EXPECT_EQ(parsed.sources.Text(comparison.rhs->span), "f(1, 2)");
  EXPECT_EQ(parsed.sources.Text(std::get<ast::Call>(comparison.rhs->node).args[1].span), "2");
  const ast::Step& join = stream.pipeline.steps.at(1);
  EXPECT_EQ(parsed.sources.Text(join.verb_span), "left join");
  const auto& node = std::get<ast::JoinStep>(join.node);
  EXPECT_EQ(parsed.sources.Text(node.label->span), "l");
  EXPECT_EQ(parsed.sources.Text(node.bound->span), "keep 1d");
}

TEST(SpanTest, InterpolatedPathsHavePlaces) {
  const Parsed parsed("\"é{user.name}!\"", true);
  const auto& string = std::get<ast::InterpolatedString>(parsed.cell.pipeline->input->node);
  ASSERT_EQ(string.parts.size(), 3u);
  EXPECT_EQ(parsed.sources.Text(string.parts[1].span), "{user.name}");
  EXPECT_EQ(parsed.sources.Text(std::get<ast::Path>(string.parts[1].node).names[1].span), "name");
  EXPECT_EQ(parsed.sources.Text(string.parts[2].span), "!");
}

TEST(DocTest, BelongsToWhatFollows) {
  const Parsed parsed(
      "/// Of the schema.\nschema S { /// not a doc: code stands before it\n  /// The id.\n  id: int /// nor this\n  b: int }");
  EXPECT_EQ(parsed.program.decls.at(0).doc, "Of the schema.");
  const auto& schema = std::get<ast::SchemaDecl>(parsed.program.decls[0].node);
  EXPECT_EQ(schema.type.fields.at(0).doc, "The id.");
  EXPECT_EQ(schema.type.fields.at(1).doc, "");
}

TEST(GrammarTest, TheFirstPageHasNoConflict) {
  const Parsed parsed(kTrending);
  EXPECT_THAT(parsed.Messages(), IsEmpty());
  EXPECT_EQ(parsed.program.decls.size(), 6u);
  EXPECT_THAT(FindGrammarConflicts(parsed.id, parsed.sources), IsEmpty());
}

}  // namespace
}  // namespace streamc::parse
