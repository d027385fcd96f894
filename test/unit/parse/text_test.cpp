// Texts no person would write, and places in texts with more than ASCII.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/parse/fixture.h"

namespace streamc::parse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Repeat(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(DepthTest, ThousandsOfBracketsAreRefused) {
  for (const char* bracket : {"(", "[", "{", "f(", "{ a: ", "if a { "}) {
    const Parsed parsed("stream s = a |> where " + Repeat(bracket, 10000));
    ASSERT_EQ(parsed.Messages().size(), 1u) << bracket;
    EXPECT_EQ(parsed.Messages()[0].substr(0, 5), "E0103") << bracket;
  }
  const Parsed allowed("param p: int = " + Repeat("(", 150) + "1" + Repeat(")", 150));
  EXPECT_THAT(allowed.Messages(), IsEmpty());
}

TEST(DepthTest, ThousandsOfOperatorsAreRefused) {
  for (const char* link : {"not ", "- ", "a + ", "a and ", "a ?? ", "a.", "a[1] + ", "if a { b } else ", "a in "}) {
    const Parsed parsed("stream s = a |> where " + Repeat(link, 10000) + "a");
    ASSERT_EQ(parsed.Messages().size(), 1u) << link;
    EXPECT_EQ(parsed.Messages()[0].substr(0, 5), "E0104") << link;
  }
  const Parsed types("param p: " + Repeat("list<", 10000) + "int" + Repeat(">", 10000));
  EXPECT_EQ(types.Messages().at(0).substr(0, 5), "E0104");
  const Parsed allowed("stream s = a |> where a" + Repeat(" or a == 1", 400));
  EXPECT_THAT(allowed.Messages(), IsEmpty());
}

TEST(DepthTest, LongListsAreNoDepth) {
  const Parsed parsed("stream s = a |> where b in [" + Repeat("-1.5, ", 20000) + "1] |> set c = [" +
                      Repeat("{ a: x.y + 1 }, ", 5000) + "]");
  EXPECT_THAT(parsed.Messages(), IsEmpty());
}

TEST(TextTest, LargeFilesAreRefused) {
  const Parsed parsed(Repeat(" ", kMaxSourceBytes + 1));
  EXPECT_THAT(parsed.Messages(), ElementsAre("E0101 1:1 `job.sdl` has 4194305 bytes; a program may have at most 4194304"));
  EXPECT_THAT(Parsed(Repeat(" ", kMaxSourceBytes)).Messages(), IsEmpty());
}

TEST(TextTest, MustBeUtf8) {
  EXPECT_THAT(Parsed("param a: int\nparam \xFFp: int").Messages(),
              ElementsAre("E0102 2:7 the text is not UTF-8: stray byte 0xFF"));
  EXPECT_THAT(Parsed("// \xC0\xAF").Messages(), ElementsAre("E0102 1:4 the text is not UTF-8: stray byte 0xC0"));
  EXPECT_THAT(Parsed("// \xED\xA0\x80").Messages(), ElementsAre("E0102 1:4 the text is not UTF-8: stray byte 0xED"));
  EXPECT_THAT(Parsed("// \xF0\x9F").Messages(), ElementsAre("E0102 1:4 the text is not UTF-8: stray byte 0xF0"));
}

TEST(TextTest, ColumnsCountCodePoints) {
  EXPECT_THAT(Parsed("// åäö🦆\nparam `åäö🦆`: int ?? ").Messages(),
              ElementsAre("E0110 2:19 expected `=` or the next declaration, found `??`"));
}

TEST(TextTest, AByteOrderMarkAndCarriageReturnsAreNoText) {
  const Parsed parsed("\xEF\xBB\xBFparam a: int\r\nparam é: int\r\n");
  EXPECT_THAT(parsed.Messages(), ElementsAre("E0105 2:7 `é` has no meaning here"));
  EXPECT_EQ(parsed.sources.Text(parsed.program.decls.at(0).span), "param a: int");
}

TEST(TextTest, AnEmptyProgramIsOne) {
  for (const char* text : {"", "   \n\n", "// only a comment", "/// only a doc", "/* a */ /* b */"}) {
    const Parsed parsed(text);
    EXPECT_THAT(parsed.Messages(), IsEmpty()) << text;
    EXPECT_TRUE(parsed.program.decls.empty()) << text;
  }
}

TEST(TokenTest, PrintsOneALine) {
  source::SourceManager sources;
  diag::Diagnostics diags;
  const auto id = sources.Add("job.sdl", "param p: int = 1m // x\n  \"a\" `b`");
  EXPECT_EQ(PrintTokens(id, sources, diags),
            "1:1 WORD param\n1:7 ID p\n1:8 WORD :\n1:10 ID int\n1:14 WORD =\n1:16 DURATION 1m\n2:3 STRING \"a\"\n2:7 "
            "QUOTED_ID `b`\n2:10 END\n");
  EXPECT_TRUE(diags.empty());
}

}  // namespace
}  // namespace streamc::parse
