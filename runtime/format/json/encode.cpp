#include "runtime/format/json/encode.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/batch/row.h"
#include "runtime/format/json/rest.h"
#include "runtime/format/json/scan.h"
#include "runtime/format/text_value.h"
#include "runtime/format/time_text.h"

namespace streamc::rt::format::json {
namespace {

using abi::LeafKind;
using abi::Logical;
using abi::TimeFormat;
using abi::TypeSpec;

template <typename T>
T Load(const void* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

struct Node;
struct Member { std::string before; std::unique_ptr<Node> node; };  // `{"key":` or `,"key":`
struct Node {
  Logical logical = Logical::Int;
  bool optional = false;
  uint8_t scale = 0;
  TimeFormat time_format = TimeFormat::Rfc3339;
  Pattern pattern;
  std::vector<std::string> enum_texts;       // with quotes
  std::vector<Member> members;
  std::vector<std::unique_ptr<Node>> rests;  // of undeclared fields, written in place
  Keys names;                                // of the members, if there is a rest
  std::unique_ptr<Node> element;
  std::unique_ptr<batch::RowShape> shape;    // of the elements
  int32_t leaf = 0;                          // its (first) leaf
};

enum class Names : uint8_t { Outside, Language };

class Builder {
 public:
  explicit Builder(Names names) : names_(names) {}

  Status Make(const TypeSpec& type, std::unique_ptr<Node>* out) {
    auto node = std::make_unique<Node>();
    node->logical = type.logical;
    node->optional = type.optional;
    node->scale = type.scale;
    node->time_format = type.time_format;
    node->leaf = next_leaf_;
    if (type.logical == Logical::Timestamp && type.time_format == TimeFormat::Pattern) {
      std::string error;
      if (!Pattern::Make(type.pattern, &node->pattern, &error)) return Status::Error(Exit::Usage, error);
    }
    for (const std::string& text : type.enum_values) AppendJsonString(text, &node->enum_texts.emplace_back());
    if (type.logical != Logical::Record || type.optional) ++next_leaf_;
    const bool has_rest = std::any_of(type.fields.begin(), type.fields.end(), [](const auto& f) { return f.type.is_rest; });
    for (const abi::FieldSpec& field : type.fields) {
      if (field.type.is_rest) {
        if (Status status = Make(field.type, &node->rests.emplace_back()); !status.ok()) return status;
        continue;
      }
      Member& member = node->members.emplace_back();
      member.before = node->members.size() == 1 ? "{" : ",";
      bool outside = names_ == Names::Outside && !field.outside_name.empty();
      const std::string& name = outside ? field.outside_name : field.name;
      AppendJsonString(name, &member.before);
      if (has_rest) node->names.insert(name);
      member.before += ':';
      if (Status status = Make(field.type, &member.node); !status.ok()) return status;
    }
    if (type.logical == Logical::List) {
      node->shape = std::make_unique<batch::RowShape>(abi::FlattenType(type.element.front()));
      if (Status status = Builder(names_).Make(type.element.front(), &node->element); !status.ok()) return status;
    }
    *out = std::move(node);
    return Status::Ok();
  }

 private:
  Names names_;
  int32_t next_leaf_ = 0;
};

struct Source { uint8_t state; const char* value; };
struct ColumnSource {
  const ScColumn* columns;
  int64_t row;
  Source At(int32_t leaf, LeafKind kind) const {
    const ScColumn& column = columns[leaf];
    if (column.data == nullptr) return {SC_NULL, nullptr};
    return {column.state != nullptr ? column.state[row] : uint8_t{SC_VALUE},
            static_cast<const char*>(column.data) + row * abi::ColumnWidth(kind)};
  }
};
struct RowSource {
  const char* row;
  const batch::RowShape& shape;
  Source At(int32_t leaf, LeafKind) const {
    size_t index = static_cast<size_t>(leaf);
    int64_t state = shape.state_offset(index);
    return {state >= 0 ? static_cast<uint8_t>(row[state]) : uint8_t{SC_VALUE}, row + shape.value_offset(index)};
  }
};

LeafKind KindOfLogical(Logical logical) {
  TypeSpec type;
  type.logical = logical;
  return abi::KindOf(type);
}

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// `strict`: what JSON or the declared form cannot say fails; otherwise it is written as null or the nearest text.
template <bool strict>
class Output {
 public:
  explicit Output(std::string* out) : out_(*out) {}

  template <typename From>
  bool Write(const Node& node, const From& from) {
    if (node.logical == Logical::Record) return WriteRecord(node, from);
    Source source = from.At(node.leaf, KindOfLogical(node.logical));
    if (source.state == SC_VALUE) return WriteValue(node, source.value);
    if (strict && source.state != SC_NULL) return false;
    out_.append("null", 4);
    return true;
  }

 private:
  template <typename From>
  bool WriteRecord(const Node& node, const From& from) {
    if (node.optional) {
      Source presence = from.At(node.leaf, LeafKind::Bool);
      if (strict && presence.state > SC_NULL) return false;
      if (presence.state != SC_VALUE || *presence.value == 0) {
        out_.append("null", 4);
        return true;
      }
    }
    for (const Member& member : node.members) {
      out_.append(member.before);
      if (!Write(*member.node, from)) return false;
    }
    bool any = !node.members.empty();
    if (!node.rests.empty() && !WriteRests(node, from, &any)) return false;
    if (!any) out_.push_back('{');
    out_.push_back('}');
    return true;
  }

  template <typename From>
  bool WriteRests(const Node& node, const From& from, bool* any) {
    Keys seen;
    for (const std::unique_ptr<Node>& rest : node.rests) {
      const Source source = from.At(rest->leaf, LeafKind::Str);
      if (strict && source.state > SC_NULL) return false;
      if (source.state != SC_VALUE) continue;
      const ScStr text = Load<ScStr>(source.value);
      const bool written = AppendRest({text.ptr, static_cast<size_t>(text.len)}, node.names,
                                      node.rests.size() > 1 ? &seen : nullptr, any, &out_);
      if (strict && !written) return false;
    }
    return true;
  }

  bool WriteList(const Node& node, ScList list) {
    out_.push_back('[');
    const char* row = static_cast<const char*>(list.ptr);
    for (int64_t i = 0; i < list.len; ++i, row += node.shape->size()) {
      if (i != 0) out_.push_back(',');
      if (!Write(*node.element, RowSource{row, *node.shape})) return false;
    }
    out_.push_back(']');
    return true;
  }

  bool WriteValue(const Node& node, const char* value) {
    switch (node.logical) {
      case Logical::Bool: Load<uint8_t>(value) != 0 ? out_.append("true", 4) : out_.append("false", 5); return true;
      case Logical::Int: AppendInt(Load<int64_t>(value), &out_); return true;
      case Logical::Float: {
        double number = Load<double>(value);
        if (std::isfinite(number)) return AppendFloat(number, &out_), true;
        return Unsayable();
      }
      case Logical::Decimal: AppendDecimal(Load<__int128>(value), node.scale, &out_); return true;
      case Logical::String:
      case Logical::Uuid: {
        ScStr text = Load<ScStr>(value);
        AppendJsonString({text.ptr, static_cast<size_t>(text.len)}, &out_);
        return true;
      }
      case Logical::Bytes: {
        ScStr bytes = Load<ScStr>(value);
        out_.push_back('"');
        AppendBase64({bytes.ptr, static_cast<size_t>(bytes.len)}, &out_);
        out_.push_back('"');
        return true;
      }
      case Logical::Timestamp: return WriteTimestamp(node, Load<int64_t>(value));
      case Logical::Date: {
        int64_t days = Load<int64_t>(value);
        if (strict && !InDateRange(days)) return false;
        out_.push_back('"');
        AppendDate(days, &out_);
        out_.push_back('"');
        return true;
      }
      case Logical::Duration:
        out_.push_back('"');
        AppendDuration(Load<int64_t>(value), &out_);
        out_.push_back('"');
        return true;
      case Logical::Enum: {
        uint64_t index = static_cast<uint64_t>(Load<int64_t>(value));
        if (index >= node.enum_texts.size()) return Unsayable();
        out_.append(node.enum_texts[index]);
        return true;
      }
      case Logical::List: return WriteList(node, Load<ScList>(value));
      case Logical::Record: return false;
    }
    return false;
  }

  bool WriteTimestamp(const Node& node, int64_t micros) {
    if (node.time_format == TimeFormat::Millis) return AppendInt(FloorDiv(micros, 1000), &out_), true;
    if (node.time_format == TimeFormat::Seconds) return AppendInt(FloorDiv(micros, kMicrosPerSecond), &out_), true;
    if (node.time_format == TimeFormat::Pattern) {
      std::string text;
      if (!node.pattern.Append(micros, &text)) return Unsayable();
      AppendJsonString(text, &out_);
      return true;
    }
    if (strict && !InRfc3339Range(micros)) return false;
    out_.push_back('"');
    AppendRfc3339(micros, &out_);
    out_.push_back('"');
    return true;
  }

  bool Unsayable() {
    if (!strict) out_.append("null", 4);
    return !strict;
  }

  std::string& out_;
};

class JsonEncoder final : public Encoder {
 public:
  Status Init(const EncoderConfig& config) {
    if (!config.options.empty()) {
      for (const auto& [name, value] : config.options) {
        // Options of the reading side say nothing about writing; one list serves both.
        bool known = name == "strict" || name == "quoted_numbers" || name == "depth" || name == "max_string" || name == "max_record";
        if (!known) return Status::Error(Exit::Usage, "json has no option `" + name + "`");
      }
    }
    if (config.record->logical != Logical::Record) return Status::Error(Exit::Internal, "a JSON sink needs a record type");
    return Builder(Names::Outside).Make(*config.record, &root_);
  }
  uint8_t Encode(const ScColumn* leaves, int64_t row, std::string* out) override {
    size_t before = out->size();
    if (Output<true>(out).Write(*root_, ColumnSource{leaves, row})) return SC_OK;
    out->resize(before);
    return SC_ERR_ENCODE;
  }

 private:
  std::unique_ptr<Node> root_;
};

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  out->push_back('"');
  Scan scan;
  scan.begin = text.data();
  scan.end = text.data() + text.size();
  for (const char* p = scan.begin; p < scan.end;) {
    const char* stop = FindPlainEnd(scan, p);
    out->append(p, stop);
    if (stop == scan.end) break;
    out->push_back('\\');
    switch (*stop) {
      case '"':
      case '\\': out->push_back(*stop); break;
      case '\b': out->push_back('b'); break;
      case '\f': out->push_back('f'); break;
      case '\n': out->push_back('n'); break;
      case '\r': out->push_back('r'); break;
      case '\t': out->push_back('t'); break;
      default:
        out->append("u00");
        out->push_back(kHex[static_cast<uint8_t>(*stop) >> 4]);
        out->push_back(kHex[static_cast<uint8_t>(*stop) & 15]);
    }
    p = stop + 1;
  }
  out->push_back('"');
}

Status MakeJsonEncoder(const EncoderConfig& config, std::unique_ptr<Encoder>* encoder) {
  auto made = std::make_unique<JsonEncoder>();
  Status status = made->Init(config);
  if (status.ok()) *encoder = std::move(made);
  return status;
}

}  // namespace streamc::rt::format::json

namespace streamc::rt::format {

void EncodeJsonValue(const abi::TypeSpec& type, const ScColumn* leaves, int64_t row, std::string* out) {
  std::unique_ptr<json::Node> node;
  if (!json::Builder(json::Names::Language).Make(type, &node).ok()) {
    out->append("null");
    return;
  }
  json::Output<false>(out).Write(*node, json::ColumnSource{leaves, row});
}

}  // namespace streamc::rt::format
