// The `memory` connector's argument and options.
#pragma once

#include "runtime/connector/spec.h"

namespace streamc::rt::connector {

inline constexpr OptionDoc kMemoryOptions[] = {
    {"partitions", OptionType::Int, Use::Source, 1, 1024, "partitions the log has at least (1)"},
};
inline constexpr ConnectorDoc kMemoryDoc = {
    "memory", Use::Both, "name", false, false,
    "A named log in the memory of the process, for tests; without a name that of the source or sink.", kMemoryOptions};

}  // namespace streamc::rt::connector
