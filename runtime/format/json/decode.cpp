#include "runtime/format/json/decode.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "runtime/format/json/index.h"
#include "runtime/format/json/plan.h"
#include "runtime/format/json/predicate.h"
#include "runtime/format/json/rest.h"
#include "runtime/format/json/scalar.h"
#include "runtime/format/json/scan.h"
#include "runtime/format/utf8.h"

namespace streamc::rt::format::json {
namespace {

using abi::LeafKind;

// Where a leaf's value goes. `state` null: the leaf has none.
struct Cell { char* value; uint8_t* state; };

// The leaves of one row of column arrays. Leaves without an array (decoded only because of `strict`) share a scratch value.
struct ColumnCells {
  const ScColumn* columns;
  const uint8_t* widths;
  int64_t row;
  LeafValue* scratch;
  uint8_t first_error = SC_OK;
  Cell At(int32_t leaf) const {
    const ScColumn& column = columns[leaf];
    if (column.data == nullptr) [[unlikely]] return {scratch->bytes, &scratch->state};
    return {static_cast<char*>(column.data) + row * widths[leaf], column.state + row};
  }
  size_t Width(int32_t leaf) const { return widths[leaf]; }
};

// The leaves of one row in row layout, inside a buffer that moves when inner lists grow it.
struct RowCells {
  std::vector<char>& buffer;
  size_t base;
  const batch::RowShape& shape;
  uint8_t first_error = SC_OK;
  Cell At(int32_t leaf) const {
    size_t index = static_cast<size_t>(leaf);
    int64_t state = shape.state_offset(index);
    char* row = buffer.data() + base;
    return {row + shape.value_offset(index), state < 0 ? nullptr : reinterpret_cast<uint8_t*>(row + state)};
  }
  size_t Width(int32_t leaf) const { return static_cast<size_t>(abi::ColumnWidth(shape.leaves()[static_cast<size_t>(leaf)].kind)); }
};

class JsonDecoder final : public Decoder {
 public:
  Status Init(const DecoderConfig& config);
  void Decode(const char* const* value, const int64_t* len, int64_t n, int64_t first_row, ScColumn* leaves, ScArena* arena,
              uint8_t* result) override;

 private:
  uint8_t DecodeRecord(const char* record, int64_t size, int64_t row, const ScColumn* leaves);

  template <typename Cells>
  const char* ReadRecord(ObjectPlan& object, const char* p, int depth, Cells& cells) {
    return object.rest == nullptr ? ReadObject<false>(object, p, depth, cells) : ReadObject<true>(object, p, depth, cells);
  }
  template <bool keeps_rest, typename Cells>
  const char* ReadObject(ObjectPlan& object, const char* p, int depth, Cells& cells);
  template <typename Cells>
  void StoreRest(const FieldPlan& field, size_t bottom, Cells& cells);
  template <typename Cells>
  const char* ReadField(const FieldPlan& field, const char* p, int depth, Cells& cells);
  template <typename Cells>
  const char* StorePlain(const FieldPlan& field, const char* text, const char* quote, Cells& cells);
  const char* ReadKey(ObjectPlan& object, const char* p, KeyEntry** before);
  const char* ReadList(const ValuePlan& value, const char* p, int depth, ScList* list, uint8_t* code);

  template <typename Cells>
  void Store(const FieldPlan& field, int32_t leaf, uint8_t code, Cells& cells);
  template <typename Cells>
  void StoreAll(const FieldPlan& field, uint8_t code, Cells& cells);
  template <typename Cells>
  void StoreAbsent(const FieldPlan& field, Cells& cells);
  template <typename Cells>
  void StoreMissing(const ObjectPlan& object, Cells& cells);

