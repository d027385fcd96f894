#include "runtime/format/json/plan.h"

#include <algorithm>
#include <cstring>

namespace streamc::rt::format::json {
namespace {

using abi::Logical;
using abi::TypeSpec;

Read ReadOf(const TypeSpec& type) {
  switch (type.logical) {
    case Logical::Bool: return Read::Bool;
    case Logical::Int: return Read::Int;
    case Logical::Float: return Read::Float;
    case Logical::Decimal: return Read::Decimal;
    case Logical::String: return Read::String;
    case Logical::Bytes: return Read::Bytes;
    case Logical::Timestamp:
      switch (type.time_format) {
        case abi::TimeFormat::Rfc3339: return Read::Rfc3339;
        case abi::TimeFormat::Millis: return Read::Millis;
        case abi::TimeFormat::Seconds: return Read::Seconds;
        case abi::TimeFormat::Pattern: return Read::Pattern;
      }
      return Read::Rfc3339;
    case Logical::Date: return Read::Date;
    case Logical::Duration: return Read::Duration;
    case Logical::Uuid: return Read::Uuid;
    case Logical::Enum: return Read::Enum;
    case Logical::List: return Read::List;
    case Logical::Record: return Read::Record;
  }
  return Read::String;
}

// Keys are compared as they stand in the record: one that needs escapes there is only found by its meaning.
bool NeedsEscapes(std::string_view key) {
  return std::any_of(key.begin(), key.end(), [](char c) { return c == '"' || c == '\\' || static_cast<uint8_t>(c) < 0x20; });
}

uint64_t HashKey(std::string_view key) {
  uint64_t first = 0, last = 0;
  size_t part = std::min<size_t>(key.size(), 8);
  std::memcpy(&first, key.data(), part);
  std::memcpy(&last, key.data() + key.size() - part, part);
  uint64_t hash = (first ^ (last << 17 | last >> 47) ^ key.size()) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 29;
}

void SetKey(KeyEntry* entry, std::string_view key, FieldPlan* field) {
  entry->text = std::string(key) + '"';
  for (size_t spaced = 0; spaced < 2; ++spaced) {
    KeyForm& form = entry->forms[spaced];
    form.bytes = (spaced != 0 ? ", \"" : ",\"") + entry->text + (spaced != 0 ? ": " : ":");
    form.size = static_cast<int32_t>(form.bytes.size());
    std::memcpy(form.head, form.bytes.data(), std::min<size_t>(form.bytes.size(), sizeof form.head));
    form.mask = form.size >= 16 ? 0xFFFF : (1 << form.size) - 1;
  }
  entry->field = field;
  entry->literal = !NeedsEscapes(key);
}

class Builder {
 public:
  Builder(const std::vector<bool>& needed, batch::Arena* defaults) : needed_(needed), defaults_(defaults) {}

  Status MakeObject(const TypeSpec& type, const std::string& path, std::unique_ptr<ObjectPlan>* out) {
    auto object = std::make_unique<ObjectPlan>();
    if (type.optional) object->presence_leaf = next_leaf_++;
    object->fields.resize(type.fields.size());
    for (size_t i = 0; i < type.fields.size(); ++i) {
      const abi::FieldSpec& spec = type.fields[i];
      FieldPlan& field = object->fields[i];
      if (Status status = MakeField(spec.type, path + spec.name, &field); !status.ok()) return status;
      if (spec.has_default && !spec.deflt.is_null() &&
          (!LeavesOfDatum(spec.type, spec.deflt, defaults_, &field.deflt) ||
           field.deflt.size() != static_cast<size_t>(field.leaf_count))) {
        return Status::Error(Exit::Internal, "the default of field `" + path + spec.name + "` is not of its type");
      }
      if (spec.type.is_rest) {
        if (field.needed) object->rest = &field;
        continue;
      }
      object->needed_fields += field.needed ? 1 : 0;
      const std::string& key = spec.outside_name.empty() ? spec.name : spec.outside_name;
      object->entries.emplace_back();
      SetKey(&object->entries.back(), key, field.needed ? &field : nullptr);
      object->entries.back().declared = true;
    }
    object->table.assign(16, nullptr);
    object->first.next = object->unknown.next = &object->unknown;
    KeyEntry* before = &object->first;
    for (KeyEntry& entry : object->entries) {
      object->Insert(&entry);
      entry.next = &object->unknown;
      if (!entry.literal) continue;
      before->next = &entry;
      before = &entry;
    }
    *out = std::move(object);
    return Status::Ok();
  }

