// Signatures of builtins, parsed from their descriptors' text: `name(a: T, b: list<T>) -> T?`.
// In: text. Out: Signature, and types bound from the types of arguments. Only catalog/ uses this.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/types/type.h"

namespace streamc::catalog {

// A type with at most one variable in it. `precision` 0: a decimal of any size.
struct TypePattern {
  types::TypeKind kind = types::TypeKind::Error;
  char variable = 0;
  bool optional = false;
  int precision = 0, scale = 0;
  std::shared_ptr<TypePattern> element;  // list
};

struct Parameter {
  std::string name;
  TypePattern type;
};

struct Signature {
  std::string name;
  std::vector<Parameter> params;
  TypePattern result;
  std::vector<types::TypeKind> variable_kinds;  // what the variable may be; empty: anything
};

// Precondition: `text` is a well-formed signature; a descriptor's test checks all of them. nullopt otherwise.
std::optional<Signature> ParseSignature(std::string_view text, std::string_view for_types);

// How arguments fit a signature. `params` are the types each argument must be converted to (optionality as the
// signature says); `cost` 0 is an exact fit, each widening adds to it.
struct Fit {
  std::vector<types::TypeRef> params;
  types::TypeRef result;
  int cost = 0;
};

// nullopt when the number of arguments or a type does not fit. Optionality of arguments does not count here.
std::optional<Fit> FitArguments(const Signature& signature, const std::vector<types::TypeRef>& arguments);

}  // namespace streamc::catalog
