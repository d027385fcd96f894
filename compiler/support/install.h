// Where this installation (or build tree) keeps what streamc needs, found from its own executable: PREFIX/bin/streamc.
#pragma once

#include <string>

namespace streamc::support {

// PREFIX/lib/streamc: the runtime archive, the bitcode of the library, the SASL stand-in.
std::string LibraryDir();
std::string BitcodePath();

}  // namespace streamc::support
