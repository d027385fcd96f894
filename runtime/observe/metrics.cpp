#include "runtime/observe/metrics.h"

#include <memory>

#include "runtime/observe/health.h"
#include "runtime/observe/log.h"

namespace streamc::rt::observe {
namespace {

HttpAnswer Page(const JobCounters& counters, Liveness* liveness, std::string_view path) {
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", PrometheusText(counters)};
  if (path == "/status" || path == "/") return {200, "application/json", StatusJson(counters)};
  if (path == "/live") {
    const bool live = liveness->Live(counters, MonotonicMicros());
    return {live ? 200 : 503, "text/plain", live ? "live\n" : "the job's turn hangs\n"};
  }
  if (path == "/ready") {
    const std::string reason = NotReady(counters);
    return {reason.empty() ? 200 : 503, "text/plain", (reason.empty() ? "ready" : reason) + "\n"};
  }
  return {404, "text/plain", "there are /metrics, /status, /live and /ready\n"};
}

}  // namespace

Status StartMetrics(std::string_view address, const JobCounters& counters, std::unique_ptr<HttpServer>* server) {
  auto liveness = std::make_shared<Liveness>();
  Status status = HttpServer::Start(
      address, [&counters, liveness](std::string_view path) { return Page(counters, liveness.get(), path); }, server);
  if (status.ok()) Log(LogLevel::Info, "metrics", {{"url", "http://" + (*server)->address() + "/metrics"}});
  return status;
}

}  // namespace streamc::rt::observe
