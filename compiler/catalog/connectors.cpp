#include "compiler/catalog/connectors.h"

#include <algorithm>
#include <map>

namespace streamc::catalog {
namespace {

struct NamedOption {
  std::string_view owner;
  OptionInfo option;
};

constexpr NamedOption kConnectorOptions[] = {
#define CONNECTOR_OPTION(owner, name, kind, side, range) {#owner, {#name, OptionKind::kind, Side::side, range}},
#define FORMAT(name)
#define FORMAT_OPTION(owner, name, kind, range)
#include "compiler/catalog/options.def"
#undef CONNECTOR_OPTION
#undef FORMAT
#undef FORMAT_OPTION
};

constexpr NamedOption kFormatOptions[] = {
#define CONNECTOR_OPTION(owner, name, kind, side, range)
#define FORMAT(name)
#define FORMAT_OPTION(owner, name, kind, range) {#owner, {#name, OptionKind::kind, Side::Both, range}},
#include "compiler/catalog/options.def"
#undef CONNECTOR_OPTION
#undef FORMAT
#undef FORMAT_OPTION
};

constexpr OptionInfo kKafkaProperties[] = {
#define KAFKA_PROPERTY(name, kind, side, range) {name, OptionKind::kind, Side::side, range},
#include "runtime/connector/kafka/specs.def"
};

struct Refusal {
  std::string_view name, help;
};
constexpr Refusal kKafkaRefused[] = {
#define KAFKA_REFUSED(name, help) {name, help},
#include "runtime/connector/kafka/specs.def"
};

template <size_t N>
std::vector<OptionInfo> OptionsOf(const NamedOption (&all)[N], std::string_view owner) {
  std::vector<OptionInfo> options;
  for (const NamedOption& each : all) {
    if (each.owner == owner) options.push_back(each.option);
  }
  return options;
}

struct Tables {
  std::map<std::string_view, std::vector<OptionInfo>> connector_options, format_options;
  std::vector<ConnectorInfo> connectors;
  std::vector<FormatInfo> formats;

  Tables() {
#define CONNECTOR(name, side, argument, required, example)        \
  connector_options[#name] = OptionsOf(kConnectorOptions, #name); \
  connectors.push_back({#name, Side::side, argument, required, example, connector_options[#name]});
#include "compiler/catalog/connectors.def"
#undef CONNECTOR
#define CONNECTOR_OPTION(owner, name, kind, side, range)
#define FORMAT_OPTION(owner, name, kind, range)
#define FORMAT(name)                                        \
  format_options[#name] = OptionsOf(kFormatOptions, #name); \
  formats.push_back({#name, format_options[#name]});
#include "compiler/catalog/options.def"
#undef CONNECTOR_OPTION
#undef FORMAT_OPTION
#undef FORMAT
  }
};

const Tables& GetTables() {
  static const Tables tables;
  return tables;
}

bool SameProperty(std::string_view property, std::string_view written) {
  return std::equal(property.begin(), property.end(), written.begin(), written.end(),
                    [](char a, char b) { return a == b || (a == '.' && b == '_'); });
}

}  // namespace

const ConnectorInfo* FindConnector(std::string_view name) {
  for (const ConnectorInfo& connector : GetTables().connectors) {
    if (connector.name == name) return &connector;
  }
  return nullptr;
}

const FormatInfo* FindFormat(std::string_view name) {
  for (const FormatInfo& format : GetTables().formats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

std::vector<std::string> ConnectorNames() {
  std::vector<std::string> names;
  for (const ConnectorInfo& connector : GetTables().connectors) names.emplace_back(connector.name);
  return names;
}

std::vector<std::string> FormatNames() {
  std::vector<std::string> names;
  for (const FormatInfo& format : GetTables().formats) names.emplace_back(format.name);
  return names;
}

OptionMatch FindOption(const ConnectorInfo& connector, std::string_view name) {
  for (const OptionInfo& option : connector.options) {
    if (option.name == name) return {OptionMatch::Kind::Known, option, {}};
  }
  if (connector.name != "kafka") return {};
  for (const Refusal& refusal : kKafkaRefused) {
    if (SameProperty(refusal.name, name))
      return {OptionMatch::Kind::Refused, {refusal.name, OptionKind::Text, Side::Both, {}}, refusal.help};
  }
  for (const OptionInfo& option : kKafkaProperties) {
    if (SameProperty(option.name, name)) return {OptionMatch::Kind::Known, option, {}};
  }
  return {};
}

std::vector<std::string> OptionNames(const ConnectorInfo& connector) {
  std::vector<std::string> names;
  for (const OptionInfo& option : connector.options) names.emplace_back(option.name);
  if (connector.name == "kafka") {
    for (const OptionInfo& option : kKafkaProperties) {
      std::string name(option.name);
      std::replace(name.begin(), name.end(), '.', '_');
      names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace streamc::catalog
