// The command line of a job: the same for a compiled binary and for `streamc run`.
//
// In: the job's descriptor and its arguments. Out: the exit code of the contract (0 clean, 64 usage, 65 incompatible, 66 bad
// input, 69 unreachable, 70 internal, 75 try again); results where the sinks are bound, messages and the closing summary on
// stderr. May be called several times in one process; it restores the signal handlers it sets.
#pragma once

#include "runtime/abi/abi.h"

namespace streamc::rt::engine {

// Whose process the job runs in. Its own ends at the second signal, or when stopping takes too long; a shared one never
// ends by a signal to its job.
enum class Process { Own, Shared };

int RunJobMain(const ScJob* job, int argc, char** argv, Process process = Process::Own);

}  // namespace streamc::rt::engine
