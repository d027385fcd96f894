// Checks of arguments that must be literals (ScalarFn::constant_args), so that a wrong pattern is a compile error and not a row
// without a match.
#pragma once

#include <string>
#include <string_view>

#include "stdlib/descriptor.h"

namespace streamc::stdlib {

// What is wrong with the literal `text` given for `parameter` of the function, in lower case without a full stop; empty when nothing is.
std::string CheckConstant(const ScalarFn& function, std::string_view parameter, std::string_view text);

}  // namespace streamc::stdlib
