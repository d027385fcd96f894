// The `stdin`, `stdout`, `stderr` and `stdio` connectors take neither argument nor options.
#pragma once

#include "runtime/connector/spec.h"

namespace streamc::rt::connector {

inline constexpr ConnectorDoc kStdinDoc = {"stdin", Use::Source, "", false, false, "Lines of standard input, until it ends.", {}};
inline constexpr ConnectorDoc kStdoutDoc = {"stdout", Use::Sink, "", false, false, "Lines of standard output.", {}};
inline constexpr ConnectorDoc kStderrDoc = {"stderr", Use::Sink, "", false, false, "Lines of standard error.", {}};
inline constexpr ConnectorDoc kStdioDoc = {"stdio", Use::Both, "", false, false, "Standard input or output, one record a line.", {}};

}  // namespace streamc::rt::connector
