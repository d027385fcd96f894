// The threads of the workers' phase: each turn, all run the same body once, and the coordinator waits for them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace streamc::rt::engine {

class Workers {
 public:
  // One worker runs on the caller's thread; more have a thread each.
  Workers(size_t count, std::function<void(size_t)> body);
  ~Workers();
  // Runs body(0) .. body(count - 1) and returns when all have; what they wrote is visible to the caller and the next turn.
  void RunTurn();
  size_t count() const { return count_; }

 private:
  void Loop(size_t worker);

  size_t count_;
  std::function<void(size_t)> body_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable start_, done_;
  uint64_t turn_ = 0;
  size_t running_ = 0;
  bool stop_ = false;
};

}  // namespace streamc::rt::engine
