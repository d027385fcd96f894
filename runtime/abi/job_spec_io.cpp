#include "runtime/abi/job_spec_io.h"

#include <bit>
#include <cstring>
#include <type_traits>

namespace streamc::abi {
namespace {

static_assert(std::endian::native == std::endian::little, "the block is little-endian");

constexpr char kMagic[8] = {'S', 'C', 'J', 'O', 'B', '0', '0', '1'};
constexpr int kMaxDepth = 64;

// The last enumerator of each enum, so that a reader can refuse others.
template <typename E>
constexpr E kLast = E{};
template <>
constexpr Logical kLast<Logical> = Logical::Record;
template <>
constexpr TimeFormat kLast<TimeFormat> = TimeFormat::Pattern;
template <>
constexpr ActionKind kLast<ActionKind> = ActionKind::ToStream;
template <>
constexpr ScanOrigin kLast<ScanOrigin> = ScanOrigin::Rec;
template <>
constexpr ScanTest kLast<ScanTest> = ScanTest::In;
template <>
constexpr TimeKind kLast<TimeKind> = TimeKind::Function;
template <>
constexpr StartKind kLast<StartKind> = StartKind::At;
template <>
constexpr WindowKind kLast<WindowKind> = WindowKind::Hopping;
template <>
constexpr EmitKind kLast<EmitKind> = EmitKind::Changes;
template <>
constexpr NodeKind kLast<NodeKind> = NodeKind::BadRows;
template <>
constexpr CaptureKind kLast<CaptureKind> = CaptureKind::Bad;
template <>
constexpr ExpectKind kLast<ExpectKind> = ExpectKind::Bad;
template <>
constexpr TestStep::Kind kLast<TestStep::Kind> = TestStep::Kind::Restart;

class Writer {
 public:
  void Raw(void* data, size_t size) { out_.append(static_cast<const char*>(data), size); }
  std::string Take() { return std::move(out_); }

  template <typename T>
  void Fixed(T& value) {
    Raw(&value, sizeof(T));
  }
  void Bool(bool& value) {
    uint8_t byte = value ? 1 : 0;
    Fixed(byte);
  }
  template <typename E>
  void Enum(E& value) {
    Fixed(value);
  }
  uint32_t Count(size_t size) {
    auto count = static_cast<uint32_t>(size);
    Fixed(count);
    return count;
  }
  void Text(std::string& text) {
    Count(text.size());
    Raw(text.data(), text.size());
  }
  template <typename T, typename F>
  void Vector(std::vector<T>& items, F&& each) {
    Count(items.size());
    for (T& item : items) each(item);
  }
  void Bits(std::vector<bool>& bits) {
    Count(bits.size());
    for (bool bit : bits) Bool(bit);
  }
  void Require(bool) {}
  bool Enter() { return true; }
  void Leave() {}

 private:
  std::string out_;
};

// After the first fault every read yields zero and every list ends, so the walk over the structs stays finite.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }

