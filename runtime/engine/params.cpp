#include "runtime/engine/params.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "runtime/format/format.h"
#include "runtime/format/time_text.h"

namespace streamc::rt::engine {
namespace {

using abi::DatumSpec;
using abi::Logical;
using abi::TypeSpec;

const char* NameOf(const TypeSpec& type) {
  switch (type.logical) {
    case Logical::Bool: return "true or false";
    case Logical::Int: return "an int";
    case Logical::Float: return "a float";
    case Logical::Decimal: return "a decimal";
    case Logical::String: return "a string";
    case Logical::Bytes: return "bytes";
    case Logical::Timestamp: return "a timestamp such as 2026-01-31T12:00:00Z";
    case Logical::Date: return "a date such as 2026-01-31";
    case Logical::Duration: return "a duration such as 250ms, 10s or 1h30m";
    case Logical::Uuid: return "a UUID";
    case Logical::Enum: return "a word of its enum";
    case Logical::List: return "a list";
    case Logical::Record: return "a record";
  }
  return "a value";
}

// Where a secret stands; the text itself would show up in the process list.
Status ReadSecret(const std::string& name, const std::string& where, std::string* value) {
  if (where.starts_with("env:")) {
    const char* text = std::getenv(where.c_str() + 4);
    if (text == nullptr)
      return Status::Error(Exit::Usage, "parameter " + name + ": environment variable " + where.substr(4) + " is not set");
    *value = text;
    return Status::Ok();
  }
  if (!where.starts_with("file:")) {
    return Status::Error(
        Exit::Usage, "parameter " + name + " is a secret: give --param " + name + "=env:VARIABLE or " + name + "=file:PATH");
  }
  std::ifstream file(where.substr(5), std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  if (!file) return Status::Error(Exit::BadInput, "parameter " + name + ": cannot read " + where.substr(5));
  *value = content.str();
  while (!value->empty() && (value->back() == '\n' || value->back() == '\r')) value->pop_back();
  return Status::Ok();
}

}  // namespace

bool ParseDatum(const TypeSpec& type, const std::string& text, DatumSpec* value) {
  if (type.logical == Logical::String || type.logical == Logical::Bytes) {
    value->value = text;
    return true;
  }
  if (type.logical == Logical::List || type.logical == Logical::Record) return false;
  if (type.logical == Logical::Duration) {
    int64_t micros;
    if (!format::ParseDuration(text, &micros)) return false;
    value->value = micros;
    return true;
  }
  batch::Arena arena(256);
  alignas(16) char memory[16] = {};
  if (!format::DecodeScalarText(type, text, arena.get(), memory)) return false;
  switch (abi::KindOf(type)) {
    case abi::LeafKind::Bool: value->value = memory[0] != 0; break;
    case abi::LeafKind::F64: {
      double number;
      std::memcpy(&number, memory, sizeof number);
      value->value = number;
      break;
    }
    case abi::LeafKind::Dec: {
      DatumSpec::Decimal decimal;
      std::memcpy(&decimal.low, memory, 8);
      std::memcpy(&decimal.high, memory + 8, 8);
      value->value = decimal;
      break;
    }
    case abi::LeafKind::Str: {
      ScStr string;
      std::memcpy(&string, memory, sizeof string);
      value->value = std::string(string.ptr, static_cast<size_t>(string.len));
      break;
    }
    default: {
      int64_t number;
      std::memcpy(&number, memory, sizeof number);
      value->value = number;
    }
  }
  return true;
}

bool WriteDatum(const batch::RowShape& shape, size_t leaf, const TypeSpec& type, const DatumSpec& value, char* row,
                ScArena* arena) {
  if (type.logical == Logical::Record) return false;
  char* at = row + shape.value_offset(leaf);
  if (value.is_null()) {
    if (shape.state_offset(leaf) < 0) return false;
    int64_t state = SC_NULL;
    std::memcpy(row + shape.state_offset(leaf), &state, sizeof state);
    return true;
  }
  switch (shape.leaves()[leaf].kind) {
    case abi::LeafKind::Bool:
      if (!std::holds_alternative<bool>(value.value)) return false;
      *at = std::get<bool>(value.value) ? 1 : 0;
      return true;
    case abi::LeafKind::I64: {
      int64_t number;
      if (const int64_t* given = std::get_if<int64_t>(&value.value)) {
        number = *given;
      } else if (const std::string* word = std::get_if<std::string>(&value.value);
                 word != nullptr && type.logical == Logical::Enum) {
        auto found = std::find(type.enum_values.begin(), type.enum_values.end(), *word);
        if (found == type.enum_values.end()) return false;
        number = found - type.enum_values.begin();
      } else {
        return false;
      }
      std::memcpy(at, &number, sizeof number);
      return true;
    }
    case abi::LeafKind::F64: {
      double number;
      if (const double* given = std::get_if<double>(&value.value)) {
        number = *given;
      } else if (const int64_t* whole = std::get_if<int64_t>(&value.value)) {
        number = static_cast<double>(*whole);
      } else {
        return false;
      }
      std::memcpy(at, &number, sizeof number);
      return true;
    }
    case abi::LeafKind::Dec: {
      const DatumSpec::Decimal* decimal = std::get_if<DatumSpec::Decimal>(&value.value);
      if (decimal == nullptr) return false;
      std::memcpy(at, &decimal->low, 8);
      std::memcpy(at + 8, &decimal->high, 8);
      return true;
    }
    case abi::LeafKind::Str: {
      const std::string* text = std::get_if<std::string>(&value.value);
      if (text == nullptr) return false;
      char* copy = static_cast<char*>(sc_arena_alloc(arena, static_cast<int64_t>(text->size()) + 1));
      std::memcpy(copy, text->data(), text->size());
      ScStr string{copy, static_cast<int64_t>(text->size())};
      std::memcpy(at, &string, sizeof string);
      return true;
    }
    case abi::LeafKind::List: {
      const auto* items = std::get_if<std::vector<DatumSpec>>(&value.value);
      const batch::RowShape* element = shape.element(leaf);
      if (items == nullptr || element == nullptr || type.element.empty()) return false;
      int64_t bytes = element->size() * static_cast<int64_t>(items->size());
      char* rows = static_cast<char*>(sc_arena_alloc(arena, bytes + 1));
      std::memset(rows, 0, static_cast<size_t>(bytes));
      for (size_t i = 0; i < items->size(); ++i) {
        if (!WriteDatum(*element, 0, type.element[0], (*items)[i], rows + static_cast<int64_t>(i) * element->size(), arena))
          return false;
      }
      ScList list{rows, static_cast<int64_t>(items->size())};
      std::memcpy(at, &list, sizeof list);
      return true;
    }
  }
  return false;
}

Status Params::Resolve(const abi::JobSpec& spec, const std::map<std::string, std::string>& given,
                       const std::map<int32_t, DatumSpec>& values) {
  spec_ = &spec;
  values_.assign(spec.params.size(), {});
  std::vector<abi::Leaf> leaves;
  for (const abi::ParamSpec& param : spec.params) abi::Flatten(param.type, false, &leaves);
  batch::RowShape shape(leaves);
  row_.assign(static_cast<size_t>(shape.size()), 0);
  arena_.Reset();
  for (const auto& [name, text] : given) {
    bool known = false;
    std::string names;
    for (const abi::ParamSpec& param : spec.params) {
      known = known || param.name == name;
      names += (names.empty() ? "" : ", ") + param.name;
    }
    if (!known) {
      return Status::Error(
          Exit::Usage, "there is no parameter " + name + (names.empty() ? "; the job has none" : "; the job has: " + names));
    }
  }
  size_t leaf = 0;
  for (size_t i = 0; i < spec.params.size(); ++i) {
    const abi::ParamSpec& param = spec.params[i];
    auto found = given.find(param.name);
    if (auto value = values.find(static_cast<int32_t>(i)); value != values.end()) {
      values_[i] = value->second;
    } else if (found == given.end()) {
      if (!param.has_default) {
        return Status::Error(Exit::Usage, "parameter " + param.name + " has no value: give --param " + param.name +
                                              (param.secret ? "=env:VARIABLE" : "=VALUE"));
      }
      values_[i] = param.deflt;
    } else {
      std::string text = found->second;
      if (param.secret) {
        if (Status status = ReadSecret(param.name, found->second, &text); !status.ok()) return status;
      }
      if (!ParseDatum(param.type, text, &values_[i])) {
        std::string shown = param.secret ? "its value" : "\"" + text + "\"";
        return Status::Error(Exit::Usage, "parameter " + param.name + ": " + shown + " is not " + NameOf(param.type));
      }
    }
    if (!WriteDatum(shape, leaf, param.type, values_[i], row_.data(), arena_.get())) {
      return Status::Error(Exit::Usage, "parameter " + param.name + " needs " + NameOf(param.type));
    }
    leaf += abi::FlattenType(param.type).size();
  }
  return Status::Ok();
}

int64_t Params::Int(const abi::ValueSpec& value, int64_t otherwise) const {
  const DatumSpec& datum = value.param >= 0 ? values_[static_cast<size_t>(value.param)] : value.constant;
  const int64_t* number = std::get_if<int64_t>(&datum.value);
  return number == nullptr ? otherwise : *number;
}

bool Params::Bool(const abi::ValueSpec& value, bool otherwise) const {
  const DatumSpec& datum = value.param >= 0 ? values_[static_cast<size_t>(value.param)] : value.constant;
  const bool* truth = std::get_if<bool>(&datum.value);
  return truth == nullptr ? otherwise : *truth;
}

std::string Params::TextOf(const DatumSpec& value, const TypeSpec* type) const {
  if (const std::string* text = std::get_if<std::string>(&value.value)) return *text;
  if (const bool* truth = std::get_if<bool>(&value.value)) return *truth ? "true" : "false";
  alignas(16) char memory[16] = {};
  TypeSpec plain;
  if (const int64_t* number = std::get_if<int64_t>(&value.value)) {
    std::memcpy(memory, number, 8);
  } else if (const double* real = std::get_if<double>(&value.value)) {
    plain.logical = Logical::Float;
    std::memcpy(memory, real, 8);
  } else if (const DatumSpec::Decimal* decimal = std::get_if<DatumSpec::Decimal>(&value.value)) {
    plain.logical = Logical::Decimal;
    plain.precision = 38;
    std::memcpy(memory, &decimal->low, 8);
    std::memcpy(memory + 8, &decimal->high, 8);
  } else {
    return "";
  }
  std::string out;
  if (type != nullptr && type->logical == Logical::Duration) {
    format::AppendDuration(std::get<int64_t>(value.value), &out);
  } else {
    format::EncodeScalarText(type == nullptr ? plain : *type, memory, &out);
  }
  return out;
}

std::string Params::Text(const abi::ValueSpec& value) const {
  auto of_param = [&](int32_t param) {
    size_t index = static_cast<size_t>(param);
    return TextOf(values_[index], &spec_->params[index].type);
  };
  if (!value.parts.empty()) {
    std::string text;
    for (const abi::ValueSpec::Part& part : value.parts) text += part.param >= 0 ? of_param(part.param) : part.text;
    return text;
  }
  return value.param >= 0 ? of_param(value.param) : TextOf(value.constant, nullptr);
}

}  // namespace streamc::rt::engine
