#include <cmath>

#include "test/unit/format/json_fixture.h"

namespace streamc::rt::format {
namespace {

using abi::Logical;
using abi::TimeFormat;

TEST(JsonEncode, WritesWhatItReads) {
  abi::TypeSpec user = Record({{"id", Type(Logical::Int)}, {"tags", List(Type(Logical::String, true))}});
  abi::TypeSpec record = Record({{"i", Type(Logical::Int)}, {"f", Type(Logical::Float)}, {"b", Type(Logical::Bool)},
                                 {"s", Type(Logical::String)}, {"d", Decimal(9, 3)}, {"t", Time(TimeFormat::Rfc3339)},
                                 {"m", Time(TimeFormat::Millis)}, {"z", Time(TimeFormat::Seconds)},
                                 {"p", Time(TimeFormat::Pattern, "%Y/%m/%d %H:%M:%S.%f")}, {"y", Type(Logical::Date)},
                                 {"w", Type(Logical::Duration)}, {"u", Type(Logical::Uuid)}, {"x", Type(Logical::Bytes)},
                                 {"e", Enum({"a \"quoted\" one", "b"})}, {"o", Type(Logical::Int, true)}, {"r", user},
                                 {"q", Optional(user)}, {"n", Optional(user)}});
  const std::string text =
      "{\"i\":-9223372036854775808,\"f\":-0.1,\"b\":true,\"s\":\"\u00e5\\u0001\\n\\\"\",\"d\":-0.050,"
      "\"t\":\"2026-01-01T00:00:00.000001Z\",\"m\":-1,\"z\":17,\"p\":\"1969/12/31 23:59:59.999000\",\"y\":\"0001-01-01\",\"w\":\"-1d1us\","
      "\"u\":\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\",\"x\":\"AP8=\",\"e\":\"a \\\"quoted\\\" one\",\"o\":null,"
      "\"r\":{\"id\":1,\"tags\":[\"x\",null,\"\"]},\"q\":{\"id\":2,\"tags\":[]},\"n\":null}";
  JsonReader reader(record);
  ASSERT_EQ(reader.Read(text), 0);
  for (size_t i = 0; i < reader.batch().leaves().size(); ++i) EXPECT_LE(reader.state(i), SC_NULL) << i;
  std::unique_ptr<Encoder> encoder;
  ASSERT_TRUE(MakeEncoder("json", {&record, {}}, &encoder).ok());
  std::string out = "before ";
  ASSERT_EQ(encoder->Encode(reader.batch().columns(), 1, &out), 0);
  EXPECT_EQ(out, "before " + text);
}

TEST(JsonEncode, RefusesWhatJsonCannotSay) {
  abi::TypeSpec record = Record({{"i", Type(Logical::Int)}, {"f", Type(Logical::Float)}, {"t", Time(TimeFormat::Rfc3339)}});
  std::unique_ptr<Encoder> encoder;
  ASSERT_TRUE(MakeEncoder("json", {&record, {}}, &encoder).ok());
  int64_t integer = 1, time = 0;
  double real = 1;
  ScColumn columns[] = {{&integer, nullptr}, {&real, nullptr}, {&time, nullptr}};
  auto encode = [&] {
    std::string out = "kept";
    uint8_t code = encoder->Encode(columns, 0, &out);
    return code == 0 ? out.substr(4) : std::to_string(code) + out;
  };
  EXPECT_EQ(encode(), "{\"i\":1,\"f\":1,\"t\":\"1970-01-01T00:00:00Z\"}");
  const std::string refused = std::to_string(SC_ERR_ENCODE) + "kept";
  for (double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    real = bad;
    EXPECT_EQ(encode(), refused);
  }
  real = 1;
  time = INT64_MAX;
  EXPECT_EQ(encode(), refused);
  std::string lenient;
  EncodeJsonValue(record, columns, 0, &lenient);
  EXPECT_EQ(lenient, "{\"i\":1,\"f\":1,\"t\":\"+294247-01-10T04:00:54.775807Z\"}");
}

TEST(JsonEncode, OutsideNamesAreWritten) {
  abi::TypeSpec record = Record({{"inside", Type(Logical::Int)}});
  record.fields[0].outside_name = "out\"side";
  std::unique_ptr<Encoder> encoder;
  ASSERT_TRUE(MakeEncoder("json", {&record, {}}, &encoder).ok());
  int64_t value = 5;
  ScColumn column{&value, nullptr};
  std::string out;
  ASSERT_EQ(encoder->Encode(&column, 0, &out), 0);
  EXPECT_EQ(out, "{\"out\\\"side\":5}");
}

}  // namespace
}  // namespace streamc::rt::format
