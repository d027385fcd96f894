// The REPL: declarations, expressions and live pipelines, compiled in memory cell by cell.
//
// A cell is declarations, one pipeline or one expression. What may go on with `|>` (a stream declaration, a pipeline, the bare name
// of a stream) ends with `;` or an empty line; all else runs as soon as it is complete. An expression prints its value and type;
// a pipeline prints its rows as they come until Ctrl-C. Sinks that were declared do not run: a cell prints.
// Reads lines with editing and history on a terminal; plain lines otherwise, and then a pipeline ends where its input ends.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace streamc::repl {

// Everything that lives from one cell to the next.
class Session {
 public:
  // `until_end`: pipelines end where their input ended when they began, as nobody is there to stop them.
  explicit Session(bool until_end);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // True when `text` needs more lines before it can run.
  bool WantsMore(std::string_view text) const;
  // Compiles and runs one cell; rows and values go to stdout, diagnostics to stderr. False when it had errors.
  bool Run(std::string_view text);
  // A line that starts with `:`. False when the session should end.
  bool Command(std::string_view line);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads cells from standard input until its end or `:quit`; the exit code: 0, or 1 when input is no terminal and a cell failed.
int RunRepl();

}  // namespace streamc::repl
