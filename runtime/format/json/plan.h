// What the decoder does with each key: the declared record type, specialised once per source.
//
// MakePlan turns the type and the set of needed leaves into a tree of objects and values. Each object knows its keys (declared ones and,
// learnt while decoding, undeclared ones) with the key that followed each of them last time: records of one source mostly
// repeat one key order, so the next key is compared with that one first. Learnt links only speed decoding up, results never depend
// on them. A plan belongs to one decoder.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi/layout.h"
#include "runtime/batch/arena.h"
#include "runtime/batch/row.h"
#include "runtime/batch/status.h"
#include "runtime/format/time_text.h"

namespace streamc::rt::format::json {

enum class Read : uint8_t { Bool, Int, Float, Decimal, String, Bytes, Rfc3339, Millis, Seconds, Pattern, Date, Duration, Uuid, Enum, List, Record };

struct ObjectPlan;
struct FieldPlan;

// One text of an enum; `head`: its first 8 bytes, zeros behind a shorter one.
struct EnumText {
  uint64_t head = 0;
  size_t size = 0;
  std::string text;
};

struct ValuePlan {
  Read read = Read::Int;
  abi::LeafKind kind = abi::LeafKind::I64;
  bool optional = false;
  uint8_t precision = 0, scale = 0;
  Pattern pattern;
  std::vector<EnumText> enum_texts;
  std::unique_ptr<ObjectPlan> object;      // Record
  std::unique_ptr<FieldPlan> element;      // List: leaves numbered from 0
  std::unique_ptr<batch::RowShape> shape;  // List: of the elements
};

// The value of one leaf, in column or row layout.
struct LeafValue { uint8_t state = SC_VALUE; alignas(16) char bytes[16] = {}; };

struct FieldPlan {
  ValuePlan value;
  int32_t first_leaf = 0, leaf_count = 0;
  bool needed = false;
  std::vector<LeafValue> deflt;            // one per leaf; empty: none
  uint64_t seen = 0;                       // ObjectPlan::turn of the last object that had it
};

// What leads to a value, as records write it: `,"key":` or `, "key": `. The first 16 bytes are compared at once.
struct KeyForm {
  alignas(16) char head[32] = {};          // room for a load that starts behind the separator
  int32_t mask = 0;                        // one bit per byte of head[0..15] in use
  int32_t size = 0;                        // 0: none
  std::string bytes;
};
struct KeyEntry {
  KeyForm forms[2];                        // compact, spaced
  FieldPlan* field = nullptr;              // null: not needed
  bool declared = false;
  bool literal = false;                    // stands in records as it is, without escapes: may be compared bytewise
  KeyEntry* next = nullptr;                // the key that followed last time; set once the plan is made
  std::string text;                        // with the closing quote
};

struct ObjectPlan {
  std::vector<FieldPlan> fields;
  std::deque<KeyEntry> entries;            // addresses are stable
  std::vector<KeyEntry*> table;            // open addressing, a power of two
  KeyEntry first;                          // its `next` is the expected first key
  KeyEntry unknown;                        // stands for keys without an entry
  int32_t presence_leaf = -1;              // optional records
  FieldPlan* rest = nullptr;               // takes the undeclared fields; null: nobody needs them
  int32_t needed_fields = 0;
  int32_t learnt = 0;
  bool spaced = false;                     // the form keys had last time
  uint64_t turn = 0;                       // counts objects read

  static constexpr int32_t kMostLearnt = 256;
  static constexpr size_t kLongestLearnt = 64;

  KeyEntry* Find(std::string_view raw_key) const;
  // Adds a key that no field has (or null when the object has learnt enough).
  KeyEntry* Learn(std::string_view raw_key);
  void Insert(KeyEntry* entry);
};

struct Plan {
  std::unique_ptr<ObjectPlan> root;
  std::vector<abi::Leaf> leaves;
  batch::Arena defaults;                   // strings and lists of default values
};

// `needed`: one per leaf of FlattenType(schema, true). `schema` must outlive the plan.
Status MakePlan(const abi::TypeSpec& schema, const std::vector<bool>& needed, Plan* plan);

// The leaves of a constant; false when the constant is not of the type.
bool LeavesOfDatum(const abi::TypeSpec& type, const abi::DatumSpec& datum, batch::Arena* arena, std::vector<LeafValue>* out);

}  // namespace streamc::rt::format::json
