#include "runtime/observe/metrics.h"

#include <chrono>
#include <memory>

#include "runtime/observe/log.h"

namespace streamc::rt::observe {
namespace {

constexpr int64_t kLiveMicros = 120'000'000;

int64_t MonotonicMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

HttpAnswer Page(const JobCounters& counters, Liveness* liveness, std::string_view path) {
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", PrometheusText(counters)};
  if (path == "/status" || path == "/") return {200, "application/json", StatusJson(counters)};
  if (path == "/live") {
    const bool live = liveness->Live(counters, MonotonicMicros());
    return {live ? 200 : 503, "text/plain", live ? "live\n" : "no turn has ended for two minutes\n"};
  }
  if (path == "/ready") {
    const bool ready = counters.turns.get() > 0;
    return {ready ? 200 : 503, "text/plain", ready ? "ready\n" : "the first turn has not ended yet\n"};
  }
  return {404, "text/plain", "there are /metrics, /status, /live and /ready\n"};
}

}  // namespace

bool Liveness::Live(const JobCounters& counters, int64_t now) {
  const int64_t turns = counters.turns.get();
  if (turns != turns_) {
    turns_ = turns;
    since_ = now;
  }
  return now - since_ < kLiveMicros;
}

Status StartMetrics(std::string_view address, const JobCounters& counters, std::unique_ptr<HttpServer>* server) {
  auto liveness = std::make_shared<Liveness>();
  Status status = HttpServer::Start(
      address, [&counters, liveness](std::string_view path) { return Page(counters, liveness.get(), path); }, server);
  if (status.ok()) Log(LogLevel::Info, "metrics", {{"url", "http://" + (*server)->address() + "/metrics"}});
  return status;
}

}  // namespace streamc::rt::observe
