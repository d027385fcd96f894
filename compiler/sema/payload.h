// Test rows as encoded records: JSON text of a constant record, in the source's outside names and time formats.
#pragma once

#include <string>

#include "compiler/types/type.h"

namespace streamc::sema {

// Missing fields are left out.
std::string EncodeJson(const types::Datum& value, const types::Type& type);

// A key as a record carries it: a text as it is, other scalars as their text, records as JSON.
std::string EncodeKey(const types::Datum& value, const types::Type& type);

}  // namespace streamc::sema