 private:
  Status MakeField(const TypeSpec& type, const std::string& path, FieldPlan* field) {
    ValuePlan& value = field->value;
    value.read = ReadOf(type);
    value.kind = abi::KindOf(type);
    value.optional = type.optional;
    value.precision = type.precision;
    value.scale = type.scale;
    for (const std::string& text : type.enum_values) {
      value.enum_texts.push_back({0, text.size(), text});
      std::memcpy(&value.enum_texts.back().head, text.data(), std::min<size_t>(text.size(), 8));
    }
    field->first_leaf = next_leaf_;
    if (value.read == Read::Pattern) {
      std::string error;
      if (!Pattern::Make(type.pattern, &value.pattern, &error)) {
        return Status::Error(Exit::Usage, "field `" + path + "`: " + error);
      }
    }
    if (value.read == Read::Record) {
      if (Status status = MakeObject(type, path + ".", &value.object); !status.ok()) return status;
    } else {
      ++next_leaf_;
    }
    if (value.read == Read::List) {
      const TypeSpec& element = type.element.front();
      value.shape = std::make_unique<batch::RowShape>(abi::FlattenType(element));
      value.element = std::make_unique<FieldPlan>();
      // Elements are read as a whole.
      std::vector<bool> all(value.shape->leaves().size(), true);
      Builder inner(all, defaults_);
      if (Status status = inner.MakeField(element, path + "[]", value.element.get()); !status.ok()) return status;
    }
    field->leaf_count = next_leaf_ - field->first_leaf;
    for (int32_t i = field->first_leaf; i < next_leaf_; ++i) field->needed |= needed_[static_cast<size_t>(i)];
    return Status::Ok();
  }

