// What a running job shows at `--metrics`: /metrics for Prometheus, /status as JSON, /live and /ready for supervisors.
//
// In: the engine's counters, read while it runs. Out: text. Nothing here is called by the job's own threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/observe/counters.h"
#include "runtime/observe/http.h"

namespace streamc::rt::observe {

// Prometheus text format 0.0.4: every metric with its type and help.
std::string PrometheusText(const JobCounters& counters);

// One JSON object: job, phase, restore, memory, sources with lag and watermark, partitions, steps with their state, sinks, tables.
std::string StatusJson(const JobCounters& counters);

// Serves until `server` is destroyed, which must come before `counters` go.
Status StartMetrics(std::string_view address, const JobCounters& counters, std::unique_ptr<HttpServer>* server);

}  // namespace streamc::rt::observe