  void Raw(void* data, size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      std::memset(data, 0, size);
      return;
    }
    std::memcpy(data, rest_.data(), size);
    rest_.remove_prefix(size);
  }
  template <typename T>
  void Fixed(T& value) {
    Raw(&value, sizeof(T));
  }
  void Bool(bool& value) {
    uint8_t byte = 0;
    Fixed(byte);
    if (byte > 1) ok_ = false;
    value = byte == 1;
  }
  template <typename E>
  void Enum(E& value) {
    std::underlying_type_t<E> number{};
    Fixed(number);
    if (number > static_cast<std::underlying_type_t<E>>(kLast<E>)) {
      ok_ = false;
      number = 0;
    }
    value = static_cast<E>(number);
  }
  // Every element takes at least one byte, so a count above the rest of the block is a fault.
  uint32_t Count() {
    uint32_t count = 0;
    Fixed(count);
    if (count > rest_.size()) ok_ = false;
    return ok_ ? count : 0;
  }
  void Text(std::string& text) {
    uint32_t size = Count();
    text.assign(rest_.data(), size);
    rest_.remove_prefix(size);
  }
  template <typename T, typename F>
  void Vector(std::vector<T>& items, F&& each) {
    items.clear();
    for (uint32_t left = Count(); left > 0 && ok_; --left) each(items.emplace_back());
  }
  void Bits(std::vector<bool>& bits) {
    bits.clear();
    for (uint32_t left = Count(); left > 0 && ok_; --left) {
      bool bit = false;
      Bool(bit);
      bits.push_back(bit);
    }
  }
  void Require(bool holds) { ok_ = ok_ && holds; }
  bool Enter() {
    if (++depth_ > kMaxDepth) ok_ = false;
    return ok_;
  }
  void Leave() { --depth_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
  int depth_ = 0;
};

// --- one value of any kind -------------------------------------------------------------------------------------
template <typename A, typename T>
void Visit(A& archive, T& value);

template <typename A>
void One(A& archive, bool& value) {
  archive.Bool(value);
}
template <typename A>
void One(A& archive, std::string& text) {
  archive.Text(text);
}
template <typename A>
void One(A& archive, std::vector<bool>& bits) {
  archive.Bits(bits);
}
template <typename A, typename T>
void One(A& archive, std::vector<T>& items);
template <typename A, typename T, typename U>
void One(A& archive, std::pair<T, U>& pair);
template <typename A, typename T>
void One(A& archive, T& value) {
  if constexpr (std::is_enum_v<T>) {
    archive.Enum(value);
  } else if constexpr (std::is_arithmetic_v<T>) {
    archive.Fixed(value);
  } else {
    Visit(archive, value);
  }
}
template <typename A, typename T>
void One(A& archive, std::vector<T>& items) {
  archive.Vector(items, [&](T& item) { One(archive, item); });
}
template <typename A, typename T, typename U>
void One(A& archive, std::pair<T, U>& pair) {
  One(archive, pair.first);
  One(archive, pair.second);
}
template <typename A, typename... T>
void All(A& archive, T&... members) {
  (One(archive, members), ...);
}

// --- the structs -------------------------------------------------------------------------------------------------
template <typename A>
void Members(A& a, DatumSpec::Decimal& v) {
  All(a, v.low, v.high);
}

// Makes alternative number `index` the active one and visits it.
template <size_t I = 0, typename A, typename V>
void Alternative(A& archive, V& value, size_t index) {
  if constexpr (I < std::variant_size_v<V>) {
    if (index != I) return Alternative<I + 1>(archive, value, index);
    if (value.index() != I) value.template emplace<I>();
    if constexpr (I > 0) One(archive, std::get<I>(value));
  }
}
template <typename A>
void Members(A& a, DatumSpec& v) {
  auto index = static_cast<uint8_t>(v.value.index());
  One(a, index);
  a.Require(index < std::variant_size_v<decltype(v.value)>);
  if (!a.Enter()) return;
  Alternative(a, v.value, index);
  a.Leave();
}
template <typename A>
void Members(A& a, TypeSpec& v) {
  if (!a.Enter()) return;
  All(a, v.logical, v.optional, v.precision, v.scale, v.time_format, v.pattern, v.is_rest, v.enum_values, v.element, v.fields);
  a.Leave();
}
template <typename A>
void Members(A& a, FieldSpec& v) {
  All(a, v.name, v.outside_name, v.type, v.has_default, v.deflt);
}
template <typename A>
void Members(A& a, ColumnSpec& v) {
  All(a, v.name, v.type, v.hidden);
}
template <typename A>
void Members(A& a, LayoutSpec& v) {
  All(a, v.columns);
}
template <typename A>
void Members(A& a, ValueSpec::Part& v) {
  All(a, v.text, v.param);
}
template <typename A>
void Members(A& a, ValueSpec& v) {
  All(a, v.constant, v.param, v.parts);
}
template <typename A>
void Members(A& a, OptionSpec& v) {
  All(a, v.name, v.value);
}
template <typename A>
void Members(A& a, ConnectorSpecRef& v) {
  All(a, v.connector, v.args, v.options);
}
template <typename A>
void Members(A& a, FormatSpecRef& v) {
  All(a, v.format, v.options);
}
template <typename A>
void Members(A& a, ActionSpec& v) {
  All(a, v.kind, v.topic, v.stream);
}
template <typename A>
void Members(A& a, ParamSpec& v) {
  All(a, v.name, v.type, v.has_default, v.deflt, v.secret);
}
template <typename A>
void Members(A& a, ScanColumn& v) {
  All(a, v.origin, v.index);
}
template <typename A>
void Members(A& a, ScanPredicate& v) {
  All(a, v.leaf, v.test, v.values);
}
template <typename A>
void Members(A& a, SourceSpec& v) {
  All(a, v.name, v.connector, v.format, v.record, v.needed, v.scan, v.predicates, v.time, v.time_leaf, v.time_fn,
      v.has_watermark, v.lag, v.ahead, v.idle, v.on_bad, v.on_null, v.on_null_is_bad, v.start, v.start_at);
}
template <typename A>
void Members(A& a, TableSpec& v) {
  All(a, v.name, v.connector, v.format, v.record, v.key, v.refresh, v.on_bad);
}
template <typename A>
void Members(A& a, BoundSpec& v) {
  All(a, v.window, v.size, v.every, v.offset, v.keep_forever, v.keep, v.late, v.on_late, v.emit, v.emit_every);
}
template <typename A>
void Members(A& a, AggregateSpec& v) {
  All(a, v.key, v.state_size, v.bound, v.changing_input, v.has_time, v.changing_output, v.update_fn, v.merge_fn, v.destroy_fn,
      v.save_fn, v.load_fn, v.result_fn);
}
template <typename A>
void Members(A& a, SortSpec& v) {
  All(a, v.column, v.descending);
}
template <typename A>
void Members(A& a, TopSpec& v) {
  All(a, v.limit, v.order, v.per, v.per_window, v.window_start, v.window_end, v.with_ties, v.has_bound, v.bound, v.time,
      v.watermark, v.changing_input, v.changing_output, v.kept);
}
template <typename A>
void Members(A& a, SinkSpec& v) {
  All(a, v.name, v.connector, v.format, v.record, v.key, v.key_names, v.key_as_json, v.value, v.headers, v.partition,
      v.timestamp, v.delete_when, v.topic, v.sign, v.upsert);
}
template <typename A>
void Members(A& a, InputRef& v) {
  All(a, v.node, v.port);
}
template <typename A>
void Members(A& a, StateField& v) {
  All(a, v.name, v.text, v.optional, v.has_default, v.deflt);
}
template <typename A>
void Members(A& a, StateSpec& v) {
  All(a, v.was, v.kind, v.shape, v.fields);
}
template <typename A>
void Members(A& a, NodeSpec& v) {
  All(a, v.kind, v.name, v.state, v.inputs, v.input, v.fn, v.work, v.output, v.late, v.unchecked_input, v.unchecked_output,
      v.unchecked_late, v.index, v.change_key, v.rec_column);
}
template <typename A>
void Members(A& a, CaptureSpec& v) {
  All(a, v.stream, v.kind, v.changing);
}
template <typename A>
void Members(A& a, SiteSpec& v) {
  All(a, v.stream, v.step, v.place, v.code);
}
template <typename A>
void Members(A& a, ExpectCell& v) {
  All(a, v.column, v.type, v.value, v.tolerance);
}
template <typename A>
void Members(A& a, TestStep& v) {
  All(a, v.kind, v.place, v.text, v.target, v.stream, v.value, v.micros, v.has_at, v.partition, v.has_key, v.key, v.headers,
      v.payloads, v.expect, v.rows);
}
template <typename A>
void Members(A& a, TestSpec& v) {
  All(a, v.name, v.place, v.steps);
}
template <typename A>
void Members(A& a, JobSpec& v) {
  All(a, v.spec_version, v.name, v.program, v.compiler_version, v.exactly_once, v.key_groups, v.commit_every, v.has_on_bad,
      v.on_bad, v.params, v.sources, v.tables, v.nodes, v.aggregates, v.tops, v.sinks, v.captures, v.sites, v.tests, v.explain);
}

template <typename A, typename T>
void Visit(A& archive, T& value) {
  Members(archive, value);
}

}  // namespace

std::string WriteJobSpec(const JobSpec& spec) {
  Writer writer;
  char magic[8];
  std::memcpy(magic, kMagic, sizeof magic);
  writer.Raw(magic, sizeof magic);
  // The description is shared with the reader and so takes mutable members; the writer changes none.
  Visit(writer, const_cast<JobSpec&>(spec));
  return writer.Take();
}

bool ReadJobSpec(std::string_view bytes, JobSpec* spec) {
  Reader reader(bytes);
  char magic[8];
  reader.Raw(magic, sizeof magic);
  if (!reader.ok() || std::memcmp(magic, kMagic, sizeof magic) != 0) return false;
  Visit(reader, *spec);
  return reader.at_end();
}

}  // namespace streamc::abi
