// Names of functions and types from other languages (foreign_names.def), for the help of a message about an unknown name.
// In: the word as written. Out: what it is called here. Called by the checks of types and calls; no state.
#pragma once

#include <string_view>

namespace streamc::sema {

enum class ForeignPlace { Function, Type };

// What `word` is called here; empty when it is no known word of another language.
std::string_view FindForeignName(ForeignPlace place, std::string_view word);

}  // namespace streamc::sema
