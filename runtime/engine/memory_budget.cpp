#include "runtime/engine/memory_budget.h"

#include <algorithm>

#include "runtime/observe/words.h"

namespace streamc::rt::engine {
namespace {

using observe::ShortBytes;

constexpr int64_t kLeastRoom = 4 << 20;  // for the state of a job that does anything

}  // namespace

Status MemoryBudget::Begin(int64_t resident) {
  base_ = resident;
  if (!limited() || room(0) >= kLeastRoom) return Status::Ok();
  int64_t least = (resident + kLeastRoom) / 5 * 8;
  return Status::Error(Exit::Usage, "a memory budget of " + ShortBytes(bytes_) + " is too small: the job holds " + ShortBytes(resident) +
                                        " before it reads anything; give --memory at least " + std::to_string((least >> 20) + 1) +
                                        "MB");
}

bool MemoryBudget::Fits(int64_t state, int64_t resident) {
  if (!limited()) return true;
  int64_t room_now = room(shift_);
  bool over = state > room_now || resident > bytes_;
  bool tight = over || state > room_now / 10 * 9 || resident > bytes_ / 10 * 9;
  bool easy = state < room_now / 10 * 7 && resident < bytes_ / 10 * 7;
  if (over && shift_ == kMostShift) return false;
  if (tight) shift_ = std::min(shift_ + 1, kMostShift);
  if (easy && shift_ > 0) --shift_;
  return true;
}

Status MemoryBudget::Refusal(const std::vector<StepMemory>& steps, int64_t resident) const {
  int64_t state = 0;
  for (const StepMemory& step : steps) state += step.bytes;
  std::string text = "the job does not fit into its memory budget of " + ShortBytes(bytes_) + ": it holds " + ShortBytes(resident) +
                     ", its state takes " + ShortBytes(state) + " where there is room for " + ShortBytes(std::max<int64_t>(0, room(kMostShift)));
  // The steps that grew most, for that is where to look.
  std::vector<StepMemory> grown = steps;
  for (size_t i = 0; i < grown.size() && i < before_.size(); ++i) grown[i].bytes -= before_[i].bytes;
  std::vector<size_t> order(steps.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return grown[a].bytes > grown[b].bytes; });
  for (size_t k = 0; k < order.size() && k < 3 && grown[order[k]].bytes > 0; ++k) {
    const StepMemory& step = steps[order[k]];
    text += (k == 0 ? "; " : ", ") + step.name + " grew by " + ShortBytes(grown[order[k]].bytes) + " to " + ShortBytes(step.bytes) + " (" +
            std::to_string(step.rows) + " rows)";
  }
  return Status::Error(Exit::TryAgain, text + ". Everything up to here is committed; give --memory more, bound the state, or run more instances");
}

}  // namespace streamc::rt::engine
