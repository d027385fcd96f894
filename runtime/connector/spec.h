// What a connector says of itself: its argument and options. Data only, so that the compiler's catalogue may read it as well.
//
// Each connector's list stands in <folder>/spec.h; options.h checks a Binding against it at start, when values are known.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace streamc::rt::connector {

enum class Use : uint8_t { Source = 1, Sink = 2, Both = 3 };
enum class OptionType : uint8_t { Bool, Int };

struct OptionDoc {
  std::string_view name;
  OptionType type = OptionType::Bool;
  Use use = Use::Both;
  int64_t lowest = 0, greatest = 0;  // Int
  std::string_view doc;
};

struct ConnectorDoc {
  std::string_view name;
  Use use = Use::Both;
  std::string_view argument;         // what the positional argument is; empty: none
  bool argument_required = false;
  bool many_arguments = false;
  std::string_view doc;
  std::span<const OptionDoc> options;
};

}  // namespace streamc::rt::connector
