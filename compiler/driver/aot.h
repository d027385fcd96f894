// The ahead-of-time half of the driver, shared by `streamc JOB.sdl` and `streamc test`.
#pragma once

#include <string>

#include "compiler/backend/backend.h"
#include "compiler/driver/options.h"

namespace streamc::driver {

// Runs the compilation to the end and links the job; false with diagnostics.
bool BuildBinary(Compilation& compilation, const Options& options, const std::string& output);

// Compiles into `jit`; null with diagnostics. The job lives as long as the Jit.
const ScJob* LoadJob(Compilation& compilation, backend::Jit& jit);

}  // namespace streamc::driver
