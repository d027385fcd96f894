// What the checker makes of right programs: types, narrowing, kinds of streams. Wrong ones are goldens in test/lit/diag.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/sema/harness.h"

namespace streamc::sema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct ExprCase {
  const char* expression;
  const char* type;
  const char* typed;  // PrintExpr, or empty: only the type is compared
};

class Expressions : public testing::TestWithParam<ExprCase> {};

TEST_P(Expressions, HaveTypeAndForm) {
  const ExprCase& each = GetParam();
  const Checked checked = CheckText(WithSteps(std::string("  |> where id > 0\n  |> set result = ") + each.expression));
  ASSERT_TRUE(checked.program) << checked.text;
  const typed::Step& step = checked.program->streams[0].steps[1];
  const auto& project = std::get<typed::Project>(step.node);
  for (const typed::Computed& computed : project.columns) {
    if (computed.column.name != "result") continue;
    EXPECT_EQ(types::ToString(*computed.column.type), each.type);
    if (*each.typed != 0) {
      EXPECT_EQ(PrintExpr(*computed.expr), each.typed);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Arithmetic, Expressions,
    testing::Values(ExprCase{"id + 1", "int", "(id#0 + 1)"}, ExprCase{"id / 2", "float", "(ToFloat(id#0) / 2.0)"},
                    ExprCase{"id % 2", "int", ""}, ExprCase{"ratio + id", "float", "(ratio#3 + ToFloat(id#0))"},
                    ExprCase{"div(id, 2)", "int", ""}, ExprCase{"-ratio", "float", ""},
                    // precision: whole digits 8 and 1, scale 2, one more for the carry
                    ExprCase{"price + 0.5", "decimal(11, 2)", "(price#2 + 0.5d1)"},
                    ExprCase{"price * price", "decimal(20, 4)", ""}, ExprCase{"price * id", "decimal(29, 2)", ""},
                    ExprCase{"price / 3", "decimal(14, 6)", ""}, ExprCase{"round(price, 1)", "decimal(10, 1)", ""},
                    ExprCase{"round(price)", "decimal(9, 0)", ""}));

INSTANTIATE_TEST_SUITE_P(Time, Expressions,
                         testing::Values(ExprCase{"at + 10s", "timestamp", "(at#5 + 10s)"},
                                         ExprCase{"at - meta.time", "duration", ""},
                                         ExprCase{"2 * took", "duration", "(took#7 * 2)"}, ExprCase{"took / 2", "duration", ""},
                                         ExprCase{"took + 1m", "duration", ""}, ExprCase{"day + 7d", "date", ""},
                                         ExprCase{"day - day", "duration", ""},
                                         ExprCase{"day == @2026-01-01", "bool", "(day#6 == @2026-01-01)"},
                                         ExprCase{"at > @2026-01-01T00:00:00Z", "bool", ""}));

INSTANTIATE_TEST_SUITE_P(
    Missing, Expressions,
    testing::Values(ExprCase{"name ?? \"\"", "string", "(name#1 ?? \"\")"},
                    ExprCase{"name == \"a\"", "bool", "(name#1 == \"a\")"}, ExprCase{"name in [\"a\", \"b\"]", "bool", ""},
                    ExprCase{"user?.name", "string?", "user#9?.name"}, ExprCase{"user?.age ?? 0", "int", ""},
                    ExprCase{"tags[0]", "string?", ""}, ExprCase{"need!(name)", "string", "Need(name#1, \"need\")"},
                    ExprCase{"to_int!(need!(name))", "int", "Need(to_int(Need(name#1, \"need\")), \"convert\")"},
                    ExprCase{"if name is not null { length(name) } else { 0 }", "int",
                             "if not (name#1 is null) { length(Unwrap(name#1)) } else { 0 }"},
                    ExprCase{"name is null or length(name) > 3", "bool", "((name#1 is null) or (length(Unwrap(name#1)) > 3))"},
                    ExprCase{"user?.home?.city is not null and user.home.city == \"Lund\"", "bool", ""},
                    ExprCase{"if let n = name { upper(n) } else { \"?\" }", "string",
                             "if not (name#1 is null) { upper(Unwrap(name#1)) } else { \"?\" }"},
                    ExprCase{"if id > 0 { 1 } else { null }", "int?", ""},
                    ExprCase{"if id > 0 { id } else { ratio }", "float", ""}, ExprCase{"(user?.age ?? 1) + 1", "int", ""}));

INSTANTIATE_TEST_SUITE_P(
    Choices, Expressions,
    testing::Values(ExprCase{"kind == \"view\"", "bool", ""}, ExprCase{"kind in [\"view\", \"click\"]", "bool", ""},
                    ExprCase{"match kind { \"view\" -> 1, \"click\" -> 2 }", "int", "if (kind#8 == \"view\") { 1 } else { 2 }"},
                    ExprCase{"match id { 1, 2 -> \"few\", else -> \"many\" }", "string",
                             "if ((id#0 == 1) or (id#0 == 2)) { \"few\" } else { \"many\" }"},
                    ExprCase{"to_string(kind)", "string", "if (kind#8 == \"view\") { \"view\" } else { \"click\" }"},
                    ExprCase{"match name { \"a\" -> 1, null -> 0, else -> 2 }", "int", ""},
                    ExprCase{"match (id > 3) { true -> 1, false -> 0 }", "int", ""}));

INSTANTIATE_TEST_SUITE_P(Lists, Expressions,
                         testing::Values(ExprCase{"map(tags, tag -> length(tag))", "list<int>", ""},
                                         ExprCase{"filter(tags, tag -> tag != \"\")", "list<string>", ""},
                                         ExprCase{"exists(tags, tag -> tag == \"a\")", "bool", ""},
                                         ExprCase{"for_all(tags, tag -> tag == \"a\")", "bool", ""},
                                         ExprCase{"reduce(tags, 0, (n, tag) -> n + length(tag))", "int", ""},
                                         ExprCase{"reduce([price], 0.00, (sum, p) -> sum + p)", "decimal(38, 2)", ""},
                                         ExprCase{"[1, 2.5]", "list<float>", "[1.0, 2.5]"},
                                         ExprCase{"\"{id} {kind}\"", "string", ""},
                                         ExprCase{"{ a: 1, b: name }", "{ a: int, b: string? }", ""}));

TEST(Narrowing, HoldsDownThePipeline) {
  const Checked checked = CheckText(WithSteps(R"(  |> where user is not null and user.age is not null
  |> select id, user, user.age
  |> where user.age > 3
  |> set n = user.name, twice = age * 2)"));
  ASSERT_TRUE(checked.program) << checked.text;
  EXPECT_THAT(checked.typed, HasSubstr("age#21 = Unwrap(Unwrap(user#9).age)"));
  EXPECT_THAT(checked.typed, HasSubstr("twice#23 = (age#21 * 2)"));
}

TEST(Narrowing, EndsWithAnAssignment) {
  const Checked checked =
      CheckText(WithSteps("  |> where name is not null\n  |> set name = tags[0]\n  |> where length(name) > 1"));
  EXPECT_THAT(checked.codes, ElementsAre("E0302"));
}

TEST(Narrowing, MakesKeysAndSinkFieldsPlain) {
  const Checked checked = CheckText(WithSource(R"(
stream x = s |> where name is not null |> aggregate n = count() by name window tumbling(1m)
stream y = s |> where name is not null |> select name
sink y: { name: string } to kafka("y") key name
)"));
  ASSERT_TRUE(checked.program) << checked.text;
  EXPECT_THAT(checked.typed, HasSubstr("by name#21 = Unwrap(name#1)"));
  EXPECT_THAT(checked.typed, HasSubstr("name: string = Unwrap(name#1)\n  key Unwrap(name#1)"));
}

struct RowsCase {
  const char* steps;
  bool changing;
  const char* key;  // names of the change key's columns
};
class KindOfRows : public testing::TestWithParam<RowsCase> {};

TEST_P(KindOfRows, FollowsTheSteps) {
  const Checked checked = CheckText(WithSteps(GetParam().steps));
  ASSERT_TRUE(checked.program) << checked.text;
  const typed::Stream& stream = checked.program->streams[0];
  EXPECT_EQ(stream.rows.changing, GetParam().changing);
  std::string key;
  for (const typed::ColumnId id : stream.rows.key) {
    for (const typed::Column& column : stream.columns) {
      if (column.id == id) key += (key.empty() ? "" : " ") + column.name;
    }
  }
  EXPECT_EQ(key, GetParam().key);
}

INSTANTIATE_TEST_SUITE_P(
    Changes, KindOfRows,
    testing::Values(
        RowsCase{"|> where id > 3", false, ""}, RowsCase{"|> aggregate n = count() by id window tumbling(1m)", false, ""},
        RowsCase{"|> aggregate n = count() by id window tumbling(1m) late 0s", false, ""},
        RowsCase{"|> aggregate n = count() by id window tumbling(1m) late 1m", true, "id window.start"},
        RowsCase{"|> aggregate n = count() by id window tumbling(1m) emit changes", true, "id window.start"},
        RowsCase{"|> aggregate n = count() by id keep 1d", true, "id"},
        RowsCase{"|> aggregate n = count() by id keep forever |> where n > 2 |> set m = n", true, "id"},
        RowsCase{"|> aggregate n = count() by id keep forever |> select n", true, "$key.id"},
        RowsCase{"|> aggregate n = count() by id keep forever |> rename id as key", true, "key"},
        RowsCase{"|> aggregate n = count() by id keep forever |> as rows", false, ""},
        RowsCase{"|> aggregate n = count() by id, kind window tumbling(1m) |> top 3 by n per kind, window", false, ""},
        RowsCase{"|> aggregate n = count() by id, kind window tumbling(1m) emit changes |> top 3 by n per kind, window", true,
                 "kind window.start rank"},
        RowsCase{"|> top 3 by id per kind keep 1h", true, "kind rank"},
        RowsCase{"|> aggregate n = count() by id keep 1d |> aggregate@b m = avg(n) by k = 1 window tumbling(1h)", false, ""}));

TEST(Programs, OrderOfDeclarationsDoesNotMatter) {
  const Checked checked = CheckText(R"(
sink b to stdout()
stream b = a |> where big(id)
stream a = s |> where id > low
fn big(n: int) -> bool = twice(n) > 10
fn twice(n: int) -> int = n * 2
param low: int = 3
source s: T from file("s.jsonl") on bad drop
schema T { id: int }
)");
  ASSERT_TRUE(checked.program) << checked.text;
  EXPECT_EQ(checked.program->streams[0].name, "a");
  EXPECT_THAT(checked.typed, HasSubstr("|> where ((id#0 * 2) > 10)"));
}

TEST(Programs, BadAndLateRowsAreStreams) {
  const Checked checked = CheckText(R"(
source s: { id: int, at: timestamp } from kafka("s") time at watermark lag 1s on bad -> broken
stream x = s |> aggregate n = count() by id window tumbling(1m) on late -> late_rows
stream why = broken |> aggregate n = count() by code keep forever
sink late_rows to kafka("late")
)");
  ASSERT_TRUE(checked.program) << checked.text;
  EXPECT_THAT(checked.typed, HasSubstr("on bad -> broken"));
  EXPECT_THAT(checked.typed, HasSubstr("on late -> late_rows"));
  EXPECT_THAT(checked.typed, HasSubstr("stream broken = bad rows"));
  EXPECT_THAT(checked.typed, HasSubstr("stream late_rows = late of x step 0"));
}

TEST(Programs, UseBringsDeclarationsWithoutJobAndTests) {
  source::SourceManager sources;
  diag::Diagnostics diags;
  const ast::Program common = parse::ParseProgram(
      sources.Add("common.sdl", "job other { on bad stop }\nschema T { id: int }\ntest \"t\" { wait 1m }\n"), sources, diags);
  const ast::Program main = parse::ParseProgram(
      sources.Add("main.sdl", "use \"common.sdl\"\nuse \"common.sdl\"\nsource s: T from file(\"s\") on bad drop\n"), sources,
      diags);
  SemaOptions options;
  options.load = [&](const std::string& path, source::Span, std::string*) { return path == "common.sdl" ? &common : nullptr; };
  const auto program = CheckProgram(main, sources, diags, options);
  ASSERT_TRUE(program);
  EXPECT_EQ(program->sources[0].record->fields[0].name, "id");
  EXPECT_FALSE(program->job.declared);
  EXPECT_THAT(program->tests, IsEmpty());
}

TEST(Programs, SinkKeyDefaultsToTheChangeKey) {
  const Checked checked = CheckText(WithSource(R"(
stream x = s |> aggregate n = count() by id, kind window tumbling(1m) emit changes |> select start = window.start, who = id, n
sink x to kafka("x")
sink x@own to kafka("y") key who, start, kind
)"));
  EXPECT_THAT(checked.codes, ElementsAre("E0201"));
  const Checked fixed = CheckText(WithSource(R"(
stream x = s |> aggregate n = count() by id, kind window tumbling(1m) emit changes |> select start = window.start, kind, who = id, n
sink x to kafka("x")
sink x@own to kafka("y") key who, start, kind
)"));
  ASSERT_TRUE(fixed.program) << fixed.text;
  ASSERT_EQ(fixed.program->sinks[0].key.size(), 3U);
  EXPECT_THAT(fixed.program->sinks[0].key_names, ElementsAre("id", "kind", "window_start"));
}

TEST(Programs, ErrorsDoNotCascade) {
  const Checked checked = CheckText(WithSource(R"(
stream a = s |> set b = nosuch |> where b > 3 |> select b, c |> aggregate n = sum(b) by c window tumbling(1m)
stream d = a |> where n > 3 and m < 2
sink d to kafka("d") key z
)"));
  EXPECT_THAT(checked.codes, ElementsAre("E0201")) << checked.text;
}

TEST(Programs, UnbuiltStepsGiveOneMessage) {
  for (const char* step :
       {"rolling n = count() by id over 10m", "dedup by id within 1m", "latest by id keep 1d",
        "join s as t on id == t.id between 0s and 1m", "pattern by id within 1m { a: id > 3  b: id > 4 }",
        "route { when id > 3 -> y else drop }", "aggregate n = count() by id window session(gap: 1m, max: 1h)"}) {
    const Checked checked = CheckText(WithSteps("  |> " + std::string(step) + "\n  |> where whatever > 3"));
    EXPECT_THAT(checked.codes, ElementsAre("E0401")) << step << "\n" << checked.text;
  }
}

TEST(Programs, WatermarkIsUsedByWindowsAndEventTime) {
  const auto codes = [](const std::string& step) { return CheckText(WithSteps("  |> " + step + "\nsink x to kafka(\"x\")")).codes; };
  EXPECT_THAT(codes("where id > 3"), ElementsAre("W0402"));
  EXPECT_THAT(codes("set t = meta.time"), IsEmpty());
  EXPECT_THAT(codes("aggregate n = count() by id keep 1d"), IsEmpty());
}

}  // namespace
}  // namespace streamc::sema
