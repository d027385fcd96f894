// `...rest`: undeclared fields are kept as they came and written back once.
#include "test/unit/format/json_fixture.h"

namespace streamc::rt::format {
namespace {

using abi::Logical;

std::string Write(const abi::TypeSpec& record, const ScColumn* leaves, int64_t row = 0) {
  std::unique_ptr<Encoder> encoder;
  EXPECT_TRUE(MakeEncoder("json", {&record, {}}, &encoder).ok());
  std::string out;
  uint8_t code = encoder->Encode(leaves, row, &out);
  return code == 0 ? out : "error " + std::to_string(code) + out;
}

class JsonRest : public ::testing::Test {
 protected:
  JsonRest() : record_(Record({{"id", Type(Logical::Int)}, {"name", Type(Logical::String, true)}, {"rest", Rest()}})) {}

  // What the record's rest is, or its state.
  std::string Read(const std::string& text) {
    JsonReader reader(record_);
    if (uint8_t result = reader.Read(text); result != 0) return "bad record " + std::to_string(result);
    return reader.state(2) == SC_VALUE ? reader.text(2) : "state " + std::to_string(reader.state(2));
  }
  std::string Copy(const std::string& text) {
    JsonReader reader(record_);
    EXPECT_EQ(reader.Read(text), 0) << text;
    return Write(record_, reader.batch().columns(), 1);
  }
  abi::TypeSpec record_;
};

TEST_F(JsonRest, KeepsWhatIsNotDeclared) {
  EXPECT_EQ(Read(R"({"id":1,"name":"x"})"), "{}");
  EXPECT_EQ(Read("{}"), "{}");
  EXPECT_EQ(Read(R"({"a":1,"id":1,"b":{"c":[1,{"d":null}]},"name":null,"e":"x"})"), R"({"a":1,"b":{"c":[1,{"d":null}]},"e":"x"})");
  // Numbers and escapes stay as they came.
  EXPECT_EQ(Read(R"({"n":1.50,"big":123456789012345678901234567890,"e":1E+2,"t":"\u0041\n\/","é":"é"})"),
            R"({"n":1.50,"big":123456789012345678901234567890,"e":1E+2,"t":"\u0041\n\/","é":"é"})");
  // A declared key with escapes is no rest.
  EXPECT_EQ(Read(R"({"\u0069d":7,"x":1})"), R"({"x":1})");
  EXPECT_EQ(Read(R"({"":0,"x\"y":1})"), R"({"":0,"x\"y":1})");
}

TEST_F(JsonRest, BlanksBetweenValuesGo) {
  EXPECT_EQ(Read("{ \"id\" : 1 ,\n\t\"a\" : { \"b\" : [ 1 , 2 ] } ,\r\n \"s\" : \" two  words \\\" \" }"),
            R"({"a":{"b":[1,2]},"s":" two  words \" "})");
  EXPECT_EQ(Copy("{\"id\": 1, \"a\": [1,\n 2], \"name\": \"n\"}"), R"({"id":1,"name":"n","a":[1,2]})");
}

TEST_F(JsonRest, IsCheckedLikeEverythingElse) {
  EXPECT_EQ(Read(R"({"id":1,"a":1,"a":2})"), "state " + std::to_string(SC_ERR_JSON_DUPLICATE));
  EXPECT_EQ(Read(R"({"a":1,"b":2,"\u0061":2})"), "state " + std::to_string(SC_ERR_JSON_DUPLICATE));
  EXPECT_EQ(Read(R"({"a":{"x":1},"b":{"x":1}})"), R"({"a":{"x":1},"b":{"x":1}})");
  const std::string syntax = "bad record " + std::to_string(SC_ERR_JSON_SYNTAX);
  for (const char* broken : {R"({"a":})", R"({"a":01})", R"({"a" 1})", R"({"a":1,})", R"({"a":tru})", R"({"a":"\x"})", R"({"a":1)"}) {
    EXPECT_EQ(Read(broken), syntax) << broken;
  }
  EXPECT_EQ(Read("{\"a\":\"\xff\"}"), "bad record " + std::to_string(SC_ERR_UTF8));
  EXPECT_EQ(Read("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"), "bad record " + std::to_string(SC_ERR_JSON_DEPTH));
  // A broken record leaves nothing behind for the next.
  JsonReader reader(record_);
  EXPECT_NE(reader.Read(R"({"a":1,"b":)"), 0);
  ASSERT_EQ(reader.Read(R"({"c":1})"), 0);
  EXPECT_EQ(reader.text(2), R"({"c":1})");
}

TEST_F(JsonRest, ManyFieldsAreKept) {
  std::string text = "{\"id\":1", rest = "{";
  for (int i = 0; i < 1000; ++i) {
    const std::string field = "\"field_" + std::to_string(i) + "\":" + std::to_string(i);
    text += "," + field;
    rest += (i == 0 ? "" : ",") + field;
  }
  EXPECT_EQ(Read(text + "}"), rest + "}");
  EXPECT_EQ(Read(text + ",\"field_500\":0}"), "state " + std::to_string(SC_ERR_JSON_DUPLICATE));
}

TEST_F(JsonRest, IsNotCollectedUnlessNeeded) {
  JsonReader reader(record_, {}, {true, false, false});
  ASSERT_EQ(reader.Read(R"({"a":1,"id":5,"a":2})"), 0);
  EXPECT_EQ(reader.integer(0), 5);
  EXPECT_EQ(reader.batch().columns()[2].data, nullptr);
  // A declared field that nobody needs is still no undeclared one.
  JsonReader rest_only(record_, {}, {false, false, true});
  ASSERT_EQ(rest_only.Read(R"({"a":1,"id":5,"name":"n"})"), 0);
  EXPECT_EQ(rest_only.text(2), R"({"a":1})");
}

TEST_F(JsonRest, StandsInNestedRecordsAndLists) {
  abi::TypeSpec inner = Record({{"zip", Type(Logical::Int)}, {"rest", Rest()}});
  record_ = Record({{"id", Type(Logical::Int)}, {"at", Optional(inner)}, {"all", List(inner)}, {"rest", Rest()}});
  EXPECT_EQ(Copy(R"({"id":1,"x":1,"at":{"y":2,"zip":3,"z":{"q":1}},"all":[{"zip":1,"a":1},{"b":2,"zip":2}],"w":[]})"),
            R"({"id":1,"at":{"zip":3,"y":2,"z":{"q":1}},"all":[{"zip":1,"a":1},{"zip":2,"b":2}],"x":1,"w":[]})");
  EXPECT_EQ(Copy(R"({"id":1,"at":null,"all":[]})"), R"({"id":1,"at":null,"all":[]})");
}

TEST_F(JsonRest, WritesNoKeyTwice) {
  int64_t id = 1;
  ScStr name{"new", 3}, first{}, second{};
  ScColumn columns[] = {{&id, nullptr}, {&name, nullptr}, {&first, nullptr}, {&second, nullptr}};
  abi::TypeSpec record = Record({{"id", Type(Logical::Int)}, {"color", Type(Logical::String)}, {"rest", Rest()}, {"more", Rest()}});
  auto write = [&](std::string_view a, std::string_view b) {
    first = {a.data(), static_cast<int64_t>(a.size())};
    second = {b.data(), static_cast<int64_t>(b.size())};
    return Write(record, columns);
  };
  EXPECT_EQ(write("{}", "{}"), R"({"id":1,"color":"new"})");
  EXPECT_EQ(write(R"({"color":"old","size":2})", "{}"), R"({"id":1,"color":"new","size":2})");
  EXPECT_EQ(write(R"({"\u0063olor":"old"})", "{}"), R"({"id":1,"color":"new"})");
  EXPECT_EQ(write(R"({"a":1,"b":2})", R"({"b":3,"c":4,"id":5})"), R"({"id":1,"color":"new","a":1,"b":2,"c":4})");
  for (const char* broken : {"", "x", "[]", "{", R"({"a":1)", R"({"a":1,})", R"({"a":1} x)", R"({"a":x})", R"({a:1})"}) {
    EXPECT_EQ(write(broken, "{}"), "error " + std::to_string(SC_ERR_ENCODE)) << broken;
  }
  record = Record({{"rest", Rest()}});
  ScColumn only[] = {{&first, nullptr}};
  first = {"{}", 2};
  EXPECT_EQ(Write(record, only), "{}");
  first = {R"({"a":1})", 7};
  EXPECT_EQ(Write(record, only), R"({"a":1})");
}

}  // namespace
}  // namespace streamc::rt::format
