// For tests only: makes a process end, without any clean-up, at a chosen step of its work.
//
// In: STREAMC_FAULT=<point>:<n> in the environment, taken up by ArmFaults at a job's start; points are in fault_points.def. Out:
// when the point is passed for the n-th time the process kills itself (SIGKILL). A point stands in the code as
// `FaultAt(FaultPoint::TurnBegun);`, once per turn or rarer: it costs a branch. Any part of the runtime, any thread.
#pragma once

#include <cstdint>

#include "runtime/batch/status.h"

namespace streamc::rt::batch {

enum class FaultPoint : uint8_t {
#define FAULT_POINT(id, name, how) id,
#include "runtime/batch/fault_points.def"
#undef FAULT_POINT
};

// Whether a point was chosen. Written by ArmFaults only, before the job has threads.
inline bool faults_armed = false;

// Reads the variable. Exit 64 with the list of points when it is not of the form above or names no point.
Status ArmFaults();

void PassFaultPoint(FaultPoint point);
inline void FaultAt(FaultPoint point) {
  if (faults_armed) [[unlikely]] PassFaultPoint(point);
}

}  // namespace streamc::rt::batch
