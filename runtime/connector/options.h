// Checks a Binding against its connector's ConnectorDoc, and reads checked options.
#pragma once

#include "runtime/connector/connector.h"
#include "runtime/connector/spec.h"

namespace streamc::rt::connector {

// One clear line for an unknown option, a value of another type or range, a missing or surplus argument, a source used as a sink.
Status CheckBinding(const Binding& binding, const ConnectorDoc& doc, Use use);

// Values of checked options.
int64_t IntOption(const Binding& binding, std::string_view name, int64_t deflt);
bool BoolOption(const Binding& binding, std::string_view name, bool deflt);

// Edits (insert, delete, replace) between two words; tells what a mistyped name may have meant.
size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace streamc::rt::connector
