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

volatile sig_atomic_t interrupted = 0;

void OnInterrupt(int) {
  interrupted = 1;
}

struct Line {
  std::string text;
  bool gives_up_cell = false;  // Ctrl-C at the prompt
};

// nullopt at the end of input.
std::optional<Line> ReadLine(bool terminal, bool first) {
  if (!terminal) {
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    return Line{std::move(line)};
  }
  interrupted = 0;
  char* line = readline(first ? kPrompt : kMorePrompt);
  if (line == nullptr) {
    if (interrupted == 0) return std::nullopt;
    std::cout << "\n" << std::flush;
    return Line{.text = {}, .gives_up_cell = true};
  }
  Line read{line};
  if (!read.text.empty()) add_history(line);
  std::free(line);
  return read;
}

}  // namespace

int RunRepl() {
  const bool terminal = isatty(STDIN_FILENO) != 0;
  // At the prompt Ctrl-C gives up the cell; a running pipeline installs its own handler.
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;
  action.sa_flags = terminal ? 0 : SA_RESTART;  // a prompt must be left, a pipe read on
  sigaction(SIGINT, &action, nullptr);
  if (terminal) std::cout << "streamc " STREAMC_VERSION ", `:help` for help\n";
  Session session(!terminal);
  std::string cell;
  bool failed = false;
  while (const std::optional<Line> read = ReadLine(terminal, cell.empty())) {
    if (read->gives_up_cell) {
      cell.clear();
      continue;
    }
    const std::string* line = &read->text;
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
