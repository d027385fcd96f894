// What a job tells a person about itself: the closing summary and the manifest.
#pragma once

#include <string>

#include "runtime/abi/job_spec.h"
#include "runtime/observe/counters.h"

namespace streamc::rt::engine {

// One screen: rows in, out, late and bad per source, step and sink.
std::string RunSummary(const observe::JobCounters& counters, bool ok);
// Sources, sinks, tables, parameters (no values), and what each keyed step holds (parameters at their defaults), as JSON.
std::string Manifest(const abi::JobSpec& spec);

}  // namespace streamc::rt::engine
