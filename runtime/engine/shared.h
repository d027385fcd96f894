// What all parts of one running engine share: the plan, parameter values, clock, counters, loaded tables and limits.
//
// Written while the engine is made and between turns; the workers only read it (the counters have one block per lane).
#pragma once

#include <memory>
#include <vector>

#include "runtime/engine/lookup.h"
#include "runtime/engine/params.h"
#include "runtime/engine/plan.h"
#include "runtime/observe/counters.h"
#include "runtime/time/clock.h"

namespace streamc::rt::engine {

inline constexpr int64_t kBatchRows = 4096;  // most rows a pipeline is called with

struct Shared {
  std::shared_ptr<const Plan> plan;
  Params params;
  time::Clock clock;
  std::vector<std::unique_ptr<LookupTable>> tables;
  observe::JobCounters counters;
  int64_t batch_rows = kBatchRows;
  bool durable = false;         // state and positions go through a durable log
  bool log_rejections = false;  // tests: every rejection is kept for `expect ... bad`

  const abi::JobSpec& spec() const { return plan->spec(); }
  // Where rows go that can no longer be traced to a record.
  const abi::ActionSpec& job_route() const { return spec().on_bad; }
};

}  // namespace streamc::rt::engine
