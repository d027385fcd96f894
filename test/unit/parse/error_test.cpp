// One mistake each: the message, its place, and the way out it shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/parse/fixture.h"

namespace streamc::parse {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Mistake {
  const char* text;
  const char* message;
  const char* help;  // part of it; nullptr: none
};
void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.text;
}

class MistakeTest : public testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, GivesOneMessageWithAWayOut) {
  const Parsed parsed(GetParam().text);
  EXPECT_THAT(parsed.Messages(), ElementsAre(GetParam().message));
  if (GetParam().help == nullptr) {
    EXPECT_THAT(parsed.Helps(), IsEmpty());
  } else {
    EXPECT_THAT(parsed.Helps(), Contains(HasSubstr(GetParam().help)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Operators, MistakeTest,
    testing::Values(Mistake{"stream s = a |> where b && c", "E0114 1:25 `&&` is written `and`", "`and`"},
                    Mistake{"stream s = a |> where b || c", "E0114 1:25 `||` is written `or`", "`or`"},
                    Mistake{"stream s = a |> where b & c", "E0114 1:25 `&` is written `and`", "`and`"},
                    Mistake{"stream s = a |> where !b", "E0114 1:23 `!` is written `not`", "`not`"},
                    Mistake{"stream s = a |> where b <> 1", "E0114 1:25 `<>` is written `!=`", "`!=`"},
                    Mistake{"stream s = a |> where b === 1", "E0114 1:25 `===` is written `==`", "`==`"},
                    Mistake{"stream s = a |> where b = 1", "E0115 1:25 `=` does not compare", "equality is `==`"},
                    Mistake{"stream s = a |> where b is 1", "E0110 1:28 expected `not` or `null`, found `1`",
                            "equality is `==`"},
                    Mistake{"stream s = a |> where 1 < x < 2", "E0113 1:29 comparisons do not chain", "a < x and x < b"},
                    Mistake{"stream s = a |> where a == b == c", "E0113 1:30 comparisons do not chain", "compare twice"},
                    Mistake{"stream s = a |> where b not null", "E0110 1:29 expected `in`, found `null`", "is not null"},
                    Mistake{"stream s = a |> set x = b ? c : d", "E0116 1:27 `? :` is written `if`", "if c { a } else { b }"},
                    Mistake{"stream s = a |> where b in (1, 2)", "E0110 1:30 expected `)`, found `,`", "`[a, b]`"}));

INSTANTIATE_TEST_SUITE_P(
    Text, MistakeTest,
    testing::Values(
        Mistake{"stream s = a |> where b == 'x'", "E0109 1:28 ' does not open a string", "double quotes"},
        Mistake{"stream s = a |> where b == “x”", "E0109 1:28 “ does not open a string", "double quotes"},
        Mistake{"stream s = a |> where b == \"x", "E0106 1:28 the string is not closed", "on the same line"},
        Mistake{"stream s = a |> where b == r#\"x", "E0106 1:28 the string is not closed", "close it with `\"#`"},
        Mistake{"stream s = a |> where b == r\"x", "E0106 1:28 the string is not closed", "on the same line"},
        Mistake{"/* open\nstream s = a", "E0107 1:1 the comment is not closed", "`*/`"},
        Mistake{"stream s = a /* open", "E0107 1:14 the comment is not closed", "`*/`"},
        Mistake{"stream s = a |> where `b", "E0108 1:23 the back-tick is not closed", "on its own line"},
        Mistake{"stream s = a |> where b $ c", "E0105 1:25 `$` has no meaning here", "letters, digits"},
        Mistake{"stream s = a |> where 💥", "E0105 1:23 `💥` has no meaning here", "letters, digits"},
        Mistake{"stream s = \x01", "E0105 1:12 `U+0001` has no meaning here", "letters, digits"},
        Mistake{"param p: int = 5min", "E0119 1:16 `5min` is not a number, a duration or a time", "write `5m`"},
        Mistake{"param p: int = 2weeks", "E0119 1:16 `2weeks` is not a number, a duration or a time", "us ms s m h d"},
        Mistake{"param p: duration = 1.5h", "E0119 1:21 `1.5h` is not a number, a duration or a time", "`1h30m`"},
        Mistake{"param p: float = .5", "E0119 1:18 `.5` is not a number, a duration or a time", "`0.5`"},
        Mistake{"param p: duration = 10 s", "E0110 1:24 expected an operator or the next declaration, found `s`", "`10s`"},
        Mistake{"param p: timestamp = @2026", "E0121 1:22 the timestamp is not valid: it is not written out", "@2026-01-31"}));

INSTANTIATE_TEST_SUITE_P(
    Words, MistakeTest,
    testing::Values(
        Mistake{"SELECT * FROM t", "E0118 1:1 `SELECT` is not a word of this language here", "a stream starts from its input"},
        Mistake{"def f(x) { }", "E0118 1:1 `def` is not a word of this language here", "fn name"},
        Mistake{"strem s = a", "E0110 1:1 expected a declaration, found `strem`", "did you mean `stream`?"},
        Mistake{"foo", "E0110 1:1 expected a declaration, found `foo`", "a declaration starts with `use`, `job`"},
        Mistake{"stream s = a |> filter b", "E0118 1:17 `filter` is not a word of this language here", "where condition"},
        Mistake{"stream s = a |> group by b", "E0118 1:17 `group` is not a word of this language here", "aggregate"},
        Mistake{"stream s = a |> selct b", "E0110 1:17 expected a step, found `selct`", "did you mean `select`?"},
        Mistake{"stream s = a |> frobnicate", "E0110 1:17 expected a step, found `frobnicate`", "the steps are `where`"},
        Mistake{"stream s = a\n  where b", "E0117 2:3 the step `where` has no `|>` before it", "`|> where`"},
        Mistake{"stream s = a |> where b select c", "E0117 1:25 the step `select` has no `|>` before it", "`|> select`"},
        Mistake{"stream s = a |> where b like \"x%\"", "E0118 1:25 `like` is not a word of this language here", "contains("},
        Mistake{"stream s = a |> where b BETWEEN 1 AND 2", "E0118 1:25 `BETWEEN` is not a word of this language here",
                "x >= a"},
        Mistake{"stream s = a |> where b AND c", "E0110 1:25 expected an operator, `|>` or the next declaration, found `AND`",
                "did you mean `and`?"},
        Mistake{"param in: int", "E0110 1:7 expected a name, found `in`", "back-ticks"},
        Mistake{"source s: T from kafka(\"x\") formt json",
                "E0110 1:29 expected a source clause or the next declaration, found `formt`", "did you mean `format`?"},
        Mistake{"sink s to kafka(\"x\") bykey b", "E0110 1:22 expected a sink clause or the next declaration, found `bykey`",
                "clauses are `key`"},
        Mistake{"job j { deliver }", "E0110 1:17 expected `:`, found `}`", "did you mean `delivery`?"},
        Mistake{"test \"t\" { fed s [] }", "E0110 1:12 expected a test statement or `}`, found `fed`",
                "did you mean `feed`?"}));

INSTANTIATE_TEST_SUITE_P(
    Shapes, MistakeTest,
    testing::Values(
        Mistake{"stream s = a |> aggregate n = count() by ;", "E0110 1:42 expected a key, found `;`", nullptr},
        Mistake{"stream s = a |> aggregate n = count() windo tumbling(1m)",
                "E0110 1:39 expected `,`, `by`, `window`, `keep`, `|>` or the next declaration, found `windo`",
                "did you mean `window`?"},
        Mistake{"stream s = a |> aggregate count() by b", "E0110 1:32 expected `=`, found `(`", "`n = count()`"},
        Mistake{"stream s = a; |> where b", "E0110 1:15 expected a declaration, found `|>`", "take away the `;`"},
        Mistake{"stream s = a |> where", "E0110 1:22 expected an expression, found the end of the text", nullptr},
        Mistake{"stream s = merge a", "E0110 1:19 expected `,`, found the end of the text", "two or more"},
        Mistake{"stream s = a )", "E0112 1:14 `)` closes nothing", "take it away"},
        Mistake{"stream s = a |> where f(b, c", "E0111 1:24 `(` is never closed", "`)`"},
        Mistake{"stream s = a |> where f(b, c] |> tap", "E0111 1:24 `(` is never closed", "`)`"},
        Mistake{"stream s = a |> where f(b |> tap", "E0111 1:24 `(` is never closed", "`)`"},
        Mistake{"schema S { a: int\nsource s: T from f()", "E0111 1:10 `{` is never closed", "`}`"},
        Mistake{"schema S { a int }", "E0110 1:14 expected `:`, found `int`", nullptr},
        Mistake{"schema S { a: list<list<int>>= [] }", "E0110 1:29 expected `?`, `,` or `>`, found `>=`", "put a blank"},
        Mistake{"fn f(a: int) = a", "E0110 1:14 expected `->`, found `=`", "result type"},
        Mistake{"fn f(a: int) -> int { let b = 1 b }", "E0110 1:33 expected an operator or `;`, found `b`",
                "`let` ends with `;`"},
        Mistake{"source s: T from kafka", "E0110 1:23 expected `(`, found the end of the text", nullptr},
        Mistake{"table t: T from file(\"x\")", "E0110 1:12 expected `key`, found `from`", nullptr},
        Mistake{"sink s kafka(\"x\")", "E0110 1:8 expected `@`, `:` or `to`, found `kafka`", nullptr},
        Mistake{"stream s =\nsink s to f()", "E0110 2:1 expected a stream, a table or `merge`, found `sink`", nullptr},
        Mistake{"source s: T from f() format json time a format csv", "E0126 1:41 `format` is given twice", "keep one"},
        Mistake{"job j { on bad stop on bad drop }", "E0126 1:21 `on bad` is given twice", "keep one"},
        Mistake{"sink s to f() key a key b", "E0126 1:21 `key` is given twice", "keep one"},
        Mistake{"stream s = a |> aggregate n = count() window w() late 1s late 2s", "E0126 1:58 `late` is given twice",
                "keep one"},
        Mistake{"test \"t\" { feed s at 1s at 2s [] }", "E0126 1:25 `at` is given twice", "keep one"}));

}  // namespace
}  // namespace streamc::parse
