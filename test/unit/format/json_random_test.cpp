// Random records: the decoder's verdict and values against nlohmann-json's.
#include <nlohmann/json.hpp>
#include <random>

#include "test/unit/format/json_fixture.h"

namespace streamc::rt::format {
namespace {

using abi::Logical;
using nlohmann::json;

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}
  size_t Below(size_t bound) { return random_() % bound; }

  abi::TypeSpec MakeType(int depth) {
    abi::TypeSpec type;
    switch (Below(depth > 0 ? 7 : 5)) {
      case 0: type = Type(Logical::Int); break;
      case 1: type = Type(Logical::Float); break;
      case 2: type = Type(Logical::Bool); break;
      case 3:
      case 4: type = Type(Logical::String); break;
      case 5: type = List(MakeType(depth - 1)); break;
      default: type = MakeRecord(depth - 1); break;
    }
    type.optional = Below(2) == 0;
    return type;
  }
  abi::TypeSpec MakeRecord(int depth) {
    std::vector<std::pair<std::string, abi::TypeSpec>> fields;
    for (size_t i = 0, n = 1 + Below(5); i < n; ++i) fields.emplace_back(Key(i), MakeType(depth));
    return Record(std::move(fields));
  }
  static std::string Key(size_t i) {
    static const char* keys[] = {"a", "name", "a_rather_long_key", "k\u00e9y", "q\"uote", "x1", "x2"};
    return keys[i];
  }

