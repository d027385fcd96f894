#include "compiler/catalog/signature.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace streamc::catalog {
namespace {

using types::Type;
using types::TypeKind;
using types::TypeRef;

const std::map<std::string_view, TypeKind>& KindNames() {
  static const std::map<std::string_view, TypeKind> names = {{"bool", TypeKind::Bool},
                                                             {"int", TypeKind::Int},
                                                             {"float", TypeKind::Float},
                                                             {"decimal", TypeKind::Decimal},
                                                             {"string", TypeKind::String},
                                                             {"bytes", TypeKind::Bytes},
                                                             {"timestamp", TypeKind::Timestamp},
                                                             {"date", TypeKind::Date},
                                                             {"duration", TypeKind::Duration},
                                                             {"uuid", TypeKind::Uuid},
                                                             {"enum", TypeKind::Enum},
                                                             {"list", TypeKind::List},
                                                             {"map", TypeKind::Map},
                                                             {"record", TypeKind::Record}};
  return names;
}

// Recursive descent over one signature; stops being `ok` at the first surprise.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool ok() const { return ok_; }

  bool Take(std::string_view word) {
    SkipSpace();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void Expect(std::string_view word) {
    if (!Take(word)) ok_ = false;
  }
  bool AtEnd() {
    SkipSpace();
    return at_ >= text_.size();
  }
  std::string Word() {
    SkipSpace();
    const size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) ++at_;
    if (at_ == begin) ok_ = false;
    return std::string(text_.substr(begin, at_ - begin));
  }

  TypePattern ReadType() {
    TypePattern type;
    const std::string word = Word();
    if (word.size() == 1 && std::isupper(static_cast<unsigned char>(word[0])) != 0) {
      type.variable = word[0];
    } else if (const auto found = KindNames().find(word); found != KindNames().end()) {
      type.kind = found->second;
    } else {
      ok_ = false;
    }
    if (type.kind == TypeKind::List) {
      Expect("<");
      if (ok_) type.element = std::make_shared<TypePattern>(ReadType());
      Expect(">");
    }
    if (type.kind == TypeKind::Decimal && Take("(")) {
      type.precision = Number();
      Expect(",");
      type.scale = Number();
      Expect(")");
    }
    type.optional = Take("?");
    return type;
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  int Number() {
    const std::string digits = Word();
    int value = 0;
    for (const char digit : digits) {
      if (std::isdigit(static_cast<unsigned char>(digit)) == 0) ok_ = false;
      value = value * 10 + (digit - '0');
    }
    return value;
  }

  std::string_view text_;
  size_t at_ = 0;
  bool ok_ = true;
};

// The least decimal that holds every value of both.
TypeRef JoinDecimals(const Type& a, const Type& b) {
  const int scale = std::max(a.scale, b.scale);
  const int whole = std::max(a.precision - a.scale, b.precision - b.scale);
  return types::MakeDecimal(std::min(38, whole + scale), scale);
}

// What both types widen to without loss the language allows unasked; null when there is none.
TypeRef JoinForVariable(const TypeRef& a, const TypeRef& b) {
  if (a->kind == TypeKind::Error || a->kind == TypeKind::Null) return b;
  if (b->kind == TypeKind::Error || b->kind == TypeKind::Null) return a;
  if (types::SameType(*a, *b)) return a;
  if (a->kind == TypeKind::Int && (b->kind == TypeKind::Float || b->kind == TypeKind::Decimal)) return b;
  if (b->kind == TypeKind::Int && (a->kind == TypeKind::Float || a->kind == TypeKind::Decimal)) return a;
  if (a->kind == TypeKind::Decimal && b->kind == TypeKind::Decimal) return JoinDecimals(*a, *b);
  return nullptr;
}

// Finds what `variable` stands for in `argument`; false when two uses cannot agree.
bool Bind(const TypePattern& pattern, const TypeRef& argument, TypeRef* bound) {
  if (pattern.variable != 0) {
    const TypeRef plain = types::Required(argument);
    *bound = *bound ? JoinForVariable(*bound, plain) : plain;
    return *bound != nullptr;
  }
  if (pattern.element && argument->kind == TypeKind::List) return Bind(*pattern.element, argument->element, bound);
  return true;
}

// The type an argument must have, with the variable replaced.
TypeRef Instantiate(const TypePattern& pattern, const TypeRef& bound, const TypeRef& decimal) {
  TypeRef type;
  if (pattern.variable != 0) {
    type = bound ? bound : types::Make(TypeKind::Error);
  } else if (pattern.kind == TypeKind::List) {
    type = types::MakeList(Instantiate(*pattern.element, bound, decimal));
  } else if (pattern.kind == TypeKind::Decimal) {
    if (pattern.precision > 0) {
      type = types::MakeDecimal(pattern.precision, pattern.scale);
    } else {
      type = decimal ? decimal : types::MakeDecimal(38, 0);
    }
  } else {
    type = types::Make(pattern.kind);
  }
  return pattern.optional ? types::Optional(type) : type;
}

// -1: no conversion; 0: the same; more: a widening.
int ConversionCost(const Type& from, const Type& to) {
  if (from.kind == TypeKind::Error || to.kind == TypeKind::Error) return 0;
  if (from.kind == TypeKind::Null) return to.optional ? 0 : 1;
  if (from.kind == TypeKind::Int && to.kind == TypeKind::Float) return 1;
  if (from.kind == TypeKind::Int && to.kind == TypeKind::Decimal) return 2;
  if (from.kind != to.kind) return -1;
  if (from.kind == TypeKind::List) {
    if (from.element->kind == TypeKind::Error || from.element->kind == TypeKind::Null) return 0;
    if (to.element->kind == TypeKind::Error) return 0;
    if (from.element->kind != to.element->kind) return -1;
    return ConversionCost(*from.element, *to.element) == 0 ? 0 : -1;
  }
  return 0;
}

// The decimal type of one decimal argument: its own, whatever the others are.
TypeRef DecimalFor(const TypePattern& pattern, const TypeRef& argument, const TypeRef& first) {
  if (pattern.kind != TypeKind::Decimal || pattern.precision > 0) return first;
  if (argument->kind == TypeKind::Decimal) return types::Required(argument);
  if (argument->kind == TypeKind::Int) return types::MakeDecimal(19, 0);
  return first;
}

}  // namespace

