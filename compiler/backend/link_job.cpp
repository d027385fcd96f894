// In-process lld: a job's object, the runtime archive and static libraries to one executable.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>

#include <lld/Common/CommonLinkerContext.h>
#include <lld/Common/Driver.h>
#include <llvm/Support/raw_ostream.h>
#include <unistd.h>

#include "compiler/backend/backend.h"
#include "compiler/backend/target.h"

LLD_HAS_DRIVER(elf)

namespace streamc::backend {

namespace fs = std::filesystem;

namespace {

// A file that goes away with its owner unless it was moved elsewhere.
struct ScratchFile {
  std::string path;
  ~ScratchFile() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

// Where the system keeps libraries and start files: the newest gcc that can link C++ statically, then the usual folders.
std::vector<std::string> SystemDirs() {
  std::vector<std::string> dirs;
  int newest = -1;
  std::string gcc;
  for (const char* root :
       {"/usr/lib/gcc/x86_64-linux-gnu", "/usr/lib/gcc/x86_64-redhat-linux", "/usr/lib/gcc/x86_64-pc-linux-gnu"}) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(root, ignored)) {
      const int version = std::atoi(entry.path().filename().c_str());
      if (version <= newest || !fs::exists(entry.path() / "libstdc++.a") || !fs::exists(entry.path() / "crtbeginS.o")) continue;
      newest = version;
      gcc = entry.path().string();
    }
  }
  if (!gcc.empty()) dirs.push_back(gcc);
  for (const char* dir : {"/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib", "/lib"})
    if (fs::is_directory(dir)) dirs.emplace_back(dir);
  return dirs;
}

class Command {
 public:
  Command(const LinkOptions& options, diag::Diagnostics& diagnostics) : diagnostics_(diagnostics), dirs_(options.search_dirs) {
    for (std::string& dir : SystemDirs()) dirs_.push_back(std::move(dir));
  }

  void Flag(std::string flag) { args_.push_back(std::move(flag)); }
  // A file found in the search folders. Missing ones are all reported, so that one look at the message is enough.
  void File(const std::string& name) {
    for (const std::string& dir : dirs_) {
      if (!fs::exists(fs::path(dir) / name)) continue;
      args_.push_back((fs::path(dir) / name).string());
      return;
    }
    Missing(name,
            "install the development package it belongs to (Debian: g++, librdkafka-dev, libssl-dev, libzstd-dev, "
            "liblz4-dev, zlib1g-dev, libre2-dev, libutf8proc-dev)");
  }
  void Own(const fs::path& path) {
    if (fs::exists(path)) {
      args_.push_back(path.string());
    } else {
      Missing(path.string(), "it belongs to the installation of streamc: install it again");
    }
  }
  void SearchDirs() {
    for (const std::string& dir : dirs_) args_.push_back("-L" + dir);
  }
  bool complete() const { return complete_; }
  const std::vector<std::string>& args() const { return args_; }

 private:
  void Missing(const std::string& name, const std::string& help) {
    diagnostics_.Report(diag::DiagId::LinkInputMissing, kNowhere, name).Help(help);
    complete_ = false;
  }

  diag::Diagnostics& diagnostics_;
  std::vector<std::string> dirs_;
  std::vector<std::string> args_;
  bool complete_ = true;
};

bool RunLld(const std::vector<std::string>& args, std::string* messages) {
  // lld keeps its state in globals.
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  std::vector<const char*> argv;
  for (const std::string& arg : args) argv.push_back(arg.c_str());
  llvm::raw_string_ostream out(*messages);
  const bool linked = lld::elf::link(argv, out, out, false, false);
  lld::CommonLinkerContext::destroy();
  return linked;
}

bool WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  return file.good();
}

// The first messages of lld, without its name in front.
std::string Shorten(const std::string& messages) {
  std::string text;
  int lines = 0;
  for (size_t at = 0; at < messages.size() && lines < 8; ++lines) {
    size_t end = std::min(messages.find('\n', at), messages.size());
    std::string line = messages.substr(at, end - at);
    if (size_t colon = line.find("error: "); colon != std::string::npos && colon < 12) line.erase(0, colon + 7);
    text += (text.empty() ? "" : "\n") + line;
    at = end + 1;
  }
  return text;
}

// Why lld could not write its output, which it then names before the reason; empty when that was not the trouble.
std::string WriteProblem(const std::string& messages, const std::string& path) {
  const size_t at = messages.find(path + ": ");
  if (at == std::string::npos) return {};
  const size_t start = at + path.size() + 2;
  return messages.substr(start, messages.find('\n', start) - start);
}

}  // namespace

bool LinkJob(std::string_view object, const std::string& output, const LinkOptions& options, diag::Diagnostics& diagnostics) {
  auto cannot_write = [&](const std::string& why) {
    diagnostics.Report(diag::DiagId::CannotWriteOutput, kNowhere, output, why);
    return false;
  };
  std::error_code unknown;
  if (fs::is_directory(output, unknown)) return cannot_write("it is a folder");
  // A rename would put the job in the place of a device or pipe.
  if (fs::exists(output, unknown) && !fs::is_regular_file(output, unknown)) return cannot_write("it is not a regular file");
  // Beside the output, so that the last step is a rename within one file system.
  const std::string stem = output + ".tmp" + std::to_string(getpid());
  ScratchFile object_file{stem + ".o"}, linked_file{stem};
  if (!WriteFile(object_file.path, object)) return cannot_write(std::strerror(errno));

  Command command(options, diagnostics);
  for (const char* flag : {"ld.lld", "-m", "elf_x86_64", "-pie", "-dynamic-linker", "/lib64/ld-linux-x86-64.so.2",
                           "--eh-frame-hdr", "--hash-style=gnu", "--build-id=none", "--as-needed", "--gc-sections",
                           "--strip-all", "-z", "relro", "-z", "now", "-z", "noexecstack",
                           // OpenSSL has some 20,000 relative relocations; packed they take 20 KB, not 550 (glibc 2.36).
                           "-z", "pack-relative-relocs", "-o"})
    command.Flag(flag);
  command.Flag(linked_file.path);
  for (const char* file : {"Scrt1.o", "crti.o", "crtbeginS.o"}) command.File(file);
  command.SearchDirs();
  command.Flag(object_file.path);
  command.Own(fs::path(options.library_dir) / "libstreamc_rt.a");
  command.Own(fs::path(options.library_dir) / "sasl_shim.o");
#define LINK_ARCHIVE(file) command.File(#file);
#define LINK_SHARED(name) command.Flag(#name);
#include "compiler/backend/link_libraries.def"
#undef LINK_ARCHIVE
#undef LINK_SHARED
  for (const char* file : {"crtendS.o", "crtn.o"}) command.File(file);
  if (!command.complete()) return false;

  std::string messages;
  if (!RunLld(command.args(), &messages)) {
    if (const std::string why = WriteProblem(messages, linked_file.path); !why.empty()) return cannot_write(why);
    diagnostics.Report(diag::DiagId::LinkFailed, kNowhere, Shorten(messages));
    return false;
  }
  std::error_code error;
  fs::rename(linked_file.path, output, error);
  return error ? cannot_write(error.message()) : true;
}

}  // namespace streamc::backend
