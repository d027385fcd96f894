// How diagnostics look, as text and as JSON, and what the list of them keeps.
#include "compiler/diag/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compiler/support/text.h"
#include "test/unit/parse/fixture.h"

namespace streamc::diag {
namespace {

using parse::Parsed;
using testing::HasSubstr;

TEST(RenderTest, ShowsThePlaceTheLabelsAndTheWayOut) {
  Parsed parsed("param a: int\n\tschema å🦆 { }\n");
  Diagnostics diags;
  diags.Report(DiagId::UnexpectedToken, {parsed.id, 21, 27}, "one", "two")
      .Label({parsed.id, 21, 27}, "not here")
      .Label({parsed.id, 6, 7}, "but here")
      .Label({parsed.id, 28, 31}, "and here")
      .Note("a note")
      .Help("first\nsecond");
  EXPECT_EQ(RenderText(diags, parsed.sources),
            "error[E0110]: expected one, found two\n"
            " --> job.sdl:2:9\n"
            "  |\n"
            "2 |     schema å🦆 { }\n"
            "  |            ^^^ not here\n"
            "  |                --- and here\n"
            " ::: job.sdl:1:7\n"
            "  |\n"
            "1 | param a: int\n"
            "  |       - but here\n"
            "  |\n"
            "note: a note\n"
            "help: first\n"
            "      second\n"
            "\n");
}

TEST(RenderTest, LongLinesAreCutAroundThePlace) {
  const std::string fill(300, 'x');
  const Parsed far("stream s = a |> where " + fill + " $ " + fill);
  EXPECT_EQ(
      RenderText(far.diags, far.sources),
      "error[E0105]: `$` has no meaning here\n --> job.sdl:1:324\n  |\n1 | ..." + std::string(79, 'x') + " $ " +
          std::string(78, 'x') + "...\n  |    " + std::string(80, ' ') +
          "^\n  |\nhelp: names have letters, digits and `_`; other text stands in a string, other names in back-ticks\n\n");
}

TEST(RenderTest, NothingInTheTextSpeaksToTheTerminal) {
  const Parsed parsed("stream s = a |> \x1B[31m \"\x07\"");
  EXPECT_EQ(RenderText(parsed.diags, parsed.sources).find('\x1B'), std::string::npos);
  const Parsed latin("param \xE9: int");
  EXPECT_THAT(RenderText(latin.diags, latin.sources), HasSubstr("1 | param \uFFFD: int\n  |       ^\n"));
}

TEST(RenderTest, JsonHasTheSameInFields) {
  const Parsed parsed("stream s = \"é\" |> selct b");
  const auto json = nlohmann::json::parse(RenderJson(parsed.diags, parsed.sources));
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0]["code"], "E0110");
  EXPECT_EQ(json[0]["severity"], "error");
  EXPECT_EQ(json[0]["message"], "expected a step, found `selct`");
  EXPECT_EQ(json[0]["file"], "job.sdl");
  EXPECT_EQ(json[0]["line"], 1);
  EXPECT_EQ(json[0]["column"], 19);
  EXPECT_EQ(json[0]["end_line"], 1);
  EXPECT_EQ(json[0]["end_column"], 24);
  EXPECT_EQ(json[0]["labels"][0]["text"], "in this `stream`");
  EXPECT_EQ(json[0]["labels"][0]["column"], 1);
  EXPECT_EQ(json[0]["notes"].size(), 0u);
  EXPECT_EQ(json[0]["helps"][0], "did you mean `select`?");
  EXPECT_EQ(RenderJson(Diagnostics(), parsed.sources), "[]\n");
}

TEST(RenderTest, ShowsTwentyAndCountsTheRest) {
  std::string text;
  for (int i = 0; i < 25; ++i) text += "param p" + std::to_string(i) + " int\n";
  const Parsed parsed(text);
  EXPECT_EQ(parsed.diags.error_count(), 25u);
  EXPECT_THAT(RenderText(parsed.diags, parsed.sources), HasSubstr("5 more not shown"));
  EXPECT_EQ(nlohmann::json::parse(RenderJson(parsed.diags, parsed.sources)).size(), kShownLimit);
}

TEST(DiagnosticsTest, SortsByPlaceAndMergesEqualOnes) {
  Diagnostics diags;
  const source::Span late{{0}, 9, 10};
  diags.Report(DiagId::StrayBracket, late, ")");
  diags.Report(DiagId::StrayBracket, {{0}, 2, 3}, "]");
  diags.Report(DiagId::StrayBracket, late, ")");
  diags.Report(DiagId::UnclosedString, {{0}, 2, 3});
  const auto sorted = diags.Sorted();
  ASSERT_EQ(sorted.size(), 3u);
  EXPECT_EQ(diags.error_count(), 3u);
  EXPECT_EQ(sorted[0].message, "`]` closes nothing");
  EXPECT_EQ(sorted[1].id, DiagId::UnclosedString);
  EXPECT_EQ(sorted[2].message, "`)` closes nothing");
}

TEST(DiagnosticsTest, DidYouMeanNeedsANearWord) {
  const std::vector<std::string> words = {"tweets", "text", "created_at", "id", "in"};
  EXPECT_EQ(support::FindNearest("tweet", words), "tweets");
  EXPECT_EQ(support::FindNearest("txet", words), "text");
  EXPECT_EQ(support::FindNearest("craeted_at", words), "created_at");
  EXPECT_EQ(support::FindNearest("created", words), std::nullopt);
  EXPECT_EQ(support::FindNearest("TEXT", words), "text");
  EXPECT_EQ(support::FindNearest("ix", words), "id");
  EXPECT_EQ(support::FindNearest("x", words), std::nullopt);
  EXPECT_EQ(support::EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(support::EditDistance("", "abc"), 3u);
}

}  // namespace
}  // namespace streamc::diag
