// Any bytes as a JSON record: the decoder must not crash, read outside the record, or disagree with itself. The first byte chooses the
// options; the rest is the record. What decodes is encoded, decoded again and must be the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "runtime/batch/arena.h"
#include "runtime/batch/batch.h"
#include "runtime/format/format.h"

namespace {

using namespace streamc;
using abi::Logical;

void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "json_fuzzer: %s\n", what);
  std::abort();
}

abi::TypeSpec Type(Logical logical, bool optional = true) {
  abi::TypeSpec type;
  type.logical = logical;
  type.optional = optional;
  return type;
}

// One field of every type, and the containers around some.
abi::TypeSpec Schema() {
  abi::TypeSpec decimal = Type(Logical::Decimal), millis = Type(Logical::Timestamp), pattern = Type(Logical::Timestamp),
                event = Type(Logical::Enum), ints = Type(Logical::List, false), items = Type(Logical::List), inner = Type(Logical::Record);
  decimal.precision = 20;
  decimal.scale = 4;
  millis.time_format = abi::TimeFormat::Millis;
  pattern.time_format = abi::TimeFormat::Pattern;
  pattern.pattern = "%Y-%m-%d %H:%M:%S.%f%z";
  event.enum_values = {"view", "click", "purchase", "a rather long one"};
  abi::TypeSpec rest = Type(Logical::String, false);
  rest.is_rest = true;
  ints.element = {Type(Logical::Int, false)};
  inner.fields = {{"k", "k", Type(Logical::String, false), false, {}}, {"v", "v", ints, true, {std::vector<abi::DatumSpec>{}}}, {"rest", "rest", rest, false, {}}};
  items.element = {inner};
  abi::TypeSpec record = Type(Logical::Record, false);
  auto add = [&](const char* name, const abi::TypeSpec& type) { record.fields.push_back({name, name, type, false, {}}); };
  add("b", Type(Logical::Bool));
  add("i", Type(Logical::Int, false));
  add("f", Type(Logical::Float));
  add("d", decimal);
  add("s", Type(Logical::String));
  add("x", Type(Logical::Bytes));
  add("t", Type(Logical::Timestamp));
  add("m", millis);
  add("p", pattern);
  add("y", Type(Logical::Date));
  add("w", Type(Logical::Duration));
  add("u", Type(Logical::Uuid));
  add("e", event);
  add("l", ints);
  add("r", inner);
  add("n", items);
  add("rest", rest);
  return record;
}

struct Setup {
  std::unique_ptr<rt::format::Decoder> decoder;
  std::unique_ptr<rt::batch::Batch> batch;
};

Setup Make(const abi::TypeSpec& schema, unsigned choice) {
  std::vector<abi::Leaf> leaves = abi::FlattenType(schema, true);
  std::vector<bool> needed(leaves.size(), true);
  if ((choice & 1) != 0) {
    for (size_t i = 0; i < needed.size(); i += 2) needed[i] = false;
  }
  rt::format::DecoderConfig config{&schema, needed, {}, {}};
  if ((choice & 2) != 0) config.options["quoted_numbers"] = "true";
  if ((choice & 4) != 0) config.options["strict"] = "true";
  if ((choice & 8) != 0) config.options["max_string"] = "24";
  if ((choice & 16) != 0) config.predicates.push_back({1, abi::ScanTest::GreaterEqual, {{int64_t{0}}}});
  config.options["depth"] = "6";
  Setup setup;
  Require(rt::format::MakeDecoder("json", config, &setup.decoder).ok(), "no decoder");
  needed.flip();
  setup.batch = std::make_unique<rt::batch::Batch>(leaves, needed);
  setup.batch->Resize(1);
  return setup;
}

uint8_t Decode(Setup& setup, const std::string& text, rt::batch::Arena* arena) {
  // Exactly as large as the record: sanitizers see a byte read behind it.
  std::unique_ptr<char[]> copy(new char[text.size()]);
  std::memcpy(copy.get(), text.data(), text.size());
  const char* value = copy.get();
  int64_t size = static_cast<int64_t>(text.size());
  uint8_t result = 1;
  setup.decoder->Decode(&value, &size, 1, 0, setup.batch->columns(), arena->get(), &result);
  Require(result != SC_NULL, "a result that is none");
  // Reads every string while the record is alive.
  if (result == 0) {
    std::string out;
    for (size_t i = 0; i < setup.batch->leaves().size(); ++i) {
      if (setup.batch->columns()[i].data == nullptr) continue;
      if (setup.batch->leaves()[i].type->logical == Logical::Record) continue;
      rt::format::EncodeJsonValue(*setup.batch->leaves()[i].type, setup.batch->columns() + i, 0, &out);
    }
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const abi::TypeSpec schema = Schema();
  static std::vector<Setup> kept = [] {
    std::vector<Setup> setups;
    for (unsigned choice = 0; choice < 32; ++choice) setups.push_back(Make(schema, choice));
    return setups;
  }();
  static rt::batch::Arena arena;
  if (size == 0) return 0;
  unsigned choice = data[0] % 32;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  arena.Reset();
  Setup fresh = Make(schema, choice);
  uint8_t result = Decode(kept[choice], text, &arena);
  // What a decoder has learnt of earlier records' keys must not change what it says.
  Require(Decode(fresh, text, &arena) == result, "learnt keys change the result");
  for (size_t i = 0; i < fresh.batch->leaves().size(); ++i) {
    if (result != 0 || fresh.batch->columns()[i].data == nullptr) continue;
    Require(fresh.batch->state(i, 0) == kept[choice].batch->state(i, 0), "learnt keys change a state");
  }
  if (result != 0 || (choice & 1) != 0) return 0;

  for (size_t i = 0; i < fresh.batch->leaves().size(); ++i) {
    if (fresh.batch->state(i, 0) > SC_NULL) return 0;
  }
  static const std::unique_ptr<rt::format::Encoder> encoder = [] {
    std::unique_ptr<rt::format::Encoder> made;
    Require(rt::format::MakeEncoder("json", {&schema, {}}, &made).ok(), "no encoder");
    return made;
  }();
  // Views into a record are gone after Decode: decode from memory that stays.
  const char* value = text.data();
  int64_t length = static_cast<int64_t>(text.size());
  fresh.decoder->Decode(&value, &length, 1, 0, fresh.batch->columns(), arena.get(), &result);
  std::string once, twice;
  if (encoder->Encode(fresh.batch->columns(), 0, &once) != SC_OK) return 0;  // a time outside of what its form can say
  value = once.data();
  length = static_cast<int64_t>(once.size());
  // Without limits, options or conditions: the encoder writes longer strings and no quoted numbers.
  static Setup plain = Make(schema, 0);
  plain.decoder->Decode(&value, &length, 1, 0, plain.batch->columns(), arena.get(), &result);
  Require(result == 0, "what was encoded does not decode");
  Require(encoder->Encode(plain.batch->columns(), 0, &twice) == SC_OK, "what was decoded does not encode");
  Require(once == twice, "a second round changes the record");
  return 0;
}