  Plan plan_;
  std::vector<uint8_t> widths_;
  std::vector<bool> needed_;
  std::vector<Predicate> predicates_;
  ScalarReader scalars_;
  bool strict_ = false;
  int64_t max_record_ = 1 << 20;
  Scan limits_;
  Scan scan_;
  std::vector<uint64_t> index_;
  LeafValue scratch_;
  std::vector<char> rows_;  // a stack: rows of the lists being read
  std::string key_;         // an unescaped key
  RestReader rest_;
};

// Compares the bytes at p with a form, of which the first `skip` are left out: the position behind it, null when they differ. At least
// one more byte follows.
[[gnu::always_inline]] inline const char* MatchForm(const KeyForm& form, int skip, const char* p, const char* end) {
  const int64_t size = form.size - skip;
  if (end - p <= size || form.size == 0) return nullptr;
#if defined(__SSE2__)
  if (end - p >= 16) [[likely]] {
    __m128i have = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    __m128i want = _mm_loadu_si128(reinterpret_cast<const __m128i*>(form.head + skip));
    if ((~_mm_movemask_epi8(_mm_cmpeq_epi8(have, want)) & form.mask >> skip) != 0) return nullptr;
    const int64_t compared = 16 - skip;
    if (size <= compared) [[likely]] return p + size;
    const char* rest = form.bytes.data() + 16;
    return std::memcmp(p + compared, rest, static_cast<size_t>(size - compared)) == 0 ? p + size : nullptr;
  }
#endif
  return std::memcmp(p, form.bytes.data() + skip, static_cast<size_t>(size)) == 0 ? p + size : nullptr;
}

// A zero value: absent values are zero in every layout.
inline void Clear(LeafKind kind, char* value) {
  std::memset(value, 0, static_cast<size_t>(abi::ColumnWidth(kind)));
}

bool IsTrue(const std::string& text) { return text == "true"; }

// Option `name` as a number in [1, limit]; an unset option keeps *value.
Status NumberOption(const DecoderConfig& config, const char* name, int64_t limit, int64_t* value) {
  auto found = config.options.find(name);
  if (found == config.options.end()) return Status::Ok();
  int64_t number = 0;
  NumberForm form;
  if (!IsNumber(found->second, &form) || ParseInt(found->second, &number) != SC_OK || number < 1 || number > limit) {
    return Status::Error(Exit::Usage, std::string("json option `") + name + "` must be a number from 1 to " + std::to_string(limit) +
                                          ", not `" + found->second + "`");
  }
  *value = number;
  return Status::Ok();
}

Status JsonDecoder::Init(const DecoderConfig& config) {
  int64_t depth = limits_.max_depth;
  for (const auto& [name, value] : config.options) {
    bool flag = name == "strict" || name == "quoted_numbers";
    if (flag && value != "true" && value != "false") {
      return Status::Error(Exit::Usage, "json option `" + name + "` must be true or false, not `" + value + "`");
    }
    if (name == "strict") strict_ = IsTrue(value);
    if (name == "quoted_numbers") scalars_.quoted_numbers = IsTrue(value);
    if (!flag && name != "depth" && name != "max_string" && name != "max_record") {
      return Status::Error(Exit::Usage, "json has no option `" + name + "`");
    }
  }
  if (Status status = NumberOption(config, "depth", 1024, &depth); !status.ok()) return status;
  if (Status status = NumberOption(config, "max_string", 1 << 30, &limits_.max_string); !status.ok()) return status;
  if (Status status = NumberOption(config, "max_record", 1 << 30, &max_record_); !status.ok()) return status;
  limits_.max_depth = static_cast<int>(depth);
  needed_ = config.needed;
  if (strict_) needed_.assign(needed_.size(), true);
  if (Status status = MakePlan(*config.schema, needed_, &plan_); !status.ok()) return status;
  for (const abi::Leaf& leaf : plan_.leaves) widths_.push_back(static_cast<uint8_t>(abi::ColumnWidth(leaf.kind)));
  return MakePredicates(plan_.leaves, config.predicates, &plan_.defaults, &predicates_);
}

void JsonDecoder::Decode(const char* const* value, const int64_t* len, int64_t n, int64_t first_row, ScColumn* leaves, ScArena* arena,
                         uint8_t* result) {
  scalars_.arena = arena;
  for (int64_t i = 0; i < n; ++i) {
    uint8_t code = DecodeRecord(value[i], len[i], first_row + i, leaves);
    if (code == SC_OK && !predicates_.empty() && !AllHold(predicates_, leaves, first_row + i)) code = kDropped;
    result[i] = code;
  }
}

uint8_t JsonDecoder::DecodeRecord(const char* record, int64_t size, int64_t row, const ScColumn* leaves) {
  if (size > max_record_) return SC_ERR_TOO_LARGE;
  scan_ = limits_;
  scan_.begin = record;
  scan_.end = record + size;
  if (size > 0 && size <= kLongestIndexed && size <= limits_.max_string) {
    const size_t words = static_cast<size_t>(IndexWords(size));
    if (index_.size() < words) index_.resize(words);
    scan_.high = IndexRecord(record, size, index_.data());
    scan_.index = reinterpret_cast<const unsigned char*>(index_.data());
  }
  ColumnCells cells{leaves, widths_.data(), row, &scratch_};
  const char* p = SkipSpace(scan_, record);
  if (p == scan_.end || *p != '{') return SC_ERR_JSON_SYNTAX;
  rest_.Clear();
  p = ReadRecord(*plan_.root, p, 1, cells);
  if (p == nullptr) return scan_.error;
  if (SkipSpace(scan_, p) != scan_.end) return SC_ERR_JSON_SYNTAX;
  if (scan_.high && !IsUtf8(record, static_cast<size_t>(size))) return SC_ERR_UTF8;
  return strict_ ? cells.first_error : uint8_t{SC_OK};
}

// `keeps_rest`: the object's undeclared fields are needed.
template <bool keeps_rest, typename Cells>
const char* JsonDecoder::ReadObject(ObjectPlan& object, const char* p, int depth, Cells& cells) {
  if (depth > scan_.max_depth) return Fail(scan_, SC_ERR_JSON_DEPTH);
  const char* const end = scan_.end;
  const uint64_t turn = ++object.turn;
  int32_t missing = object.needed_fields;
  [[maybe_unused]] const size_t rest_bottom = rest_.size();
  if constexpr (keeps_rest) object.rest->seen = turn;
  if (object.presence_leaf >= 0) {
    Cell cell = cells.At(object.presence_leaf);
    *cell.value = 1;
    if (cell.state != nullptr) *cell.state = SC_VALUE;
  }
  p = SkipSpace(scan_, p + 1);
  if (p < end && *p == '}') {
    if constexpr (keeps_rest) StoreRest(*object.rest, rest_bottom, cells);
    if (missing != 0) StoreMissing(object, cells);
    return p + 1;
  }
  if (p >= end || *p != '"') return Fail(scan_);
  KeyEntry* before = &object.first;
  KeyEntry* entry = before->next;
  size_t spaced = object.spaced ? 1 : 0;
  const char* value = MatchForm(entry->forms[spaced], spaced != 0 ? 2 : 1, p, end);
  for (;;) {
    if (value == nullptr) [[unlikely]] {
      // p is at the opening quote of another key than the expected one, or of one with other blanks around.
      entry = before;
      value = ReadKey(object, p + 1, &entry);
      if (value == nullptr) return nullptr;
      spaced = object.spaced ? 1 : 0;
    }
    before = entry;
    [[maybe_unused]] const char* const key = p;
    p = value;
    const char* quote = nullptr;
    if (*p == '"') [[likely]] {
      quote = FindQuote(scan_, p + 1);
    } else if (IsSpace(*p)) [[unlikely]] {
      object.spaced = true;
      spaced = 1;
      p = SkipSpace(scan_, p);
    }
    if (FieldPlan* field = entry->field; field == nullptr) {
      p = quote != nullptr ? quote + 1 : SkipValue(scan_, p, depth + 1);
      if constexpr (keeps_rest) {
        if (p != nullptr && !entry->declared) rest_.Add(key, p);
      }
    } else if (field->seen == turn) [[unlikely]] {
      StoreAll(*field, SC_ERR_JSON_DUPLICATE, cells);
      p = SkipValue(scan_, p, depth + 1);
    } else {
      field->seen = turn;
      --missing;
      p = quote != nullptr ? StorePlain(*field, p + 1, quote, cells) : ReadField(*field, p, depth + 1, cells);
    }
    if (p == nullptr) [[unlikely]] return nullptr;
    entry = before->next;
    value = MatchForm(entry->forms[spaced], 0, p, end);
    if (value != nullptr) [[likely]] continue;
    const char* after = SkipMark(scan_, p, ',');
    if (after == nullptr) break;
    if (after >= end || *after != '"') return Fail(scan_);
    p = after;
  }
  p = SkipSpace(scan_, p);
  if (p >= end || *p != '}') return Fail(scan_);
  if constexpr (keeps_rest) StoreRest(*object.rest, rest_bottom, cells);
  if (missing != 0) StoreMissing(object, cells);
  return p + 1;
}

template <typename Cells>
void JsonDecoder::StoreRest(const FieldPlan& field, size_t bottom, Cells& cells) {
  ScStr text{nullptr, 0};
  const bool fine = rest_.Take(bottom, scalars_.arena, &text);
  std::memcpy(cells.At(field.first_leaf).value, &text, sizeof text);
  Store(field, field.first_leaf, fine ? uint8_t{SC_OK} : uint8_t{SC_ERR_JSON_DUPLICATE}, cells);
}

// A string without escapes, from `text` to its closing quote.
template <typename Cells>
[[gnu::always_inline]] inline const char* JsonDecoder::StorePlain(const FieldPlan& field, const char* text, const char* quote,
                                                                  Cells& cells) {
  const Read read = field.value.read;
  if (read == Read::Record || read == Read::List) [[unlikely]] {
    StoreAll(field, SC_ERR_JSON_TYPE, cells);
    return quote + 1;
  }
  Cell cell = cells.At(field.first_leaf);
  if (read == Read::String) [[likely]] {
    // Two stores: a struct put together first would be loaded back before its halves are there.
    const int64_t size = quote - text;
    std::memcpy(cell.value, &text, sizeof text);
    std::memcpy(cell.value + offsetof(ScStr, len), &size, sizeof size);
  } else if (uint8_t code = scalars_.ReadPlain(field.value, scan_, text, quote, cell.value); code != SC_OK) [[unlikely]] {
    Store(field, field.first_leaf, code, cells);
    return quote + 1;
  }
  if (cell.state != nullptr) *cell.state = SC_VALUE;
  return quote + 1;
}

// p behind the opening quote of a key that was not expected after *before: to the first byte of its value; *before becomes its entry.
const char* JsonDecoder::ReadKey(ObjectPlan& object, const char* p, KeyEntry** before) {
  const char* stop = FindPlainEnd(scan_, p);
  KeyEntry* entry = nullptr;
  if (stop < scan_.end && *stop == '"' && stop - p <= scan_.max_string) {
    std::string_view key(p, static_cast<size_t>(stop - p));
    entry = object.Find(key);
    bool ascii = std::none_of(key.begin(), key.end(), [](char c) { return static_cast<uint8_t>(c) >= 0x80; });
    if (entry == nullptr && ascii) entry = object.Learn(key);
    p = stop + 1;
  } else {
    p = UnescapeString(scan_, p, stop, &key_);
    if (p == nullptr) return nullptr;
    entry = object.Find(key_);
  }
  if (entry == nullptr) entry = &object.unknown;
  if (entry->literal) (*before)->next = entry;
  *before = entry;
  object.spaced = scan_.end - p >= 2 && p[0] == ':' && p[1] == ' ';
  p = SkipMark(scan_, p, ':');
  return p != nullptr && p < scan_.end ? p : Fail(scan_);
}

template <typename Cells>
const char* JsonDecoder::ReadField(const FieldPlan& field, const char* p, int depth, Cells& cells) {
  if (p >= scan_.end) return Fail(scan_);
  const ValuePlan& value = field.value;
  if (*p == '"' && value.read == Read::String) {
    Cell cell = cells.At(field.first_leaf);
    if (cell.state != nullptr) *cell.state = SC_VALUE;
    return ReadString(scan_, p + 1, scalars_.arena, cell.value);
  }
  if (*p == 'n') {
    StoreAbsent(field, cells);
    return SkipNull(scan_, p);
  }
  uint8_t code = SC_OK;
  if (value.read == Read::Record) {
    if (*p == '{') return ReadRecord(*value.object, p, depth, cells);
    StoreAll(field, SC_ERR_JSON_TYPE, cells);
    return SkipValue(scan_, p, depth);
  }
  if (value.read == Read::List) {
    if (*p != '[') {
      StoreAll(field, SC_ERR_JSON_TYPE, cells);
      return SkipValue(scan_, p, depth);
    }
    ScList list{nullptr, 0};
    p = ReadList(value, p, depth, &list, &code);
    if (p == nullptr) return nullptr;
    if (code == SC_OK) std::memcpy(cells.At(field.first_leaf).value, &list, sizeof list);
  } else {
    Cell cell = cells.At(field.first_leaf);
    p = scalars_.Read(value, scan_, p, depth, cell.value, &code);
    if (p == nullptr) return nullptr;
    if (code == SC_OK) [[likely]] {
      if (cell.state != nullptr) *cell.state = SC_VALUE;
      return p;
    }
  }
  Store(field, field.first_leaf, code, cells);
  return p;
}

const char* JsonDecoder::ReadList(const ValuePlan& value, const char* p, int depth, ScList* list, uint8_t* code) {
  if (depth > scan_.max_depth) return Fail(scan_, SC_ERR_JSON_DEPTH);
  const size_t bottom = rows_.size();
  const size_t stride = static_cast<size_t>(value.shape->size());
  auto leave = [&](const char* at) {
    rows_.resize(bottom);
    return at;
  };
  p = SkipSpace(scan_, p + 1);
  if (p < scan_.end && *p == ']') return p + 1;
  for (;;) {
    if (*code == SC_OK) {
      RowCells cells{rows_, rows_.size(), *value.shape};
      rows_.resize(rows_.size() + stride);
      p = ReadField(*value.element, p, depth + 1, cells);
      *code = cells.first_error;
    } else {
      p = SkipValue(scan_, p, depth + 1);
    }
    if (p == nullptr) return leave(nullptr);
    if (const char* after = SkipMark(scan_, p, ','); after != nullptr) {
      p = after;
      continue;
    }
    p = SkipSpace(scan_, p);
    if (p >= scan_.end || *p != ']') return leave(Fail(scan_));
    ++p;
    break;
  }
  size_t bytes = rows_.size() - bottom;
  if (*code == SC_OK && bytes != 0) {
    char* copy = static_cast<char*>(sc_arena_alloc(scalars_.arena, static_cast<int64_t>(bytes)));
    std::memcpy(copy, rows_.data() + bottom, bytes);
    *list = {copy, static_cast<int64_t>(bytes / stride)};
  }
  return leave(p);
}

// Records how a leaf was read; the value of a leaf that has none becomes zero.
template <typename Cells>
void JsonDecoder::Store(const FieldPlan& field, int32_t leaf, uint8_t code, Cells& cells) {
  Cell cell = cells.At(leaf);
  if (cell.state != nullptr) *cell.state = code;
  if (code == SC_OK) [[likely]] return;
  Clear(field.value.kind, cell.value);
  if (code != SC_NULL && cells.first_error == SC_OK) cells.first_error = code;
}

template <typename Cells>
void JsonDecoder::StoreAll(const FieldPlan& field, uint8_t code, Cells& cells) {
  if (field.value.read != Read::Record) return Store(field, field.first_leaf, code, cells);
  const ObjectPlan& object = *field.value.object;
  if (object.presence_leaf >= 0) {
    Cell cell = cells.At(object.presence_leaf);
    *cell.value = 0;
    // An absent record is a value of its presence leaf: 0.
    if (cell.state != nullptr) *cell.state = code == SC_NULL ? uint8_t{SC_VALUE} : code;
    if (code != SC_NULL && cells.first_error == SC_OK) cells.first_error = code;
  }
  for (const FieldPlan& inner : object.fields) {
    if (inner.needed) StoreAll(inner, code, cells);
  }
}

template <typename Cells>
void JsonDecoder::StoreAbsent(const FieldPlan& field, Cells& cells) {
  if (field.deflt.empty()) return StoreAll(field, field.value.optional ? uint8_t{SC_NULL} : uint8_t{SC_ERR_MISSING}, cells);
  for (size_t i = 0; i < field.deflt.size(); ++i) {
    int32_t leaf = field.first_leaf + static_cast<int32_t>(i);
    Cell cell = cells.At(leaf);
    if (cell.state != nullptr) *cell.state = field.deflt[i].state;
    std::memcpy(cell.value, field.deflt[i].bytes, cells.Width(leaf));
  }
}

template <typename Cells>
void JsonDecoder::StoreMissing(const ObjectPlan& object, Cells& cells) {
  for (const FieldPlan& field : object.fields) {
    if (field.needed && field.seen != object.turn) StoreAbsent(field, cells);
  }
}

}  // namespace

Status MakeJsonDecoder(const DecoderConfig& config, std::unique_ptr<Decoder>* decoder) {
  auto made = std::make_unique<JsonDecoder>();
  Status status = made->Init(config);
  if (status.ok()) *decoder = std::move(made);
  return status;
}

}  // namespace streamc::rt::format::json