  std::string Space() { return Below(6) == 0 ? std::string(Below(3), " \n\t\r"[Below(4)]) : ""; }
  std::string Text() {
    static const std::vector<std::string> pieces = {"a", "bc", "\u00e9", "\u20ac", "\U0001F600", "\\n", "\\\"", "\\u0041", "\\ud83d\\ude00",
                                                    " ", "a longer piece of plain text, more than a block of bytes", "\\\\"};
    std::string text = "\"";
    for (size_t n = Below(5); n > 0; --n) text += pieces[Below(pieces.size())];
    return text + "\"";
  }
  std::string Number() {
    switch (Below(5)) {
      case 0: return std::to_string(static_cast<int64_t>(random_()) * (Below(2) != 0 ? 1 : -1000000007));
      case 1: return std::to_string(Below(100));
      case 2: return std::to_string(static_cast<double>(random_()) / 1000.0);
      case 3: return std::to_string(Below(10)) + "e" + std::to_string(Below(20));
      default: return "-" + std::to_string(Below(10));
    }
  }
  // A value, mostly of the type.
  std::string Value(const abi::TypeSpec* type, int depth) {
    if (type == nullptr || Below(12) == 0) {
      switch (Below(depth > 0 ? 7 : 5)) {
        case 0: return "null";
        case 1: return Below(2) != 0 ? "true" : "false";
        case 2: return Number();
        case 3:
        case 4: return Text();
        case 5: return Array(nullptr, depth - 1);
        default: return Object(nullptr, depth - 1);
      }
    }
    switch (type->logical) {
      case Logical::Int: return Below(3) != 0 ? std::to_string(static_cast<int64_t>(random_()) * (Below(2) != 0 ? 1 : -1)) : Number();
      case Logical::Float: return Number();
      case Logical::Bool: return Below(2) != 0 ? "true" : "false";
      case Logical::List: return Array(&type->element[0], depth - 1);
      case Logical::Record: return Object(type, depth - 1);
      default: return Text();
    }
  }
  std::string Array(const abi::TypeSpec* element, int depth) {
    std::string text = "[" + Space();
    for (size_t i = 0, n = Below(4); i < n; ++i) text += (i != 0 ? "," + Space() : "") + Value(element, depth) + Space();
    return text + "]";
  }
  std::string Object(const abi::TypeSpec* type, int depth) {
    std::vector<std::string> members;
    size_t known = type != nullptr ? type->fields.size() : 0;
    std::string colon = Below(2) != 0 ? ": " : ":";
    for (size_t i = 0; i < known; ++i) {
      if (Below(10) == 0) continue;
      members.push_back(json(type->fields[i].outside_name).dump() + Space() + colon + Space() + Value(&type->fields[i].type, depth));
    }
    for (size_t n = Below(3); n > 0; --n) members.push_back("\"other" + std::to_string(n) + "\"" + colon + Value(nullptr, depth));
    if (Below(3) == 0) std::shuffle(members.begin(), members.end(), random_);
    std::string text = "{" + Space(), comma = Below(2) != 0 ? ", " : ",";
    for (size_t i = 0; i < members.size(); ++i) text += (i != 0 ? comma + Space() : "") + members[i] + Space();
    return text + "}";
  }
  std::string Mutate(std::string text) {
    static const std::string bytes = "{}[]\",:\\ntfu0e.-1 \x01\xc3\xa9\xff";
    for (size_t n = 1 + Below(2); n > 0 && !text.empty(); --n) {
      size_t at = Below(text.size());
      switch (Below(3)) {
        case 0: text.erase(at, 1 + Below(3)); break;
        case 1: text.insert(at, 1, bytes[Below(bytes.size())]); break;
        default: text[at] = bytes[Below(bytes.size())];
      }
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

// What the decoder should make of a value: state, and the value as JSON when the state is 0.
struct Expected { uint8_t state = 0; json value; };

Expected Expect(const abi::TypeSpec& type, const json* value);

// Fields of a record; missing and null are one.
Expected ExpectRecord(const abi::TypeSpec& type, const json& value) {
  Expected result{0, json::object()};
  for (const abi::FieldSpec& field : type.fields) {
    auto found = value.find(field.outside_name);
    Expected inner = Expect(field.type, found == value.end() ? nullptr : &*found);
    if (inner.state > SC_NULL && result.state == 0) result.state = inner.state;
    result.value[field.outside_name] = inner.state == 0 ? inner.value : json();
  }
  return result;
}

Expected Expect(const abi::TypeSpec& type, const json* value) {
  if (value == nullptr || value->is_null()) return {type.optional ? uint8_t{SC_NULL} : uint8_t{SC_ERR_MISSING}, {}};
  switch (type.logical) {
    case Logical::Int:
      if (value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX) return {SC_ERR_JSON_RANGE, {}};
      if (value->is_number_integer()) return {0, *value};
      return {value->is_number() ? uint8_t{SC_ERR_JSON_RANGE} : uint8_t{SC_ERR_JSON_TYPE}, {}};
    case Logical::Float: return {value->is_number() ? uint8_t{0} : uint8_t{SC_ERR_JSON_TYPE}, value->is_number() ? json(value->get<double>()) : json()};
    case Logical::Bool: return {value->is_boolean() ? uint8_t{0} : uint8_t{SC_ERR_JSON_TYPE}, *value};
    case Logical::String: return {value->is_string() ? uint8_t{0} : uint8_t{SC_ERR_JSON_TYPE}, *value};
    case Logical::List: {
      if (!value->is_array()) return {SC_ERR_JSON_TYPE, {}};
      Expected result{0, json::array()};
      for (const json& element : *value) {
        Expected inner = Expect(type.element[0], &element);
        // The decoder reports the first bad leaf in reading order; which one a record has first depends on its key order.
        if (inner.state > SC_NULL) return {SC_ERR_JSON_TYPE, {}};
        result.value.push_back(inner.state == 0 ? inner.value : json());
      }
      return result;
    }
    default: return value->is_object() ? ExpectRecord(type, *value) : Expected{SC_ERR_JSON_TYPE, {}};
  }
}

// Compares the leaves of a field from *leaf on.
void CheckField(JsonReader& reader, const abi::TypeSpec& type, const json* value, uint8_t outer, size_t* leaf, const std::string& text) {
  if (type.logical != Logical::Record) {
    Expected want = Expect(type, value);
    if (outer != 0) want.state = outer;
    uint8_t got = reader.state(*leaf);
    if (type.logical == Logical::List && want.state > SC_NULL && outer == 0) {
      EXPECT_GT(got, SC_NULL) << text;
    } else {
      EXPECT_EQ(got, want.state) << text << " leaf " << *leaf;
    }
    if (got == 0 && want.state == 0) {
      EXPECT_EQ(json::parse(reader.json(*leaf)), want.value) << text;
    }
    ++*leaf;
    return;
  }
  bool absent = value == nullptr || value->is_null();
  if (outer == 0 && absent) outer = type.optional ? uint8_t{SC_NULL} : uint8_t{SC_ERR_MISSING};
  if (outer == 0 && !value->is_object()) outer = SC_ERR_JSON_TYPE;
  if (type.optional) {
    EXPECT_EQ(reader.state(*leaf), outer == SC_NULL ? uint8_t{SC_VALUE} : outer) << text;
    EXPECT_EQ(reader.boolean(*leaf), outer == 0) << text;
    ++*leaf;
  }
  for (const abi::FieldSpec& field : type.fields) {
    const json* inner = nullptr;
    if (outer == 0) {
      auto found = value->find(field.outside_name);
      inner = found == value->end() ? nullptr : &*found;
    }
    CheckField(reader, field.type, inner, outer, leaf, text);
  }
}

TEST(JsonRandom, DecodesWhatTheModelDecodes) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    Maker maker(seed);
    JsonReader reader(maker.MakeRecord(3));
    ASSERT_TRUE(reader.status().ok()) << reader.status().message;
    for (int i = 0; i < 30 && !::testing::Test::HasFailure(); ++i) {
      std::string text = maker.Object(&reader.schema(), 4);
      json model = json::parse(text);
      ASSERT_EQ(reader.Read(text), 0) << text;
      size_t leaf = 0;
      CheckField(reader, reader.schema(), &model, 0, &leaf, text);
      ASSERT_EQ(leaf, reader.batch().leaves().size());
    }
  }
}

TEST(JsonRandom, AcceptsExactlyWhatTheModelAccepts) {
  int accepted = 0, refused = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    Maker maker(seed + 10'000);
    JsonReader reader(maker.MakeRecord(2));
    for (int i = 0; i < 100 && !::testing::Test::HasFailure(); ++i) {
      std::string text = maker.Mutate(maker.Object(&reader.schema(), 3));
      bool want = false;
      try {
        want = json::parse(text).is_object();
      } catch (const json::out_of_range&) {
        continue;  // a number too large for the model; syntax alone decides here
      } catch (const json::parse_error&) {
      }
      if (text.compare(0, 3, "\xEF\xBB\xBF") == 0) continue;  // the model skips a byte order mark
      uint8_t got = reader.Read(text);
      EXPECT_EQ(got == 0, want) << text << " " << int{got};
      EXPECT_TRUE(got == 0 || got == SC_ERR_JSON_SYNTAX || got == SC_ERR_UTF8) << text << " " << int{got};
      ++(want ? accepted : refused);
    }
  }
  EXPECT_GT(accepted, 1000);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace streamc::rt::format
