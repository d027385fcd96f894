// Test blocks: rows as records of the source's format, expected values in the columns' types.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/sema/harness.h"

namespace streamc::sema {
namespace {

using testing::ElementsAre;
using typed::TestStatement;

constexpr const char* kProgram = R"(
job j { on bad drop }
param limit: int = 3
source s: {
  id: int as "ID"  name: string?  price: decimal(10, 2)  count: int = 7  at: timestamp(ms)  seen: timestamp("%Y-%m-%d %H:%M:%S")
  kind: enum { view, "add-to-cart" }  user: { name: string, tags: list<string> }  took: duration  blob: bytes?
} from kafka("s") time at watermark lag 10s
stream x = s |> where id > 0
stream y = s |> aggregate total = sum(price), mean = avg(id) by id window tumbling(1m)
)";

TestStatement Only(const std::string& statement) {
  const Checked checked = CheckText(std::string(kProgram) + "test \"t\" {\n" + statement + "\n}\n");
  EXPECT_TRUE(checked.program) << checked.text;
  return checked.program ? checked.program->tests[0].statements.back() : TestStatement{};
}

TEST(Feeds, LeftOutFieldsAreNullDefaultOrZero) {
  const TestStatement feed = Only("feed s at 5s { id: 1 }");
  ASSERT_EQ(feed.payloads.size(), 1U);
  EXPECT_EQ(*feed.payloads[0],
            R"({"ID": 1, "price": 0.00, "count": 7, "at": 1767225605000, "seen": "1970-01-01 00:00:00", "kind": "view", )"
            R"("user": {"name": "", "tags": []}, "took": "0s"})");
  EXPECT_TRUE(feed.has_at);
  EXPECT_EQ(feed.micros, 1767225605000000);
}

TEST(Feeds, ValuesTakeTheFieldsTypes) {
  const TestStatement feed = Only(
      "start at @2026-03-01T00:00:00Z\nfeed s partition 2 key \"k\" headers { a: \"b\" } at 0s "
      "[{ id: 2, name: \"Å\\\"\", price: 1.5, kind: \"add-to-cart\", user: { tags: [\"x\"] }, took: 90s, blob: \"abcd\", seen: "
      "10s }]");
  EXPECT_EQ(*feed.payloads[0],
            R"({"ID": 2, "name": "Å\"", "price": 1.50, "count": 7, "at": 1772323200000, "seen": "2026-03-01 00:00:10", )"
            R"("kind": "add-to-cart", "user": {"name": "", "tags": ["x"]}, "took": "1m30s", "blob": "YWJjZA=="})");
  EXPECT_EQ(feed.partition, 2);
  EXPECT_EQ(*feed.key, "k");
  EXPECT_EQ(feed.headers[0].second, "b");
}

TEST(Feeds, WithoutAtRowsHappenNow) {
  const TestStatement feed = Only("feed s at 5s { id: 1 }\nwait 1m\nfeed s { id: 2 }");
  EXPECT_FALSE(feed.has_at);
  EXPECT_THAT(*feed.payloads[0], testing::HasSubstr("\"at\": 1767225665000"));
}

TEST(Feeds, RawNullAndFiles) {
  EXPECT_EQ(*Only("feed s raw r\"{broken\"").payloads[0], "{broken");
  EXPECT_FALSE(Only("feed s null").payloads[0].has_value());
  EXPECT_EQ(Only("feed s from \"rows.jsonl\"").from_file, "rows.jsonl");
}

TEST(Expects, ValuesTakeTheColumnsTypes) {
  const TestStatement expect = Only("expect y in order [{ id: 1, total: 2.5, mean: about(2, 0.5) }]");
  EXPECT_EQ(expect.expect, typed::ExpectKind::RowsInOrder);
  ASSERT_EQ(expect.rows.size(), 1U);
  const typed::TestRow& row = expect.rows[0];
  EXPECT_EQ(types::ToString(row.named[1].second, *row.types[1]), "2.50");
  EXPECT_EQ(std::get<double>(row.named[2].second.value), 2.0);
  EXPECT_THAT(expect.tolerance, ElementsAre(1e-9, 1e-9, 0.5));
}

TEST(Expects, DurationsAreTimesSinceTheStart) {
  const TestStatement expect = Only("expect x [{ at: 5s, took: 5s }]");
  EXPECT_EQ(std::get<int64_t>(expect.rows[0].named[0].second.value), 1767225605000000);
  EXPECT_EQ(std::get<int64_t>(expect.rows[0].named[1].second.value), 5000000);
}

TEST(Expects, LateAndBadRowsHaveTheirOwnColumns) {
  EXPECT_EQ(Only("expect y late [{ name: \"a\" }]").expect, typed::ExpectKind::Late);
  const TestStatement bad = Only("expect s bad [{ code: \"json.syntax\", offset: 3, value: r\"{broken\" }]");
  ASSERT_EQ(bad.expect, typed::ExpectKind::Bad);
  EXPECT_EQ(types::ToString(*bad.rows[0].types[1]), "int");
  EXPECT_TRUE(Only("expect x none").none);
}

TEST(Expects, ParametersAreSetFirst) {
  EXPECT_EQ(std::get<int64_t>(Only("param limit = 5").value.value), 5);
  const Checked late = CheckText(std::string(kProgram) + "test \"t\" { wait 1m  param limit = 5 }");
  EXPECT_THAT(late.codes, ElementsAre("E0450"));
}

}  // namespace
}  // namespace streamc::sema
