#include "runtime/abi/type_text.h"

#include <algorithm>
#include <array>

#include "runtime/abi/text_reader.h"

namespace streamc::abi {
namespace {

constexpr int kMaxDepth = 64;
constexpr std::array<std::string_view, 13> kNames = {"bool", "int",      "float", "decimal", "string", "bytes", "timestamp",
                                                     "date", "duration", "uuid",  "enum",    "list",   "record"};

bool IsPlainName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), TextReader::IsWordCharacter);
}

class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : text_(text) {}

  bool Whole(TypeSpec* type) { return Type(type, 0) && text_.at_end(); }

 private:
  bool Type(TypeSpec* type, int depth) {
    if (depth > kMaxDepth || !Core(type, depth)) return false;
    type->optional = text_.Take("?");
    return true;
  }

  bool Core(TypeSpec* type, int depth) {
    if (text_.Take("{ ")) return Record(type, depth);
    const std::string_view word = text_.Word();
    const auto found = std::find(kNames.begin(), kNames.end(), word);
    if (found == kNames.end() || word == "record") return false;
    type->logical = static_cast<Logical>(found - kNames.begin());
    switch (type->logical) {
      case Logical::Decimal:
        return text_.Take("(") && text_.Number(&type->precision) && text_.Take(", ") && text_.Number(&type->scale) &&
               text_.Take(")");
      case Logical::Enum: return text_.Take(" { ") && Values(&type->enum_values);
      case Logical::List: return text_.Take("<") && Type(&type->element.emplace_back(), depth + 1) && text_.Take(">");
      default: return true;
    }
  }

  bool Values(std::vector<std::string>* values) {
    do {
      if (!text_.Quoted(&values->emplace_back())) return false;
    } while (text_.Take(", "));
    return text_.Take(" }");
  }

  bool Record(TypeSpec* type, int depth) {
    type->logical = Logical::Record;
    if (text_.Take("}")) return true;
    do {
      FieldSpec& field = type->fields.emplace_back();
      field.name = text_.Word();
      if (field.name.empty() && !text_.Quoted(&field.name)) return false;
      if (!text_.Take(": ") || !Type(&field.type, depth + 1)) return false;
    } while (text_.Take(", "));
    return text_.Take(" }");
  }

  TextReader text_;
};

}  // namespace

std::string TypeText(const TypeSpec& type) {
  std::string text(kNames[static_cast<size_t>(type.logical)]);
  if (type.logical == Logical::Decimal)
    text += "(" + std::to_string(type.precision) + ", " + std::to_string(type.scale) + ")";
  if (type.logical == Logical::List) text += "<" + TypeText(type.element[0]) + ">";
  if (type.logical == Logical::Enum) {
    for (size_t i = 0; i < type.enum_values.size(); ++i) text += (i == 0 ? " { " : ", ") + QuoteText(type.enum_values[i]);
    text += " }";
  }
  if (type.logical == Logical::Record) {
    text = "{ ";
    for (size_t i = 0; i < type.fields.size(); ++i) {
      const FieldSpec& field = type.fields[i];
      text += (i == 0 ? "" : ", ") + (IsPlainName(field.name) ? field.name : QuoteText(field.name)) + ": " + TypeText(field.type);
    }
    text += type.fields.empty() ? "}" : " }";
  }
  return text + (type.optional ? "?" : "");
}

bool ReadType(std::string_view text, TypeSpec* type) {
  *type = {};
  return TypeReader(text).Whole(type);
}

}  // namespace streamc::abi
