#include "compiler/support/install.h"

#include <filesystem>
#include <system_error>

namespace streamc::support {

std::string LibraryDir() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path().parent_path() / "lib" / "streamc").string();
}

std::string BitcodePath() { return LibraryDir() + "/stdlib.bc"; }

}  // namespace streamc::support
