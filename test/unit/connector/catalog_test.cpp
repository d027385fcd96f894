// The compiler's list of connectors and options and the runtime's say the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "compiler/catalog/connectors.h"
#include "runtime/connector/file/spec.h"
#include "runtime/connector/generator/spec.h"
#include "runtime/connector/memory/spec.h"
#include "runtime/connector/stdio/spec.h"

namespace streamc::rt::connector {
namespace {

TEST(Catalog, AgreesWithTheConnectors) {
  for (const ConnectorDoc* doc : {&kFileDoc, &kStdinDoc, &kStdoutDoc, &kGeneratorDoc, &kMemoryDoc}) {
    const catalog::ConnectorInfo* info = catalog::FindConnector(doc->name);
    ASSERT_NE(info, nullptr) << doc->name;
    EXPECT_EQ(static_cast<int>(info->side), static_cast<int>(doc->use)) << doc->name;
    EXPECT_EQ(info->argument, doc->argument) << doc->name;
    EXPECT_EQ(info->argument_required, doc->argument_required) << doc->name;
    EXPECT_EQ(info->options.size(), doc->options.size()) << doc->name;
    for (const OptionDoc& option : doc->options) {
      auto found = std::find_if(info->options.begin(), info->options.end(), [&](const auto& other) { return other.name == option.name; });
      ASSERT_NE(found, info->options.end()) << doc->name << " " << option.name;
      EXPECT_EQ(static_cast<int>(found->side), static_cast<int>(option.use)) << option.name;
      EXPECT_EQ(found->kind == catalog::OptionKind::Int, option.type == OptionType::Int) << option.name;
      std::string range = option.type == OptionType::Int ? std::to_string(option.lowest) + " .. " + std::to_string(option.greatest) : "";
      EXPECT_EQ(found->range, range) << option.name;
    }
  }
}

}  // namespace
}  // namespace streamc::rt::connector
