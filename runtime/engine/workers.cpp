#include "runtime/engine/workers.h"

#include <utility>

namespace streamc::rt::engine {

Workers::Workers(size_t count, std::function<void(size_t)> body) : count_(count), body_(std::move(body)) {
  if (count_ == 1) return;
  for (size_t i = 0; i < count_; ++i) threads_.emplace_back([this, i] { Loop(i); });
}

Workers::~Workers() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::RunTurn() {
  if (threads_.empty()) return body_(0);
  std::unique_lock lock(mutex_);
  running_ = count_;
  ++turn_;
  start_.notify_all();
  done_.wait(lock, [this] { return running_ == 0; });
}

void Workers::Loop(size_t worker) {
  uint64_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      start_.wait(lock, [&] { return stop_ || turn_ != seen; });
      if (stop_) return;
      seen = turn_;
    }
    body_(worker);
    std::lock_guard lock(mutex_);
    if (--running_ == 0) done_.notify_one();
  }
}

}  // namespace streamc::rt::engine
