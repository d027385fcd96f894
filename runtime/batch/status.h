// Outcome of a runtime call that can fail: an exit code of the job's contract and one clear line for the user. No exceptions.
#pragma once

#include <string>
#include <utility>

namespace streamc::rt {

// The exit codes of a job; also how errors are classified inside it.
enum class Exit : int { Ok = 0, Usage = 64, Incompatible = 65, BadInput = 66, Unreachable = 69, Internal = 70, TryAgain = 75 };

struct [[nodiscard]] Status {
  Exit code = Exit::Ok;
  std::string message;  // "cannot read tweets.jsonl: No such file or directory"; empty when ok
  bool ok() const { return code == Exit::Ok; }
  static Status Ok() { return {}; }
  static Status Error(Exit code, std::string message) { return {code, std::move(message)}; }
};

}  // namespace streamc::rt
