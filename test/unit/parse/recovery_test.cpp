// After an error parsing goes on: one message for each broken declaration, and the good ones are kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/parse/fixture.h"

namespace streamc::parse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> NamesOf(const ast::Program& program) {
  std::vector<std::string> names;
  for (const ast::Decl& decl : program.decls) {
    if (const auto* param = std::get_if<ast::ParamDecl>(&decl.node)) names.push_back(param->name.text);
    if (const auto* stream = std::get_if<ast::StreamDecl>(&decl.node)) names.push_back(stream->name.text);
    if (const auto* schema = std::get_if<ast::SchemaDecl>(&decl.node)) names.push_back(schema->name.text);
  }
  return names;
}

std::vector<std::string> BrokenOf(const ast::Program& program) {
  std::vector<std::string> names;
  for (const ast::Name& name : program.broken) names.push_back(name.text);
  return names;
}

TEST(RecoveryTest, EachBrokenDeclarationGivesOneMessage) {
  const Parsed parsed(R"(param a int
stream b = x |> where (y
param c: int = 1
schema d { e: int
stream f = x
sink f to
test "t" {
  param a = 1
  feed x { a: 1 }
  expect
}
param g: int = 5
)");
  EXPECT_THAT(
      parsed.Messages(),
      ElementsAre("E0110 1:9 expected `:`, found `int`", "E0111 2:23 `(` is never closed", "E0111 4:10 `{` is never closed",
                  "E0110 7:1 expected a call with `( )`, found `test`", "E0110 11:1 expected a name, found `}`"));
  EXPECT_THAT(NamesOf(parsed.program), ElementsAre("c", "f", "g"));
  EXPECT_THAT(BrokenOf(parsed.program), ElementsAre("a", "b", "d"));
}

TEST(RecoveryTest, GoesOnAtTheNextStepOfAStream) {
  const Parsed parsed(
      "stream s = a |> selct b\n  |> where c = 1\n  |> wher d\n  |> set e.f = 1 |> set g\n  |> tap\nstream t = a\n");
  EXPECT_THAT(parsed.Messages(), ElementsAre("E0110 1:17 expected a step, found `selct`", "E0115 2:14 `=` does not compare",
                                             "E0110 3:6 expected a step, found `wher`", "E0110 5:3 expected `=`, found `|>`"));
  EXPECT_THAT(NamesOf(parsed.program), ElementsAre("t"));
}

TEST(RecoveryTest, WordsInsideADeclarationAreNotTakenForTheNext) {
  const Parsed parsed(R"(schema a {
  source: string
  stream: int
  table int
}
schema b {
  test: int
  sink: { job: int }
}
)");
  EXPECT_THAT(parsed.Messages(), ElementsAre("E0110 4:9 expected `:`, found `int`"));
  EXPECT_THAT(NamesOf(parsed.program), ElementsAre("b"));
}

TEST(RecoveryTest, JunkBetweenDeclarationsIsOneMessage) {
  const Parsed parsed("param a: int\n??? !! ) foo bar\nparam b: int\n");
  EXPECT_THAT(parsed.Messages(), ElementsAre("E0110 2:1 expected `=` or the next declaration, found `??`"));
  EXPECT_THAT(NamesOf(parsed.program), ElementsAre("b"));
  EXPECT_THAT(BrokenOf(parsed.program), ElementsAre("a"));
}

TEST(RecoveryTest, SeveralDeclarationsMayShareALine) {
  const Parsed parsed("param a: int param b: int; param c: int");
  EXPECT_THAT(parsed.Messages(), IsEmpty());
  EXPECT_THAT(NamesOf(parsed.program), ElementsAre("a", "b", "c"));
}

TEST(RecoveryTest, AMistakeInALiteralKeepsTheDeclaration) {
  const Parsed parsed("param a: int = 99999999999999999999\nparam b: string = \"\\q\"");
  EXPECT_EQ(parsed.Messages().size(), 2u);
  EXPECT_THAT(NamesOf(parsed.program), ElementsAre("a", "b"));
  EXPECT_THAT(BrokenOf(parsed.program), IsEmpty());
}

// ---- cells

bool IsIncomplete(const std::string& text) {
  return Parsed(text, true).cell.is_incomplete;
}

TEST(CellTest, HoldsDeclarationsOrOnePipeline) {
  const Parsed declarations("param a: int\nstream b = a;", true);
  EXPECT_THAT(declarations.Messages(), IsEmpty());
  EXPECT_THAT(NamesOf(declarations.cell.program), ElementsAre("a", "b"));
  EXPECT_FALSE(declarations.cell.pipeline.has_value());

  const Parsed pipeline("tweets |> where lang == \"en\" |> tap;", true);
  EXPECT_THAT(pipeline.Messages(), IsEmpty());
  ASSERT_TRUE(pipeline.cell.pipeline.has_value());
  EXPECT_EQ(pipeline.cell.pipeline->steps.size(), 2u);

  const Parsed word("source |> where stream", true);
  EXPECT_THAT(word.Messages(), IsEmpty());
  EXPECT_TRUE(word.cell.pipeline.has_value());

  const Parsed empty("  // nothing\n", true);
  EXPECT_THAT(empty.Messages(), IsEmpty());
  EXPECT_FALSE(empty.cell.pipeline.has_value());
  EXPECT_FALSE(empty.cell.is_incomplete);
}

TEST(CellTest, IsIncompleteWhenItsFirstErrorIsAtItsEnd) {
  EXPECT_TRUE(IsIncomplete("stream a ="));
  EXPECT_TRUE(IsIncomplete("tweets |>"));
  EXPECT_TRUE(IsIncomplete("length("));
  EXPECT_TRUE(IsIncomplete("1 +"));
  EXPECT_TRUE(IsIncomplete("schema S {\n  a: int\n"));
  EXPECT_TRUE(IsIncomplete("fn f(a: int) ->"));
  EXPECT_TRUE(IsIncomplete("r#\"open"));
  EXPECT_TRUE(IsIncomplete("1 + /* open"));
  EXPECT_TRUE(IsIncomplete("/* open"));
}

TEST(CellTest, IsCompleteWhenMoreTextCannotHelp) {
  EXPECT_FALSE(IsIncomplete("1 + 2"));
  EXPECT_FALSE(IsIncomplete("stream a = b"));
  EXPECT_FALSE(IsIncomplete("1 + + ]"));
  EXPECT_FALSE(IsIncomplete("\"open"));
  EXPECT_FALSE(IsIncomplete("stream a = ) |>"));
  EXPECT_FALSE(IsIncomplete("tweets |> selct b |>"));
  EXPECT_FALSE(IsIncomplete("tweets; tweets"));
}

}  // namespace
}  // namespace streamc::parse
