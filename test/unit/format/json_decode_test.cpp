#include "test/unit/format/json_fixture.h"

namespace streamc::rt::format {
namespace {

using abi::Logical;
using abi::TimeFormat;

// State of a single field `x` of a type, for a JSON value, and its value as JSON.
struct Read1 { uint8_t state; std::string json; };
Read1 ReadAs(const abi::TypeSpec& type, const std::string& value, std::map<std::string, std::string> options = {}) {
  JsonReader reader(Record({{"x", type}}), std::move(options));
  EXPECT_TRUE(reader.status().ok()) << reader.status().message;
  uint8_t result = reader.Read("{\"x\":" + value + "}");
  if (result != 0) return {result, "record"};
  return {reader.state(0), reader.json(0)};
}
#define EXPECT_READS(type, value, want) \
  do {                                  \
    Read1 got = ReadAs(type, value);    \
    EXPECT_EQ(got.state, 0) << value;   \
    EXPECT_EQ(got.json, want) << value; \
  } while (false)
#define EXPECT_STATE(type, value, want) EXPECT_EQ(ReadAs(type, value).state, want) << value

TEST(JsonDecode, Ints) {
  abi::TypeSpec type = Type(Logical::Int);
  EXPECT_READS(type, "0", "0");
  EXPECT_READS(type, "-0", "0");
  EXPECT_READS(type, "12345678", "12345678");
  EXPECT_READS(type, "1234567890123456789", "1234567890123456789");
  EXPECT_READS(type, "9223372036854775807", "9223372036854775807");
  EXPECT_READS(type, "-9223372036854775808", "-9223372036854775808");
  for (const char* bad : {"9223372036854775808", "-9223372036854775809", "1.0", "1.5", "1e3", "123456789012345678901234567890"}) {
    EXPECT_STATE(type, bad, SC_ERR_JSON_RANGE);
  }
  for (const char* bad : {"\"1\"", "true", "[1]", "{}", "\"\""}) EXPECT_STATE(type, bad, SC_ERR_JSON_TYPE);
  for (const char* broken : {"01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "--1", "1 2", "NaN", "Infinity"}) {
    EXPECT_STATE(type, broken, SC_ERR_JSON_SYNTAX);
  }
  EXPECT_STATE(type, "null", SC_ERR_MISSING);
}

TEST(JsonDecode, QuotedNumbers) {
  std::map<std::string, std::string> quoted = {{"quoted_numbers", "true"}};
  EXPECT_EQ(ReadAs(Type(Logical::Int), "\"1700000000000\"", quoted).json, "1700000000000");
  EXPECT_EQ(ReadAs(Type(Logical::Int), "\"-12\"", quoted).json, "-12");
  EXPECT_EQ(ReadAs(Type(Logical::Int), "\"1\\u0032\"", quoted).json, "12");
  EXPECT_EQ(ReadAs(Type(Logical::Float), "\"1.5\"", quoted).json, "1.5");
  EXPECT_EQ(ReadAs(Decimal(5, 2), "\"1.5\"", quoted).json, "1.50");
  EXPECT_EQ(ReadAs(Time(TimeFormat::Millis), "\"1500\"", quoted).json, "1500");
  EXPECT_EQ(ReadAs(Type(Logical::Int), "\"99999999999999999999\"", quoted).state, SC_ERR_JSON_RANGE);
  for (const char* bad : {"\"\"", "\" 1\"", "\"1 \"", "\"01\"", "\"x\"", "\"1x\"", "\"12345678x\""}) {
    EXPECT_EQ(ReadAs(Type(Logical::Int), bad, quoted).state, SC_ERR_JSON_TYPE) << bad;
  }
}

TEST(JsonDecode, FloatsDecimalsAndBools) {
  abi::TypeSpec real = Type(Logical::Float);
  EXPECT_READS(real, "1", "1");
  EXPECT_READS(real, "0.1", "0.1");
  EXPECT_READS(real, "-2.5e-3", "-0.0025");
  EXPECT_READS(real, "1.7976931348623157e308", "1.7976931348623157e+308");
  EXPECT_READS(real, "1e-999", "0");
  EXPECT_READS(real, "0.00000000000000000000000000000001e-400", "0");
  EXPECT_STATE(real, "1e999", SC_ERR_JSON_RANGE);
  EXPECT_STATE(real, "-1e999", SC_ERR_JSON_RANGE);
  EXPECT_STATE(real, "\"1\"", SC_ERR_JSON_TYPE);
  EXPECT_READS(Decimal(9, 2), "12.5", "12.50");
  EXPECT_READS(Decimal(9, 2), "-0.07", "-0.07");
  EXPECT_READS(Decimal(9, 1), "1.50", "1.5");
  EXPECT_READS(Decimal(9, 0), "1.5e1", "15");
  EXPECT_READS(Decimal(38, 0), "99999999999999999999999999999999999999", "99999999999999999999999999999999999999");
  EXPECT_READS(Decimal(38, 38), "-0.99999999999999999999999999999999999999", "-0.99999999999999999999999999999999999999");
  EXPECT_READS(Decimal(9, 2), "0e999999999999", "0.00");
  for (const char* bad : {"1.555", "10000000", "1e-3", "1e99", "1e999999999999"}) EXPECT_STATE(Decimal(9, 2), bad, SC_ERR_JSON_RANGE);
  EXPECT_READS(Type(Logical::Bool), "true", "true");
  EXPECT_READS(Type(Logical::Bool), "false", "false");
  EXPECT_STATE(Type(Logical::Bool), "1", SC_ERR_JSON_TYPE);
  EXPECT_STATE(Type(Logical::Bool), "truE", SC_ERR_JSON_SYNTAX);
}

TEST(JsonDecode, StringsAndEscapes) {
  abi::TypeSpec type = Type(Logical::String);
  EXPECT_READS(type, "\"\"", "\"\"");
  EXPECT_READS(type, "\"plain\"", "\"plain\"");
  EXPECT_READS(type, "\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\"", "\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\"");
  EXPECT_READS(type, "\"\\u0041\\u00e9\\u20AC\\uD83D\\ude00\"", "\"A\u00e9\u20ac\U0001F600\"");
  EXPECT_READS(type, "\"\\u0000\"", "\"\\u0000\"");
  EXPECT_READS(type, "\"\u00e5\u00e4\u00f6 \U0001F600 a long text that takes more than one block of bytes to scan\"",
               "\"\u00e5\u00e4\u00f6 \U0001F600 a long text that takes more than one block of bytes to scan\"");
  for (const char* broken : {"\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"",
                             "\"\\ud800\\", "\"open", "\"a\tb\"", "\"a\nb\"", "\"\\"}) {
    EXPECT_STATE(type, broken, SC_ERR_JSON_SYNTAX);
  }
  for (const char* broken : {"\"\xff\"", "\"\xc3\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\""}) {
    EXPECT_STATE(type, broken, SC_ERR_UTF8);
  }
  EXPECT_STATE(type, "1", SC_ERR_JSON_TYPE);
}

TEST(JsonDecode, TimesAndOtherTexts) {
  EXPECT_READS(Time(TimeFormat::Rfc3339), "\"2026-01-31T12:00:00.250+02:00\"", "\"2026-01-31T10:00:00.25Z\"");
  EXPECT_STATE(Time(TimeFormat::Rfc3339), "\"2026-02-30T12:00:00Z\"", SC_ERR_TIME_FORMAT);
  EXPECT_STATE(Time(TimeFormat::Rfc3339), "17", SC_ERR_JSON_TYPE);
  EXPECT_READS(Time(TimeFormat::Millis), "1700000000123", "1700000000123");
  EXPECT_READS(Time(TimeFormat::Millis), "-1", "-1");
  EXPECT_STATE(Time(TimeFormat::Millis), "9223372036854775807", SC_ERR_JSON_RANGE);
  EXPECT_STATE(Time(TimeFormat::Millis), "1.5", SC_ERR_JSON_RANGE);
  EXPECT_STATE(Time(TimeFormat::Millis), "\"15\"", SC_ERR_JSON_TYPE);
  EXPECT_READS(Time(TimeFormat::Seconds), "1700000000", "1700000000");
  abi::TypeSpec pattern = Time(TimeFormat::Pattern, "%a %b %d %H:%M:%S %z %Y");
  EXPECT_READS(pattern, "\"Wed Aug 27 13:08:45 +0200 2008\"", "\"Wed Aug 27 11:08:45 +0000 2008\"");
  EXPECT_STATE(pattern, "\"2008-08-27\"", SC_ERR_TIME_FORMAT);
  EXPECT_READS(Type(Logical::Date), "\"2024-02-29\"", "\"2024-02-29\"");
  EXPECT_STATE(Type(Logical::Date), "\"2023-02-29\"", SC_ERR_TIME_FORMAT);
  EXPECT_READS(Type(Logical::Duration), "\"1h30m\"", "\"1h30m\"");
  EXPECT_READS(Type(Logical::Duration), "1500000", "\"1s500ms\"");
  EXPECT_STATE(Type(Logical::Duration), "\"1 hour\"", SC_ERR_TIME_FORMAT);
  EXPECT_READS(Type(Logical::Uuid), "\"6BA7B810-9dad-11d1-80b4-00c04fd430c8\"", "\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\"");
  EXPECT_STATE(Type(Logical::Uuid), "\"6BA7B8109dad11d180b400c04fd430c8\"", SC_ERR_JSON_TYPE);
  EXPECT_READS(Type(Logical::Bytes), "\"aGVq\"", "\"aGVq\"");
  EXPECT_READS(Type(Logical::Bytes), "\"aA==\"", "\"aA==\"");
  EXPECT_STATE(Type(Logical::Bytes), "\"aB==\"", SC_ERR_JSON_TYPE);
  EXPECT_STATE(Type(Logical::Bytes), "\"a\"", SC_ERR_JSON_TYPE);
  abi::TypeSpec event = Enum({"view", "purchase", "add-to-the-cart"});
  EXPECT_READS(event, "\"view\"", "\"view\"");
  EXPECT_READS(event, "\"purchase\"", "\"purchase\"");
  EXPECT_READS(event, "\"add-to-the-cart\"", "\"add-to-the-cart\"");
  EXPECT_READS(event, "\"v\\u0069ew\"", "\"view\"");
  for (const char* bad : {"\"views\"", "\"\"", "\"add-to-the-car!\""}) EXPECT_STATE(event, bad, SC_ERR_ENUM);
}

TEST(JsonDecode, MissingNullAndDefaults) {
  abi::TypeSpec record = Record({{"a", Type(Logical::Int)}, {"b", Type(Logical::Int, true)}, {"c", Type(Logical::String)},
                                 {"d", List(Type(Logical::Int))}});
  record.fields[2].has_default = true;
  record.fields[2].deflt.value = std::string("none");
  record.fields[3].has_default = true;
  record.fields[3].deflt.value = std::vector<abi::DatumSpec>{{int64_t{4}}, {int64_t{5}}};
  JsonReader reader(record);
  ASSERT_TRUE(reader.status().ok());
  for (const char* text : {"{}", "{\"a\":null,\"b\":null,\"c\":null,\"d\":null}"}) {
    ASSERT_EQ(reader.Read(text), 0);
    EXPECT_EQ(reader.state(0), SC_ERR_MISSING);
    EXPECT_EQ(reader.integer(0), 0);
    EXPECT_EQ(reader.state(1), SC_NULL);
    EXPECT_EQ(reader.state(2), 0);
    EXPECT_EQ(reader.text(2), "none");
    EXPECT_EQ(reader.json(3), "[4,5]");
  }
  EXPECT_EQ(reader.Read("{\"a\":nul}"), SC_ERR_JSON_SYNTAX);
}

TEST(JsonDecode, NestedRecords) {
  abi::TypeSpec user = Record({{"id", Type(Logical::Int)}, {"name", Type(Logical::String, true)}});
  JsonReader reader(Record({{"u", user}, {"o", Optional(user)}}));
  // Leaves: u.id, u.name, presence of o, o.id, o.name.
  ASSERT_EQ(reader.Read("{\"u\":{\"id\":1,\"name\":\"x\"},\"o\":{\"id\":2}}"), 0);
  EXPECT_EQ(reader.integer(0), 1);
  EXPECT_EQ(reader.text(1), "x");
  EXPECT_TRUE(reader.boolean(2));
  EXPECT_EQ(reader.integer(3), 2);
  EXPECT_EQ(reader.state(4), SC_NULL);
  ASSERT_EQ(reader.Read("{\"o\":null}"), 0);
  EXPECT_EQ(reader.state(0), SC_ERR_MISSING);
  EXPECT_EQ(reader.state(1), SC_ERR_MISSING);
  EXPECT_EQ(reader.state(2), SC_VALUE);
  EXPECT_FALSE(reader.boolean(2));
  EXPECT_EQ(reader.state(3), SC_NULL);
  ASSERT_EQ(reader.Read("{\"u\":[],\"o\":7}"), 0);
  EXPECT_EQ(reader.state(0), SC_ERR_JSON_TYPE);
  EXPECT_EQ(reader.state(2), SC_ERR_JSON_TYPE);
  EXPECT_EQ(reader.state(4), SC_ERR_JSON_TYPE);
  ASSERT_EQ(reader.Read("{\"u\":{\"id\":1},\"u\":{\"id\":2}}"), 0);
  EXPECT_EQ(reader.state(0), SC_ERR_JSON_DUPLICATE);
  EXPECT_EQ(reader.state(1), SC_ERR_JSON_DUPLICATE);
}

TEST(JsonDecode, Lists) {
  abi::TypeSpec item = Record({{"k", Type(Logical::String)}, {"v", Type(Logical::Int, true)}});
  JsonReader reader(Record({{"n", List(Type(Logical::Int))}, {"o", List(Type(Logical::String, true))}, {"r", List(item)},
                            {"l", List(List(Type(Logical::Int)))}, {"m", List(Optional(item))}}));
  ASSERT_EQ(reader.Read("{\"n\":[1, 2,3],\"o\":[\"a\",null],\"r\":[{\"k\":\"x\",\"v\":1},{\"k\":\"y\"}],\"l\":[[],[1],[2,3]],"
                        "\"m\":[null,{\"k\":\"z\"}]}"), 0);
  EXPECT_EQ(reader.json(0), "[1,2,3]");
  EXPECT_EQ(reader.json(1), "[\"a\",null]");
  EXPECT_EQ(reader.json(2), "[{\"k\":\"x\",\"v\":1},{\"k\":\"y\",\"v\":null}]");
  EXPECT_EQ(reader.json(3), "[[],[1],[2,3]]");
  EXPECT_EQ(reader.json(4), "[null,{\"k\":\"z\",\"v\":null}]");
  ASSERT_EQ(reader.Read("{\"n\":[],\"o\":[1],\"r\":[{\"k\":\"x\"},{\"v\":2}],\"l\":[[1],[null]],\"m\":{}}"), 0);
  EXPECT_EQ(reader.json(0), "[]");
  EXPECT_EQ(reader.state(1), SC_ERR_JSON_TYPE);
  EXPECT_EQ(reader.list(1).len, 0);
  EXPECT_EQ(reader.state(2), SC_ERR_MISSING);
  EXPECT_EQ(reader.state(3), SC_ERR_MISSING);
  EXPECT_EQ(reader.state(4), SC_ERR_JSON_TYPE);
  for (const char* broken : {"{\"n\":[1,]}", "{\"n\":[,1]}", "{\"n\":[1 2]}", "{\"n\":[1}", "{\"n\":["}) {
    EXPECT_EQ(reader.Read(broken), SC_ERR_JSON_SYNTAX) << broken;
  }
}

TEST(JsonDecode, DuplicatesCountOnlyForUsedKeys) {
  JsonReader reader(Record({{"a", Type(Logical::Int)}, {"b", Type(Logical::Int)}}), {}, {true, false});
  ASSERT_EQ(reader.Read("{\"a\":1,\"b\":1,\"b\":2,\"c\":1,\"c\":1}"), 0);
  EXPECT_EQ(reader.state(0), 0);
  ASSERT_EQ(reader.Read("{\"a\":1,\"\\u0061\":1}"), 0);
  EXPECT_EQ(reader.state(0), SC_ERR_JSON_DUPLICATE);
  ASSERT_EQ(reader.Read("{\"a\":1}"), 0);
  EXPECT_EQ(reader.state(0), 0);
}

TEST(JsonDecode, KeysInAnyOrderSpacingAndSpelling) {
  abi::TypeSpec record = Record({{"first", Type(Logical::Int)}, {"a key that is longer than thirty-two bytes", Type(Logical::Int)},
                                 {"we\"ird\\", Type(Logical::Int)}, {"\u00e5", Type(Logical::Int)}, {"", Type(Logical::Int)}});
  JsonReader reader(record);
  for (const char* text : {
           "{\"first\":1,\"a key that is longer than thirty-two bytes\":2,\"we\\\"ird\\\\\":3,\"\u00e5\":4,\"\":5}",
           "{\"first\": 1, \"a key that is longer than thirty-two bytes\": 2, \"we\\\"ird\\\\\": 3, \"\u00e5\": 4, \"\": 5}",
           " {\n\t\"\" : 5 ,\r\n \"\\u00e5\" :4, \"x\": {\"first\": 9}, \"we\\\"ird\\\\\":3,\"y\":[1,\"first\"] , "
           "\"f\\u0069rst\" : 1,\"a key that is longer than thirty-two bytes\":   2 }\n",
           "{\"first\":1,\"unknown\":true,\"a key that is longer than thirty-two bytes\":2,\"we\\\"ird\\\\\":3,\"\u00e5\":4,\"\":5}"}) {
    for (int again = 0; again < 3; ++again) {
      ASSERT_EQ(reader.Read(text), 0) << text;
      for (size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(reader.state(i), 0) << text << i;
        EXPECT_EQ(reader.integer(i), static_cast<int64_t>(i) + 1) << text;
      }
    }
  }
}

TEST(JsonDecode, ALiteralBackslashKeyIsNotAnEscape) {
  JsonReader reader(Record({{"a\\bc", Type(Logical::Int, true)}}));
  ASSERT_EQ(reader.Read("{\"a\\\\bc\":1}"), 0);
  EXPECT_EQ(reader.integer(0), 1);
  ASSERT_EQ(reader.Read("{\"a\\bc\":2}"), 0);  // a, backspace, c
  EXPECT_EQ(reader.state(0), SC_NULL);
}

TEST(JsonDecode, BrokenRecords) {
  JsonReader reader(Record({{"a", Type(Logical::Int, true)}}));
  for (const char* broken : {"", " ", "{", "}", "[]", "1", "null", "\"x\"", "{}{}", "{} x", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}",
                             "{a:1}", "{\"a\":1 \"b\":2}", "{'a':1}", "{\"a\":1}}", "\xEF\xBB\xBF{}", "{\"b\":tru}", "{\"b\":[1,}",
                             "{\"b\":{\"c\"}}", "{\"b\":\"\\q\"}", "{\"a\": 1, \"b\"", "{\"a\":1,\"b\": ", "{\"a\" 1}", "{\"a\":1;}"}) {
    EXPECT_EQ(reader.Read(broken), SC_ERR_JSON_SYNTAX) << broken;
  }
  EXPECT_EQ(reader.Read("{\"b\":\"\xff\"}"), SC_ERR_UTF8);
  EXPECT_EQ(reader.Read(" { } "), 0);
  EXPECT_EQ(reader.Read(std::string("{\"a\":1}\0", 8)), SC_ERR_JSON_SYNTAX);
}

TEST(JsonDecode, Limits) {
  auto nested = [](int depth) {
    std::string text = "{\"a\":";
    for (int i = 1; i < depth; ++i) text += "[";
    for (int i = 1; i < depth; ++i) text += "]";
    return text + (depth == 1 ? "1}" : "}");
  };
  JsonReader usual(Record({{"a", Type(Logical::Int, true)}}));
  EXPECT_EQ(usual.Read(nested(64)), 0);
  EXPECT_EQ(usual.Read(nested(65)), SC_ERR_JSON_DEPTH);
  EXPECT_EQ(usual.Read(std::string(1'000'000, '[')), SC_ERR_JSON_SYNTAX);
  JsonReader deep(Record({{"b", Type(Logical::Int, true)}}), {{"depth", "3"}, {"max_string", "40"}, {"max_record", "200"}});
  EXPECT_EQ(deep.Read(nested(3)), 0);
  EXPECT_EQ(deep.Read(nested(4)), SC_ERR_JSON_DEPTH);
  EXPECT_EQ(deep.Read("{\"a\":\"" + std::string(40, 'x') + "\"}"), 0);
  EXPECT_EQ(deep.Read("{\"a\":\"" + std::string(41, 'x') + "\"}"), SC_ERR_TOO_LARGE);
  EXPECT_EQ(deep.Read("{\"" + std::string(41, 'x') + "\":1}"), SC_ERR_TOO_LARGE);
  EXPECT_EQ(deep.Read("{\"a\":\"" + std::string(300, 'x') + "\"}"), SC_ERR_TOO_LARGE);
  EXPECT_FALSE(JsonReader(Record({{"a", Type(Logical::Int)}}), {{"depth", "0"}}).status().ok());
  EXPECT_FALSE(JsonReader(Record({{"a", Type(Logical::Int)}}), {{"strict", "yes"}}).status().ok());
  EXPECT_FALSE(JsonReader(Record({{"a", Type(Logical::Int)}}), {{"deepth", "1"}}).status().ok());
}

TEST(JsonDecode, StrictChecksAllDeclaredFields) {
  abi::TypeSpec record = Record({{"a", Type(Logical::Int)}, {"b", Record({{"c", Type(Logical::String)}})}});
  JsonReader lazy(record, {}, {true, false}), strict(record, {{"strict", "true"}}, {true, false});
  for (const char* text : {"{\"a\":1}", "{\"a\":1,\"b\":{\"c\":3}}"}) {
    EXPECT_EQ(lazy.Read(text), 0);
    EXPECT_NE(strict.Read(text), 0) << text;
  }
  EXPECT_EQ(strict.Read("{\"a\":1}"), SC_ERR_MISSING);
  EXPECT_EQ(strict.Read("{\"a\":1,\"b\":{\"c\":3}}"), SC_ERR_JSON_TYPE);
  EXPECT_EQ(strict.Read("{\"a\":1,\"b\":{\"c\":\"x\"},\"else\":1}"), 0);
  EXPECT_EQ(strict.integer(0), 1);
}

TEST(JsonDecode, Predicates) {
  abi::TypeSpec record = Record({{"e", Enum({"view", "click"})}, {"n", Type(Logical::Int, true)}, {"s", Type(Logical::String)}});
  abi::ScanPredicate view{0, abi::ScanTest::Equal, {{std::string("view")}}};
  abi::ScanPredicate big{1, abi::ScanTest::GreaterEqual, {{int64_t{10}}}};
  abi::ScanPredicate in{2, abi::ScanTest::In, {{std::string("x")}, {std::string("yy")}}};
  JsonReader reader(record, {}, {}, {view, big, in});
  ASSERT_TRUE(reader.status().ok()) << reader.status().message;
  EXPECT_EQ(reader.Read("{\"e\":\"view\",\"n\":10,\"s\":\"yy\"}"), 0);
  EXPECT_EQ(reader.Read("{\"e\":\"click\",\"n\":10,\"s\":\"x\"}"), kDropped);
  EXPECT_EQ(reader.Read("{\"e\":\"view\",\"n\":9,\"s\":\"x\"}"), kDropped);
  EXPECT_EQ(reader.Read("{\"e\":\"view\",\"n\":null,\"s\":\"x\"}"), kDropped);
  EXPECT_EQ(reader.Read("{\"e\":\"view\",\"n\":10,\"s\":\"y\"}"), kDropped);
  EXPECT_EQ(reader.Read("{\"e\":\"other\",\"n\":1,\"s\":\"y\"}"), 0);  // undecodable: the pipeline reports it
  EXPECT_EQ(reader.Read("{\"e\":\"click\",\"n\":\"x\",\"s\":\"y\"}"), kDropped);
  EXPECT_EQ(reader.Read("{\"e\":\"click\",\"n\":10"), SC_ERR_JSON_SYNTAX);
  abi::ScanPredicate other{1, abi::ScanTest::NotEqual, {{int64_t{3}}}};
  JsonReader unequal(record, {}, {}, {other});
  EXPECT_EQ(unequal.Read("{\"e\":\"view\",\"n\":null,\"s\":\"y\"}"), 0);
  EXPECT_EQ(unequal.Read("{\"e\":\"view\",\"n\":3,\"s\":\"y\"}"), kDropped);
}

TEST(JsonDecode, OtherFormatsAreRefused) {
  std::unique_ptr<Decoder> decoder;
  Status status = MakeDecoder("xml", {}, &decoder);
  EXPECT_EQ(status.code, Exit::Usage);
  EXPECT_EQ(status.message, "unknown format `xml`; known: json");
}

}  // namespace
}  // namespace streamc::rt::format
