// `./job state`: what a job knows, read from its changelog or from snapshots while it runs or stands still.
//
// Reads and shows; joins no group, makes nothing and ends nobody's transaction. What it shows is of one moment per key group.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/engine/plan.h"
#include "runtime/engine/wiring.h"

namespace streamc::rt::engine {

// `words`: `ls`: a line for each keyed step, its records and their bytes. `get STEP KEY...`: the rows of one key; `dump [STEP]`: all
// rows, as JSON lines: what the step would answer from what it holds. On standard output. With `state_dir` and no brokers:
// from the snapshots there. Exit 64: no such step, keys that are not of its types, nowhere to read from; 65: state of another
// program; 69: no brokers.
Status ShowState(std::shared_ptr<const Plan> plan, const EngineOptions& options, const std::vector<std::string>& words);

}  // namespace streamc::rt::engine
