#include "compiler/repl/repl.h"

#include <editline/readline.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <optional>

namespace streamc::repl {
namespace {

constexpr const char* kPrompt = "sdl> ";
constexpr const char* kMorePrompt = "...> ";

std::optional<std::string> ReadLine(bool terminal, bool first) {
  if (!terminal) {
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  }
  char* line = readline(first ? kPrompt : kMorePrompt);
  if (line == nullptr) return std::nullopt;
  std::string text(line);
  if (!text.empty()) add_history(line);
  std::free(line);
  return text;
}

}  // namespace

int RunRepl() {
  const bool terminal = isatty(STDIN_FILENO) != 0;
  // At the prompt Ctrl-C has nothing to stop; a running pipeline installs its own handler.
  signal(SIGINT, SIG_IGN);
  if (terminal) std::cout << "streamc " STREAMC_VERSION ", `:help` for help\n";
  Session session;
  std::string cell;
  bool failed = false;
  while (const std::optional<std::string> line = ReadLine(terminal, cell.empty())) {
    if (cell.empty() && line->starts_with(':')) {
      if (!session.Command(*line)) return failed && !terminal ? 1 : 0;
      continue;
    }
    const bool ends = line->find_first_not_of(" \t\r") == std::string::npos;
    if (!ends) cell += *line + "\n";
    if (cell.empty() || (!ends && session.WantsMore(cell))) continue;
    failed |= !session.Run(cell);
    cell.clear();
  }
  if (!cell.empty()) failed |= !session.Run(cell);
  if (terminal) std::cout << "\n";
  return failed && !terminal ? 1 : 0;
}

}  // namespace streamc::repl
