// Regular expressions, JSON paths and headers.
#include <gtest/gtest.h>

#include "stdlib/text/json_path.h"
#include "stdlib/text/regex.h"
#include "test/unit/stdlib/support.h"

namespace streamc::stdlib {
namespace {

int64_t Size(std::string_view s) { return static_cast<int64_t>(s.size()); }

bool Matches(std::string_view s, std::string_view pattern) {
  auto* kernel = Kernel<uint8_t(const char*, int64_t, const char*, int64_t)>("streamc_fn_matches");
  return kernel(s.data(), Size(s), pattern.data(), Size(pattern)) != 0;
}

std::optional<std::string> Group(std::string_view s, std::string_view pattern, int64_t group) {
  ScStr out{};
  if (!FindGroup(s.data(), Size(s), pattern.data(), Size(pattern), group, &out)) return std::nullopt;
  return Text(out);
}

std::vector<std::string> All(std::string_view s, std::string_view pattern) {
  return Texts(FindAll(TestArena(), s.data(), Size(s), pattern.data(), Size(pattern)));
}

std::optional<std::string> Json(std::string_view json, std::string_view path) {
  JsonValue value{};
  if (!FindJson(json.data(), Size(json), path.data(), Size(path), &value)) return std::nullopt;
  return std::string(value.text, static_cast<size_t>(value.size));
}

std::optional<std::string> JsonText(std::string_view json, std::string_view path) {
  auto* kernel = Kernel<uint8_t(ScArena*, const char*, int64_t, const char*, int64_t, ScStr*)>("streamc_fn_json_string");
  ScStr out{};
  if (kernel(TestArena(), json.data(), Size(json), path.data(), Size(path), &out) == 0) return std::nullopt;
  return Text(out);
}

TEST(Regex, Matching) {
  EXPECT_TRUE(Matches("order-17", "\\d+"));
  EXPECT_FALSE(Matches("order", "\\d+"));
  EXPECT_TRUE(Matches("ÅR", "(?i)år"));
  EXPECT_FALSE(Matches("x", "("));
  EXPECT_EQ(Group("key=value", "(\\w+)=(\\w+)", 2), "value");
  EXPECT_EQ(Group("key=value", "(\\w+)=(\\w+)", 0), "key=value");
  EXPECT_EQ(Group("key=value", "(\\w+)=(\\w+)", 3), std::nullopt);
  EXPECT_EQ(Group("key=value", "(\\w+)=(\\w+)", -1), std::nullopt);
  EXPECT_EQ(Group("ac", "a(b)?c", 1), std::nullopt);
  EXPECT_EQ(All("a1 b22", "\\d+"), (std::vector<std::string>{"1", "22"}));
  EXPECT_EQ(All("åb", "").size(), 3u);
  EXPECT_EQ(All("xaay", "a*"), (std::vector<std::string>{"", "aa", "", ""}));
  EXPECT_EQ(Text(ReplaceAll(TestArena(), "a=b", 3, "(\\w)=(\\w)", 9, "\\2=\\1", 5)), "b=a");
}

TEST(Regex, ManyPatternsDoNotMixUp) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 200; ++i) {
      std::string pattern = "^x" + std::to_string(i) + "$";
      ASSERT_TRUE(Matches("x" + std::to_string(i), pattern));
      ASSERT_FALSE(Matches("x" + std::to_string(i + 1), pattern));
    }
  }
}

// The cache looks at what a pattern says, not at where it stands.
TEST(Regex, AReusedBufferIsANewPattern) {
  std::string pattern = "aa";
  EXPECT_TRUE(Matches("aa", pattern));
  pattern[0] = pattern[1] = 'b';
  EXPECT_FALSE(Matches("aa", pattern));
  EXPECT_TRUE(Matches("bb", pattern));
}

