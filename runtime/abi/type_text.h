// Types as text and back: what a manifest says of the values in a step's state.
//
// Only what decides how a value is kept is in the text: `decimal(12, 2)`, `enum { "new", "paid" }`, `list<int>?`,
// `{ name: string, age: int? }`. Names outside, defaults, and how times are read and written are not. Equal texts, equal leaves.
// The compiler writes such texts, the runtime reads those of earlier programs.
#pragma once

#include <string>
#include <string_view>

#include "runtime/abi/job_spec.h"

namespace streamc::abi {

std::string TypeText(const TypeSpec& type);

// False when `text` is no such text as a whole; `type` is then unspecified. Never fails otherwise, whatever the text.
bool ReadType(std::string_view text, TypeSpec* type);

}  // namespace streamc::abi