std::optional<Signature> ParseSignature(std::string_view text, std::string_view for_types) {
  Reader reader(text);
  Signature signature;
  signature.name = reader.Word();
  reader.Expect("(");
  if (!reader.Take(")")) {
    do {
      Parameter parameter;
      parameter.name = reader.Word();
      reader.Expect(":");
      parameter.type = reader.ReadType();
      signature.params.push_back(std::move(parameter));
    } while (reader.ok() && reader.Take(","));
    reader.Expect(")");
  }
  reader.Expect("->");
  signature.result = reader.ReadType();
  if (!reader.AtEnd()) return std::nullopt;
  Reader kinds(for_types);
  while (reader.ok() && !kinds.AtEnd()) {
    const auto found = KindNames().find(kinds.Word());
    if (found == KindNames().end()) return std::nullopt;
    signature.variable_kinds.push_back(found->second);
  }
  if (!reader.ok() || !kinds.ok()) return std::nullopt;
  return signature;
}

std::optional<Fit> FitArguments(const Signature& signature, const std::vector<TypeRef>& arguments) {
  if (arguments.size() != signature.params.size()) return std::nullopt;
  TypeRef bound;
  TypeRef decimal;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!Bind(signature.params[i].type, arguments[i], &bound)) return std::nullopt;
    if (!decimal && arguments[i]->kind == TypeKind::Decimal) decimal = types::Required(arguments[i]);
  }
  const auto& kinds = signature.variable_kinds;
  if (bound && bound->kind != TypeKind::Error && bound->kind != TypeKind::Null && !kinds.empty() &&
      std::find(kinds.begin(), kinds.end(), bound->kind) == kinds.end()) {
    return std::nullopt;
  }
  Fit fit;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const TypePattern& pattern = signature.params[i].type;
    const TypeRef type = Instantiate(pattern, bound, DecimalFor(pattern, arguments[i], decimal));
    const int cost = ConversionCost(*arguments[i], *type);
    if (cost < 0) return std::nullopt;
    fit.cost += cost;
    fit.params.push_back(type);
  }
  if (!decimal) {
    for (const TypeRef& type : fit.params) {
      if (!decimal && type->kind == TypeKind::Decimal) decimal = types::Required(type);
    }
  }
  fit.result = Instantiate(signature.result, bound, decimal);
  return fit;
}

}  // namespace streamc::catalog
