// The values of literals, and what is said of those that have none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "test/unit/parse/fixture.h"

namespace streamc::parse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Node>
Node Literal(const std::string& text) {
  Parsed parsed(text, true);
  EXPECT_THAT(parsed.Messages(), IsEmpty()) << text;
  const Node* node = std::get_if<Node>(&parsed.cell.pipeline->input->node);
  EXPECT_NE(node, nullptr) << text;
  return node == nullptr ? Node{} : *node;
}

std::vector<std::string> MessagesOf(const std::string& text) {
  return Parsed(text, true).Messages();
}

TEST(LiteralTest, Ints) {
  EXPECT_EQ(Literal<ast::IntLit>("0").value, 0);
  EXPECT_EQ(Literal<ast::IntLit>("1_000_000").value, 1000000);
  EXPECT_EQ(Literal<ast::IntLit>("9223372036854775807").value, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Literal<ast::IntLit>("-9223372036854775808").value, std::numeric_limits<int64_t>::min());
  EXPECT_THAT(MessagesOf("9223372036854775808"), ElementsAre("E0120 1:1 `9223372036854775808` does not fit in 64 bits"));
  EXPECT_THAT(MessagesOf("-9223372036854775809"), ElementsAre("E0120 1:2 `9223372036854775809` does not fit in 64 bits"));
}

TEST(LiteralTest, FloatsKeepTheirDigits) {
  EXPECT_EQ(Literal<ast::FloatLit>("0.908").value, 0.908);
  EXPECT_EQ(Literal<ast::FloatLit>("1_0.50").text, "10.50");
  EXPECT_EQ(Literal<ast::FloatLit>("-1.5e-3").value, -0.0015);
  EXPECT_EQ(Literal<ast::FloatLit>("-1.5").text, "-1.5");
  EXPECT_EQ(Literal<ast::FloatLit>("1.0e-999").value, 0.0);
  EXPECT_THAT(MessagesOf("1.0e999"), ElementsAre("E0120 1:1 `1.0e999` does not fit in 64 bits"));
}

TEST(LiteralTest, Durations) {
  EXPECT_EQ(Literal<ast::DurationLit>("250ms").micros, 250000);
  EXPECT_EQ(Literal<ast::DurationLit>("1h30m").micros, 5400000000);
  EXPECT_EQ(Literal<ast::DurationLit>("7d").micros, 604800000000);
  EXPECT_EQ(Literal<ast::DurationLit>("1m1s1ms1us").micros, 61001001);
  EXPECT_EQ(Literal<ast::DurationLit>("-5m").micros, -300000000);
  EXPECT_THAT(MessagesOf("999999999999d"), ElementsAre("E0120 1:1 `999999999999d` does not fit in 64 bits"));
}

TEST(LiteralTest, Sizes) {
  EXPECT_EQ(Literal<ast::SizeLit>("64MB").bytes, 64 << 20);
  EXPECT_EQ(Literal<ast::SizeLit>("1KB").bytes, 1024);
  EXPECT_EQ(Literal<ast::SizeLit>("2GB").bytes, int64_t{2} << 30);
  EXPECT_THAT(MessagesOf("9999999999999GB"), ElementsAre("E0120 1:1 `9999999999999GB` does not fit in 64 bits"));
}

TEST(LiteralTest, Timestamps) {
  EXPECT_EQ(Literal<ast::TimestampLit>("@1970-01-01").micros, 0);
  EXPECT_EQ(Literal<ast::TimestampLit>("@2026-01-01T00:00:00Z").micros, 1767225600000000);
  EXPECT_EQ(Literal<ast::TimestampLit>("@2026-01-01T02:00:00.25+02:00").micros, 1767225600250000);
  EXPECT_EQ(Literal<ast::TimestampLit>("@1969-12-31T23:59:59.999999Z").micros, -1);
  EXPECT_EQ(Literal<ast::TimestampLit>("@2024-02-29").micros, 1709164800000000);
  EXPECT_THAT(MessagesOf("@2025-02-29"), ElementsAre("E0121 1:1 the timestamp is not valid: that month has no such day"));
  EXPECT_THAT(MessagesOf("@2026-13-01"),
              ElementsAre("E0121 1:1 the timestamp is not valid: a date is four, two and two digits: year, month, day"));
  EXPECT_THAT(MessagesOf("@2026-01-01T10:00:00"),
              ElementsAre("E0121 1:1 the timestamp is not valid: a time needs its zone: `Z`, or an offset such as `+02:00`"));
  EXPECT_THAT(MessagesOf("@2026-01-01T10Z"),
              ElementsAre("E0121 1:1 the timestamp is not valid: a time is two digits each: hour, minute, second"));
  EXPECT_THAT(MessagesOf("@2026-01-01T10:00:00.1234567Z"),
              ElementsAre("E0121 1:1 the timestamp is not valid: a fraction of a second has one to six digits"));
}

TEST(LiteralTest, ATimestampEndsWhereArithmeticBegins) {
  Parsed parsed("@2026-01-01T00:00:00Z+90m", true);
  EXPECT_THAT(parsed.Messages(), IsEmpty());
  EXPECT_TRUE(std::holds_alternative<ast::BinaryExpr>(parsed.cell.pipeline->input->node));
  parsed = Parsed("@2026-01-02-1d", true);
  EXPECT_THAT(parsed.Messages(), IsEmpty());
  EXPECT_TRUE(std::holds_alternative<ast::BinaryExpr>(parsed.cell.pipeline->input->node));
}

TEST(LiteralTest, Strings) {
  EXPECT_EQ(Literal<ast::StringLit>(R"("a\n\t\\\"\{x\}\u{1F600}\u{e9}")").text, "a\n\t\\\"{x}\U0001F600é");
  EXPECT_EQ(Literal<ast::StringLit>(R"("\0")").text, std::string(1, '\0'));
  EXPECT_EQ(Literal<ast::StringLit>(R"(r"{a}\n")").text, "{a}\\n");
  EXPECT_EQ(Literal<ast::StringLit>("r#\"say \"hi\"\nthere\"#").text, "say \"hi\"\nthere");
  EXPECT_EQ(Literal<ast::StringLit>("\"\"").text, "");
  EXPECT_EQ(Literal<ast::StringLit>("\"åäö🦆\"").text, "åäö🦆");
  EXPECT_TRUE(Literal<ast::StringLit>("r\"\"").raw);
}

TEST(LiteralTest, BadStrings) {
  EXPECT_THAT(MessagesOf(R"("a\qb\u{110000}\u12")"),
              ElementsAre("E0122 1:3 `\\q` is not an escape", "E0122 1:6 `\\u{110000}` is not an escape",
                          "E0122 1:16 `\\u` is not an escape"));
  EXPECT_THAT(MessagesOf(R"("{a + b}{}{1}{a.}")"),
              ElementsAre("E0124 1:2 `{a + b}` is not a column", "E0124 1:9 `{}` is not a column",
                          "E0124 1:11 `{1}` is not a column", "E0124 1:14 `{a.}` is not a column"));
  EXPECT_THAT(MessagesOf(R"("é{broken")"), ElementsAre("E0123 1:3 `{` opens a column in the string and is not closed"));
  EXPECT_THAT(Parsed("test \"on {date}\" { }").Messages(), ElementsAre("E0125 1:10 a column cannot stand in this string"));
}

}  // namespace
}  // namespace streamc::parse
