// `./job --check`: could this job start? Parameters, bindings, and what it needs of its cluster. Nothing is made, changed or joined.
#pragma once

#include "runtime/engine/engine.h"

namespace streamc::rt::engine {

// `engine`: opened with check_only. Prints a line for each thing looked at; the result is what a start would end with.
Status CheckJob(const Plan& plan, const EngineOptions& options);

}  // namespace streamc::rt::engine