TEST(JsonPath, FindsValues) {
  std::string_view json = R"( {"a": {"b": [10, {"c": "x\n\u00e5\ud83d\udc4d"}, [], "]}"]}, "d e": true, "\u0066": -1.5e3, "z": null} )";
  EXPECT_EQ(Json(json, "a.b[0]"), "10");
  EXPECT_EQ(JsonText(json, "a.b[1].c"), "x\nå👍");
  EXPECT_EQ(Json(json, "a.b[2]"), "[]");
  EXPECT_EQ(JsonText(json, "a.b[3]"), "]}");
  EXPECT_EQ(Json(json, "a.b[4]"), std::nullopt);
  EXPECT_EQ(Json(json, "[\"d e\"]"), "true");
  EXPECT_EQ(Json(json, "f"), "-1.5e3");
  EXPECT_EQ(Json(json, "z"), "null");
  EXPECT_EQ(Json(json, "a.b.c"), std::nullopt);
  EXPECT_EQ(Json(json, "a[0]"), std::nullopt);
  EXPECT_EQ(JsonText(json, "f"), std::nullopt);
  EXPECT_EQ(Json("[1]", "[0]"), "1");
  EXPECT_EQ(Json("7", ""), "7");
  EXPECT_EQ(Json(R"({"k": 1, "k": 2})", "k"), "1");
}

TEST(JsonPath, BrokenTextIsMissing) {
  for (const char* json : {"", "{", "[", "{\"a\"", "{\"a\":", "{\"b\": [1}, \"a\": 1", "{a: 1}", "[1, 2", "\"", "{\"a\": \"x", "nothing", ",", "}"})
    EXPECT_EQ(Json(json, "a"), std::nullopt) << json;
  for (const char* text : {R"({"a": "\q"})", R"({"a": "\u12"})", R"({"a": "\ud800"})", R"({"a": "\ud800\u0041"})", R"({"a": "\udc00"})"})
    EXPECT_EQ(JsonText(text, "a"), std::nullopt) << text;
}

TEST(JsonPath, Numbers) {
  auto* integer = Kernel<uint8_t(const char*, int64_t, const char*, int64_t, int64_t*)>("streamc_fn_json_int");
  auto* floating = Kernel<uint8_t(const char*, int64_t, const char*, int64_t, double*)>("streamc_fn_json_float");
  int64_t i = 0;
  double f = 0;
  EXPECT_EQ(integer("[9007199254740993]", 18, "[0]", 3, &i), 1);
  EXPECT_EQ(i, 9007199254740993);
  EXPECT_EQ(integer("[1.0]", 5, "[0]", 3, &i), 0);
  EXPECT_EQ(floating("[1e2]", 5, "[0]", 3, &f), 1);
  EXPECT_EQ(f, 100);
  EXPECT_EQ(floating("[nan]", 5, "[0]", 3, &f), 0);
  EXPECT_EQ(floating("[\"1\"]", 5, "[0]", 3, &f), 0);
}

// Any cut of a JSON text, and any byte of it changed, gives an answer within the text.
TEST(JsonPath, AnyBytesAreSafe) {
  std::string json = R"({"a": {"b": [10, {"c": "x\n\u00e5\ud83d\udc4d"}, "]}"]}, "d": [[[[1]]]]})";
  std::mt19937_64 random(1);
  for (int round = 0; round < 5000; ++round) {
    std::string text = json.substr(0, random() % (json.size() + 1));
    for (int changes = static_cast<int>(random() % 3); changes > 0 && !text.empty(); --changes)
      text[random() % text.size()] = "{}[]\",:\\u0 "[random() % 11];
    std::vector<char> exact(text.begin(), text.end());
    for (const char* path : {"a.b[1].c", "d[0][0]", "a", "a.b[2]"}) JsonText(std::string_view(exact.data(), exact.size()), path);
  }
}

TEST(Header, TheLastOfANameWins) {
  struct Row {
    ScStr key;
    int64_t state;
    ScStr value;
  };
  static_assert(sizeof(Row) == 40);
  const Row rows[] = {{{"a", 1}, SC_VALUE, {"1", 1}}, {{"b", 1}, SC_NULL, {nullptr, 0}}, {{"a", 1}, SC_VALUE, {"2", 1}}, {{"c", 1}, SC_VALUE, {"\xff", 1}}};
  auto* header = Kernel<uint8_t(const void*, int64_t, const char*, int64_t, ScStr*)>("streamc_fn_header");
  ScStr out{};
  EXPECT_EQ(header(rows, 4, "a", 1, &out), 1);
  EXPECT_EQ(Text(out), "2");
  EXPECT_EQ(header(rows, 4, "b", 1, &out), 0);
  EXPECT_EQ(header(rows, 4, "c", 1, &out), 0);
  EXPECT_EQ(header(rows, 4, "d", 1, &out), 0);
  EXPECT_EQ(header(nullptr, 0, "a", 1, &out), 0);
}

}  // namespace
}  // namespace streamc::stdlib
