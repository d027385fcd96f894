// The builtin functions and aggregates, looked up by name and argument types.
// In: descriptors of stdlib/, parsed once per process. Out: the chosen overload and the types its arguments must be
// converted to. Exact fits win over int -> float and int -> decimal. Called by sema; knows nothing of expressions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/types/type.h"
#include "stdlib/descriptor.h"

namespace streamc::catalog {

struct ScalarChoice {
  const stdlib::ScalarFn* function = nullptr;
  std::vector<types::TypeRef> params;
  types::TypeRef result;  // optional when the function can fail (Result::Optional)
};
struct AggregateChoice {
  const stdlib::AggregateFn* function = nullptr;
  std::vector<types::TypeRef> params;
  types::TypeRef result;  // without regard to a filter
};

bool IsScalar(std::string_view name);
bool IsAggregate(std::string_view name);
std::vector<std::string> ScalarNames();
std::vector<std::string> AggregateNames();

// Signatures of every overload of a name, as their descriptors write them.
std::vector<std::string> ScalarSignatures(std::string_view name);
std::vector<std::string> AggregateSignatures(std::string_view name);

// Parameter names of the overloads with this many parameters; empty when there is none. For `f(a, limit: 3)`.
std::vector<std::string> ScalarParameters(std::string_view name, size_t count);
std::vector<std::string> AggregateParameters(std::string_view name, size_t count);

// The best overload; nullopt when none fits. Optionality of arguments does not count.
std::optional<ScalarChoice> FindScalar(std::string_view name, const std::vector<types::TypeRef>& arguments);
std::optional<AggregateChoice> FindAggregate(std::string_view name, const std::vector<types::TypeRef>& arguments);

// Windows: null when there is none of that name.
const stdlib::WindowDesc* FindWindow(std::string_view name);

}  // namespace streamc::catalog
