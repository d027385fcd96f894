// streamc_examples: every worked example of the reference as a program with a test block, to be run with `streamc test`.
//
// Scalar examples become columns, one stream a family. An aggregate's list becomes the rows of a group.
#include <iostream>
#include <set>
#include <string>

#include "stdlib/descriptor.h"

namespace streamc::stdlib {

namespace {

constexpr std::string_view kHead =
    "job stdlib_examples { delivery at_least_once  on bad stop }\n\n"
    "schema Row { id: int }\n\n"
    "source rows: Row from kafka(\"rows\") format json\n  time meta.timestamp watermark lag 0s\n";

struct Program {
  std::string streams;
  std::string expectations;
};

std::string Identifier(std::string_view text) {
  std::string name(text);
  for (char& c : name)
    if (c == ' ') c = '_';
  return name;
}

void AddFamily(std::string_view family, Program* program) {
  std::string stream = "fn_" + Identifier(family);
  std::string columns, expected;
  int number = 0;
  for (const ScalarFn* function : ScalarFunctions()) {
    if (function->family != family) continue;
    for (const Example& example : function->examples) {
      std::string column = std::string(function->name) + "_" + std::to_string(++number);
      std::string value(example.expression), result(example.result);
      // Lists have no `==`; as literals they can stand in the expected row itself. Other results may be expressions.
      if (result[0] != '[') {
        value = "(" + value + ") == (" + result + ")";
        result = "true";
      }
      columns += (columns.empty() ? "" : ",\n      ") + column + " = " + value;
      expected += (expected.empty() ? "" : ",\n    ") + column + ": " + result;
    }
  }
  program->streams += "\nstream " + stream + " = rows\n  |> select\n      " + columns + "\n";
  program->expectations += "  expect " + stream + " [{\n    " + expected + "\n  }]\n";
}

// `sum([1, 2])`: the list between the parentheses, and the call with an element in its place.
void AddAggregate(const AggregateFn& function, const Example& example, int number, Program* program) {
  std::string stream = "agg_" + std::string(function.name) + "_" + std::to_string(number);
  std::string_view list = example.expression.substr(function.name.size() + 1);
  list.remove_suffix(1);
  std::string argument = function.signature.find("()") == std::string_view::npos ? "x" : "";
  program->streams += "\nstream " + stream + " = rows\n  |> expand x in " + std::string(list) + "\n  |> aggregate v = " +
                      std::string(function.name) + "(" + argument + ") by id keep forever\n  |> select id, holds = v == (" +
                      std::string(example.result) + ")\n";
  program->expectations += "  expect " + stream + " now [{ holds: true }]\n";
}

}  // namespace

}  // namespace streamc::stdlib

int main() {
  using namespace streamc::stdlib;
  Program program;
  std::set<std::string_view> families;
  for (const ScalarFn* function : ScalarFunctions())
    if (families.insert(function->family).second) AddFamily(function->family, &program);
  int number = 0;
  for (const AggregateFn* function : Aggregates())
    for (const Example& example : function->examples) AddAggregate(*function, example, ++number, &program);
  std::cout << kHead << program.streams << "\ntest \"every example of the reference holds\" {\n  feed rows { id: 1 }\n"
            << program.expectations << "}\n";
  return 0;
}
