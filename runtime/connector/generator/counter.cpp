#include "runtime/connector/generator/events.h"
#include "runtime/connector/generator/text.h"
#include "runtime/format/time_text.h"

namespace streamc::rt::connector {
namespace {

class CounterMaker final : public EventMaker {
 public:
  explicit CounterMaker(const EventConfig& config) : config_(config) {}
  void Make(int64_t first, int64_t step, int64_t count, std::string* out, std::vector<int64_t>* ends,
            std::vector<int64_t>* times) override {
    for (int64_t i = 0; i < count; ++i) {
      int64_t n = first + i * step;
      int64_t micros = config_.base + (config_.rate > 0 ? EventMicros(n, config_.rate) : n * 1000);
      char buffer[40];
      out->append(buffer, static_cast<size_t>(PutInt(Put(buffer, "{\"n\":"), n) - buffer));
      out->append(",\"time\":\"");
      format::AppendRfc3339(micros, out);
      out->append("\"}");
      ends->push_back(static_cast<int64_t>(out->size()));
      times->push_back(micros);
    }
  }

 private:
  EventConfig config_;
};

}  // namespace

std::unique_ptr<EventMaker> MakeCounter(const EventConfig& config) { return std::make_unique<CounterMaker>(config); }

Status MakeEventMaker(std::string_view kind, const EventConfig& config, std::unique_ptr<EventMaker>* maker) {
  std::string known;
#define EVENT_KIND(name, make)            \
  known += known.empty() ? #name : ", " #name; \
  if (kind == #name) {                    \
    *maker = make(config);                \
    return Status::Ok();                  \
  }
#include "runtime/connector/generator/event_kinds.def"
#undef EVENT_KIND
  return Status::Error(Exit::Usage, "unknown generator `" + std::string(kind) + "`; known: " + known);
}

}  // namespace streamc::rt::connector
