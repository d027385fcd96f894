// The memory one job may hold: how much of it is for what, when its turns become smaller and when it has to stop.
//
// A quarter is set aside for the queues of the clients, an eighth for the batches of a turn, less while it is tight; the rest beside what
// the process held before it began is for the state. What the process really holds is the check of it all. In: sizes, between turns.
// Out: how much smaller turns are, and in the end a refusal that says what grew. For the engine's coordinator.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/batch/status.h"

namespace streamc::rt::engine {

struct StepMemory {
  std::string name;
  int64_t bytes = 0, rows = 0;
};

class MemoryBudget {
 public:
  // `bytes`: 0 for none: everything fits.
  explicit MemoryBudget(int64_t bytes) : bytes_(bytes) {}
  bool limited() const { return bytes_ > 0; }
  int64_t bytes() const { return bytes_; }
  // Most the queues of all clients may hold; 0: no limit.
  int64_t for_clients() const { return bytes_ / 4; }
  // Most bytes of the records of a turn; 0: no limit.
  int64_t for_turn() const { return (bytes_ / 8) >> shift_; }
  // Turns are 2^shift times smaller than they could be.
  int shift() const { return shift_; }

  // What the process holds before it reads anything. Exit 64 when too little is left.
  Status Begin(int64_t resident);
  // From here on growth of steps is told.
  void Remember(std::vector<StepMemory> steps) { before_ = std::move(steps); }
  // False: it does not fit, however small the turns.
  bool Fits(int64_t state, int64_t resident);
  // The job may go on no longer. Exit 75.
  Status Refusal(const std::vector<StepMemory>& steps, int64_t resident) const;

 private:
  static constexpr int kMostShift = 4;
  int64_t room(int shift) const { return bytes_ - for_clients() - ((bytes_ / 8) >> shift) - base_; }

  const int64_t bytes_;
  int64_t base_ = 0;
  int shift_ = 0;
  std::vector<StepMemory> before_;
};

}  // namespace streamc::rt::engine
