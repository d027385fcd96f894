#include "runtime/batch/fault_point.h"

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace streamc::rt::batch {
namespace {

constexpr std::string_view kNames[] = {
#define FAULT_POINT(id, name, how) name,
#include "runtime/batch/fault_points.def"
#undef FAULT_POINT
};

FaultPoint chosen{};
std::atomic<int64_t> passes_left{0};

// STREAMC_BREAK.
Status ArmBreak() {
  const char* text = std::getenv("STREAMC_BREAK");
  if (text == nullptr) return Status::Ok();
  const std::string_view rule = text;
  if (rule == "positions_last") broken_rule = Rule::PositionsLast;
  if (rule == "state_after_commit") broken_rule = Rule::StateAfterCommit;
  if (broken_rule != Rule::None) return Status::Ok();
  return Status::Error(Exit::Usage, "STREAMC_BREAK=" + std::string(rule) + ": it is positions_last or state_after_commit");
}

}  // namespace

Status ArmFaults() {
  if (Status status = ArmBreak(); !status.ok()) return status;
  const char* text = std::getenv("STREAMC_FAULT");
  if (text == nullptr) return Status::Ok();
  const std::string_view whole = text;
  const size_t colon = whole.find(':');
  const std::string_view name = whole.substr(0, colon), digits = colon == whole.npos ? "" : whole.substr(colon + 1);
  int64_t passes = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), passes);
  const bool good = error == std::errc() && end == digits.data() + digits.size() && passes > 0;
  std::string known;
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (good && kNames[i] == name) {
      chosen = static_cast<FaultPoint>(i);
      passes_left = passes;
      faults_armed = true;
      return Status::Ok();
    }
    known += "\n  " + std::string(kNames[i]);
  }
  return Status::Error(Exit::Usage, "STREAMC_FAULT=" + std::string(whole) + ": it is <point>:<n>, n from 1 on, and a point is one of" + known);
}

void PassFaultPoint(FaultPoint point) {
  if (point != chosen || passes_left.fetch_sub(1) != 1) return;
  const std::string line = "fault point " + std::string(kNames[static_cast<size_t>(point)]) + "\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
  kill(getpid(), SIGKILL);
  _exit(137);  // another thread may run on until the signal is delivered, this one not
}

}  // namespace streamc::rt::batch
