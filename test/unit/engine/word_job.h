// A job as a compiler would make it, written by hand: words with an amount and an event time, counted and summed by word.
//
// source words { k: string, v: int, at: timestamp(ms) }  ->  aggregate n = count(), s = sum(v) by k  ->  capture, and more
// nodes that tests add. The functions below stand for generated code and use only the C interface.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "runtime/abi/job_spec.h"
#include "runtime/engine/engine.h"

namespace streamc::rt::engine::testing {

abi::TypeSpec Type(abi::Logical logical, bool optional = false);
abi::ValueSpec Constant(abi::DatumSpec value);
inline abi::ValueSpec Micros(int64_t n) {
  return Constant({n});
}
inline constexpr int64_t kSecond = 1'000'000;

// Function numbers of the job.
enum Fn : int32_t { kUpdate, kMerge, kResult, kLongWords, kCountChanges, kMergeChanges, kResultChanges, kFnCount };

struct WordJob {
  // An aggregate with this bound; `changing` results carry $sign.
  WordJob(abi::BoundSpec bound, bool changing);

  abi::JobSpec spec;
  int32_t source = -1, aggregate = -1;

  // Adds nodes behind port `port` of `node` and returns the new node. Layouts are those of the port.
  int32_t AddCapture(int32_t node, int32_t port = 0);
  int32_t AddTop(abi::TopSpec top, int32_t node, bool changing_output);
  int32_t AddSink(int32_t node, bool upsert);
  int32_t AddAsRows(int32_t node);
  // Words per number of occurrences over the changes of `node`: a removable aggregate behind a changing one.
  int32_t AddCountOfCounts(int32_t node);
  const abi::LayoutSpec& LayoutOf(int32_t node, int32_t port) const;
};

// An engine on memory logs and a clock that stands until told.
class Harness {
 public:
  explicit Harness(const WordJob& job, EngineOptions options = {}, int32_t partitions = 1);
  void Feed(const std::string& k, int64_t v, int64_t seconds, int32_t partition = 0);
  void FeedRaw(const std::string& bytes, int32_t partition = 0);
  void SetClock(int64_t seconds) { clock_.store(seconds * kSecond); }
  void Finish();
  // Turns until nothing moves; fails the test on an error.
  void Settle();
  Status Turns();
  // Captured rows as sorted JSON lines with the hidden columns a test names; clears them.
  std::vector<std::string> Take(int32_t node, std::vector<std::string> columns, bool sorted = true);
  std::vector<std::string> Sunk(const std::string& sink) const;
  Engine& engine() { return *engine_; }
  // Ends the engine and starts another on the logs as they are. The status of its Open.
  Status Restart();

 private:
  std::atomic<int64_t> clock_{0};
  std::unique_ptr<ScJob> job_;
  std::shared_ptr<const Plan> plan_;
  EngineOptions options_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace streamc::rt::engine::testing
