// Writes the events of job.sdl at a steady rate.
//
// In: a topic and FeedRules. Out: events in the topic, the same for the same rules and seed but for their `sent` times. `sent`
// is when an event should have been written (microseconds), so a feeder that is held up does not hide latency.
#pragma once

#include <cstdint>
#include <string>

namespace streamc::chaos {

struct FeedRules {
  std::string topic;
  uint64_t seed = 1;
  int64_t events = 0;  // 0: until SIGTERM or SIGINT
  double rate = 0;     // per second; 0: as fast as the broker takes them
  int users = 200, items = 40;
  double pace = 1;     // milliseconds of event time from one event to the next
  double late = 0.01, negative = 0.002, broken = 0.002, null = 0.001;  // shares of events
  int64_t padding = 0; // bytes more in each event; compressed, they pass where the job's output will not
  bool close = true;   // ends with an event far ahead in each partition, which closes all windows before it
};

// Returns when all events are acknowledged; prints how many there are. Throws std::runtime_error when Kafka refuses.
void Feed(const FeedRules& rules);

}  // namespace streamc::chaos
