#include "compiler/catalog/functions.h"

#include <algorithm>
#include <map>

#include "compiler/catalog/signature.h"

namespace streamc::catalog {
namespace {

constexpr int kWidestDecimal = 38;

template <typename Fn>
struct Overload {
  const Fn* function;
  Signature signature;
};

template <typename Fn>
using Table = std::map<std::string, std::vector<Overload<Fn>>, std::less<>>;

template <typename Fn>
Table<Fn> BuildTable(std::span<const Fn* const> functions) {
  Table<Fn> table;
  for (const Fn* function : functions) {
    if (auto signature = ParseSignature(function->signature, function->for_types)) {
      table[std::string(function->name)].push_back({function, std::move(*signature)});
    }
  }
  return table;
}

const Table<stdlib::ScalarFn>& Scalars() {
  static const auto table = BuildTable<stdlib::ScalarFn>(stdlib::ScalarFunctions());
  return table;
}
const Table<stdlib::AggregateFn>& AggregateTable() {
  static const auto table = BuildTable<stdlib::AggregateFn>(stdlib::Aggregates());
  return table;
}

template <typename Fn>
std::vector<std::string> Names(const Table<Fn>& table) {
  std::vector<std::string> names;
  for (const auto& entry : table) names.push_back(entry.first);
  return names;
}

template <typename Fn>
std::vector<std::string> Signatures(const Table<Fn>& table, std::string_view name) {
  std::vector<std::string> texts;
  if (const auto found = table.find(name); found != table.end()) {
    for (const auto& overload : found->second) {
      std::string text(overload.function->signature);
      if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
    }
  }
  return texts;
}

template <typename Fn>
std::vector<std::string> Parameters(const Table<Fn>& table, std::string_view name, size_t count) {
  std::vector<std::string> names;
  const auto found = table.find(name);
  if (found == table.end()) return names;
  for (const auto& overload : found->second) {
    if (overload.signature.params.size() != count) continue;
    for (const auto& parameter : overload.signature.params) names.push_back(parameter.name);
    break;
  }
  return names;
}

template <typename Fn>
std::optional<std::pair<const Fn*, Fit>> Choose(const Table<Fn>& table, std::string_view name,
                                                const std::vector<types::TypeRef>& arguments) {
  const auto found = table.find(name);
  if (found == table.end()) return std::nullopt;
  std::optional<std::pair<const Fn*, Fit>> best;
  for (const auto& overload : found->second) {
    auto fit = FitArguments(overload.signature, arguments);
    if (fit && (!best || fit->cost < best->second.cost)) best = {overload.function, std::move(*fit)};
  }
  return best;
}

}  // namespace

bool IsScalar(std::string_view name) {
  return Scalars().find(name) != Scalars().end();
}
bool IsAggregate(std::string_view name) {
  return AggregateTable().find(name) != AggregateTable().end();
}
std::vector<std::string> ScalarNames() {
  return Names(Scalars());
}
std::vector<std::string> AggregateNames() {
  return Names(AggregateTable());
}
std::vector<std::string> ScalarSignatures(std::string_view name) {
  return Signatures(Scalars(), name);
}
std::vector<std::string> AggregateSignatures(std::string_view name) {
  return Signatures(AggregateTable(), name);
}
std::vector<std::string> ScalarParameters(std::string_view name, size_t count) {
  return Parameters(Scalars(), name, count);
}
std::vector<std::string> AggregateParameters(std::string_view name, size_t count) {
  return Parameters(AggregateTable(), name, count);
}

std::optional<ScalarChoice> FindScalar(std::string_view name, const std::vector<types::TypeRef>& arguments) {
  auto best = Choose(Scalars(), name, arguments);
  if (!best) return std::nullopt;
  ScalarChoice choice{best->first, std::move(best->second.params), best->second.result};
  if (choice.function->result == stdlib::Result::Optional) choice.result = types::Optional(choice.result);
  return choice;
}

std::optional<AggregateChoice> FindAggregate(std::string_view name, const std::vector<types::TypeRef>& arguments) {
  auto best = Choose(AggregateTable(), name, arguments);
  if (!best) return std::nullopt;
  types::TypeRef result = best->second.result;
  // A sum may outgrow its terms; it is exact up to the widest decimal.
  if (name == "sum" && result->kind == types::TypeKind::Decimal) result = types::MakeDecimal(kWidestDecimal, result->scale);
  return AggregateChoice{best->first, std::move(best->second.params), std::move(result)};
}

const stdlib::WindowDesc* FindWindow(std::string_view name) {
  for (const stdlib::WindowDesc* window : stdlib::Windows()) {
    if (window->name == name) return window;
  }
  return nullptr;
}

}  // namespace streamc::catalog
