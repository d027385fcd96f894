// For tests only: makes a process end, without any clean-up, at a chosen step of its work, or break a rule of its own.
//
// In: STREAMC_FAULT=<point>:<n> in the environment, taken up by ArmFaults at a job's start; points are in fault_points.def. Out:
// when the point is passed for the n-th time the process kills itself (SIGKILL). A point stands in the code as
// `FaultAt(FaultPoint::TurnBegun);`, once per turn or rarer: it costs a branch. Any part of the runtime, any thread.
// STREAMC_BREAK=<rule> breaks a rule that exactly once, or at least once, rests on: whoever checks results has to see it.
#pragma once

#include <cstdint>

#include "runtime/batch/status.h"

namespace streamc::rt::batch {

enum class FaultPoint : uint8_t {
#define FAULT_POINT(id, name, how) id,
#include "runtime/batch/fault_points.def"
#undef FAULT_POINT
};

enum class Rule : uint8_t {
  None,
  PositionsLast,      // "positions_last": positions are committed after the results they belong to
  StateAfterCommit,   // "state_after_commit": what a turn did to state counts only when the turn does
};

// Written by ArmFaults only, before the job has threads.
inline Rule broken_rule = Rule::None;
inline bool Breaks(Rule rule) { return broken_rule == rule; }

// Whether a point was chosen. Written by ArmFaults only, before the job has threads.
inline bool faults_armed = false;

// Reads the variables. Exit 64 with the list of points or rules when one is not of the form above or names none.
Status ArmFaults();

void PassFaultPoint(FaultPoint point);
inline void FaultAt(FaultPoint point) {
  if (faults_armed) [[unlikely]] PassFaultPoint(point);
}

}  // namespace streamc::rt::batch