  const std::vector<bool>& needed_;
  batch::Arena* defaults_;
  int32_t next_leaf_ = 0;
};

template <typename T>
LeafValue ValueOf(T value) {
  LeafValue leaf;
  static_assert(sizeof value <= sizeof leaf.bytes);
  std::memcpy(leaf.bytes, &value, sizeof value);
  return leaf;
}

void AppendAbsent(const TypeSpec& type, std::vector<LeafValue>* out) {
  for (const abi::Leaf& leaf : abi::FlattenType(type)) {
    out->emplace_back();
    if (leaf.type->logical != Logical::Record) out->back().state = SC_NULL;
  }
}

bool ListOfDatums(const TypeSpec& element, const std::vector<abi::DatumSpec>& items, batch::Arena* arena, ScList* list) {
  batch::RowShape shape(abi::FlattenType(element));
  char* rows = static_cast<char*>(arena->Allocate(shape.size() * static_cast<int64_t>(items.size()) + 1));
  std::memset(rows, 0, static_cast<size_t>(shape.size()) * items.size());
  *list = {rows, static_cast<int64_t>(items.size())};
  for (const abi::DatumSpec& item : items) {
    std::vector<LeafValue> leaves;
    if (!LeavesOfDatum(element, item, arena, &leaves) || leaves.size() != shape.leaves().size()) return false;
    for (size_t i = 0; i < leaves.size(); ++i) {
      if (shape.state_offset(i) >= 0) rows[shape.state_offset(i)] = static_cast<char>(leaves[i].state);
      std::memcpy(rows + shape.value_offset(i), leaves[i].bytes, static_cast<size_t>(abi::ColumnWidth(shape.leaves()[i].kind)));
    }
    rows += shape.size();
  }
  return true;
}

}  // namespace

bool LeavesOfDatum(const TypeSpec& type, const abi::DatumSpec& datum, batch::Arena* arena, std::vector<LeafValue>* out) {
  if (datum.is_null()) {
    if (!type.optional) return false;
    AppendAbsent(type, out);
    return true;
  }
  const auto* items = std::get_if<std::vector<abi::DatumSpec>>(&datum.value);
  if (type.logical == Logical::Record) {
    if (items == nullptr || items->size() != type.fields.size()) return false;
    if (type.optional) out->push_back(ValueOf(uint8_t{1}));
    for (size_t i = 0; i < items->size(); ++i) {
      if (!LeavesOfDatum(type.fields[i].type, (*items)[i], arena, out)) return false;
    }
    return true;
  }
  if (type.logical == Logical::List) {
    ScList list{};
    if (items == nullptr || !ListOfDatums(type.element.front(), *items, arena, &list)) return false;
    out->push_back(ValueOf(list));
    return true;
  }
  const auto* text = std::get_if<std::string>(&datum.value);
  const auto* number = std::get_if<int64_t>(&datum.value);
  if (type.logical == Logical::Enum && text != nullptr) {
    auto found = std::find(type.enum_values.begin(), type.enum_values.end(), *text);
    if (found == type.enum_values.end()) return false;
    out->push_back(ValueOf(static_cast<int64_t>(found - type.enum_values.begin())));
    return true;
  }
  switch (abi::KindOf(type)) {
    case abi::LeafKind::Bool:
      if (!std::holds_alternative<bool>(datum.value)) return false;
      out->push_back(ValueOf(static_cast<uint8_t>(std::get<bool>(datum.value))));
      return true;
    case abi::LeafKind::I64:
      if (number == nullptr) return false;
      out->push_back(ValueOf(*number));
      return true;
    case abi::LeafKind::F64:
      if (!std::holds_alternative<double>(datum.value) && number == nullptr) return false;
      out->push_back(ValueOf(number != nullptr ? static_cast<double>(*number) : std::get<double>(datum.value)));
      return true;
    case abi::LeafKind::Dec: {
      const auto* decimal = std::get_if<abi::DatumSpec::Decimal>(&datum.value);
      if (decimal == nullptr) return false;
      out->push_back(ValueOf(static_cast<__int128>(decimal->high) * (static_cast<__int128>(1) << 64) + decimal->low));
      return true;
    }
    case abi::LeafKind::Str:
      if (text == nullptr) return false;
      out->push_back(ValueOf(arena->CopyString(text->data(), static_cast<int64_t>(text->size()))));
      return true;
    case abi::LeafKind::List: return false;
  }
  return false;
}

KeyEntry* ObjectPlan::Find(std::string_view key) const {
  size_t mask = table.size() - 1;
  for (size_t at = HashKey(key) & mask; table[at] != nullptr; at = (at + 1) & mask) {
    std::string_view text(table[at]->text.data(), table[at]->text.size() - 1);
    if (text == key) return table[at];
  }
  return nullptr;
}

void ObjectPlan::Insert(KeyEntry* entry) {
  auto put = [&](KeyEntry* added) {
    size_t mask = table.size() - 1;
    size_t at = HashKey(std::string_view(added->text.data(), added->text.size() - 1)) & mask;
    while (table[at] != nullptr) at = (at + 1) & mask;
    table[at] = added;
  };
  size_t used = static_cast<size_t>(std::count_if(table.begin(), table.end(), [](KeyEntry* e) { return e != nullptr; }));
  if ((used + 1) * 2 > table.size()) {
    std::vector<KeyEntry*> old(table.size() * 2, nullptr);
    old.swap(table);
    for (KeyEntry* known : old) {
      if (known != nullptr) put(known);
    }
  }
  put(entry);
}

KeyEntry* ObjectPlan::Learn(std::string_view key) {
  if (learnt >= kMostLearnt || key.size() > kLongestLearnt) return nullptr;
  ++learnt;
  entries.emplace_back();
  SetKey(&entries.back(), key, nullptr);
  entries.back().next = &unknown;
  Insert(&entries.back());
  return &entries.back();
}

Status MakePlan(const TypeSpec& schema, const std::vector<bool>& needed, Plan* plan) {
  if (schema.logical != Logical::Record || schema.optional) {
    return Status::Error(Exit::Internal, "a JSON source needs a record type");
  }
  plan->leaves = abi::FlattenType(schema, true);
  if (plan->leaves.size() != needed.size()) return Status::Error(Exit::Internal, "the set of needed fields does not fit the record");
  Builder builder(needed, &plan->defaults);
  return builder.MakeObject(schema, "", &plan->root);
}

}  // namespace streamc::rt::format::json
