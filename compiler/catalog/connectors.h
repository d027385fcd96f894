// The connectors and formats a program may name, with their options.
// In: connectors.def, options.def, runtime/connector/kafka/specs.def. Out: plain tables. Sema checks programs
// against them; the runtime checks values again at start, after parameters are known.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace streamc::catalog {

// Duration: also a number of milliseconds for properties that end in `.ms`. Secret: only from a `secret` parameter.
enum class OptionKind : uint8_t { Text, Int, Float, Bool, Duration, Size, Secret };
enum class Side : uint8_t { Source = 1, Sink = 2, Both = 3 };

inline bool Covers(Side side, Side wanted) {
  return (static_cast<uint8_t>(side) & static_cast<uint8_t>(wanted)) == static_cast<uint8_t>(wanted);
}

struct OptionInfo {
  std::string_view name;
  OptionKind kind = OptionKind::Text;
  Side side = Side::Both;
  std::string_view range;  // `lowest .. greatest`, or the words allowed, comma-separated; empty: anything
};

struct ConnectorInfo {
  std::string_view name;
  Side side = Side::Both;
  std::string_view argument;     // what the positional argument is ("topic"); empty: it takes none
  bool argument_required = false;
  std::string_view example;      // `kafka("topic")`
  std::span<const OptionInfo> options;
};
struct FormatInfo {
  std::string_view name;
  std::span<const OptionInfo> options;
};

const ConnectorInfo* FindConnector(std::string_view name);
const FormatInfo* FindFormat(std::string_view name);
std::vector<std::string> ConnectorNames();
std::vector<std::string> FormatNames();

// What an option's name means to a connector. Properties of the Kafka client may be written with dots (in
// back-ticks) or with underscores; `name` is the connector's own spelling.
struct OptionMatch {
  enum class Kind : uint8_t { Unknown, Known, Refused } kind = Kind::Unknown;
  OptionInfo option;
  std::string_view help;  // Refused: what to write instead
};
OptionMatch FindOption(const ConnectorInfo& connector, std::string_view name);
std::vector<std::string> OptionNames(const ConnectorInfo& connector);

}  // namespace streamc::catalog
