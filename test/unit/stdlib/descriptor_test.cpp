// Every descriptor is complete, and every kernel it names exists.
#include "stdlib/descriptor.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "stdlib/constant_check.h"
#include "test/unit/stdlib/support.h"

namespace streamc::stdlib {
namespace {

std::set<std::string> ErrorCodes() {
  return {
#define SC_ERROR(id, number, text) text,
#include "runtime/abi/error_codes.def"
#undef SC_ERROR
  };
}

// Kernels that stand for a form the compiler builds itself.
bool IsBuiltIn(std::string_view name) {
  static const std::set<std::string_view> names = {"now", "map", "filter", "exists", "for_all", "reduce"};
  return names.contains(name);
}

TEST(Descriptors, ScalarsAreComplete) {
  std::set<std::string> codes = ErrorCodes();
  std::set<std::string> seen;
  ASSERT_GE(ScalarFunctions().size(), 60u);
  for (const ScalarFn* function : ScalarFunctions()) {
    SCOPED_TRACE(function->signature);
    EXPECT_EQ(function->signature.substr(0, function->name.size() + 1), std::string(function->name) + "(");
    EXPECT_FALSE(function->family.empty());
    EXPECT_FALSE(function->summary.empty());
    EXPECT_GE(function->examples.size(), 2u);
    EXPECT_EQ(function->result == Result::Rejects, !function->reject_code.empty());
    if (function->result == Result::Rejects) {
      EXPECT_TRUE(codes.contains(std::string(function->reject_code)));
    }
    EXPECT_EQ(function->result == Result::Optional, function->signature.back() == '?');
    EXPECT_EQ(function->kernel.empty(), IsBuiltIn(function->name));
    if (!function->kernel.empty()) FindKernel(function->kernel);
    EXPECT_TRUE(seen.insert(std::string(function->signature) + " " + std::string(function->for_types)).second) << "twice";
    for (const Example& example : function->examples)
      EXPECT_NE(example.expression.find(std::string(function->name)), std::string_view::npos) << example.expression;
    std::istringstream constants{std::string(function->constant_args)};
    for (std::string parameter; constants >> parameter;)
      EXPECT_NE(function->signature.find(parameter + ":"), std::string_view::npos) << parameter;
  }
}

TEST(Descriptors, AggregatesAreComplete) {
  ASSERT_GE(Aggregates().size(), 12u);
  for (const AggregateFn* function : Aggregates()) {
    SCOPED_TRACE(function->signature);
    EXPECT_EQ(function->signature.substr(0, function->name.size() + 1), std::string(function->name) + "(");
    EXPECT_FALSE(function->summary.empty());
    EXPECT_GE(function->examples.size(), 2u);
    EXPECT_GT(function->state_size, 0);
    for (std::string_view symbol : {function->add, function->merge, function->result}) FindKernel(symbol);
    EXPECT_EQ(function->save.empty(), function->load.empty());
    for (std::string_view symbol : {function->remove, function->destroy, function->save, function->load})
      if (!symbol.empty()) FindKernel(symbol);
  }
}

TEST(Descriptors, WindowsAreComplete) {
  ASSERT_EQ(Windows().size(), 2u);
  for (const WindowDesc* window : Windows()) {
    SCOPED_TRACE(window->name);
    ASSERT_FALSE(window->params.empty());
    EXPECT_TRUE(window->params[0].required);
    EXPECT_NE(window->example.find(std::string(window->name) + "("), std::string_view::npos);
    EXPECT_FALSE(window->summary.empty());
  }
}

// One name in one file: the list of a kind and the variables in its files agree, or this would not have linked.
TEST(Descriptors, EveryFileIsListedOnce) {
  for (const char* list : {"stdlib/scalar/scalar.def", "stdlib/aggregate/aggregate.def", "stdlib/window/window.def"}) {
    std::ifstream file(list);
    ASSERT_TRUE(file.good()) << list;
    std::set<std::string> lines;
    for (std::string line; std::getline(file, line);) {
      if (line.rfind("STREAMC_", 0) == 0) {
        EXPECT_TRUE(lines.insert(line).second) << line;
      }
    }
    EXPECT_FALSE(lines.empty());
  }
}

const ScalarFn& Find(std::string_view name) {
  for (const ScalarFn* function : ScalarFunctions())
    if (function->name == name) return *function;
  ADD_FAILURE() << name;
  return *ScalarFunctions()[0];
}

TEST(ConstantCheck, FindsWhatIsWrong) {
  EXPECT_EQ(CheckConstant(Find("matches"), "pattern", "a+"), "");
  EXPECT_NE(CheckConstant(Find("matches"), "pattern", "a(").find("missing )"), std::string::npos);
  EXPECT_EQ(CheckConstant(Find("parse_time"), "pattern", "%Y-%m-%d"), "");
  EXPECT_NE(CheckConstant(Find("parse_time"), "pattern", "%Q").find("`%Q` is not a directive"), std::string::npos);
  EXPECT_NE(CheckConstant(Find("format_time"), "pattern", "at %"), "");
  EXPECT_EQ(CheckConstant(Find("json_int"), "path", "a.b[0][\"x y\"]"), "");
  EXPECT_NE(CheckConstant(Find("json_int"), "path", "a..b"), "");
  EXPECT_NE(CheckConstant(Find("json_int"), "path", "a[x]"), "");
  EXPECT_NE(CheckConstant(Find("json_int"), "path", "a["), "");
  EXPECT_EQ(CheckConstant(Find("utc_offset"), "zone", "Europe/Helsinki"), "");
  EXPECT_NE(CheckConstant(Find("utc_offset"), "zone", "Mars/Olympus"), "");
  EXPECT_NE(CheckConstant(Find("utc_offset"), "zone", "../passwd"), "");
}

}  // namespace
}  // namespace streamc::stdlib
